"""Tables whose columns stand below each other, padded with blanks, without a separator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..findings import counted
from ..headers import is_header
from ..interpretation import ReadingOptions
from ..scripts import count_words
from . import delimited
from .document import Document
from .shapes import Content, Prose, Table

NAME = "table of equal widths"
ENDINGS = (".fwf",)

_FEWEST_ROWS = 8
_LARGEST = 64 * 1024 * 1024
_MOST_COLUMNS = 100
_GUTTER = 2
"""Blanks at the same place of all lines that part two columns."""
_FILLED = 0.7
"""Share of the lines that have something in a column."""
_WORDS = 3
_LENGTHS = 4
"""Signs by which the shortest and the longest text of a padded column differ at least."""
_SEPARATORS = (",", ";", "|")
_GAP = "  "
_APART = 0.05
"""Cells that have such gaps themselves, for each row."""


def certainty(document: Document) -> float:
    """Return how sure it is that blanks part columns: there are some at the same place of every line."""
    rows = _rows(document.head)
    if len(rows) < _FEWEST_ROWS or "\t" in document.head or len(document.data) > _LARGEST:
        return 0.0
    if 2 * sum(_GAP in row for row in rows) < len(rows):
        return 0.0
    separated = delimited.has_separator(document) or any(_part_all(rows, sign) for sign in _SEPARATORS)
    return 0.62 if len(_columns(rows)) > 1 and not separated else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return the table; lines where they are asked for, or where one further down does not keep to the columns."""
    rows = _rows(document.text)
    columns = _columns(rows)
    if len(columns) == 1 or options.layout == "lines":
        return Prose(document.text)
    cells = [[row[start:end].strip() for start, end in columns] for row in rows]
    named = is_header(cells[0], cells[1:], options.columns)
    labels = cells[0] if named else [str(place) for place in range(1, len(columns) + 1)]
    frame = pd.DataFrame(cells[named:], columns=pd.RangeIndex(len(columns)), dtype="str")
    findings, name = document.findings, document.name
    findings.notice(
        f"The {len(columns)} columns of {name}, {counted(len(frame), 'row')}, were told apart by the blanks between "
        "them; --texts lines reads whole lines instead."
    )
    if not named:
        findings.notice(f"{name} has no column names; its first row was read as a text too.")

    def places_of(places: Sequence[int], main: int) -> pd.DataFrame:
        del main
        return frame[list(places)]

    return Table(labels, frame, places_of)


def _part_all(rows: Sequence[str], sign: str) -> bool:
    """Whether a sign parts all rows equally often, the names of the columns included; in sentences a blank follows."""
    often = {row.count(sign) - row.count(f"{sign} ") for row in rows}
    return len(often) == 1 and often != {0}


def _is_padded(column: Sequence[str]) -> bool:
    """Whether a column was filled up with blanks; where all lines are alike they are texts with a gap."""
    lengths = [len(cell) for cell in column if cell]
    has_words = any(count_words(cell) >= _WORDS for cell in column)
    return len(set(column)) > 1 and (not has_words or max(lengths) - min(lengths) >= _LENGTHS)


def _rows(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").split("\n") if line.strip()]


def _columns(rows: Sequence[str]) -> list[tuple[int, int | None]]:
    """Return where the columns of ``rows`` begin and end; a single one where they are no table."""
    filled = np.zeros(max(map(len, rows)), dtype=np.bool_)
    for row in rows:
        filled[: len(row)] |= np.frombuffer(row.encode("utf-32-le", "replace"), dtype="<u4") != ord(" ")
    first = int(np.argmax(filled))
    begins = np.flatnonzero(filled[_GUTTER:] & ~filled[1:-1] & ~filled[:-_GUTTER]) + _GUTTER
    starts = [0, *(place for place in begins.tolist() if place > first + 1)]
    if len(starts) > _MOST_COLUMNS:
        return [(0, None)]
    columns = list(zip(starts, [*starts[1:], None], strict=True))
    cells = [[row[start:end].strip() for row in rows] for start, end in columns]
    full = all(sum(map(bool, column)) >= _FILLED * len(rows) for column in cells)
    texts = [column for column in cells if 2 * sum(count_words(cell) >= _WORDS for cell in column) >= len(column)]
    # Where all blanks are doubled those between words that all lines share part no columns.
    apart = sum(_GAP in cell for column in cells for cell in column)
    separated = any(
        2 * sum(cell.startswith(_SEPARATORS) or cell.endswith(_SEPARATORS) for cell in column) > len(column)
        for column in cells
    )
    padded = all(_is_padded(column) for column in cells[:-1])
    return columns if full and texts and padded and not separated and apart <= _APART * len(rows) else [(0, None)]
