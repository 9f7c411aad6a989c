"""From what a person names – a corpus, a path, a folder, a pattern, a pipe – to the bytes of its files."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from ..catalogue import CORPORA, content, is_catalogued
from ..cleaning import one_line
from ..faults import CorpusError
from ..findings import Findings, counted
from ..nearness import advice
from .confinement import confined, is_confined, placed
from .containers import Blob, unpacked
from .limits import MAXIMUM_BYTES, MAXIMUM_DEPTH, MAXIMUM_FILES

STDIN = "-"
PIPED = "standard input"
Source = str | Path | Blob
"""What a person names, or a file that is in the memory already."""
_PATTERN = "*?["
_TOO_LARGE = f"larger than {MAXIMUM_BYTES // 1024**2} MB; train on a part of it."


def gather(
    sources: Sequence[Source], findings: Findings, cache: Path | None, progress: Callable[[int, int], None] | None
) -> tuple[str, list[Blob]]:
    """Return what to call the sources together, and their files, unpacked.

    Raises:
        CorpusError: nothing is there, or it cannot be read.
    """
    if not sources:
        raise CorpusError("Say what to read: 'starter' or the path of a file with texts.")
    blobs: list[Blob] = []
    names: list[str] = []
    budget = MAXIMUM_BYTES
    for source in sources:
        name, files = _load(source, findings, cache, progress, budget)
        names.append(name)
        for file in files:
            found = unpacked(file, findings, budget=budget)
            budget -= sum(len(blob.data) for blob in found)
            blobs += found
    if len(blobs) > MAXIMUM_FILES:
        raise CorpusError(f"That are more than {MAXIMUM_FILES:,} files; put their texts into fewer.")
    return called_together(names), blobs


def called_together(names: Sequence[str]) -> str:
    """Return what to call several sources."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1:,} more"


def _load(
    source: Source, findings: Findings, cache: Path | None, progress: Callable[[int, int], None] | None, budget: int
) -> tuple[str, list[Blob]]:
    if isinstance(source, Blob):
        return source.name, [source]
    if source == STDIN and not is_confined():
        return PIPED, [Blob(PIPED, _read_stdin())]
    if isinstance(source, str) and is_catalogued(source):
        return source, [Blob(source, content(source, cache, progress))]
    shown = one_line(str(source))[:200]
    if not str(source).strip():
        raise CorpusError("The name of the source is empty; say 'starter' or the path of a file with texts.")
    try:
        name, paths = files_of(source, findings)
        if paths is None:
            return name, [_read_file(placed(source), shown, budget, inside=False)]
        return name, _read_files(paths, shown, budget)
    except FileNotFoundError as error:
        names = [entry.name for entry in CORPORA]
        near = advice(shown, names, "check the path, or see 'jokegen-tui corpora'.")
        raise CorpusError(f"There is no file or corpus named {shown}; {near}") from error
    except (OSError, ValueError, RuntimeError) as error:
        reason = one_line(getattr(error, "strerror", None) or str(error))
        raise CorpusError(f"{shown} cannot be read ({reason}); check the path and its permissions.") from error


def files_of(source: str | Path, findings: Findings) -> tuple[str, list[Path] | None]:
    """Return what to call ``source``, and the files of a folder or a pattern; None where it is a file itself.

    Raises:
        CorpusError: there are none, or too many.
        OSError: it cannot be looked into.
    """
    path, shown = placed(source), one_line(str(source))[:200]
    if path.is_dir():
        return one_line(path.name) or shown, _files_in(path, shown, findings)
    if not path.exists() and any(mark in str(path) for mark in _PATTERN):
        found = glob.iglob(str(path), recursive=True)  # noqa: PTH207  # a whole path is the pattern
        matches = sorted(Path(match) for match in found if Path(match).is_file())
        if matches:
            return shown, matches
    return one_line(path.name) or shown, None


def _read_file(path: Path, shown: str, budget: int, *, inside: bool) -> Blob:
    # Read up to the limit rather than asked for the size: a pipe has none, and a device no end.
    with confined(path).open("rb") as file:
        data = file.read(budget + 1)
    if len(data) > budget:
        raise CorpusError(f"{shown} is {_TOO_LARGE}")
    return Blob(one_line(path.name) or shown, data, inside)


def _read_files(paths: Sequence[Path], shown: str, budget: int) -> list[Blob]:
    blobs: list[Blob] = []
    for path in paths:
        blobs.append(_read_file(path, shown, budget, inside=True))
        budget -= len(blobs[-1].data)
    return blobs


def _files_in(folder: Path, shown: str, findings: Findings) -> list[Path]:
    paths: list[Path] = []
    links = 0
    for path, is_link in _walk(folder, MAXIMUM_DEPTH * 12):
        links += is_link
        if not is_link:
            paths.append(path)
        if len(paths) > MAXIMUM_FILES:
            raise CorpusError(f"{shown} holds more than {MAXIMUM_FILES:,} files; name a folder in it.")
    if links:
        findings.omit(f"{counted(links, 'symbolic link')} in {shown} {'was' if links == 1 else 'were'} not followed.")
    if not paths:
        raise CorpusError(f"{shown} is a folder without files in it; name one with texts.")
    return paths


def _walk(folder: Path, depth: int) -> Iterator[tuple[Path, bool]]:
    """Yield the files below a folder in the order of their names, and whether each is a link."""
    with os.scandir(folder) as entries:
        ordered = sorted(entries, key=lambda entry: entry.name)
    for entry in ordered:
        if entry.name.startswith("."):
            continue
        if entry.is_symlink():
            yield Path(entry.path), True
        elif entry.is_dir(follow_symlinks=False):
            if depth > 0:
                yield from _walk(Path(entry.path), depth - 1)
        elif entry.is_file(follow_symlinks=False):
            yield Path(entry.path), False


def piped() -> IO[bytes]:
    """Return what is piped in; raises CorpusError where nothing is."""
    # In the app the keyboard is standard input: reading it would wait for ever and swallow the keys.
    if sys.stdin is None or sys.stdin.isatty():  # pyright: ignore[reportUnnecessaryComparison]
        raise CorpusError("Nothing is piped in; name a file, or pipe one into the command.")
    return sys.stdin.buffer


def _read_stdin() -> bytes:
    data = piped().read(MAXIMUM_BYTES + 1)
    if len(data) > MAXIMUM_BYTES:
        raise CorpusError(f"Standard input is {_TOO_LARGE}")
    return data
