"""Dumps of databases: the rows that ``INSERT INTO`` and PostgreSQL's ``COPY`` put into their largest table."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from ..cleaning import one_line
from ..faults import CorpusError
from ..findings import counted
from ..interpretation import ReadingOptions
from .document import Document
from .shapes import Content, Table

NAME = "SQL dump"
ENDINGS = (".sql",)

_FLAGS = re.DOTALL | re.IGNORECASE
_NAME = r"[`\"\[]?([\w$]{1,128}+)[`\"\]]?"
_TABLE = rf"(?:[`\"\[]?\w{{1,128}}+[`\"\]]?\.)?{_NAME}"
_COLUMNS = r"\(([^()]{1,10000})\)"
_INSERT = re.compile(
    rf"\b(?:INSERT|REPLACE)\s+(?:IGNORE\s+|OR\s+\w+\s+)?INTO\s+{_TABLE}\s*(?:{_COLUMNS}\s*)?VALUES\s*", re.IGNORECASE
)
_COPY = re.compile(rf"^COPY\s+{_TABLE}\s*(?:{_COLUMNS})?\s+FROM\s+stdin[^;\n]*;\n(.*?)^\\\.$", _FLAGS | re.MULTILINE)
_CREATE = re.compile(rf"\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_TABLE}\s*\(([^;]{{1,20000}})", _FLAGS)
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_COLUMN = re.compile(
    r"^\s*(?!(?:PRIMARY|FOREIGN|UNIQUE|KEY|INDEX|CONSTRAINT|FULLTEXT|CHECK)\b)[`\"\[]?(\w+)", re.IGNORECASE
)
_BEGINNING = re.compile(
    r"\s*(?:--[^\n]*\n|/\*|(?:CREATE|INSERT|REPLACE|BEGIN|START|PRAGMA|DROP|SET|USE|LOCK|COPY|TRUNCATE)\b[^,\n]*[\s(;])",
    re.IGNORECASE,
)
"""How a dump begins; a text about SQL is rarely one."""
_VALUE = re.compile(
    r"\s*(?:[NnEe]|_\w{1,20}\s?)?'((?:[^'\\]|\\.|'')*+)'(?:::\w+)?|\s*\"((?:[^\"\\]|\\.|\"\")*+)\"|\s*([^\s,()';]{1,200}+)"
    r"(?:\([^()]{0,200}\))?",
    re.DOTALL,
)
_DOUBLED = re.compile(r"''|\"\"")
_ESCAPING = re.compile(r"\\'|\bENGINE ?=|`|MySQL|MariaDB")
"""What a dump has whose strings escape by a backslash, which in others stands for itself."""
_ESCAPE = re.compile(r"\\(.)|''|\"\"", re.DOTALL)
_MEANT = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "0": "", "Z": ""}
_BETWEEN = re.compile(r"\s*,\s*\(|\s*\(")


@dataclass
class _Rows:
    """What a dump puts into one table."""

    labels: list[str] = field(default_factory=list[str])
    rows: list[list[str]] = field(default_factory=list[list[str]])


def certainty(document: Document) -> float:
    """Return how sure it is that the file is a dump: rows are put into a table."""
    head = document.head
    if "INSERT" not in head.upper() and "COPY" not in head.upper():
        return 0.9 if document.suffix in ENDINGS and "INTO" in document.text[:4_000_000].upper() else 0.0
    found = _INSERT.search(head) or _COPY.search(head)
    if found is None:
        return 0.0
    return 0.94 if document.suffix in ENDINGS or _BEGINNING.match(head) else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return the table with the most text, and say which others there are; raises CorpusError where there is none."""
    del options
    name, findings = document.name, document.findings
    text = document.text
    tables = _tables(text)
    if not tables:
        raise CorpusError(f"{name} puts no rows into a table; export the table of your texts as CSV.")
    best = max(tables, key=lambda each: _letters(tables[each].rows))
    chosen = tables[best]
    width = max(map(len, chosen.rows))
    labels = chosen.labels or _created(text, best)
    labels = labels if len(labels) == width else [str(number) for number in range(1, width + 1)]
    rows = [(row + [""] * width)[:width] for row in chosen.rows]
    frame = pd.DataFrame(rows, columns=pd.RangeIndex(width), dtype="str")
    findings.omit(
        f"All but the {counted(len(rows), 'row')} of the table '{one_line(best)[:60]}' of {name} was left out."
    )
    others = [f"'{one_line(each)[:60]}'" for each in tables if each != best]
    if others:
        findings.omit(f"{name} has other tables too, which were left out: {', '.join(others[:8])}.")

    def places_of(places: Sequence[int], main: int) -> pd.DataFrame:
        del main
        return frame[list(places)]

    return Table(labels, frame, places_of)


def _tables(text: str) -> dict[str, _Rows]:
    tables: dict[str, _Rows] = {}
    place = 0
    plain = _plain if _ESCAPING.search(text) else _undoubled
    while (insert := _INSERT.search(text, place)) is not None:
        rows, place = _values(text, insert.end(), plain)
        table = tables.setdefault(insert[1].strip(), _Rows())
        table.labels = table.labels or _split(insert[2] or "")
        table.rows += rows
    for copy in _COPY.finditer(text):
        table = tables.setdefault(copy[1].strip(), _Rows())
        table.labels = table.labels or _split(copy[2] or "")
        table.rows += [
            ["" if cell == r"\N" else _plain(cell) for cell in line.split("\t")] for line in copy[3].split("\n") if line
        ]
    return {name: table for name, table in tables.items() if table.rows}


def _values(text: str, place: int, plain: Callable[[str], str]) -> tuple[list[list[str]], int]:
    """Return the rows in brackets that follow ``place``, and where they end."""
    rows: list[list[str]] = []
    while (opened := _BETWEEN.match(text, place)) is not None:
        row: list[str] = []
        place = opened.end()
        while (value := _VALUE.match(text, place)) is not None:
            quoted = value[1] if value[1] is not None else value[2]
            bare = "" if value[3] is None or value[3].upper() == "NULL" else value[3]
            row.append(bare if quoted is None else plain(quoted))
            place = value.end()
            comma = text[place : place + 40].lstrip()[:1] == ","
            if not comma:
                break
            place = text.index(",", place) + 1
        closed = text[place : place + 40].lstrip()[:1] == ")"
        if not closed:
            return rows, place + 1
        place = text.index(")", place) + 1
        rows.append(row)
    return rows, place


def _plain(cell: str) -> str:
    return _ESCAPE.sub(lambda found: found[0][0] if found[1] is None else _MEANT.get(found[1], found[1]), cell)


def _undoubled(cell: str) -> str:
    return _DOUBLED.sub(lambda found: found[0][0], cell)


def _split(columns: str) -> list[str]:
    return [column.strip().strip('`"[]') for column in columns.split(",")] if columns else []


def _created(text: str, table: str) -> list[str]:
    """Return the names of the columns as the table was made, where that is in the dump."""
    for create in _CREATE.finditer(text):
        if create[1].strip() == table:
            written = _IN_BRACKETS.sub("", create[2]).partition(")")[0]
            return [found[1] for column in written.split(",") if (found := _COLUMN.match(column)) is not None]
    return []


def _letters(rows: Sequence[Sequence[str]]) -> int:
    return sum(len(cell) for row in rows for cell in row if " " in cell)
