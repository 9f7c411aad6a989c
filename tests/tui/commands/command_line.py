"""Ways to call the command line, in this process and as the installed program, and a tiny corpus for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from jokegen.tui.main import cli

PROGRAM = Path(sys.executable).with_name("jokegen-tui")
RUN = "first"

_ANIMALS = ("hen", "duck", "goat", "cow", "frog", "owl", "pig", "bee", "ram", "cat")
_PLACES = ("road", "bridge", "river", "garden", "hall", "field")


@dataclass(frozen=True)
class Trained:
    """A home with one finished run, and what its training wrote."""

    home: Path
    corpus: Path
    events: list[dict[str, Any]]


def run_cli(home: Path, *arguments: str | Path, given: str | bytes | None = None) -> Result:
    """Call the command line in this process."""
    return CliRunner().invoke(cli, [str(part) for part in arguments], input=given, env={"JOKEGEN_HOME": str(home)})


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a real process."""
    return {**os.environ, "JOKEGEN_HOME": str(home), "OMP_NUM_THREADS": "1", "TERM": "xterm-256color", "COLUMNS": "80"}


def run_program(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Call the installed program as a shell would."""
    command = [str(PROGRAM), *(str(part) for part in arguments)]
    return subprocess.run(
        command, env=environment(home), capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
    )


def json_lines(text: str) -> list[dict[str, Any]]:
    """Return the objects of an output that must hold nothing but JSON lines."""
    return [json.loads(line, parse_constant=_refuse) for line in text.splitlines()]


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


def tiny_jokes() -> list[str]:
    """Return 60 different short texts."""
    return [
        f"Why did the {animal} cross the {place}? To see the {_ANIMALS[(index + 3) % 10]} on the other side!"
        for index, animal in enumerate(_ANIMALS)
        for place in _PLACES
    ]
