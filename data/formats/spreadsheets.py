"""Parquet files and Excel workbooks, by pandas and the libraries of the extra ``tables``."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from ..cleaning import one_line
from ..columns import place_of
from ..faults import CorpusError
from ..findings import counted
from ..headers import is_header
from ..interpretation import ReadingOptions
from .document import Document
from .flattening import Number, list_text
from .shapes import Content, Table

NAME = "spreadsheet"
ENDINGS = (".parquet", ".xlsx", ".xlsm")

_PARQUET = b"PAR1"
_ZIP = b"PK\x03\x04"
_LARGEST_SHEET = 256 * 1024 * 1024
_EXTRA = "pip install 'jokegen[tables]'"


@dataclass(frozen=True)
class _Grid:
    """The rows of one sheet, what its columns are called, and how many rows stand above that."""

    name: str
    labels: tuple[str, ...]
    rows: list[list[str]]
    titles: int
    is_named: bool


def certainty(document: Document) -> float:
    """Return how sure it is that the file is Parquet or a workbook; its text is not looked at."""
    if document.data.startswith(_PARQUET) and document.data.endswith(_PARQUET):
        return 1.0
    return 1.0 if document.data.startswith(_ZIP) and b"xl/workbook" in document.data else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return the table, of a workbook the sheets with the same columns that have most rows.

    Raises:
        CorpusError: a library is missing, or the file is damaged.
    """
    name = document.name
    is_parquet = document.data.startswith(_PARQUET)
    try:
        frame = _parquet(document) if is_parquet else _workbook(document, options.columns)
    except ImportError as error:
        kind = "a Parquet file" if is_parquet else "an Excel workbook"
        raise CorpusError(f"{name} is {kind}; install what reads it with {_EXTRA}, or save it as CSV.") from error
    except CorpusError:
        raise
    except Exception as error:  # the libraries raise their own kinds, and many
        raise CorpusError(
            f"{name} is damaged or not what its ending says; save it again, as CSV for example."
        ) from error
    if not len(frame.columns) or not len(frame):
        raise CorpusError(f"{name} is a table without rows; give it some texts.")
    labels = [str(label) for label in frame.columns]
    lists = {label for place, label in enumerate(labels) if _holds_lists(frame.iloc[:, place])}
    table = pd.DataFrame(
        {place: [_cell(value) for value in frame.iloc[:, place].tolist()] for place in range(len(labels))},
        dtype="object",
    )

    def rows(places: Sequence[int], main: int) -> pd.DataFrame:
        del main
        return table[list(places)]

    return Table(labels, table, rows, format="Parquet" if is_parquet else "Excel", joined_lists=frozenset(lists))


def _holds_lists(cells: pd.Series[Any]) -> bool:
    return any(isinstance(cell, np.ndarray | list) for cell in cells.iloc[:100].tolist())


def _parquet(document: Document) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(document.data))


def _workbook(document: Document, wanted: Sequence[str]) -> pd.DataFrame:
    with zipfile.ZipFile(io.BytesIO(document.data)) as archive:
        if sum(member.file_size for member in archive.infolist()) > _LARGEST_SHEET:
            raise CorpusError(f"{document.name} unpacks to more than 256 MB; save it as CSV.")
    read_excel = cast("Any", pd).read_excel
    sheets: dict[str, pd.DataFrame] = read_excel(
        io.BytesIO(document.data), sheet_name=None, header=None, dtype=object, na_filter=False
    )
    grids = [_grid(name, sheet, wanted) for name, sheet in sheets.items() if sheet.size]
    if not grids:
        return pd.DataFrame()
    kinds: dict[tuple[str, ...], list[_Grid]] = {}
    for grid in grids:
        kinds.setdefault(grid.labels, []).append(grid)
    asked = [kind for kind in kinds if wanted and all(place_of(kind, column) is not None for column in wanted)]
    labels = max(asked or kinds, key=lambda kind: sum(len(grid.rows) for grid in kinds[kind]))
    _tell(document, kinds[labels], [grid.name for grid in grids if grid.labels != labels])
    return pd.DataFrame([row for grid in kinds[labels] for row in grid.rows], columns=list(labels))


def _grid(name: str, sheet: pd.DataFrame, wanted: Sequence[str]) -> _Grid:
    rows = [[_cell(value) for value in row] for row in sheet.to_numpy().tolist()]
    rows = [row for row in rows if any(cell.strip() for cell in row)] or [[""]]
    titles = next((place for place, row in enumerate(rows[:20]) if sum(map(bool, row)) >= min(2, len(row))), 0)
    if is_header(rows[titles], rows[titles + 1 :], wanted):
        return _Grid(name, tuple(rows[titles]), rows[titles + 1 :], titles, is_named=True)
    return _Grid(name, tuple(str(place + 1) for place in range(len(rows[0]))), rows, 0, is_named=False)


def _tell(document: Document, taken: Sequence[_Grid], others: Sequence[str]) -> None:
    findings, name = document.findings, document.name
    if len(taken) > 1:
        listed = ", ".join(f"'{one_line(grid.name)[:40]}'" for grid in taken[:8])
        findings.notice(f"The sheets {listed} of {name} have the same columns and were read together.")
    if others:
        listed = ", ".join(f"'{one_line(other)[:40]}'" for other in others[:8])
        count = "sheet" if len(others) == 1 else "sheets"
        findings.omit(f"The {count} {listed} of {name} {'was' if len(others) == 1 else 'were'} left out.")
    titles = sum(grid.titles for grid in taken)
    if titles:
        findings.omit(f"What stands above the names of the columns of {name} ({counted(titles, 'row')}) was left out.")
    if not all(grid.is_named for grid in taken):
        findings.notice(f"{name} has no column names; its first row was read as a text too.")


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, np.ndarray):
        value = cast("Any", value).tolist()
    if isinstance(value, list):
        return list_text(cast("list[Any]", value))
    return "" if pd.isna(value) else Number(value)
