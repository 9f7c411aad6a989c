"""What is piped in, kept on the disk where it is large: a pipe is read once, a large file twice."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ..advance import Progress, Work
from ..cleaning import one_line
from ..faults import CorpusError
from ..sources import limits
from ..sources.containers import Blob
from ..sources.opening import PIPED, Source, piped
from .pieces import LargeFile, large_file
from .shelf import check_room
from .streaming import DISK

_AT_ONCE = 1 << 22


@contextmanager
def kept_aside(cache: Path | None) -> Generator[Path, None, None]:
    """Give a file that is deleted with the block; raises CorpusError where it cannot be written."""
    try:
        if cache is not None:
            cache.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="piped-", dir=cache)
        os.close(handle)
    except OSError as error:
        raise _unwritable(error) from error
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def take_in(aside: Path) -> Work[Blob | LargeFile]:
    """Read standard input to its end: as a blob, or to the file ``aside`` where it is large.

    Raises:
        CorpusError: nothing is piped in, or the disk does not take it.
    """
    stream = piped()
    head = stream.read(limits.LARGE_BYTES + 1)
    if len(head) <= limits.LARGE_BYTES:
        return Blob(PIPED, head)
    size = 0
    try:
        with aside.open("wb") as file:
            while head:
                check_room(aside.parent, int(len(head) + (size + len(head)) * DISK))
                size += file.write(head)
                yield Progress(f"taking in {PIPED}, {size / 1e6:,.0f} MB so far", 0, 0)
                head = stream.read(_AT_ONCE)
    except OSError as error:
        raise _unwritable(error) from error
    found = large_file(aside, limits.LARGE_BYTES)
    if found is None:
        raise CorpusError(f"{PIPED} cannot be read; name a file instead.")
    return LargeFile(aside, PIPED, PIPED, found.packed, found.size)


def as_blob(source: Source | LargeFile) -> Source:
    """Return what is read as a whole where ``source`` was no large text after all."""
    if not isinstance(source, LargeFile):
        return source
    return Blob(source.name, source.path.read_bytes())


def _unwritable(error: OSError) -> CorpusError:
    reason = one_line(error.strerror or str(error))
    return CorpusError(f"So much of {PIPED} cannot be kept on the disk ({reason}); free some space, or name a file.")
