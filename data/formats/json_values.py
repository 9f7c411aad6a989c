"""JSON in all the shapes that programs write it: an array, lines, objects over several lines, columns, under a key."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, cast

import pandas as pd

from ..cleaning import one_line
from ..faults import CorpusError
from ..findings import Findings, counted
from ..headers import is_header
from ..interpretation import ReadingOptions
from .document import Document
from .flattening import Number, cells, list_text
from .nesting import listed, of_object
from .shapes import Content, Passages, Table

NAME = "JSON"
ENDINGS = (".json", ".jsonl", ".ndjson", ".jsonc")

# Possessive: a choice that could be taken back is kept in memory for each character of a long string.
_LINE_STRING = r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"'
_BEGINS = re.compile(rf"\s*(?:\[\s*(?:[\[{{\"\]\-\d]|true|false|null)|\{{\s*[\"}}])|\s*{_LINE_STRING}\s*(?:\n|$)")
_STRING = r'("[^"\\]*+(?:\\.[^"\\]*+)*+")'
_COMMENT = re.compile(_STRING + r"|//[^\n]*|/\*.*?\*/", re.DOTALL)
_STRAY_COMMA = re.compile(_STRING + r"|,(?=\s*[\]}])")
_COMMENTS = re.compile(r"\A(?:\s*(?://[^\n]*\n|/\*.*?\*/))+", re.DOTALL)
_STRINGS, _COLUMN = 0.8, 0.55
"""How sure lines of strings are JSON; below a name they are rather a table's only column, all of it quoted."""
_DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=lambda _: None)
_Records = list[Any]


def certainty(document: Document) -> float:
    """Return how sure it is that the file is JSON: its ending says so, or its first value can be read."""
    start = _COMMENTS.sub("", document.head).lstrip()
    begins = _BEGINS.match(start) is not None
    if document.suffix in ENDINGS:
        # A wrong ending is told by what the file begins with.
        return 0.9 if begins or start[:1] in {"[", "{", '"'} or _is_scalar(document) else 0.0
    if not begins:
        return 0.0
    try:
        value, _ = _DECODER.raw_decode(start)
    except (ValueError, RecursionError):
        # Of a long array only the beginning is here.
        return 0.85 if re.match(rf"[\[{{]\s*[{{\[]?\s*{_STRING}\s*[:,]", start) and len(start) > 1000 else 0.0
    return 0.9 if isinstance(value, dict | list) and value else _of_strings(document)


def read(document: Document, options: ReadingOptions) -> Content:
    """Return records as a table, or strings as passages.

    Raises:
        CorpusError: there is no text in it, in one sentence.
    """
    del options
    name, findings = document.name, document.findings
    records = _records(name, document.text, findings)
    strings = [row for row in records if isinstance(row, str) and not isinstance(row, Number)]
    lines = [text for row in records if isinstance(row, list) and (text := list_text(cast("list[Any]", row)))]
    objects = [cast("dict[str, Any]", row) for row in records if isinstance(row, dict)]
    if lines and not objects:
        findings.notice(f"Each list in {name} was read as the lines of one text.")
    if not objects:
        if not lines and _is_named(document, strings):
            findings.omit(
                f"The first line of {name}, '{one_line(strings[0])[:40]}', names its column and was left out."
            )
            strings = strings[1:]
        texts = strings + lines
        if not texts:
            raise CorpusError(f"{name} has no text field; each JSON object needs one, for example 'text'.")
        _tell_lost(name, len(records) - len(texts), "is no text", findings)
        return Passages(texts)
    return _table(name, objects, strings + lines, len(records) - len(objects) - len(strings) - len(lines), findings)


def _is_scalar(document: Document) -> bool:
    try:
        json.loads(document.head)
    except (ValueError, RecursionError):
        return False
    return True


def _of_strings(document: Document) -> float:
    head = document.lines[:50]
    if len(head) < 2 or not all(line.startswith('"') and line.endswith('"') for line in head):
        return 0.0
    return _COLUMN if _is_named(document, [line.strip('"') for line in head]) else _STRINGS


def _is_named(document: Document, strings: Sequence[str]) -> bool:
    """Whether lines of strings have the name of their column above them, as tables have it."""
    return document.suffix not in ENDINGS and is_header(strings[:1], [[text] for text in strings[1:]])


def _table(name: str, objects: list[dict[str, Any]], texts: list[str], lost: int, findings: Findings) -> Content:
    lists: set[str] = set()
    nested: set[str] = set()
    rows = [cells(record, lists, nested) for record in objects]
    if nested:
        listed_paths = ", ".join(f"'{one_line(path)[:60]}'" for path in sorted(nested)[:8])
        findings.omit(f"The lists of records in {listed_paths} of {name} were left out.")
    written = {key for row in rows for key, value in row.items() if not isinstance(value, Number)}
    if not written:
        raise CorpusError(f"{name} has no text field; each JSON object needs one, for example 'text'.")
    labels = list(dict.fromkeys(key for row in rows for key in row))
    # As objects: pandas' own strings are made of them in one go, for which the screen would wait.
    frame = pd.DataFrame(
        {place: [str(row.get(label, "")) for row in rows] for place, label in enumerate(labels)}, dtype="object"
    )
    _tell_lost(name, lost, "is no object", findings)

    def load(places: Sequence[int], main: int) -> pd.DataFrame:
        if not texts:
            return frame[list(places)]
        extra = pd.DataFrame({place: texts if place == main else [""] * len(texts) for place in places}, dtype="object")
        return pd.concat([frame[list(places)], extra], ignore_index=True)

    def piece(text: str, places: Sequence[int], main: int) -> pd.DataFrame:
        records, bad, _ = _lines(text)
        findings.count("left out", bad, lambda lines: f"{counted(lines, 'line')} of {name} not valid JSON left out.")
        rows = [cells(cast("dict[str, Any]", row), set(), set()) for row in records if isinstance(row, dict)]
        rows += [{labels[main]: row} for row in records if isinstance(row, str) and not isinstance(row, Number)]
        _tell_lost(name, len(records) - len(rows), "is no object", findings)
        return pd.DataFrame(
            {place: [str(row.get(labels[place], "")) for row in rows] for place in places}, dtype="object"
        )

    return Table(labels, frame, load, records=True, joined_lists=frozenset(lists), piece=piece)


def _tell_lost(name: str, lost: int, why: str, findings: Findings) -> None:
    findings.count(
        "left out",
        lost,
        lambda lost: (
            f"{counted(lost, 'value')} of {name} {'was' if lost == 1 else 'were'} left out, as "
            f"{'it' if lost == 1 else 'each'} {why}."
        ),
    )


def _records(name: str, text: str, findings: Findings) -> _Records:
    stripped = text.strip()
    try:
        value = _DECODER.decode(stripped)
    except (ValueError, RecursionError):
        try:
            value = _DECODER.decode(_STRAY_COMMA.sub(_kept, _COMMENT.sub(_kept, stripped)))
        except (ValueError, RecursionError):
            return _loose_records(name, stripped, findings)
        findings.omit(f"Comments and surplus commas of {name}, which JSON does not have, were left out.")
    if isinstance(value, list):
        return listed(cast("list[Any]", value))
    if not isinstance(value, dict):
        raise CorpusError(f"{name} holds a single JSON value; it must be one array, or one JSON object a line.")
    return of_object(name, cast("dict[str, Any]", value), findings)


def _kept(found: re.Match[str]) -> str:
    return found[1] or ""


def _loose_records(name: str, text: str, findings: Findings) -> _Records:
    """Return the values of a document that is none as a whole: one a line, or one after the other."""
    rows, bad, first = _lines(text)
    if bad:
        values, broken = _one_after_the_other(text)
        if len(values) > len(rows) and broken <= 1:
            if broken:
                findings.omit(f"The end of {name} is not valid JSON and was left out.")
            return values
    if bad * 2 >= len(rows) + bad:
        if text.startswith("["):
            values = _cut_array(text)
            if len(values) > 1:
                findings.omit(f"{name} breaks off or is damaged; the {len(values):,} values before that were read.")
                return values
            raise CorpusError(f"{name} is not valid JSON; it must be one array, or one JSON object a line.")
        raise CorpusError(f"{name}: line {first:,} is not valid JSON; each line must be one JSON object or one string.")
    if bad:
        lines = "1 line is" if bad == 1 else f"{bad:,} lines are"
        findings.omit(f"{lines} not valid JSON in {name} (the first is line {first:,}) and left out.")
    return rows


def _lines(text: str) -> tuple[_Records, int, int]:
    """Return what stands on the lines, how many are no JSON, and the number of the first such line."""
    rows: _Records = []
    bad = first = 0
    # Not `splitlines`: inside a JSON string other line separators are text.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            # Numbers are kept as they are written: as integers Python turns very long ones down.
            rows.append(_DECODER.decode(line))
        except (ValueError, RecursionError):
            bad, first = bad + 1, first or number
    return rows, bad, first


_GAP = re.compile(r"[\s,\x1e]*")


def _one_after_the_other(text: str) -> tuple[_Records, int]:
    """Return the values that stand one after the other, and 1 where something else follows them."""
    values: _Records = []
    place = _end_of_gap(text, 0)
    while place < len(text):
        try:
            value, place = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):
            return values, 1
        values.append(value)
        place = _end_of_gap(text, place)
    return values, 0


def _cut_array(text: str) -> _Records:
    """Return the values of an array that breaks off."""
    return _one_after_the_other(text[1:])[0]


def _end_of_gap(text: str, place: int) -> int:
    found = _GAP.match(text, place)
    return place if found is None else found.end()
