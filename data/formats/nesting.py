"""Where in a JSON document its records stand: in an array, column by column, under a key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from ..cleaning import one_line
from ..findings import Findings
from ..scripts import count_words
from .flattening import DEEPEST, Number

_MANY_KEYS = 20
_WORDS = 3
"""Words by which the name of a value is a text itself."""


def listed(values: list[Any]) -> list[Any]:
    """Return the records of an array, which may be rows of cells below a row of names."""
    rows = [cast("list[Any]", value) for value in values if isinstance(value, list)]
    if len(rows) < 2 or len(rows) < len(values):
        return values
    width = len(rows[0])
    square = width > 1 and all(len(row) == width for row in rows)
    names = all(isinstance(cell, str) and not isinstance(cell, Number) and len(cell) < 40 for cell in rows[0])
    if not square or not any(is_number(cell) for row in rows[1:] for cell in row):
        return values
    labels = [str(cell) for cell in rows[0]] if names else [str(number) for number in range(1, width + 1)]
    return [dict(zip(labels, row, strict=True)) for row in rows[names:]]


def is_number(cell: object) -> bool:
    """Return whether a value is no text."""
    return not isinstance(cell, str) or isinstance(cell, Number)


def of_object(name: str, value: dict[str, Any], findings: Findings) -> list[Any]:
    """Return the records of a document that is a single object."""
    values = list(value.values())
    if (
        "columns" in value
        and "data" in value
        and isinstance(value["columns"], list)
        and isinstance(value["data"], list)
    ):
        labels = [str(label) for label in cast("list[Any]", value["columns"])]
        rows = [cast("list[Any]", row) for row in cast("list[Any]", value["data"]) if isinstance(row, list)]
        return [dict(zip(labels, row, strict=False)) for row in rows]
    if "schema" in value and isinstance(value.get("data"), list):
        return listed(cast("list[Any]", value["data"]))
    columns = _columns(value)
    if columns is not None:
        return columns
    if len(values) > 1 and _are_alike(values):
        return values
    lists = list(_lists(value))
    beside = len(values) > 1 and all(isinstance(inner, list) for inner in values)
    if beside and not any(isinstance(text, dict) for _, found in lists for text in found):
        findings.notice(f"The lists {_paths(lists)} of {name} were read one after the other.")
        return [text for _, found in lists for text in found]
    path, found = max(lists, key=lambda each: len(each[1]), default=("", list[Any]()))
    if len(found) > 1:
        findings.notice(f"The texts of {name} were read from under '{one_line(path)[:60]}'.")
        others = [(where, other) for where, other in lists if where != path and len(other) > 1]
        if others:
            findings.omit(f"Other lists of {name} were left out: {_paths(others)}.")
        return listed(found)
    texts = [inner for inner in values if not is_number(inner)]
    if len(texts) == len(values) and (len(values) > _MANY_KEYS or all(key.isdecimal() for key in value)):
        if 2 * sum(count_words(key) >= _WORDS for key in value) >= len(value):
            findings.notice(f"The names of the values of {name} are texts too; each was joined with its value.")
            return [f"{key} {text}" for key, text in value.items()]
        if not all(key.isdecimal() for key in value):
            findings.omit(f"The names of the {len(values):,} values of {name} were left out.")
        return texts
    return [value]


def _columns(value: dict[str, Any]) -> list[Any] | None:
    """Return the records of a frame that was written column by column."""
    values = list(value.values())
    lists = [cast("list[Any]", inner) for inner in values if isinstance(inner, list)]
    if lists and len(lists) == len(values) and len({len(column) for column in lists}) == 1 and len(lists[0]) > 1:
        if len(lists) == 1 and any(isinstance(inner, dict) for inner in lists[0]):
            return None
        return [dict(zip(value, row, strict=True)) for row in zip(*lists, strict=True)]
    dicts = [cast("dict[str, Any]", inner) for inner in values if isinstance(inner, dict)]
    if not dicts or len(dicts) < len(values) or not all(dicts):
        return None
    keys = list(dicts[0])
    numbered = all(key.isdecimal() for inner in dicts for key in inner) and not all(key.isdecimal() for key in value)
    if not numbered or any(isinstance(cell, dict) for cell in dicts[0].values()):
        return None
    keys = list(dict.fromkeys(key for inner in dicts for key in inner))
    return [{label: inner.get(key) for label, inner in zip(value, dicts, strict=True)} for key in keys]


def _are_alike(values: Sequence[Any]) -> bool:
    """Whether all are objects that have a field in common."""
    if not all(isinstance(inner, dict) for inner in values):
        return False
    return bool(set[str].intersection(*(set(cast("dict[str, Any]", inner)) for inner in values)))


def _paths(lists: Sequence[tuple[str, list[Any]]]) -> str:
    return ", ".join(f"'{one_line(path)[:60]}'" for path, _ in lists[:8])


def _lists(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, list[Any]]]:
    """Yield the lists of objects or strings that stand in nested objects, and where."""
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        found = cast("list[Any]", value)
        filled: list[Any] = [
            inner for inner in found if isinstance(inner, dict | str) and not isinstance(inner, Number)
        ]
        if filled:
            yield path, filled
        for inner in found[:100]:
            if isinstance(inner, list):
                yield from _lists(cast("Any", inner), path, depth + 1)
    elif isinstance(value, dict):
        for key, inner in cast("dict[str, Any]", value).items():
            yield from _lists(inner, f"{path}.{key}" if path else str(key), depth + 1)
