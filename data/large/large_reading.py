"""Whether sources are large and can be read piece by piece, and how their first piece says to read them."""

from __future__ import annotations

from collections.abc import Sequence
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
from ..reading import Texts, cleaned_texts, divided, keeps_spacing, layout_of, named_about
from ..sources import limits
from ..sources.confinement import placed
from ..sources.containers import Blob
from ..sources.opening import STDIN, Source, called_together, files_of
from .many_files import ManyFiles, deciding_parts
from .pieces import LargeFile, after_lines, large_file
from .streaming import LargeTexts, OneFile, StoredTexts, Way, stored, way_through

_READABLE = ("ascii", "utf-8")
_Found = tuple[LargeTexts, FilePart, str, list[str], Findings]
"""The texts, what the first of them are, how they are divided, the first ones, and what was found out."""


def reading_large(
    sources: Sequence[Source | LargeFile], options: ReadingOptions, like: Reading | None, cache: Path | None
) -> Work[Texts | None]:
    """Read ``sources`` piece by piece; None where they are not large, or of a kind that is read as a whole.

    Raises:
        CorpusError: they can neither be read like this nor as a whole.
    """
    looked_for = Findings()
    gathered = _gathered(sources, looked_for)
    if gathered is None:
        return None
    name, files = gathered
    found = _one(files[0], options, like) if len(files) == 1 else _many(name, files, options, like, looked_for)
    if found is None:
        size = sum(file.size for file in files)
        if size <= limits.MAXIMUM_BYTES:
            return None
        raise CorpusError(
            f"{name} is {size / 1e6:,.0f} MB, and what is no plain text of separate texts, table or JSON lines in "
            f"UTF-8 is read up to {limits.MAXIMUM_BYTES // 1024**2} MB; save it as one text a line, divide one long "
            "text with --texts lines or blank, or give a part of it."
        )
    source, part, layout, raw, findings = found
    _check_amendments(name, options, like, findings)
    damage = damage_of(raw)
    keep = not options.as_written and keeps_spacing(
        mended(raw, damage, name, Findings()), name, options, like, findings
    )

    def clean(raw: list[str], findings: Findings) -> list[str]:
        if not options.as_written:
            raw = mended(raw, damage, name, findings)
        return cleaned_texts(raw, name, options, findings, keep=keep)

    kept = None if cache is None else cache / "prepared"
    about = (layout, part.order, part.where, part.separator, part.quote, keep, damage)
    held: StoredTexts = yield from stored(source, clean, options, findings, kept, about)
    if not held.sample:
        raise CorpusError(f"{name} has no text left after cleaning; check the file or choose another column.")
    findings.notice(
        f"{name} is large: its {counted(held.texts, 'text')} were read piece by piece, and {len(held.sample):,} "
        "of them, chosen by their hash, are what a vocabulary is fitted on and held-out texts are taken from."
    )
    reading = Reading(
        sources=tuple(STDIN if isinstance(each, LargeFile) else one_line(str(each))[:300] for each in sources),
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
    return Texts(name, pd.Series(list(held.sample), dtype="object"), layout, reading.notices, reading, held)


def _gathered(sources: Sequence[Source | LargeFile], findings: Findings) -> tuple[str, list[LargeFile]] | None:
    """Return the files of ``sources`` and what to call them; None where they are not large together."""
    files: list[LargeFile] = []
    names: list[str] = []
    for source in sources:
        if isinstance(source, LargeFile):
            names.append(source.name)
            files.append(source)
            continue
        if isinstance(source, Blob) or source == STDIN or not str(source).strip():
            return None
        if isinstance(source, str) and is_catalogued(source):
            return None
        try:
            name, paths = files_of(source, findings)
            found = [large_file(path, 0) for path in (paths if paths is not None else [placed(source)])]
        except (OSError, ValueError, RuntimeError, CorpusError):
            return None  # said where it is read as a whole
        names.append(name)
        files += [file for file in found if file is not None]
    if sum(file.size for file in files) <= limits.LARGE_BYTES:
        return None
    return called_together(names), files


def _one(file: LargeFile, options: ReadingOptions, like: Reading | None) -> _Found | None:
    """Return how a single file is read, by its first piece."""
    try:
        found = _first_part(file, options, like)
    except CorpusError:
        if file.size <= limits.MAXIMUM_BYTES:
            return None
        raise
    if found is None:
        return None
    part, layout, way, findings = found
    return OneFile(file, way), part, layout, way.texts(part.prose or "", True), findings


def _many(
    name: str, files: Sequence[LargeFile], options: ReadingOptions, like: Reading | None, findings: Findings
) -> _Found | None:
    """Return how several files are read, by the first of them."""
    texts = [file for file in files if not named_about(file.path.name)] or list(files)
    if len(texts) < len(files):
        about = counted(len(files) - len(texts), "file")
        findings.omit(f"What is about the texts rather than one of them was left out: {about} of {name}.")

    def first(file: LargeFile, like: Reading | None = like) -> tuple[FilePart, Way] | None:
        found = _first_part(file, options, like)
        return None if found is None else (found[0], found[2])

    parts = deciding_parts(texts, options, like, first, findings)
    if not parts:
        return None
    layout = layout_of(parts, name, options, like, findings)
    if layout == "whole":
        return None
    part = replace(parts[0], format=" and ".join(dict.fromkeys(each.format for each in parts)))
    alike = Reading(order=part.order, where=part.where, layout=layout)
    raw = divided(parts, layout, name)
    many = ManyFiles(name, texts, layout, options, alike, lambda file: first(file, alike))
    return many, part, layout, raw, findings


def _check_amendments(name: str, options: ReadingOptions, like: Reading | None, findings: Findings) -> None:
    """Refuse to leave out or correct single texts, and say it where they were chosen elsewhere."""
    if options.exclude or options.correct:
        raise CorpusError(f"{name} is too large for single texts of it to be left out or corrected; correct the file.")
    if like is not None and (like.exclude or like.correct):
        findings.notice(
            f"{name} is too large for the texts that are left out or corrected elsewhere to be found in it."
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
