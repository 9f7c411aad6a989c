"""Tables of fields with a character between them, CSV and TSV in all dialects; no text is lost without a word."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice

import pandas as pd

from ..faults import CorpusError
from ..findings import counted
from ..headers import is_header, is_known
from ..interpretation import ReadingOptions, separator_words
from ..telling import TELLING
from .dialects import (
    USUAL,
    Dialect,
    declared_separator,
    doubles_backslashes,
    fields_of_any_length,
    find_dialect,
)
from .document import Document, lines_of
from .mending import fitted_row, mended, squared
from .separators import COMMON
from .shapes import Content, Prose, Table

NAME = "table"
ENDINGS = tuple(USUAL)

_MOST_TITLES = 20
_REGULAR = 0.9
_RULE = re.compile(r":?-{2,}:?")
_RULED = frozenset({"", " ", ":", "-"})
"""What the first field of such a row begins with."""
_HALF = 0.5
_NEARLY_ALL = 0.97


def certainty(document: Document) -> float:
    """Return how sure it is that the file is a table."""
    lines = document.lines
    if not lines:
        return 0.0
    if declared_separator(document.head.lstrip("\n")) is not None:
        return 0.95
    return 0.6 if document.suffix in USUAL else has_separator(document)


def has_separator(document: Document) -> float:
    """Return how sure it is that a separator parts columns, whatever the ending of the file says."""
    lines = document.lines
    dialect = find_dialect(document.head)
    if dialect is None or len(lines) < 2:
        return 0.0
    first = next(iter(_parsed(lines[0], dialect)), list[str]())
    named = len(first) > 1 and any(cell.strip().strip("\"'").lower() in TELLING for cell in first)
    if dialect.separator in COMMON:
        regular = dialect.fit >= _REGULAR and dialect.spaced < 0.5
        told = dialect.simple > 0 or dialect.separator == "\t"
        return 0.55 if named else 0.5 if regular and told and len(lines) > 2 else 0.0
    # A colon parts hours and minutes too.
    told = dialect.fit == 1.0 and dialect.simple > 0 and dialect.separator not in ": "
    return 0.5 if (told or (named and dialect.fit > _NEARLY_ALL)) and len(lines) > 2 else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return the table, or prose where there are no regular columns; raises CorpusError when there is nothing."""
    return _Reader(document, options).content()


def read_parted(document: Document, options: ReadingOptions, separator: str) -> Content:
    """Return a table whose separator and names of columns are known."""
    return _Reader(document, options, separator).content(has_header=True)


class _TornError(Exception):
    """The quotation marks of a table are wrong somewhere."""


class _Reader:
    """One file on its way to a table."""

    def __init__(self, document: Document, options: ReadingOptions, separator: str | None = None) -> None:
        self.document = document
        self.name = document.name
        self.findings = document.findings
        self.wanted = options.columns
        self.head = document.head.lstrip("\n")
        self.declared = None if separator is not None else declared_separator(self.head)
        if self.declared is not None:
            separator, end = self.declared
            self.head = self.head[end:]
        self.dialect = self._dialect(separator)
        self.header: list[str] | None = None
        self.title_rows = 0
        self.labels: list[str] = []

    def content(self, *, has_header: bool = False) -> Content:
        """Find the names of the columns and some rows to judge them by."""
        rows = _parsed(self.head, self.dialect)
        if not rows:
            raise CorpusError(f"{self.name} has no text in it; give it some texts, one a line.")
        unnamed = ["", *rows[0]]
        if len(rows) > 2 and all(len(row) == len(unnamed) for row in rows[1:]) and is_known(rows[0]):
            rows[0] = unnamed  # as R writes it: the numbers of the rows have no name
        titles = _title_rows(rows, self.dialect, self.wanted)
        header, below = rows[titles], rows[titles + 1 :]
        if has_header or is_header(header, below, self.wanted) or (len(header) == 1 and _bare_among_quoted(self.head)):
            self.title_rows, self.header = titles, header
            self.labels = [label.strip() for label in header]
            rows = [row for row in below if not _is_rule(row)]
        else:
            width = self.dialect.width if self.dialect.width > 1 else len(rows[0])
            irregular = sum(len(row) != width for row in rows)
            if irregular > len(rows) // 10 and not self.wanted:
                self.findings.notice(f"{self.name} has no regular columns; each line was read as one text.")
                return Prose(self.document.text)
            if self._is_prose():
                mark = separator_words(self.dialect.separator)
                self.findings.notice(
                    f"{self.name} has no column names, and its {mark} stand in sentences; "
                    "each line was read as one text."
                )
                return Prose(self.document.text)
            self.labels = [str(number) for number in range(1, width + 1)]
            self.findings.notice(f"{self.name} has no column names; its first line was read as a text too.")
        if not rows:
            raise CorpusError(f"{self.name} has column names but no rows; give it some texts.")
        self._tell()
        width = len(self.labels)
        sample = [row for row in rows if len(row) == width] or [squared(row, width) for row in rows]
        if self.document.middle:
            sample += [row for row in _parsed(self.document.middle, self.dialect) if len(row) == width]
        frame = pd.DataFrame(sample, columns=pd.RangeIndex(width), dtype="str")
        separator = self.dialect.separator if width > 1 else None
        return Table(self.labels, frame, self.rows, separator, quote=self.dialect.quote, piece=self.piece)

    def _is_prose(self) -> bool:
        """Whether what parts the fields is punctuation: a blank follows it everywhere, and words follow that."""
        chosen = self.wanted or self.declared is not None or self.dialect.separator not in ",;"
        return not chosen and self.dialect.spaced > _NEARLY_ALL and not self.dialect.simple

    def rows(self, places: Sequence[int], main: int) -> pd.DataFrame:
        """Read the columns at ``places``; what a row has too much stays with the column ``main``."""
        return self._read(self._lines, places, main, self.title_rows + (self.header is not None))

    def piece(self, text: str, places: Sequence[int], main: int) -> pd.DataFrame:
        """Read the same of a later piece of the file, which has no names of columns above it."""
        return self._read(lambda: lines_of(text.strip("\n")), places, main, 0)

    def _read(self, lines: Callable[[], Iterator[str]], places: Sequence[int], main: int, above: int) -> pd.DataFrame:
        with suppress(csv.Error, _TornError):
            return self._gathered(self._sound_rows(lines(), above), places, main, above)
        return self._gathered(self._repaired_rows(lines()), places, main, above)

    def _repaired_rows(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """Yield the rows record by record, and say how many quotation marks were never closed."""
        unclosed = 0
        for row, open_marks in mended(list(lines), self.dialect, len(self.labels)):
            unclosed += open_marks
            if any(field.strip() for field in row):
                yield row
        self.findings.count(
            "repaired",
            unclosed,
            lambda marks: (
                f"{self.name} has {counted(marks, 'quotation mark')} never closed; a row was taken to end with its "
                "line there."
            ),
        )

    def _dialect(self, separator: str | None) -> Dialect:
        usual = USUAL.get(self.document.suffix)
        found = find_dialect(self.head, self.document.suffix, separator)
        first = self.head.split("\n", 1)[0]
        if separator is None and usual is not None and usual in first and (found is None or found.fit < _HALF):
            return Dialect(usual, width=first.count(usual) + 1)
        return found or Dialect(separator or usual or ",")

    def _tell(self) -> None:
        """Say what was passed over and what is unusual."""
        findings, name = self.findings, self.name
        if self.declared is not None:
            findings.omit(f"The first line of {name} names the separator; it was left out.")
        if self.title_rows:
            rows = counted(self.title_rows, "row")
            findings.omit(f"What stands above the names of the columns of {name} ({rows}) was left out.")
        if self.dialect.escape is not None:
            findings.notice(f"In {name} a backslash was read as what protects the character after it.")
        elif doubles_backslashes(self.head):
            findings.notice(f"The backslashes in {name} stand in pairs; both of each were kept.")
        usual = USUAL.get(self.document.suffix)
        odd = self.dialect.separator not in COMMON or usual not in {None, self.dialect.separator}
        if self.declared is None and odd and len(self.labels) > 1:
            findings.notice(f"The fields of {name} were parted at {separator_words(self.dialect.separator)}.")

    def _lines(self) -> Iterator[str]:
        yield from islice(self.document.ended_lines(), int(self.declared is not None), None)

    def _sound_rows(self, lines: Iterable[str], above: int) -> Iterator[list[str]]:
        """Yield the rows of a table whose quotation marks are right, and raise where they are wrong."""
        width = len(self.labels)
        for place, row in enumerate(self.dialect.rows(lines, strict=True)):
            # A stray quotation mark may run rows together without breaking a rule, but spoils their number of fields.
            if len(row) != width and place >= min(above, self.title_rows) and any("\n" in field for field in row):
                raise _TornError
            if row:
                yield row

    def _gathered(self, rows: Iterable[list[str]], places: Sequence[int], main: int, above: int) -> pd.DataFrame:
        width, longest, findings = len(self.labels), max([*places, main]), self.findings
        columns: list[list[str]] = [[] for _ in places]
        long = short = repeated = rules = 0
        with fields_of_any_length():
            for row in islice(rows, above, None):
                if row == self.header:
                    repeated += 1
                    continue
                if self.header is not None and row[0][:1] in _RULED and _is_rule(row):
                    rules += 1
                    continue
                fitted = row
                if len(row) != width:
                    long += len(row) > width
                    short += len(row) <= longest
                    fitted = fitted_row(row, width, main, self.dialect.separator)
                for column, place in zip(columns, places, strict=True):
                    column.append(fitted[place])
        of_name = f"of {self.name}"
        findings.count(
            "repaired",
            long,
            lambda rows: (
                f"{counted(rows, 'row')} {of_name} had too many fields; the surplus was kept as part of the text."
            ),
        )
        findings.count(
            "repaired",
            short,
            lambda rows: f"{counted(rows, 'row')} {of_name} had too few fields; the last field was read as the text.",
        )
        if rules:
            findings.omit(f"The line of dashes among the rows {of_name} was left out.")
        findings.count(
            "left out",
            repeated,
            lambda times: (
                f"The names of the columns stood {counted(times, 'more time')} among the rows {of_name} and were left "
                "out."
            ),
        )
        return pd.DataFrame(dict(zip(places, columns, strict=True)), dtype="object")


def _parsed(head: str, dialect: Dialect) -> list[list[str]]:
    """Return the rows of a sample, however its quotation marks are."""
    lines = head.strip("\n").split("\n")
    try:
        with fields_of_any_length():
            rows = [row for row in dialect.rows((line + "\n" for line in lines), strict=True) if row]
    except csv.Error:
        rows = None
    if rows is None or any(len(row) != len(rows[0]) and any("\n" in field for field in row) for row in rows):
        with fields_of_any_length():
            repaired = mended([line + "\n" for line in lines], dialect, dialect.width)
            rows = [row for row, _ in repaired if any(field.strip() for field in row)]
    return rows


def _title_rows(rows: Sequence[Sequence[str]], dialect: Dialect, wanted: Sequence[str]) -> int:
    """Return how many rows stand above the names of the columns, or above the first row that is filled."""
    if dialect.width < 2:
        return 0
    wide = [place for place, row in enumerate(rows[:_MOST_TITLES]) if len(row) >= dialect.width]
    filled = next((place for place in wide if sum(bool(field.strip()) for field in rows[place]) >= 2), 0)
    if is_header(rows[filled], rows[filled + 1 :], wanted):
        return filled
    # Names of which only one is filled, as of an export whose first column counts.
    return next((place for place in wide if place < filled and is_known(rows[place])), filled)


def _is_rule(row: Sequence[str]) -> bool:
    """Whether a row is the line of dashes below the names of a table in Markdown."""
    filled = [field.strip() for field in row if field.strip()]
    return bool(filled) and all(_RULE.fullmatch(field) for field in filled)


def _bare_among_quoted(head: str) -> bool:
    """Whether only the first line goes without quotation marks: then it is the name of the column."""
    lines = [line for line in head.split("\n") if line.strip()]
    return len(lines) > 1 and not lines[0].startswith('"') and all(line.startswith('"') for line in lines[1:])
