"""Rows of a table whose quotation marks are wrong somewhere, record by record, or that have other numbers of fields."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from .dialects import Dialect, fields_of_any_length

_LONGEST_RECORD = 200
"""Lines after which an open quotation mark counts as never closed."""


def mended(lines: list[str], dialect: Dialect, width: int) -> Iterator[tuple[list[str], int]]:
    """Yield the rows of a table record by record, and how many quotation marks of each were never closed."""
    place = 0
    while place < len(lines):
        row, length = _record(lines, place, dialect, width)
        unclosed = 0
        if row is None:
            line = lines[place].removesuffix("\n")
            unclosed = line.count('"') % 2
            row = [_unquoted(field) for field in line.split(dialect.separator)]
        yield row, unclosed
        place += length


def _record(lines: list[str], place: int, dialect: Dialect, width: int) -> tuple[list[str] | None, int]:
    """Return the fields of the record that begins here and its number of lines; None where its quotes are wrong."""
    quote = dialect.quote or '"'
    if quote not in lines[place] and dialect.escape is None:
        return lines[place].removesuffix("\n").split(dialect.separator), 1
    for length in range(1, min(_LONGEST_RECORD, len(lines) - place) + 1):
        if length > 1 and quote not in lines[place + length - 1]:
            continue
        try:
            with fields_of_any_length():
                found = list(dialect.rows(lines[place : place + length], strict=True))
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


def squared(row: list[str], width: int) -> list[str]:
    """Return a row with ``width`` fields, whatever it has."""
    return (row + [""] * width)[:width]


def fitted_row(row: list[str], width: int, main: int, separator: str) -> list[str]:
    """Return a row with the right number of fields: a surplus becomes part of the text, the last field is the text."""
    while len(row) > width and not row[-1].strip():
        row = row[:-1]
    surplus = len(row) - width
    if surplus > 0:
        return [*row[:main], separator.join(row[main : main + 1 + surplus]), *row[main + 1 + surplus :]]
    fitted = squared(row, width)
    if len(row) <= main:
        fitted[main], fitted[len(row) - 1] = row[-1], "" if len(row) - 1 != main else row[-1]
    return fitted
