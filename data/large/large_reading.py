"""Whether a source is a large file that can be read piece by piece, and how its first piece says to read it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from ..advance import Work
from ..catalogue import is_catalogued
from ..choosing import FilePart, read_part
from ..cleaning import one_line
from ..damage import damage_of, mended
from ..faults import CorpusError
from ..findings import Findings, counted
from ..formats.document import Document
from ..interpretation import EXAMPLES, Reading, ReadingOptions
from ..reading import Texts, cleaned_texts, keeps_spacing, layout_of
from ..sources import limits
from ..sources.confinement import placed
from ..sources.containers import Blob
from ..sources.opening import STDIN, Source
from .pieces import LargeFile, after_lines, large_file
from .streaming import StoredTexts, Way, stored, way_through

_READABLE = ("ascii", "utf-8")


def reading_large(
    source: Source, options: ReadingOptions, like: Reading | None, cache: Path | None
) -> Work[Texts | None]:
    """Read ``source`` piece by piece; None where it is not large, or is of a kind that is read as a whole.

    Raises:
        CorpusError: it can neither be read like this nor as a whole.
    """
    file = _large(source)
    found = None if file is None else _first_part_of(file, options, like)
    if file is None or found is None:
        return None
    part, layout, way, findings = found
    _check_amendments(file, options, like, findings)
    texts, keep = _decided(part, way, file, options, like, findings)
    damage = damage_of(texts)

    def clean(raw: list[str], findings: Findings) -> list[str]:
        if not options.as_written:
            raw = mended(raw, damage, file.name, findings)
        return cleaned_texts(raw, file.name, options, findings, keep=keep)

    kept = None if cache is None else cache / "prepared"
    about = (layout, part.order, part.where, part.separator, part.quote, keep, damage)
    held: StoredTexts = yield from stored(file, way, clean, options, findings, kept, about)
    if not held.sample:
        raise CorpusError(f"{file.name} has no text left after cleaning; check the file or choose another column.")
    findings.notice(
        f"{file.name} is large: its {counted(held.texts, 'text')} were read piece by piece, and {len(held.sample):,} "
        "of them, chosen by their hash, are what a vocabulary is fitted on and held-out texts are taken from."
    )
    reading = Reading(
        sources=(one_line(str(source))[:300],),
        format=part.format,
        encoding=part.encoding,
        separator=part.separator,
        columns=part.columns,
        order=part.order,
        layout=layout,
        where=part.where,
        keeps_spacing=keep,
        texts=held.texts,
        examples=tuple(held.sample[:EXAMPLES]),
        repaired=tuple(findings.repaired),
        left_out=tuple(findings.left_out),
        notices=tuple(findings.notices),
    )
    return Texts(file.name, pd.Series(list(held.sample), dtype="object"), layout, reading.notices, reading, held)


def _large(source: Source) -> LargeFile | None:
    """Return the file that ``source`` is, None where it is none or no large one."""
    if source == STDIN or (isinstance(source, str) and is_catalogued(source)) or not str(source).strip():
        return None
    try:
        return large_file(placed(source), limits.LARGE_BYTES)
    except (OSError, ValueError, RuntimeError):
        return None  # said where it is read as a whole


def _first_part_of(
    file: LargeFile, options: ReadingOptions, like: Reading | None
) -> tuple[FilePart, str, Way, Findings] | None:
    """Return what the first piece says; None where the file has to be read, or refused, as a whole."""
    fits = file.size <= limits.MAXIMUM_BYTES
    try:
        found = _first_part(file, options, like)
    except CorpusError:
        if fits:
            return None
        raise
    if found is None and not fits:
        raise CorpusError(
            f"{file.name} is {file.size / 1e6:,.0f} MB, and what is no plain text of separate texts, table or JSON "
            f"lines in UTF-8 is read up to {limits.MAXIMUM_BYTES // 1024**2} MB; save it as one text a line, or give a "
            "part of it."
        )
    return found


def _check_amendments(file: LargeFile, options: ReadingOptions, like: Reading | None, findings: Findings) -> None:
    """Refuse to leave out or correct single texts, and say it where they were chosen elsewhere."""
    if options.exclude or options.correct:
        raise CorpusError(
            f"{file.name} is too large for single texts of it to be left out or corrected; correct the file."
        )
    if like is not None and (like.exclude or like.correct):
        findings.notice(
            f"{file.name} is too large for the texts that are left out or corrected elsewhere to be found in it."
        )


def _first_part(
    file: LargeFile, options: ReadingOptions, like: Reading | None
) -> tuple[FilePart, str, Way, Findings] | None:
    """Read the first piece, which says how the others are read; None where they cannot be."""
    cut = after_lines
    found = None
    for _ in range(2):  # where a piece ends is known when the beginning was read
        piece, _ = next(file.pieces(cut), (b"", 0))
        findings = Findings()
        document = Document(Blob(file.inner, piece), findings)
        if not document.is_filled:
            return None
        part = read_part(document, options, like)
        layout = layout_of([part], file.name, options, like, findings)
        way = way_through(part, layout, file.name)
        if way is None or part.encoding not in _READABLE:
            return None
        cut = way.cut
        found = part, layout, replace(way, has_soft_returns=document.has_soft_returns), findings
    return found


def _decided(
    part: FilePart, way: Way, file: LargeFile, options: ReadingOptions, like: Reading | None, findings: Findings
) -> tuple[list[str], bool]:
    """Return the texts of the first piece as they are written, and whether their spacing is kept."""
    texts = way.texts(part.prose or "", True)
    if options.as_written:
        return texts, False
    read = mended(texts, damage_of(texts), file.name, Findings())
    return texts, keeps_spacing(read, file.name, options, like, findings)
