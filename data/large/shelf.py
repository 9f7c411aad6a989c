"""A folder in which work on a large file stands as far as it has come, so that it goes on after whatever ended it."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import BaseFileLock, FileLock, Timeout

from ..advance import Progress, Work
from ..cleaning import one_line
from ..faults import CorpusError

_NOTE = "state.json"
_LOCK = "lock"
_PATIENCE = 0.5
"""Seconds between two words about waiting."""
_KEPT = 2
"""Folders that are kept; the oldest goes when another file is read."""


class Shelf:
    """Files that only grow, and a note of how long each is and what else is needed to go on.

    What was written after the last note is cut off when the shelf is opened again.
    """

    def __init__(self, folder: Path, *files: str) -> None:
        """Open the shelf in ``folder``; raises CorpusError where it cannot be written."""
        self.folder = folder
        self._files = files
        with told_writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self.note: dict[str, Any] = self._read_note()
            lengths: dict[str, int] = self.note.get("lengths", {})
            self._handles = {name: (folder / name).open("ab", buffering=0) for name in files}
            for name, handle in self._handles.items():
                handle.truncate(lengths.get(name, 0))

    def _read_note(self) -> dict[str, Any]:
        try:
            note = json.loads((self.folder / _NOTE).read_text(encoding="utf-8"))
            lengths = note["lengths"]
            is_whole = all((self.folder / name).stat().st_size >= lengths[name] for name in self._files)
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return note if is_whole else {}

    def add(self, **content: bytes) -> None:
        """Append to each of the files that are named."""
        with told_writing(self.folder):
            for name, data in content.items():
                view = memoryview(data)
                while view:
                    view = view[self._handles[name].write(view) :]

    def write_note(self, values: Mapping[str, Any]) -> None:
        """Note ``values``, and that all that was added belongs to them."""
        self.note = {**values, "lengths": {name: handle.tell() for name, handle in self._handles.items()}}
        self.put(_NOTE, json.dumps(self.note).encode())

    def put(self, name: str, content: bytes) -> None:
        """Write a file as a whole, or not at all."""
        with told_writing(self.folder):
            temporary = self.folder / f".{name}.tmp"
            temporary.write_bytes(content)
            temporary.replace(self.folder / name)

    def close(self) -> None:
        """Close the files."""
        for handle in self._handles.values():
            handle.close()


@contextmanager
def told_writing(folder: Path) -> Generator[None]:
    """Say in one sentence why something could not be written to ``folder``."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise CorpusError(
                "The disk is full; free some space and start again: what was read so far is kept and used."
            ) from error
        reason = one_line(error.strerror or str(error))
        raise CorpusError(f"{one_line(str(folder))} cannot be written ({reason}); set JOKEGEN_HOME.") from error


def check_room(folder: Path, needed: int) -> None:
    """Raise CorpusError where the disk has less than ``needed`` bytes free."""
    with told_writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    if free < needed:
        raise CorpusError(
            f"Reading so large a file needs about {needed / 1e6:,.0f} MB of the disk for a while, but "
            f"{free / 1e6:,.0f} MB are free; free some space, or set JOKEGEN_HOME to another disk."
        )


def shelf_folder(parent: Path, *what: object) -> Path:
    """Return the folder for the work that ``what`` determines."""
    return parent / hashlib.sha256(repr(what).encode()).hexdigest()[:20]


def alone_in(folder: Path, what: str) -> Work[BaseFileLock]:
    """Keep others away from ``folder`` until the lock that is returned is released; wait for one who is there."""
    with told_writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK)
        while True:
            try:
                lock.acquire(timeout=_PATIENCE)
            except Timeout:
                yield Progress(f"waiting for another reading of {what}", 0, 0)
            else:
                return lock


def clear_others(folder: Path) -> None:
    """Delete the oldest of the folders beside ``folder``, but for those that somebody works in."""
    with suppress(OSError):
        others = [path for path in folder.parent.iterdir() if path.is_dir() and path != folder]
        others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        for other in others[_KEPT - 1 :]:
            lock = FileLock(other / _LOCK)
            with suppress(Timeout), lock.acquire(timeout=0):
                shutil.rmtree(other, ignore_errors=True)
    with suppress(OSError):
        os.utime(folder)
