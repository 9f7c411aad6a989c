"""Files of JSON lines that grow: what was written stays, and a damaged line costs that line alone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ...data.cleaning import one_line
from ..errors import EngineError
from ..runs.files import unwritable

LONGEST = 16 * 1024**2
"""Bytes of a line; a longer one counts as damaged."""


class KeepingError(EngineError):
    """What is kept is missing, damaged, or cannot be written."""


@dataclass(frozen=True)
class Line:
    """One line of a file: what it says, or None where it is damaged."""

    raw: bytes
    """Without its line break."""
    value: Mapping[str, Any] | None


def as_line(value: Mapping[str, Any]) -> bytes:
    """Return an object as one line of ASCII."""
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"


def read_journal(path: Path) -> Iterator[Line]:
    """Yield the lines of a file in their order, none where there is no file; blank lines are passed over.

    Raises:
        KeepingError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            while raw := file.readline(LONGEST + 1):
                whole = len(raw) <= LONGEST
                ended = raw.endswith(b"\n")
                while not ended and len(raw) > LONGEST:  # the rest of a line that is too long
                    rest = file.readline(LONGEST)
                    ended = not rest or rest.endswith(b"\n")
                raw = raw.rstrip(b"\r\n")
                if raw.strip():
                    yield Line(raw, _object(raw) if whole else None)
    except FileNotFoundError:
        return
    except OSError as error:
        raise KeepingError(f"{one_line(str(path))} cannot be read; check its permissions.") from error


def append(path: Path, lines: Iterable[bytes]) -> None:
    """Add lines to the end of a file and flush them to the disk; after a torn line they begin a new one.

    Raises:
        KeepingError: the disk is full or the file cannot be written.
    """
    content = b"".join(lines)
    if not content:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            if file.seek(0, os.SEEK_END) and file.seek(-1, os.SEEK_END) >= 0 and file.read(1) != b"\n":
                content = b"\n" + content
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise KeepingError(unwritable(path, error)) from error


def damage(path: Path, lines: int) -> str:
    """Say in one sentence that lines of a file could not be read; nothing where all could."""
    if not lines:
        return ""
    what = "One line" if lines == 1 else f"{lines:,} lines"
    is_, it = ("is", "it") if lines == 1 else ("are", "they")
    return f"{what} of {one_line(path.name)} {is_} damaged and left out; {it} stay{'s' * (lines == 1)} in the file."


def _object(raw: bytes) -> Mapping[str, Any] | None:
    try:
        value = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else None


def _no_number(constant: str) -> None:
    raise ValueError(constant)
