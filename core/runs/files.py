"""Writing files so that a crash at any moment leaves either the old file or the new one."""

from __future__ import annotations

import errno
import os
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from ...data.cleaning import one_line
from ..errors import RunError

OTHER_HOME = "point JOKEGEN_HOME to a folder that can"
_PAUSES = (0.01, 0.03, 0.1, 0.3)
"""Seconds between two tries to replace a file."""


def write_atomically(path: Path, content: bytes | str, *, keep_previous: Path | None = None) -> None:
    """Write ``content`` beside ``path``, flush it to the disk and rename it into place.

    With ``keep_previous`` the file that stood there is first renamed to that path, so that a reader who finds the
    new file damaged still has the one before it.

    Raises:
        RunError: the disk is full or the folder cannot be written.
    """
    with written_whole(path, keep_previous=keep_previous) as handle:
        handle.write(content.encode("utf-8") if isinstance(content, str) else content)


@contextmanager
def written_whole(
    path: Path, *, keep_previous: Path | None = None, remedy: str = OTHER_HOME
) -> Generator[IO[bytes], None, None]:
    """Open a file beside ``path`` that takes its place when the block ends, and vanishes when the block fails.

    Raises:
        RunError: the disk is full or the folder cannot be written; it ends with ``remedy``.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        if keep_previous is not None and path.exists():
            _replace(path, keep_previous)
        _replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise RunError(unwritable(path, error, remedy)) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def unwritable(path: Path, error: OSError, remedy: str = OTHER_HOME) -> str:
    """Say in one sentence why ``path`` could not be written and what to do."""
    shown = one_line(str(path))
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full, so {shown} was not written; free some space, what was saved before is untouched."
    reason = one_line(error.strerror or str(error))
    reason = reason[:1].lower() + reason[1:]
    return f"{shown} cannot be written ({reason}); {remedy}."


def folder_size(folder: Path) -> int:
    """Return the bytes of the files in a folder."""
    size = 0
    try:
        for file in folder.iterdir():
            size += file.stat().st_size if file.is_file() else 0
    except OSError:  # being trained or deleted at this moment
        return size
    return size


def _replace(path: Path, target: Path) -> None:
    """Rename ``path`` to ``target``; Windows refuses while somebody reads the target, which is over in a moment."""
    for pause in _PAUSES:
        try:
            path.replace(target)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    path.replace(target)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    # Some file systems, such as those of network drives, cannot do it; the file itself is on the disk already.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
