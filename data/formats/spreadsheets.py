"""Parquet files and Excel workbooks, by pandas and the libraries of the extra ``tables``."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pandas as pd

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


def certainty(document: Document) -> float:
    """Return how sure it is that the file is Parquet or a workbook; its text is not looked at."""
    if document.data.startswith(_PARQUET) and document.data.endswith(_PARQUET):
        return 1.0
    return 1.0 if document.data.startswith(_ZIP) and b"xl/workbook" in document.data else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return the table, of a workbook the first sheet that is filled.

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
    table = pd.DataFrame(
        {place: [_cell(value) for value in frame.iloc[:, place].tolist()] for place in range(len(labels))}, dtype="str"
    )

    def rows(places: Sequence[int], main: int) -> pd.DataFrame:
        del main
        return table[list(places)]

    return Table(labels, table, rows, format="Parquet" if is_parquet else "Excel")


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
    filled = {name: sheet for name, sheet in sheets.items() if sheet.size}
    if not filled:
        return pd.DataFrame()
    name, sheet = next(iter(filled.items()))
    if len(filled) > 1:
        others = counted(len(filled) - 1, "other sheet")
        document.findings.omit(f"Only the sheet '{name}' of {document.name} was read; {others} left out.")
    rows = [[_cell(value) for value in row] for row in sheet.to_numpy().tolist()]
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    titles = next((place for place, row in enumerate(rows[:20]) if sum(map(bool, row)) >= min(2, len(row))), 0)
    if is_header(rows[titles], rows[titles + 1 :], wanted):
        if titles:
            document.findings.omit(
                f"The first {counted(titles, 'row')} of {document.name}, above the names, were left out."
            )
        return pd.DataFrame(rows[titles + 1 :], columns=rows[titles])
    document.findings.notice(f"{document.name} has no column names; its first row was read as a text too.")
    return pd.DataFrame(rows, columns=[str(place + 1) for place in range(len(rows[0]))])


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, np.ndarray):
        value = cast("Any", value).tolist()
    if isinstance(value, list):
        return list_text(cast("list[Any]", value))
    return "" if pd.isna(value) else Number(value)
