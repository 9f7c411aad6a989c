"""The separator and the quoting that fit most rows of a table, whatever its first line looks like."""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from ..headers import is_known
from .separators import COMMON, as_one, separators_in, with_one

USUAL = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".psv": "|"}
"""The separator that an ending promises."""
_ROWS = 400
_SIMPLE = re.compile(r"[^\s,;|]{0,40}|[+-]?\d{1,12}(?:\.\d{3})*,\d{1,12}")
"""A cell that is a number, a date or a label rather than words."""
_BACKSLASHED = re.compile(r"\\(.)", re.DOTALL)
_QUOTED_LINE = re.compile(r'^"[^\n]*"[^\w\s"]\s*$', re.MULTILINE)
_DECLARED = re.compile(r"""\A"?'?sep=(.)'?"?[,;\t|]*\n""")


@dataclass(frozen=True)
class Dialect:
    """How the fields of a table are kept apart, and how well that fits its rows."""

    separator: str
    quote: str | None = '"'
    escape: str | None = None
    """The character that takes a separator's or a quotation mark's meaning away; usually a mark is doubled instead."""
    width: int = 1
    """Fields of most rows."""
    fit: float = 0.0
    """Share of the rows that have this many."""
    simple: int = 0
    """Columns of numbers, dates and labels."""
    spaced: float = 0.0
    """Share of the separators with a blank behind them: commas of prose have one."""
    score: float = 0.0

    def rows(self, lines: Iterable[str], *, strict: bool = False) -> Iterator[list[str]]:
        """Yield the fields of each row; with ``strict`` wrong quotation marks raise ``csv.Error``."""
        return csv.reader(
            with_one(lines, self.separator),
            delimiter=as_one(self.separator),
            quotechar=self.quote,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            escapechar=self.escape,
            doublequote=self.escape is None,
            skipinitialspace=self.spaced > 0.9,
            strict=strict,
        )


def declared_separator(text: str) -> tuple[str, int] | None:
    """Return the separator that a first line ``sep=;`` declares, and where that line ends."""
    found = _DECLARED.match(text)
    return None if found is None else (found[1], found.end())


def find_dialect(head: str, suffix: str = "", declared: str | None = None) -> Dialect | None:
    """Return the dialect that fits most rows of ``head``; None where no separator makes more than one column."""
    found: list[Dialect] = []
    for separator in separators_in(head) if declared is None else (declared,):
        if separator not in head:
            continue
        common = separator in COMMON or declared is not None
        least = 2 if len(separator) > 1 else 3
        """Fields of a table whose separator is no usual one."""
        escaped = _escaped(head, separator, suffix)
        if escaped is not None:
            found.append(escaped)
            continue
        usual = _tried(head, Dialect(separator), suffix)
        if usual is not None and usual.fit == 1.0 and _is_sound(head, usual):
            found += [usual] if common or usual.width >= least else []
            continue
        quotes: list[tuple[str | None, str | None]] = [('"', None)]
        if '\\"' in head or "\\" + separator in head:
            quotes.append(('"', "\\"))
        if '"' in head:
            quotes.append((None, None))
        if re.search(rf"(?m)^'|{re.escape(separator)}'", head):
            quotes.append(("'", None))
        for quote, escape in quotes:
            tried = _tried(head, Dialect(separator, quote, escape), suffix)
            if tried is not None and (common or (tried.fit > 0.97 and tried.width >= least)):
                found.append(tried)
    likely = [dialect for dialect in found if dialect.score > 0 or declared]
    return max(likely, key=lambda dialect: dialect.score, default=None)


def _escaped(head: str, separator: str, suffix: str) -> Dialect | None:
    """Return the dialect in which a backslash protects what follows, where none stands for itself and all rows fit."""
    protected = set(_BACKSLASHED.findall(head))
    signs = {'"', separator, "\n", "\v"}
    if not protected & signs or not protected <= signs | {"\\"}:
        return None
    # A mark within a field, which is doubled where a backslash protects nothing, ends it without a word.
    beside = re.escape(separator) + r"\n\v"
    if re.search(rf'(?<![{beside}])"(?![{beside}])', _BACKSLASHED.sub("", f"\n{head}\n")):
        return None
    dialect = _tried(head, Dialect(separator, escape="\\"), suffix)
    return dialect if dialect is not None and dialect.fit == 1.0 and _is_sound(head, dialect) else None


def doubles_backslashes(head: str) -> bool:
    """Return whether backslashes stand in pairs only, which may or may not mean one of them."""
    return set(_BACKSLASHED.findall(head)) == {"\\"}


def _tried(head: str, dialect: Dialect, suffix: str) -> Dialect | None:
    rows = _some_rows(head, dialect)
    torn = sum("\n" in field and len(row) != len(rows[0]) for row in rows for field in row)
    if torn:
        # A mark that is never closed runs rows together; line by line the others stay what they are.
        rows = [row for line in head.split("\n")[:_ROWS] for row in _some_rows(line, dialect)]
    if not rows:
        return None
    widths = Counter(len(row) for row in rows)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    if width == 1 and len(widths) > 1:
        # More than half of the rows may be torn; the next count then decides.
        width, count = max(((w, c) for w, c in widths.items() if w > 1), key=lambda item: (item[1], item[0]))
    if width < 2:
        return None
    fitting = [row for row in rows if len(row) == width]
    if width == 2 and _ends_lines(fitting, head):
        return None
    later = [field for row in fitting for field in row[1:] if field]
    spaced = sum(field.startswith(" ") for field in later) / max(1, len(later))
    simple = 0
    for place in range(width):
        cells = [row[place].strip() for row in fitting[1:] or fitting]
        simple += sum(_SIMPLE.fullmatch(cell) is not None for cell in cells) >= 0.95 * len(cells)
    fit = count / len(rows)
    score = fit + 0.1 * min(simple, 2) + 0.02 * min(width, 5) - _doubts(rows, dialect, spaced) - 0.1 * bool(torn)
    if dialect.separator == USUAL.get(suffix):
        score += 0.05
    if dialect.separator not in COMMON:
        score -= 0.1
    return Dialect(dialect.separator, dialect.quote, dialect.escape, width, fit, simple, spaced, score)


def _ends_lines(rows: list[list[str]], head: str) -> bool:
    """Whether a sign only ends the lines, as commas do in verse: nothing follows it, and nothing says that it might."""
    followed = any(row[1].strip() for row in rows)
    return not followed and not (rows and is_known(rows[0])) and _QUOTED_LINE.search(head) is None


def _some_rows(head: str, dialect: Dialect) -> list[list[str]]:
    with fields_of_any_length():
        try:
            rows = dialect.rows(line + "\n" for line in head.split("\n"))
            return list(islice((row for row in rows if any(field.strip() for field in row)), _ROWS))
        except csv.Error:
            return []


def _is_sound(head: str, dialect: Dialect) -> bool:
    """Whether all quotation marks are right, so that no other way of quoting is to be looked for."""
    lines = head.split("\n")
    try:
        with fields_of_any_length():
            rows = [row for row in dialect.rows((line + "\n" for line in lines[: 4 * _ROWS]), strict=True) if row]
    except csv.Error as error:
        # The sample may end within a text.
        return "unexpected end" in str(error) and len(lines) > 4 * _ROWS
    return all(len(row) == dialect.width for row in rows)


def _doubts(rows: list[list[str]], dialect: Dialect, spaced: float) -> float:
    """Return how much speaks against a dialect though its rows are regular."""
    fields = [field for row in rows for field in row]
    wrapped = sum(len(field) > 1 and field[0] == field[-1] and field[0] in "\"'" for field in fields) / len(fields)
    wrapped += sum(_is_opened(row) for row in rows) / len(rows) if dialect.quote is None else 0.0
    marks = dialect.quote is not None and dialect.escape is None
    left = sum('\\"' in field for field in fields) / len(fields) if marks else 0.0
    unusual = 0.03 * (dialect.quote != '"') + 0.01 * (dialect.escape is not None)
    return wrapped + left + unusual + (0.4 * spaced if spaced < 0.97 else 0.3)


def _is_opened(row: list[str]) -> bool:
    """Whether a quotation mark that one field begins with is closed at the end of a field of the same row."""
    opened = next((place for place, field in enumerate(row) if field.startswith('"')), None)
    return opened is not None and any(field.endswith('"') for field in row[opened:])


@contextmanager
def fields_of_any_length() -> Generator[None]:
    """Let the csv module read a field of any length."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)
