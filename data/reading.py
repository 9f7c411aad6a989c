"""Reading texts from what a person has: sources gathered, each file's format found, its texts chosen and cleaned."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from .advance import Work, drained
from .amendments import amended, correction, corrections_of
from .choosing import FilePart, read_part
from .cleaning import clean_text, has_entities, one_line, printable
from .damage import damage_of, mended
from .demands import check_reading
from .dividing import divide
from .faults import CorpusError
from .findings import Findings, counted, tell_repeats, were_left_out
from .formats.document import Document
from .interpretation import EXAMPLES, Reading, ReadingOptions, layout_words
from .prose import layout_of_files
from .sources.confinement import is_confined
from .sources.containers import Blob
from .sources.opening import STDIN, Source, gather
from .spacing import is_uneven, spacing_matters
from .splitting import split_key

if TYPE_CHECKING:
    from .large.pieces import LargeFile
    from .large.streaming import StoredTexts

_ABOUT = re.compile(
    r"(?:readme|licen[cs]e|copying|notice|changelog|contributing)(?:\.(?:md|txt|rst))?|(?:thumbs\.db|desktop\.ini)"
    r"|(?:users|org_users|channels|groups|dms|mpims|integration_logs|canvases|lists)\.json",
    re.IGNORECASE,
)
"""A file that says what the others are: a README, what Windows puts beside pictures, the lists of a Slack export."""

__all__ = ["STDIN", "ReadingOptions", "Texts", "read_texts"]


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts as they were read, with what a person should know about the reading."""

    name: str
    texts: pd.Series[str]
    layout: str
    """How the source was divided: ``records`` of a table, or one of ``dividing.LAYOUTS``."""
    notices: tuple[str, ...] = ()
    reading: Reading = field(default_factory=Reading)
    stored: StoredTexts | None = None
    """All of them on the disk, where they are too large for the memory and ``texts`` is a sample."""

    @property
    def count(self) -> int:
        """How many texts were read."""
        return len(self.texts) if self.stored is None else self.stored.texts

    @property
    def column(self) -> str | None:
        """The columns that make the texts, joined; None where there are no columns."""
        return " + ".join(self.reading.order) or None


def read_texts(
    source: Source | Sequence[Source],
    options: ReadingOptions | None = None,
    *,
    like: Reading | None = None,
    cache: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Texts:
    """Read the texts of ``source``: a catalogue name, a path, a folder, a pattern, ``-`` (standard input), or several.

    Texts are cleaned, empty ones and repeats dropped. What ``options`` leave open is read ``like`` another source was,
    where that fits, and is found out else. A large file goes to the disk, in ``cache`` or a temporary folder.

    Raises:
        CorpusError: nothing can be read, or an option cannot be obeyed, in one sentence that says why.
    """
    return drained(reading_texts(source, options, like=like, cache=cache, progress=progress), progress)


def reading_texts(
    source: Source | Sequence[Source],
    options: ReadingOptions | None = None,
    *,
    like: Reading | None = None,
    cache: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Work[Texts]:
    """Do what :func:`read_texts` does, and say how far a large file is read; ``progress`` hears of what is fetched."""
    from .large.large_reading import reading_large  # these know what is here
    from .large.piped_texts import as_blob, kept_aside, take_in

    options = options or ReadingOptions()
    check_reading(options)
    findings = Findings()
    sources: list[Source] = [source] if isinstance(source, str | Path | Blob) else list(source)
    with ExitStack() as stack:
        given: Sequence[Source | LargeFile] = sources
        if sources == [STDIN] and not is_confined():
            given = [(yield from take_in(stack.enter_context(kept_aside(cache))))]
        large = yield from reading_large(given, options, like, cache)
        if large is not None:
            return large
        # What was piped in and is no large text is in the memory, or small enough to be read into it.
        name, blobs = gather([as_blob(each) for each in given], findings, cache, progress)
    parts = _parts(blobs, name, options, like, findings)
    layout = layout_of(parts, name, options, like, findings)
    first = parts[0]
    kept = _cleaned(divided(parts, layout, name), layout, name, options, like, findings)
    excluded, corrected = _amend(kept, layout, name, options, like, findings)
    if not kept[0]:
        raise CorpusError(f"{name} has no text left after cleaning; check the file or choose another column.")
    reading = Reading(
        sources=tuple(one_line(str(each))[:300] for each in sources),
        format=" and ".join(dict.fromkeys(part.format for part in parts)),
        encoding=first.encoding,
        separator=first.separator,
        columns=first.columns,
        order=first.order,
        layout=layout,
        where=first.where,
        exclude=excluded,
        correct=corrected,
        keeps_spacing=kept[1],
        texts=len(kept[0]),
        examples=tuple(kept[0][:EXAMPLES]),
        repaired=tuple(findings.repaired),
        left_out=tuple(findings.left_out),
        notices=tuple(findings.notices),
    )
    # As objects: pandas' own strings would be a second copy of all texts.
    return Texts(name, pd.Series(kept[0], dtype="object"), layout, reading.notices, reading)


def _parts(
    blobs: list[Blob], name: str, options: ReadingOptions, like: Reading | None, findings: Findings
) -> list[FilePart]:
    """Read each file; among several, those that cannot be read are left out with a word.

    ``blobs`` is emptied on the way, so that no file stands in the memory beside all of its texts.
    """
    if len(blobs) == 1:
        document = Document(blobs.pop(), findings)
        if not document.is_filled:
            raise CorpusError(f"{name} is empty; give it some texts, one a line.")
        return [read_part(document, options, like)]
    parts: list[FilePart] = []
    about: list[str] = []
    problems: list[str] = []
    if not all(is_about(blob) for blob in blobs):
        about = [blob.name for blob in blobs if is_about(blob)]
        blobs[:] = [blob for blob in blobs if not is_about(blob)]
    if about:
        listed = ", ".join(about[:3]) + (f" and {len(about) - 3:,} more" if len(about) > 3 else "")
        findings.omit(f"What is about the texts rather than one of them was left out: {listed}.")
    blobs.reverse()
    while blobs:
        document = Document(blobs.pop(), findings)
        if not document.is_filled:
            findings.omit(f"{document.name} is empty and was left out.")
            continue
        try:
            parts.append(read_part(document, options, like))
        except CorpusError as error:
            problems.append(str(error))
    if not parts:
        raise CorpusError(problems[0] if problems else f"{name} has only empty files; give it some texts.")
    for problem in problems[:3]:
        findings.omit(f"Left out: {problem}")
    if len(problems) > 3:
        others = counted(len(problems) - 3, "more file")
        findings.omit(f"Left out: {others} of {name} that could not be read.")
    return parts


def is_about(blob: Blob) -> bool:
    """Whether a file of a folder or an archive says something about the others, as a README does."""
    return blob.inside and named_about(blob.name)


def named_about(name: str) -> bool:
    """Whether a file is called as one that says something about others."""
    return _ABOUT.fullmatch(name) is not None


def layout_of(
    parts: Sequence[FilePart], name: str, options: ReadingOptions, like: Reading | None, findings: Findings
) -> str:
    """Return how files are divided into texts: as asked for, as another source was, or as it looks; it is said."""
    prose = [part.prose for part in parts if part.prose is not None]
    if options.layout is not None:
        return options.layout
    if not prose:
        kept = like is not None and parts[0].order and like.order == parts[0].order and like.layout != "records"
        return like.layout if like is not None and kept else "records"
    if like is not None and like.layout != "records":
        mark = like.layout.partition("=")[2]
        if not mark or any(mark in text for text in prose):
            if like.layout != layout_of_files(prose):
                findings.notice(f"{name} was read as {layout_words(like.layout)}, like the texts of the run.")
            return like.layout
        findings.notice(f"{name} has no mark '{one_line(mark)[:40]}' between its texts, so it was divided otherwise.")
    layout = layout_of_files(prose)
    if layout != "lines" or len(prose) > 1:
        findings.notice(
            f"{name} was read as {layout_words(layout)}; choose lines, blank, double-blank, whole, file or mark=TEXT "
            "with --texts if that is wrong."
        )
    return layout


def divided(parts: Sequence[FilePart], layout: str, name: str) -> list[str]:
    """Return the texts of files as ``layout`` divides them."""
    texts: list[str] = []
    for part in parts:
        if part.prose is not None:
            if layout.startswith("mark=") and len(parts) > 1 and layout.partition("=")[2] not in part.prose:
                texts.append(part.prose)
            else:
                texts += divide(part.prose, layout, name)
        elif layout == "records" or any(other.prose is not None for other in parts):
            texts += part.texts
        elif layout in {"whole", "file"}:
            texts.append("\n".join(text for text in part.texts if text.strip()))
        elif layout.startswith("mark="):
            texts += divide("\n".join(part.texts), layout, name)
        else:
            texts += [piece for text in part.texts for piece in divide(text, layout, name)]
    return ["\n\n".join(texts)] if layout == "whole" and len(texts) > 1 else texts


def _cleaned(
    texts: list[str], layout: str, name: str, options: ReadingOptions, like: Reading | None, findings: Findings
) -> tuple[list[str], bool]:
    """Return the texts as they are learned, and whether their spacing is kept; what was changed is said."""
    if options.as_written:
        return [printable(text) for text in texts], False
    if layout == "whole":
        lines = [text.split("\n") for text in texts]
        texts = ["\n".join(mended(text, damage_of(text), name, findings)) for text in lines]
    else:
        texts = mended(texts, damage_of(texts), name, findings)
    keep = keeps_spacing(texts, name, options, like, findings)
    if layout == "whole":
        return [text for text in _clean_each(texts, name, options, findings, keep=keep) if text], keep
    filled = cleaned_texts(texts, name, options, findings, keep=keep)
    return filled if options.keep_repeats else _distinct(filled, findings), keep


def cleaned_texts(
    texts: Sequence[str], name: str, options: ReadingOptions, findings: Findings, *, keep: bool
) -> list[str]:
    """Return the texts as they are learned, without empty ones, spacing kept or not; what was changed is said."""
    if options.as_written:
        return [printable(text) for text in texts]
    return _filled(_clean_each(texts, name, options, findings, keep=keep), findings)


def _clean_each(
    texts: Sequence[str], name: str, options: ReadingOptions, findings: Findings, *, keep: bool
) -> list[str]:
    cleaned = [clean_text(text, letters_only=options.letters_only, keep_spacing=keep) for text in texts]
    _tell_changes(texts, cleaned, name, findings, keep=keep, letters_only=options.letters_only)
    return cleaned


def keeps_spacing(
    texts: Sequence[str], name: str, options: ReadingOptions, like: Reading | None, findings: Findings
) -> bool:
    """Return whether the spacing of texts is kept: as asked for, as it was elsewhere, or where it matters."""
    if options.keep_spacing is not None or options.letters_only:
        return bool(options.keep_spacing)
    if like is not None and like.keeps_spacing:
        return True
    if not spacing_matters(texts):
        return False
    findings.notice(f"The blanks in {name} look like code or verse, so indentation and runs of blanks were kept.")
    return True


def _amend(
    kept: tuple[list[str], bool],
    layout: str,
    name: str,
    options: ReadingOptions,
    like: Reading | None,
    findings: Findings,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Leave out and correct what a person wants; return the numbers left out and the corrections that were made."""
    texts, keep_spacing = kept
    own = corrections_of(options.correct)
    exclude = (*options.exclude, *(like.exclude if like else ()))
    corrections = corrections_of(like.correct if like else ()) | own
    if not exclude and not corrections:
        return (), ()
    if layout == "whole":
        if options.exclude or own:
            raise CorpusError(f"{name} is one long text, of which nothing is left out by number; correct the file.")
        return (), ()

    def clean(text: str) -> str:
        if options.as_written:
            return printable(text)
        return clean_text(text, letters_only=options.letters_only, keep_spacing=keep_spacing)

    asked = (*options.exclude, *own)
    amended_texts, excluded, corrected = amended(texts, exclude, corrections, clean, name, findings, asked=asked)
    if corrected and not options.as_written:
        amended_texts = _filled(amended_texts, findings)
        amended_texts = amended_texts if options.keep_repeats else _distinct(amended_texts, findings)
    texts[:] = amended_texts
    return excluded, tuple(correction(number, corrections[number]) for number in corrected)


def _tell_changes(
    texts: Iterable[str], cleaned: Iterable[str], name: str, findings: Findings, *, keep: bool, letters_only: bool
) -> None:
    changed = [(raw, made) for raw, made in zip(texts, cleaned, strict=True) if raw is not made and raw != made]
    if not letters_only:
        findings.count(
            "repaired",
            sum(has_entities(raw) for raw, _ in changed),
            lambda texts: f"{counted(texts, 'text')} of {name} had HTML entities such as &amp;, which were decoded.",
        )
    findings.count(
        "left out",
        sum((not raw.isascii() and _hides(raw)) or (raw.isascii() and _controls(raw)) for raw, _ in changed),
        lambda texts: f"Invisible or control characters in {counted(texts, 'text')} of {name} were left out.",
    )
    if letters_only:
        findings.omit(f"Punctuation and digits of {name} were left out.")
    elif not keep:
        findings.count(
            "repaired",
            sum(is_uneven(raw) for raw, _ in changed),
            lambda texts: (
                f"Runs of blanks, tabs or blank lines in {counted(texts, 'text')} of {name} were evened out; "
                "--keep-spacing keeps them."
            ),
        )


def _hides(text: str) -> bool:
    return len(printable(text)) < len(text.replace("\r\n", "\n"))


def _controls(text: str) -> bool:
    return any(character < " " and character not in "\n\t\r\x0b\x0c" for character in text) or "\x7f" in text


def _filled(texts: list[str], findings: Findings) -> list[str]:
    filled = [text for text in texts if text]
    findings.count("left out", len(texts) - len(filled), lambda count: were_left_out(count, "empty text"))
    return filled


def _distinct(texts: list[str], findings: Findings) -> list[str]:
    seen: set[bytes] = set()
    kept: list[str] = []
    for text in texts:
        digest = hashlib.blake2b(split_key(text).encode(), digest_size=16).digest()
        if digest not in seen:
            seen.add(digest)
            kept.append(text)
    findings.count("left out", len(texts) - len(kept), tell_repeats)
    return kept
