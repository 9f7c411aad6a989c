"""Writing files so that a crash at any moment leaves either the old file or the new one."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from ..data.cleaning import one_line
from .errors import RunError


def write_atomically(path: Path, content: bytes | str, *, keep_previous: Path | None = None) -> None:
    """Write ``content`` beside ``path``, flush it to the disk and rename it into place.

    With ``keep_previous`` the file that stood there is first renamed to that path, so that a reader who finds the
    new file damaged still has the one before it.

    Raises:
        RunError: the disk is full or the folder cannot be written.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        if keep_previous is not None and path.exists():
            path.replace(keep_previous)
        Path(temporary).replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise RunError(unwritable(path, error)) from error


def unwritable(path: Path, error: OSError) -> str:
    """Say in one sentence why ``path`` could not be written and what to do."""
    shown = one_line(str(path))
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full, so {shown} was not written; free some space, what was saved before is untouched."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{shown} cannot be written; change its folder's permissions or point JOKEGEN_HOME to another folder."
    reason = one_line(error.strerror or str(error))
    return f"{shown} cannot be written ({reason}); point JOKEGEN_HOME to a folder that can."


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
