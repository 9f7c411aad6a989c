"""The table of a web page, where that is what the page is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ..findings import counted
from ..headers import is_header
from ..interpretation import ReadingOptions
from .document import Document
from .shapes import Table

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_FEWEST_ROWS = 3
_MOST_OF_IT = 0.6
"""Share of the letters of a page that its table has where the rest is about it."""


def page_table(page: LexborHTMLParser, document: Document, options: ReadingOptions) -> Table | None:
    """Return the largest table of a page, cell by cell, or None where it has none that matters."""
    tables = [_rows(node) for node in page.css("table") if node.css_first("table table") is None]
    rows = max(tables, key=_letters, default=list[list[str]]())
    width = max(map(len, rows), default=0)
    body = "" if page.body is None else page.body.text()
    if len(rows) < _FEWEST_ROWS or width < 2 or _letters(rows) < _MOST_OF_IT * len("".join(body.split())):
        return None
    rows = [row + [""] * (width - len(row)) for row in rows]
    named = is_header(rows[0], rows[1:], options.columns)
    labels = rows[0] if named else [str(place) for place in range(1, width + 1)]
    frame = pd.DataFrame(rows[named:], columns=pd.RangeIndex(width), dtype="str")
    findings, name = document.findings, document.name
    findings.repair(f"The table of {name} was read, {counted(len(frame), 'row')}; what stands around it was left out.")
    if not named:
        findings.notice(f"The table of {name} has no column names; its first row was read as a text too.")

    def places_of(places: Sequence[int], main: int) -> pd.DataFrame:
        del main
        return frame[list(places)]

    return Table(labels, frame, places_of)


def _rows(table: LexborNode) -> list[list[str]]:
    rows = [[" ".join(cell.text(separator=" ").split()) for cell in row.css("td, th")] for row in table.css("tr")]
    return [row for row in rows if any(row)]


def _letters(rows: Sequence[Sequence[str]]) -> int:
    return sum(len("".join(cell.split())) for row in rows for cell in row)
