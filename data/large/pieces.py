"""A large file in pieces that end between two texts, from any place on."""

from __future__ import annotations

import gzip
import lzma
import struct
import zlib
from bz2 import BZ2File
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from ..cleaning import one_line
from ..faults import CorpusError
from ..marks import is_inline
from ..sources.confinement import confined

PIECE_BYTES = 4 * 1024 * 1024
_LONGEST = 64 * 1024 * 1024
"""Bytes in which at least one text must end."""
_SKIPPED = 1024 * 1024
_PACKED = {b"\x1f\x8b": ".gz", b"BZ": ".bz2", b"\xfd7": ".xz"}
_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)
_DENSEST = 1032
"""Times that deflate makes anything smaller at most."""
_SMALLEST_PACKED = 1 / 8
"""How much smaller a file of texts may be packed, about."""

Cut = Callable[[bytes], int]
"""Returns how many bytes of a buffer end with the last text that is whole in it; 0 where none is."""


@dataclass(frozen=True)
class LargeFile:
    """A file on the disk, perhaps compressed."""

    path: Path
    name: str
    """What it is called, as it may be shown."""
    inner: str
    """What it is called unpacked."""
    packed: str
    """The ending that names its compression, or nothing."""
    size: int
    """Bytes, unpacked; of some compressed files only about."""

    @property
    def identity(self) -> tuple[str, int, int]:
        """What is another one when the file was changed."""
        status = self.path.stat()
        return str(self.path.resolve()), status.st_size, status.st_mtime_ns

    def opened(self) -> IO[bytes]:
        """Open it, unpacked."""
        path = confined(self.path)
        if self.packed == ".gz":
            return cast("IO[bytes]", gzip.open(path, "rb"))
        if self.packed == ".bz2":
            return cast("IO[bytes]", BZ2File(path, "rb"))
        if self.packed == ".xz":
            return cast("IO[bytes]", lzma.open(path, "rb"))
        return path.open("rb")

    def pieces(self, cut: Cut, start: int = 0) -> Iterator[tuple[bytes, int]]:
        """Yield whole texts, about 4 MB of them, and where they end in the unpacked file, from ``start`` on.

        Raises:
            CorpusError: the file is damaged, or no text ends for 64 MB.
        """
        end, rest = start, b""
        try:
            with self.opened() as file:
                _skip(file, start, seekable=not self.packed)
                while True:
                    read = file.read(PIECE_BYTES)
                    rest += read
                    size = len(rest) if not read else cut(rest)
                    if size:
                        end += size
                        yield rest[:size], end
                        rest = rest[size:]
                    elif len(rest) > _LONGEST:
                        raise CorpusError(
                            f"{self.name} has no end of a text in {_LONGEST // 1024**2} MB; put each on a line."
                        )
                    if not read:
                        return
        except _DAMAGE as error:
            raise CorpusError(f"{self.name} is damaged after {end / 1e6:,.0f} MB; compress it again.") from error
        except OSError as error:
            reason = one_line(error.strerror or str(error))
            raise CorpusError(
                f"{self.name} cannot be read any more ({reason}); check the file and its disk."
            ) from error


def large_file(path: Path, least: int) -> LargeFile | None:
    """Return the file at ``path`` where it has, unpacked, more than ``least`` bytes; raises OSError."""
    if not path.is_file():
        return None
    size = path.stat().st_size
    with confined(path).open("rb") as file:
        packed = _PACKED.get(file.read(2), "")
        unpacked = size
        if packed == ".gz" and size > 18:
            file.seek(-4, 2)  # the size modulo 4 GB
            claimed = struct.unpack("<I", file.read(4))[0]
            unpacked = max(size, claimed) if claimed <= size * _DENSEST else size
        elif packed:
            unpacked = int(size / _SMALLEST_PACKED)
    if unpacked <= least:
        return None
    inner = path.name[: len(path.name) - len(packed)] if packed and path.name.lower().endswith(packed) else path.name
    return LargeFile(path, one_line(path.name), one_line(inner), packed, unpacked)


def after_lines(buffer: bytes) -> int:
    """Cut after the last line that ends."""
    return buffer.rfind(b"\n") + 1


def after_gaps(newlines: int) -> Cut:
    """Return what cuts after so many line ends in a row."""
    gaps = (b"\n" * newlines, b"\n" + b"\r\n" * (newlines - 1))

    def cut(buffer: bytes) -> int:
        return max(place + len(gap) if (place := buffer.rfind(gap)) >= 0 else 0 for gap in gaps)

    return cut


def after_marks(mark: str) -> Cut:
    """Return what cuts after the last ``mark``, which stands alone on its line unless it is a token."""
    written = mark.encode() if is_inline(mark) else b"\n" + mark.strip().encode() + b"\n"

    def cut(buffer: bytes) -> int:
        place = buffer.rfind(written)
        return place + len(written) if place >= 0 else 0

    return cut


def after_rows(quote: str | None) -> Cut:
    """Return what cuts after the last line whose end no quotation mark protects."""
    if quote is None:
        return after_lines
    mark = quote.encode()

    def cut(buffer: bytes) -> int:
        end = buffer.rfind(b"\n")
        marks = buffer.count(mark, 0, end + 1)
        while end >= 0 and marks % 2:
            before = buffer.rfind(b"\n", 0, end)
            marks -= buffer.count(mark, before + 1, end + 1)
            end = before
        return end + 1

    return cut


def _skip(file: IO[bytes], count: int, *, seekable: bool) -> None:
    if seekable:
        file.seek(count)
        return
    while count > 0 and (read := file.read(min(count, _SKIPPED))):
        count -= len(read)
