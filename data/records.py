"""Reading the texts of JSON: an object or a string a line, or one array of them."""

from __future__ import annotations

import json
from typing import Any, cast

import pandas as pd

from .cleaning import one_line
from .faults import CorpusError
from .tables import Column, text_column


def read_records(name: str, text: str, column: str | None) -> Column:
    """Return the texts of JSON records; raises CorpusError in one sentence when there are none.

    Lines that are no JSON are left out with a notice, as long as most are.
    """
    stripped = text.strip()
    notices: list[str] = []
    rows = _array(name, stripped) if stripped.startswith("[") else None
    if rows is None:
        rows, bad, first = _lines(stripped)
        if bad * 2 >= len(rows) + bad:
            raise CorpusError(
                f"{name}: line {first:,} is not valid JSON; each line must be one JSON object or one string."
            )
        if bad:
            lines = "1 line is" if bad == 1 else f"{bad:,} lines are"
            notices.append(f"{lines} not valid JSON in {name} (the first is line {first:,}) and left out.")
    strings = [row for row in rows if isinstance(row, str)]
    objects = [cast("dict[str, Any]", row) for row in rows if isinstance(row, dict)]
    if strings and not objects:
        return Column(pd.Series(strings, dtype="str"), None, tuple(notices))
    labels = list(dict.fromkeys(key for row in objects for key, value in row.items() if isinstance(value, str)))
    if not labels:
        raise CorpusError(f"{name} has no text field; each JSON object needs one, for example 'text'.")
    frame = pd.DataFrame([[_string(row.get(label)) for label in labels] for row in objects], dtype="str")
    index = text_column(name, frame, labels, column)
    texts = frame[index]
    if strings:
        texts = pd.concat([texts, pd.Series(strings, dtype="str")])
    missing = int((texts.str.strip() == "").sum()) + len(rows) - len(objects) - len(strings)
    if missing:
        records = "1 record was" if missing == 1 else f"{missing:,} records were"
        notices.append(f"{records} left out, having no text in the field '{one_line(labels[index])}'.")
    return Column(texts[texts.str.strip() != ""], one_line(labels[index]), tuple(notices))


def _array(name: str, text: str) -> list[Any] | None:
    try:
        rows = json.loads(text, parse_int=float)
    except (ValueError, RecursionError) as error:
        if "\n[" in text:
            return None
        raise CorpusError(f"{name} is not valid JSON; it must be one array, or one JSON object a line.") from error
    return cast("list[Any]", rows)


def _lines(text: str) -> tuple[list[Any], int, int]:
    """Return what stands on the lines, how many are no JSON, and the number of the first such line."""
    rows: list[Any] = []
    bad = first = 0
    # Not `splitlines`: inside a JSON string other line separators are text.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            # Numbers are never texts, and as integers Python turns very long ones down.
            rows.append(json.loads(line, parse_int=float))
        except (ValueError, RecursionError):
            bad, first = bad + 1, first or number
    return rows, bad, first


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
