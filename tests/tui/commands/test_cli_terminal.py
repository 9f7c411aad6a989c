"""The real program in a pseudo-terminal: the progress bar, the question before deleting, and the app itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import PROGRAM, RUN, environment

pexpect = pytest.importorskip("pexpect", reason="pseudo-terminals need pexpect and a POSIX system")


def _spawn(home: Path, *arguments: str | Path) -> pexpect.spawn:
    variables = environment(home)
    del variables["COLUMNS"]
    return pexpect.spawn(
        str(PROGRAM),
        [str(part) for part in arguments],
        env=variables,
        dimensions=(24, 80),
        encoding="utf-8",
        timeout=60,
    )


def _end(child: pexpect.spawn) -> int | None:
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def test_training_shows_a_bar_and_stops_on_ctrl_c(tmp_path: Path, corpus: Path) -> None:
    child = _spawn(tmp_path, "train", corpus, "--max-epochs", "100000", "--preset", "small", "--name", "bar")
    child.expect(r"epoch \d+/100000 ")
    child.expect(re.escape(" words/s"))
    child.expect(" left")
    child.sendintr()
    child.expect("train --resume bar")
    assert _end(child) == 130


def test_delete_asks_and_takes_no_for_an_answer(home: Path) -> None:
    child = _spawn(home, "runs", "delete", RUN)
    child.expect("for good")
    child.sendline("n")
    child.expect("nothing was deleted")
    assert _end(child) == 0
    assert (home / "runs" / RUN).is_dir()
    child = _spawn(home, "runs", "delete", RUN)
    child.expect("for good")
    child.sendline("y")
    assert _end(child) == 0
    assert not (home / "runs" / RUN).exists()


def test_no_color_is_respected(home: Path) -> None:
    variables = environment(home) | {"NO_COLOR": ""}
    child = pexpect.spawn(str(PROGRAM), ["runs"], env=variables, encoding="utf-8", timeout=60)
    child.expect(pexpect.EOF)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", child.before)


def test_the_app_opens_and_q_closes_it(tmp_path: Path) -> None:
    child = _spawn(tmp_path)
    child.expect("JokeGen")
    child.expect("quit")  # the footer is drawn
    child.send("q")
    assert _end(child) == 0


def test_the_app_refuses_a_run_that_is_not_there(tmp_path: Path) -> None:
    child = _spawn(tmp_path, "--run", "nothing")
    child.expect("no run named 'nothing'")
    assert _end(child) == 1
