"""``completion``, asked by the shells themselves; the help's groups, and names that are nearly right."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from command_line import PROGRAM, RUN, environment
from jokegen.tui.main import cli

pexpect = pytest.importorskip("pexpect", reason="pseudo-terminals need pexpect and a POSIX system")

START = {
    "bash": ["--norc", "--noprofile"],
    "zsh": ["-f", "-i"],
}
LOAD = {
    "bash": 'eval "$(jokegen-tui completion bash)"',
    "zsh": 'autoload -Uz compinit && compinit -u -D && eval "$(jokegen-tui completion zsh)"',
}


def _environment(home: Path) -> dict[str, str]:
    path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
    return {**environment(home), "PATH": path, "TERM": "dumb", "PS1": "> "}


def _need(shell: str) -> str:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    return program


@pytest.mark.parametrize("shell", START)
def test_tab_completes_a_run_a_corpus_and_an_option(home: Path, shell: str) -> None:
    (home / "runs" / RUN).rename(home / "runs" / "zebra-stripes")
    child = pexpect.spawn(
        _need(shell), START[shell], env=_environment(home), cwd=home, encoding="utf-8", dimensions=(24, 200), timeout=60
    )
    child.sendline(f"{LOAD[shell]} && echo all re''ady")
    child.expect("all ready")
    for begun, whole in (
        ("runs show zeb", "zebra-stripes"),
        ("train --learn", "--learning-rate"),
        ("doctor st", "starter"),
    ):
        child.send(f"jokegen-tui {begun}\t")
        child.expect_exact(whole)
        child.send("\x03")
    child.close(force=True)


def test_fish_completes_a_run(home: Path) -> None:
    command = f'jokegen-tui completion fish | source; complete -C"jokegen-tui runs show {RUN[:2]}"'
    done = subprocess.run(
        [_need("fish"), "--no-config", "-c", command],
        env=_environment(home),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.split() == [RUN], done.stderr


def test_the_help_has_every_verb_in_a_group(jokegen: Callable[..., Result]) -> None:
    lines = jokegen("--help").stdout.splitlines()
    groups = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert len(groups) > 3
    assert "Commands:" not in groups
    shown = {line.split()[0] for line in lines if line.startswith("  ")}
    assert cli.commands.keys() <= shown


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["runs", "show", "frist"], RUN),
        (["generate", "--run", "First"], RUN),
        (["doctor", "statrer"], "starter"),
        (["corpora", "fetch", "reddit-cleanjoke"], "reddit-cleanjokes"),
        (["genrate"], "generate"),
        (["train", "--max-epoch"], "--max-epochs"),
    ],
)
def test_the_nearest_name_is_asked_for(jokegen: Callable[..., Result], arguments: list[str], meant: str) -> None:
    result = jokegen(*arguments)
    assert result.exit_code in (1, 2)
    assert result.stderr.count("\n") == 1
    assert f"'{meant}'" in result.stderr


def test_a_dumb_terminal_gets_the_verbs_and_a_sentence(tmp_path: Path) -> None:
    variables = environment(tmp_path) | {"TERM": "dumb"}
    child = pexpect.spawn(str(PROGRAM), env=variables, encoding="utf-8", timeout=60)
    child.expect("train")
    child.expect("TERM is 'dumb'")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 2
