"""Reading a large file piece by piece: its texts go cleaned to the disk, and of them only a sample into the memory.

What a text is, what is repaired and whether spacing is kept are decided by the first 4 MB; then every piece is read the
same way. Which text is a repeat, and what is in the sample, follows from hashes of the texts.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..advance import Pace, Work
from ..choosing import FilePart
from ..dividing import divide
from ..encodings import repaired_utf8
from ..findings import Findings, tell_repeats
from ..formats.document import ended
from ..interpretation import ReadingOptions
from ..marks import is_inline
from ..splitting import SPLITS, split_key, split_of_key
from .pieces import Cut, LargeFile, after_gaps, after_lines, after_marks, after_rows
from .shelf import Shelf, alone_in, check_room, clear_others, shelf_folder

SAMPLE_BYTES = 16 * 1024 * 1024
"""Of the texts that are held in memory: what the tokenizer is fitted on and what the model is measured with."""
_VERSION = 2
_BETWEEN = "\x00"
"""Stands between two texts on the disk; no cleaned text has it."""
_DIGEST = 32
DISK = 2.0
"""Bytes on the disk for each of the file, with the tokens."""
_AT_ONCE = 1_000_000
"""Texts whose digests are sorted at a time."""
_DIGEST_ROWS = 100_000
_TEXTS, _DIGESTS, _SIDES, _PIECES = "texts", "digests", "sides", "pieces"
_KEPT_SIDES, _SAMPLE = "kept", "sample"
_REPEATED = len(SPLITS)
_LEADING = re.compile(r"\A(?:[^\S\n]*\n)+")


@dataclass(frozen=True, eq=False)
class StoredTexts:
    """Cleaned texts on the disk, each once, and which of them are in the sample."""

    folder: Path
    texts: int
    fingerprint: str
    """SHA-256 of the texts, whatever their order: the same as of a small corpus."""
    characters: int
    sides: NDArray[np.uint8]
    """(texts read,) the place of each one's split in ``SPLITS``, or behind them for a repeat."""
    sample: tuple[str, ...]
    temporary: tempfile.TemporaryDirectory[str] | None = None
    """What deletes the folder when nobody needs it any more."""

    def pieces(self, start: int = 0) -> Iterator[tuple[list[str], NDArray[np.uint8], int]]:
        """Yield texts, the side of each, and how many bytes end with this piece; skip ``start`` pieces."""
        ends = np.fromfile(self.folder / _PIECES, dtype=np.int64).reshape(-1, 2)
        with (self.folder / _TEXTS).open("rb") as file:
            before, first = (0, 0) if start == 0 else ends[start - 1].tolist()
            file.seek(before)
            for end, last in ends[start:].tolist():
                texts = file.read(end - before).decode("utf-8").split(_BETWEEN)[:-1]
                yield texts, self.sides[first:last], end
                before, first = end, last

    @property
    def size(self) -> int:
        """Bytes of the texts."""
        return (self.folder / _TEXTS).stat().st_size


Clean = Callable[[list[str], Findings], list[str]]


@dataclass(frozen=True)
class Way:
    """How the pieces of one file become texts, as its first piece has shown."""

    cut: Cut
    texts: Callable[[str, bool], list[str]]
    """``texts(piece, is_first)`` returns what the piece holds."""
    has_soft_returns: bool = False
    """Whether carriage returns break lines within texts."""


Place = tuple[int, int]
"""How many files are done, and how many bytes of the next one."""


class LargeTexts(Protocol):
    """What is too large for the memory, as texts not yet cleaned, some at a time and from any place on."""

    @property
    def name(self) -> str:
        """What it is called, as it may be shown."""
        ...

    @property
    def size(self) -> int:
        """Bytes, about."""
        ...

    @property
    def identity(self) -> object:
        """What is another one when the texts are others."""
        ...

    def texts(self, start: Place, findings: Findings) -> Iterator[tuple[list[str], Place, int]]:
        """Yield texts, the place behind them, and how many bytes end there; raises CorpusError."""
        ...


@dataclass(frozen=True)
class OneFile:
    """A large file and the way through it."""

    file: LargeFile
    way: Way

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.file.name

    @property
    def size(self) -> int:
        """Bytes of the file, unpacked."""
        return self.file.size

    @property
    def identity(self) -> object:
        """Path, size and time of the file."""
        return self.file.identity

    def texts(self, start: Place, findings: Findings) -> Iterator[tuple[list[str], Place, int]]:
        """Yield the texts of one piece after the other."""
        begin = start[1]
        for raw, end in self.file.pieces(self.way.cut, begin):
            text = ended(repaired_utf8(raw, self.name, findings), soft=self.way.has_soft_returns)
            is_first = begin == 0
            yield self.way.texts(text.removeprefix("\ufeff") if is_first else text, is_first), (0, end), end
            begin = end


def way_through(part: FilePart, layout: str, name: str) -> Way | None:
    """Return how a file is read piece by piece whose beginning was read as ``part``; None where it is one long text."""
    if part.prose is None:
        more = part.more
        if more is None or layout != "records":
            return None
        return Way(after_rows(part.quote), lambda piece, first: part.texts if first else more(piece))
    kind, _, mark = layout.partition("=")
    if kind == "lines":
        return Way(after_lines, lambda piece, _: divide(piece, layout, name))
    if kind == "blank":
        return Way(after_gaps(2), lambda piece, first: divide(piece if first else piece.lstrip(), layout, name))
    if kind == "double-blank":
        return Way(
            after_gaps(3), lambda piece, first: divide(piece if first else _LEADING.sub("", piece), layout, name)
        )
    if kind == "mark":
        return Way(after_marks(mark), lambda piece, _: _marked(piece, mark, layout, name))
    return None


def _marked(piece: str, mark: str, layout: str, name: str) -> list[str]:
    # The last text may have no mark behind it.
    return divide(
        piece if mark.strip() in piece else piece + (mark if is_inline(mark) else f"\n{mark}\n"), layout, name
    )


def stored(
    source: LargeTexts,
    clean: Clean,
    options: ReadingOptions,
    findings: Findings,
    keep: Path | None,
    about: object,
) -> Work[StoredTexts]:
    """Read ``source`` to the disk, in a folder below ``keep``, going on where an earlier reading ended.

    ``about`` is all else that the texts depend on.

    Raises:
        CorpusError: it cannot be read or written; what was read so far is kept.
    """
    temporary = tempfile.TemporaryDirectory(prefix="jokegen-texts-") if keep is None else None
    parent = Path(temporary.name) if temporary is not None else keep or Path()
    folder = shelf_folder(parent, _VERSION, source.identity, options, about)
    lock = yield from alone_in(folder, source.name)
    try:
        clear_others(folder)
        shelf = Shelf(folder, _TEXTS, _DIGESTS, _SIDES, _PIECES)
        try:
            if not shelf.note:
                check_room(folder, int(source.size * DISK))
            yield from _read(source, clean, shelf, findings)
            if "fingerprint" not in shelf.note:
                shelf.write_note({**shelf.note, **_without_repeats(shelf, keep_repeats=options.keep_repeats)})
        finally:
            shelf.close()
        sides = np.fromfile(folder / _KEPT_SIDES, dtype=np.uint8)
        texts = int((sides < len(SPLITS)).sum())
        findings.count("left out", len(sides) - texts, tell_repeats)
        return StoredTexts(
            folder,
            texts,
            str(shelf.note["fingerprint"]),
            int(shelf.note["characters"]),
            sides,
            tuple((folder / _SAMPLE).read_bytes().decode("utf-8").split(_BETWEEN)[:-1]),
            temporary,
        )
    finally:
        lock.release()


def _read(source: LargeTexts, clean: Clean, shelf: Shelf, findings: Findings) -> Work[None]:
    note = shelf.note
    if note:
        findings.take_values(note["findings"])
    if note.get("done"):
        return
    read, texts_read, characters, size = (int(note.get(what, 0)) for what in ("read", "texts", "characters", "size"))
    files, begin = note.get("place", (0, 0))
    pace = Pace(f"reading {source.name} (1 of 2)", source.size, read)
    for raw, place, end in source.texts((int(files), int(begin)), findings):
        texts = clean(raw, findings)
        written = "".join([f"{text}{_BETWEEN}" for text in texts]).encode("utf-8")
        keys = [split_key(text).encode() for text in texts]
        texts_read, size, read = texts_read + len(texts), size + len(written), end
        characters += sum(map(len, texts))
        shelf.add(
            texts=written,
            digests=b"".join([hashlib.sha256(key).digest() for key in keys]),
            sides=bytes([SPLITS.index(split_of_key(key)) for key in keys]),
            pieces=np.array([size, texts_read], dtype=np.int64).tobytes(),
        )
        so_far = {"read": read, "place": place, "texts": texts_read, "characters": characters, "size": size}
        shelf.write_note({**so_far, "findings": findings.to_values()})
        yield pace.at(read)
    shelf.write_note({**shelf.note, "done": True})


def _without_repeats(shelf: Shelf, *, keep_repeats: bool) -> dict[str, str]:
    """Write down the split of each text, with the repeats marked, and the sample; return the fingerprint."""
    folder = shelf.folder
    sides = np.fromfile(folder / _SIDES, dtype=np.uint8)
    if not len(sides):
        return {"fingerprint": "", _SAMPLE: ""}
    firsts = np.concatenate([rows[:, :8].copy().view(">u8")[:, 0] for rows in _digests(folder)])
    whole = hashlib.sha256()
    parts = -(-len(sides) // _AT_ONCE)
    for part in range(parts):
        # Equal shares of all possible digests, in their order.
        low, high = (np.uint64((2**64 * edge) // parts) if edge < parts else None for edge in (part, part + 1))
        wanted = firsts >= low if high is None else (firsts >= low) & (firsts < high)
        numbers = np.flatnonzero(wanted)
        order = np.argsort(firsts[numbers], kind="stable")
        ordered = firsts[numbers[order]]
        again = np.zeros(len(order), dtype=np.bool_)
        again[1:] = (ordered[1:] == ordered[:-1]) & (not keep_repeats)
        sides[numbers[order[again]]] = _REPEATED
        # Read one after the other rather than looked up: a file that is looked into everywhere counts as memory.
        edges = range(0, len(sides), _DIGEST_ROWS)
        rows = [rows[wanted[start : start + _DIGEST_ROWS]] for start, rows in zip(edges, _digests(folder), strict=True)]
        whole.update(np.concatenate(rows)[order[~again]].tobytes())
    shelf.put(_KEPT_SIDES, sides.tobytes())
    shelf.put(_SAMPLE, _sample(folder, sides).encode("utf-8"))
    return {"fingerprint": whole.hexdigest()}


def _digests(folder: Path) -> Iterator[NDArray[np.uint8]]:
    """Yield the digests of all texts, ``(texts, 32)``, some at a time."""
    with (folder / _DIGESTS).open("rb") as file:
        while data := file.read(_DIGEST_ROWS * _DIGEST):
            yield np.frombuffer(data, dtype=np.uint8).reshape(-1, _DIGEST)


def _sample(folder: Path, sides: NDArray[np.uint8]) -> str:
    """Return texts of all splits, those with the smallest hashes, as many as have room."""
    size = (folder / _TEXTS).stat().st_size
    share = min(1.0, SAMPLE_BYTES / max(size, 1))
    hashes = np.concatenate([rows[:, 8:16].copy().view("<u8")[:, 0] for rows in _digests(folder)])
    chosen = (hashes * 2.0**-64 <= share) & (sides != _REPEATED)
    ends = np.fromfile(folder / _PIECES, dtype=np.int64).reshape(-1, 2)
    found: list[bytes] = []
    with (folder / _TEXTS).open("rb") as file:
        before = first = 0
        for end, last in ends.tolist():
            texts = file.read(end - before).split(_BETWEEN.encode())
            found += [texts[place] for place in np.flatnonzero(chosen[first:last]).tolist()]
            before, first = end, last
    return "".join(text.decode("utf-8") + _BETWEEN for text in found)
