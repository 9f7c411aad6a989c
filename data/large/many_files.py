"""Files that are larger than the memory together: each is read as a whole, or piece by piece where it is large itself.

How the first of them are written decides how all are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from ..choosing import FilePart, read_part
from ..cleaning import one_line
from ..dividing import guess_layout
from ..faults import CorpusError
from ..findings import Findings, counted
from ..formats.document import Document
from ..interpretation import Reading, ReadingOptions
from ..reading import divided
from ..sources import limits
from ..sources.confinement import confined
from ..sources.containers import Blob, unpacked
from .pieces import LargeFile
from .streaming import OneFile, Place, Way

DECIDING_BYTES = 16 * 1024 * 1024
_DECIDING_FILES = 200
_AT_ONCE = 4 * 1024 * 1024
"""Bytes of small files whose texts are written together."""

FirstPart = Callable[[LargeFile], "tuple[FilePart, Way] | None"]
"""Returns what the first piece of a large file says; None where it cannot be read piece by piece."""


def deciding_parts(
    files: Sequence[LargeFile], options: ReadingOptions, like: Reading | None, first: FirstPart, findings: Findings
) -> list[FilePart]:
    """Return what the first files are, as many as tell enough; those that cannot be read are passed over."""
    parts: list[FilePart] = []
    size = 0
    for file in islice(files, _DECIDING_FILES):
        if size > DECIDING_BYTES:
            break
        try:
            if file.size > limits.LARGE_BYTES:
                found = first(file)
                parts += [] if found is None else [found[0]]
            else:
                parts += _parts_of(file, options, like, findings)
        except (CorpusError, OSError):
            continue  # counted when its turn comes
        size += file.size
    return parts


@dataclass(frozen=True)
class ManyFiles:
    """The files of a folder or a pattern, or several that were named."""

    name: str
    files: Sequence[LargeFile]
    layout: str
    options: ReadingOptions
    like: Reading
    """How the first files were read."""
    first: FirstPart

    @property
    def size(self) -> int:
        """Bytes of all files, unpacked."""
        return sum(file.size for file in self.files)

    @property
    def identity(self) -> object:
        """Those of all files."""
        return [file.identity for file in self.files]

    def texts(self, start: Place, findings: Findings) -> Iterator[tuple[list[str], Place, int]]:
        """Yield the texts of one file after the other; those that cannot be read are left out and counted."""
        number, begin = start
        before = sum(file.size for file in self.files[:number])
        waiting: list[str] = []
        waits = 0
        for place in range(number, len(self.files)):
            file = self.files[place]
            try:
                if file.size > limits.LARGE_BYTES:
                    if waiting:
                        yield waiting, (place, 0), before
                        waiting, waits = [], 0
                    for texts, (_, end), _ in self._large(file).texts((0, begin), findings):
                        yield texts, (place, end), before + end
                else:
                    waiting += self._small(file)
                    waits += file.size
            except (CorpusError, OSError):
                findings.count(
                    "left out",
                    1,
                    lambda count: f"Left out: {counted(count, 'file')} of {self.name} that cannot be read.",
                )
            begin = 0
            before += file.size
            if waits >= _AT_ONCE or (place + 1 == len(self.files) and waiting):
                yield waiting, (place + 1, 0), before
                waiting, waits = [], 0

    def _large(self, file: LargeFile) -> OneFile:
        found = self.first(file)
        if found is None:
            raise CorpusError(f"{file.name} is of a kind that is read as a whole.")
        return OneFile(file, found[1])

    def _small(self, file: LargeFile) -> list[str]:
        texts: list[str] = []
        # What is found out about each of so many files is not said; how the first ones are written was.
        for part in _parts_of(file, self.options, self.like, Findings()):
            texts += self._divided(part, file.name)
        return texts

    def _divided(self, part: FilePart, name: str) -> list[str]:
        layout = self.layout
        if part.prose is not None:
            if layout == "records":
                layout = guess_layout(part.prose)
            mark = layout.partition("=")[2]
            if mark and mark not in part.prose:
                return [part.prose]
        return divided([part], layout, name)


def _parts_of(file: LargeFile, options: ReadingOptions, like: Reading | None, findings: Findings) -> list[FilePart]:
    blob = Blob(one_line(file.path.name), confined(file.path).read_bytes(), inside=True)
    documents = (Document(found, findings) for found in unpacked(blob, findings))
    return [read_part(document, options, like) for document in documents if document.is_filled]
