"""From one file to its texts: its format, and of a table the rows and the columns that make them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from .cleaning import one_line
from .columns import find_columns, place_of
from .conditions import Condition, parse_condition
from .faults import CorpusError
from .findings import Findings, counted
from .formats.document import Document
from .formats.registry import ENDINGS, PLAIN_TEXT, TABLE, Format, format_of, is_binary
from .formats.shapes import Content, Prose, Table
from .interpretation import ColumnFound, Reading, ReadingOptions

_WRITTEN_FOR_PROGRAMS = re.compile(r"\.(?!te?xt$|data$|dat$)[a-z][a-z0-9]{1,14}")
"""An ending that promises marks among the words."""


@dataclass(frozen=True)
class FilePart:
    """What one file gives: prose that is still to be divided, or texts that its format keeps apart."""

    format: str
    encoding: str | None
    texts: list[str]
    prose: str | None = None
    separator: str | None = None
    columns: tuple[ColumnFound, ...] = ()
    order: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    quote: str | None = None
    """What a row of a table may end its line within."""
    more: Callable[[str], list[str]] | None = None
    """The texts of a later piece of the file; None where it has no pieces of its own."""


def read_part(document: Document, options: ReadingOptions, like: Reading | None = None) -> FilePart:
    """Read one file, as it was asked for, else ``like`` another was read, else as its content suggests.

    Raises:
        CorpusError: it cannot be read, or not as it was asked for.
    """
    conditions = [parse_condition(written) for written in options.where]
    found = format_of(document)
    by_columns = bool(options.columns or conditions)
    if found is TABLE and options.layout is not None and not by_columns:
        found = PLAIN_TEXT
        document.findings.notice(f"{document.name} looks like a table, but was read as plain text, as --texts says.")
    content: Content | None = None
    if found is PLAIN_TEXT and by_columns:
        content = TABLE.read(document, options)
        found = TABLE if isinstance(content, Table) and len(content.labels) > 1 else PLAIN_TEXT
        content = content if found is TABLE else None
    if content is None:
        content = found.read(document, options)
    encoding = None if is_binary(found) else document.encoding
    if isinstance(content, Table):
        return _of_table(document, found, content, encoding, options, like, conditions)
    if by_columns:
        what = f"column '{one_line(options.columns[0])}'" if options.columns else f"condition '{conditions[0].written}'"
        kind = "plain text" if isinstance(content, Prose) else found.NAME
        raise CorpusError(f"{document.name} is {kind} without columns; leave the {what} out.")
    if isinstance(content, Prose):
        _tell_markup(document, found)
        return FilePart(PLAIN_TEXT.NAME if found is TABLE else found.NAME, encoding, [], content.text)
    return FilePart(found.NAME, encoding, list(content.texts))


def _tell_markup(document: Document, found: Format) -> None:
    """Say that what a program makes of a file is learned too, where its ending says that there may be such a thing."""
    suffix = document.suffix
    if found is PLAIN_TEXT and suffix in ENDINGS and suffix not in PLAIN_TEXT.ENDINGS:
        document.findings.notice(f"{document.name} was read as plain text, whatever its ending says.")
    elif found is PLAIN_TEXT and _WRITTEN_FOR_PROGRAMS.fullmatch(suffix):
        document.findings.notice(f"Files ending in {suffix} are read as plain text; the marks in them are learned too.")


def _of_table(
    document: Document,
    found: Format,
    table: Table,
    encoding: str | None,
    options: ReadingOptions,
    like: Reading | None,
    conditions: Sequence[Condition],
) -> FilePart:
    name, findings = document.name, document.findings
    wanted = options.columns or _remembered(name, table, like, findings)
    if not conditions and like is not None:
        conditions = [
            condition
            for condition in map(parse_condition, like.where)
            if place_of(table.labels, condition.column) is not None
        ]
    places, main, columns = find_columns(name, table.labels, table.sample, wanted, findings)
    compared = [_place(name, table, condition) for condition in conditions]
    wanted_places = list(dict.fromkeys([*places, *compared]))
    shown = [one_line(label) for label in table.labels]

    def texts_of(frame: pd.DataFrame, *, is_all: bool) -> list[str]:
        frame = _passing(frame, conditions, compared, name, findings, is_all=is_all)
        cells = [frame[place].tolist() for place in places]
        texts = cells[0] if len(cells) == 1 else [_joined(row) for row in zip(*cells, strict=True)]
        return _with_text(texts, [shown[place] for place in places], name, findings) if table.records else texts

    def more(text: str) -> list[str]:
        return [] if table.piece is None else texts_of(table.piece(text, wanted_places, main), is_all=False)

    texts = texts_of(table.rows(wanted_places, main), is_all=True)
    for place in places:
        if table.labels[place] in table.joined_lists:
            label = one_line(table.labels[place])[:40]
            findings.notice(f"The lists in '{label}' of {name} were read as the lines of one text each.")
    return FilePart(
        table.format or found.NAME,
        encoding,
        texts,
        None,
        table.separator,
        tuple(columns),
        tuple(shown[place] for place in places),
        tuple(condition.written for condition in conditions),
        table.quote,
        None if table.piece is None else more,
    )


def _with_text(texts: list[str], fields: Sequence[str], name: str, findings: Findings) -> list[str]:
    filled = [text for text in texts if text.strip()]
    missing = len(texts) - len(filled)
    findings.count(
        "left out",
        missing,
        lambda count: (
            f"{counted(count, 'record')} of {name} {'was' if count == 1 else 'were'} left out, having no text in "
            f"'{' + '.join(fields)[:60]}'."
        ),
    )
    return filled


def _remembered(name: str, table: Table, like: Reading | None, findings: Findings) -> tuple[str, ...]:
    """Return the columns of another reading where this table has them too."""
    if like is None or not like.order:
        return ()
    shown = [one_line(label) for label in table.labels]
    missing = [label for label in like.order if place_of(shown, label) is None]
    if missing:
        findings.notice(f"{name} has no column '{missing[0][:40]}' like the texts of the run, so its own were chosen.")
        return ()
    return tuple(table.labels[place_of(shown, label) or 0] for label in like.order)


def _place(name: str, table: Table, condition: Condition) -> int:
    place = place_of(table.labels, condition.column)
    if place is None:
        listed = ", ".join(one_line(label)[:40] or "(no name)" for label in table.labels[:12])
        raise CorpusError(
            f"{name} has no column '{one_line(condition.column)[:80]}' to compare; its columns are: {listed}."
        )
    return place


def _passing(
    frame: pd.DataFrame,
    conditions: Sequence[Condition],
    compared: Sequence[int],
    name: str,
    findings: Findings,
    *,
    is_all: bool,
) -> pd.DataFrame:
    for condition, place in zip(conditions, compared, strict=True):
        passed = pd.Series(condition.passed(frame[place]), index=frame.index, dtype=bool)
        failed = int((~passed).sum())
        if is_all and failed == len(frame):
            raise CorpusError(f"No row of {name} has {condition.written}; compare with another value.")
        findings.count("left out", failed, _failing(condition, name))
        frame = frame[passed]
    return frame


def _failing(condition: Condition, name: str) -> Callable[[int], str]:
    return lambda rows: (
        f"{counted(rows, 'row')} of {name} {'was' if rows == 1 else 'were'} left out, not having {condition.written}."
    )


def _joined(row: Sequence[str]) -> str:
    return " ".join(cell.strip() for cell in row if cell.strip())
