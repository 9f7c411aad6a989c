"""Reading the texts of a table, CSV or TSV, and losing none of them without a word."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd

from .cleaning import one_line
from .faults import CorpusError

_TEXT_COLUMNS = ("joke", "jokes", "text", "texts", "content", "body", "sentence", "line", "quote")
_SEPARATORS = ",;\t|"
_LONGEST_RECORD = 200
"""Lines after which an open quotation mark counts as never closed."""


@dataclass(frozen=True, eq=False)
class Column:
    """The texts of one column of a table."""

    texts: pd.Series[str]
    name: str | None
    notices: tuple[str, ...] = ()


def read_table(name: str, text: str, separator: str, column: str | None) -> Column:
    """Return the column of texts; raises CorpusError in one sentence when there is none.

    Rows with too many or too few fields, unclosed quotation marks and a missing header are repaired with a notice.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    rows, notices = _well_formed(text, separator), list[str]()
    if rows is None:
        rows, unclosed = _repaired(text, separator)
        if unclosed:
            marks = f"{unclosed:,} quotation mark{'s' if unclosed > 1 else ''}"
            notices.append(f"{name} has {marks} never closed; a row was taken to end with its line there.")
    if not rows:
        raise CorpusError(f"{name} has no text in it; give it some texts, one a line.")
    header = rows[0]
    if _is_header(header, column):
        labels, rows = [label.strip() for label in header], rows[1:]
    else:
        labels = [str(number) for number in range(1, len(header) + 1)]
        if sum(len(row) != len(header) for row in rows) > len(rows) // 10:
            notices.append(f"{name} has no regular columns; each line was read as one text.")
            return Column(pd.Series(text.split("\n"), dtype="str"), None, tuple(notices))
        notices.append(f"{name} has no column names; its first line was read as a text too.")
    if not rows:
        raise CorpusError(f"{name} has column names but no rows; give it some texts.")
    regular = [row for row in rows if len(row) == len(labels)] or [_squared(row, len(labels)) for row in rows]
    index = text_column(name, pd.DataFrame(regular, columns=pd.RangeIndex(len(labels)), dtype="str"), labels, column)
    texts = [row[index] if len(row) == len(labels) else _text_of(row, len(labels), index, separator) for row in rows]
    long, short = (sum(odd) for odd in zip(*((len(r) > len(labels), len(r) <= index) for r in rows), strict=True))
    if long:
        notices.append(f"{_rows(long)} of {name} had too many fields; the surplus was kept as part of the text.")
    if short:
        notices.append(f"{_rows(short)} of {name} had too few fields; the last field was read as the text.")
    return Column(pd.Series(texts, dtype="str"), one_line(labels[index]), tuple(notices))


def separator_of(line: str, usual: str = ",") -> str:
    """Return what separates the fields of a header: the ``usual`` character where it occurs, else the commonest."""
    return usual if usual in line else max(_SEPARATORS, key=line.count) if _fields(line) else usual


def names_a_text_column(line: str) -> bool:
    """Return whether ``line`` looks like the header of a table with a column of texts."""
    cells = [cell.strip().strip('"').lower() for cell in line.split(separator_of(line))]
    return len(cells) > 1 and any(known in cells for known in _TEXT_COLUMNS)


def text_column(name: str, frame: pd.DataFrame, labels: list[str], column: str | None) -> int:
    """Return the place of the column that was asked for, has a telling name, or holds the longest texts."""
    lowered = [label.strip().lower() for label in labels]
    listed = ", ".join(one_line(label)[:40] or "(no name)" for label in labels[:12])
    if column is not None:
        wanted = column.strip().lower()
        if column in labels:
            return labels.index(column)
        if wanted in lowered:
            return lowered.index(wanted)
        raise CorpusError(f"{name} has no column '{one_line(column)}'; its columns are: {listed}.")
    for known in _TEXT_COLUMNS:
        if known in lowered:
            return lowered.index(known)
    words = [float(frame.iloc[:, place].str.count(r"\w\s+\w").mean()) for place in range(len(labels))]
    longest = max(range(len(labels)), key=lambda place: words[place])
    if words[longest] < 1 and len(labels) > 1:
        raise CorpusError(f"{name} has no column of texts (its columns are: {listed}); name one with --column.")
    return longest


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _fields(line: str) -> bool:
    return any(separator in line for separator in _SEPARATORS)


def _well_formed(text: str, separator: str) -> list[list[str]] | None:
    """Return the rows of a table whose quotation marks are all right, or None."""
    try:
        with _fields_of_any_length():
            rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator, strict=True) if row]
    except csv.Error:
        return None
    # A stray quotation mark may run rows together without breaking a rule, but it spoils their number of fields.
    torn = any(len(row) != len(rows[0]) and any("\n" in field for field in row) for row in rows)
    return None if torn else rows


def _repaired(text: str, separator: str) -> tuple[list[list[str]], int]:
    """Return the rows of a table record by record, and how many quotation marks were never closed."""
    lines = text.split("\n")
    rows: list[list[str]] = []
    unclosed = place = 0
    with _fields_of_any_length():
        while place < len(lines):
            row, length = _record(lines, place, separator, len(rows[0]) if rows else 0)
            if row is None:
                unclosed += lines[place].count('"') % 2
                row = [_unquoted(field) for field in lines[place].split(separator)]
            if any(field.strip() for field in row):
                rows.append(row)
            place += length
    return rows, unclosed


def _record(lines: list[str], place: int, separator: str, width: int) -> tuple[list[str] | None, int]:
    """Return the fields of the record that begins here and its number of lines; None where its quotes are wrong."""
    if '"' not in lines[place]:
        return lines[place].split(separator), 1
    for length in range(1, min(_LONGEST_RECORD, len(lines) - place) + 1):
        if length > 1 and '"' not in lines[place + length - 1]:
            continue
        try:
            record = (f"{line}\n" for line in lines[place : place + length])
            found = list(csv.reader(record, delimiter=separator, strict=True))
        except csv.Error as error:
            if "unexpected end" in str(error):
                continue
            break
        # A record over several lines is believed only if it has the fields of all the others.
        if len(found) == 1 and (length == 1 or len(found[0]) == width):
            return found[0], length
        break
    return None, 1


def _unquoted(field: str) -> str:
    stripped = field.strip()
    if len(stripped) > 1 and stripped.startswith('"') and stripped.endswith('"'):
        return stripped[1:-1].replace('""', '"')
    return stripped.removeprefix('"') if stripped.count('"') == 1 else field


def _is_header(cells: list[str], column: str | None) -> bool:
    lowered = [cell.strip().lower() for cell in cells]
    if column is not None and column.strip().lower() in lowered:
        return True
    if any(known in lowered for known in _TEXT_COLUMNS):
        return True
    return not any(re.fullmatch(r"[\d.]+", cell) or len(cell.split()) > 4 or len(cell) > 60 for cell in lowered)


def _squared(row: list[str], width: int) -> list[str]:
    return (row + [""] * width)[:width]


def _text_of(row: list[str], width: int, index: int, separator: str) -> str:
    while len(row) > width and not row[-1].strip():
        row = row[:-1]
    if len(row) <= index:
        return row[-1]
    return separator.join(row[index : index + 1 + max(0, len(row) - width)])


@contextmanager
def _fields_of_any_length() -> Generator[None]:
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)
