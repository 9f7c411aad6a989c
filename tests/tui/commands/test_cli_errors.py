"""Whatever goes wrong is one plain sentence on stderr and an exit status; and ``--help`` loads nothing heavy."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import types
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from command_line import PROGRAM, Trained, environment, json_lines, run_cli, run_program
from jokegen.core.described import choices_of
from jokegen.core.settings import TrainingSettings
from jokegen.core.speaking.choices import Sampling
from jokegen.tui.commands.generate import generate
from jokegen.tui.commands.launching import open_app
from jokegen.tui.commands.options import debug_option
from jokegen.tui.commands.program import Program
from jokegen.tui.commands.train import train
from jokegen.tui.main import cli

VERBS = ("train", "generate", "evaluate", "score", "doctor", "runs", "corpora")


@pytest.mark.parametrize("verb", [[], *([verb] for verb in VERBS)])
def test_help_loads_neither_torch_nor_textual(verb: list[str], tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from jokegen.tui.main import main\n"
        f"sys.argv = ['jokegen-tui', *{verb!r}, '--help']\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        "heavy = {'torch', 'textual', 'pandas', 'pydantic', 'rich'} & sys.modules.keys()\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", program], env=environment(tmp_path), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Usage: jokegen-tui" in done.stdout
    if verb:
        assert "--debug" in done.stdout


def test_the_installed_program_says_its_version(tmp_path: Path) -> None:
    done = run_program(tmp_path, "--version")
    assert (done.returncode, done.stdout.split()[0], done.stderr) == (0, "jokegen-tui", "")


@pytest.mark.parametrize(("verb", "described"), [(train, TrainingSettings), (generate, Sampling)])
def test_the_flags_offer_what_the_engine_knows(verb: click.Command, described: type) -> None:
    flags = {parameter.name: parameter for parameter in verb.params}
    for choice in choices_of(described):
        option = flags[choice.name]
        assert isinstance(option, click.Option)
        assert (option.help or "").startswith(choice.described.help)
        if choice.allowed:
            assert isinstance(option.type, click.Choice)
            assert tuple(option.type.choices) == choice.allowed


def test_without_a_terminal_the_app_does_not_open(tmp_path: Path) -> None:
    done = run_program(tmp_path)
    assert done.returncode == 2
    assert "terminal" in done.stderr
    assert done.stdout == ""


def test_the_app_does_not_paint_into_a_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after ``jokegen-tui 2>file``: the app paints to standard error."""
    monkeypatch.setenv("JOKEGEN_HOME", str(home))
    monkeypatch.setenv("TERM", "dumb")  # nothing is painted, whatever is decided
    for name, terminal in (("stdin", True), ("stdout", True), ("stderr", False)):
        monkeypatch.setattr(f"sys.{name}", types.SimpleNamespace(isatty=lambda terminal=terminal: terminal, write=len))
    with pytest.raises(click.UsageError, match="without one use a verb"):
        open_app()


@pytest.mark.parametrize(
    ("content", "telling"),
    [
        (None, "nofile.csv"),
        (b"", "empty"),
        (b"ID,Joke\n1,Only one\n", "."),
        (b"\x00\x01\x02\xff" * 500, "."),
        (b"1,2\n3,4\n", "."),
    ],
    ids=["missing", "empty", "one joke", "binary", "numbers"],
)
def test_a_corpus_that_cannot_be_used_is_one_sentence(tmp_path: Path, content: bytes | None, telling: str) -> None:
    path = tmp_path / "nofile.csv"
    if content is not None:
        path.write_bytes(content)
    result = run_cli(tmp_path / "home", "train", path, "--max-epochs", "1", "--json")
    assert result.exit_code == 1
    assert result.stdout == ""
    sentence = result.stderr.splitlines()[-1]
    assert sentence.startswith("jokegen-tui: ")
    assert telling in sentence
    assert "--debug" not in sentence
    assert not (tmp_path / "home" / "runs").exists()


def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path: Path, corpus: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    result = run_cli(blocked, "train", corpus, "--max-epochs", "1", "--json")
    assert result.exit_code == 1
    assert "JOKEGEN_HOME" in result.stderr
    assert "--debug" not in result.stderr


def test_a_verb_takes_no_options_of_the_app(tmp_path: Path) -> None:
    result = run_cli(tmp_path, "--run", "first", "runs")
    assert result.exit_code == 2
    assert "--run" in result.stderr


def test_an_unknown_verb_gets_a_suggestion(tmp_path: Path) -> None:
    result = run_cli(tmp_path, "trian")
    assert result.exit_code == 2
    assert "'train'" in result.stderr


def test_hostile_arguments_reach_stderr_as_text(tmp_path: Path) -> None:
    result = run_cli(tmp_path, "generate", "--run", "[/foo]\x1b]0;x\x07")
    assert result.exit_code == 1
    assert "[/foo]" in result.stderr
    assert not set(result.stderr) & {"\x1b", "\x07"}


@click.group(cls=Program)
def faulty() -> None:
    """A command line with faults in it."""


@faulty.command()
@debug_option
def stumble() -> None:
    """Fail as no one foresaw."""
    raise KeyError("an\x1b[31m oversight\nof ours")


@faulty.command()
def fill() -> None:
    """Fail as a full disk does."""
    raise OSError(28, "No space left on device")


@faulty.command()
def protect() -> None:
    """Fail as a protected file does."""
    raise PermissionError(13, "Permission denied", "notes.toml")


def test_a_bug_is_a_sentence_that_names_debug_and_debug_shows_it() -> None:
    result = CliRunner().invoke(faulty, ["stumble"])
    assert result.exit_code == 1
    (sentence,) = result.stderr.splitlines()
    assert "KeyError" in sentence
    assert "--debug" in sentence
    assert "\x1b" not in sentence
    shown = CliRunner().invoke(faulty, ["stumble", "--debug"])
    assert shown.exit_code == 1
    assert "Traceback" in shown.stderr


def test_the_system_s_errors_are_sentences() -> None:
    assert "disk is full" in CliRunner().invoke(faulty, ["fill"]).stderr
    assert CliRunner().invoke(faulty, ["protect"]).stderr == "jokegen-tui: notes.toml: permission denied.\n"


def test_debug_works_before_the_verb_too(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["--debug", "generate", "--run", "nothing"], env={"JOKEGEN_HOME": str(tmp_path)})
    assert result.exit_code == 1
    assert "Traceback" in result.stderr


def _shell(home: Path, line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", line],
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(
    ("arguments", "status", "telling"),
    [
        ("generate - --seed 1", 0, ""),
        ("runs delete first", 2, "--yes"),
        ("doctor -", 1, "standard input"),
        ("", 2, "terminal"),
    ],
)
def test_a_closed_standard_input_is_an_empty_one(trained: Trained, arguments: str, status: int, telling: str) -> None:
    done = _shell(trained.home, f"'{PROGRAM}' {arguments} <&-")
    assert done.returncode == status
    assert telling in done.stderr
    assert "--debug" not in done.stderr


def test_with_closed_outputs_a_training_writes_nothing_into_its_own_files(tmp_path: Path, corpus: Path) -> None:
    done = _shell(tmp_path, f"'{PROGRAM}' train '{corpus}' --preset small --max-epochs 1 --name mute >&- 2>&-")
    assert done.returncode == 0
    (summary,) = json_lines(run_cli(tmp_path, "runs", "--json").stdout)
    assert (summary["status"], summary["problem"]) == ("finished", None)


@pytest.mark.parametrize("verb", ["runs show first", "evaluate --run first", "corpora", "score 'Why did the hen'"])
def test_a_reader_that_leaves_a_table_unread_is_no_error(trained: Trained, verb: str) -> None:
    done = _shell(trained.home, f"set -o pipefail; '{PROGRAM}' {verb} | true")
    assert done.returncode in (0, 141)  # 0 where all of it was written before the reader left
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("arguments", ["--help", "--version", "runs", "runs --json", "train --help"])
def test_a_full_disk_behind_standard_output_is_one_sentence(trained: Trained, arguments: str) -> None:
    done = _shell(trained.home, f"'{PROGRAM}' {arguments} >/dev/full")
    assert done.returncode == 1
    assert done.stderr == "jokegen-tui: The disk is full; free some space and try again.\n"


def test_a_disk_that_is_full_while_a_training_is_prepared_is_one_sentence_and_leaves_nothing(
    home: Path, trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = sorted(path.name for path in (home / "runs").iterdir())
    monkeypatch.setattr("jokegen.core.runs.files.os.fsync", full)
    result = run_cli(home, "train", trained.corpus, "--name", "second")
    assert result.exit_code == 1
    assert "The disk is full" in result.stderr.splitlines()[-1]
    assert sorted(path.name for path in (home / "runs").iterdir()) == before
