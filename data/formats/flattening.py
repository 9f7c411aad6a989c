"""Nested values of JSON as the cells of a table: fields by their path, lists of lines as one text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

DEEPEST = 6
_CONTENT = ("content", "text", "value", "message")


class Number(str):
    """A number as it is written; a text only where it is asked for."""

    __slots__ = ()


def cells(record: dict[str, Any], lists: set[str], nested: set[str]) -> dict[str, str]:
    """Return the fields of ``record`` as strings by their path.

    ``lists`` gathers the paths of those that were lists of lines, ``nested`` those of lists of records, which are no
    fields.
    """
    return dict(_walk(record, "", 0, lists, nested))


def _walk(value: Any, path: str, depth: int, lists: set[str], nested: set[str]) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, bool):
        yield path, Number("true" if value else "false")
    elif isinstance(value, dict) and depth < DEEPEST:
        for key, inner in cast("dict[str, Any]", value).items():
            yield from _walk(inner, f"{path}.{key}" if path else str(key), depth + 1, lists, nested)
    elif isinstance(value, list):
        text = list_text(cast("list[Any]", value))
        if text:
            lists.add(path)
            yield path, text
        elif any(_says_something(inner) for inner in cast("list[Any]", value)):
            nested.add(path)


def _says_something(value: Any) -> bool:
    values = cast("dict[str, Any]", value).values() if isinstance(value, dict) else ()
    return any(isinstance(inner, str) and not isinstance(inner, Number) and " " in inner for inner in values)


def list_text(values: list[Any]) -> str:
    """Return the text that a list makes: lines, the turns of a talk, a message in pieces; nothing for other lists."""
    if all(isinstance(value, str) and not isinstance(value, Number) for value in values):
        # A notebook's lines have their ends with them.
        return "".join(values) if all(value.endswith("\n") for value in values[:-1]) else "\n".join(values)
    records = [cast("dict[str, Any]", value) for value in values if isinstance(value, dict)]
    if not all(isinstance(value, str | dict) for value in values) or not records:
        return ""
    if any("role" in record or "from" in record for record in records):
        return "\n".join(text for record in records if (text := _content(record)))
    if len(records) < len(values) or all("type" in record for record in records):  # a message with links and the like
        return "".join(value if isinstance(value, str) else _content(cast("dict[str, Any]", value)) for value in values)
    return ""


def _content(record: dict[str, Any]) -> str:
    for key in _CONTENT:
        value = record.get(key)
        if isinstance(value, str) and not isinstance(value, Number):
            return value
        if isinstance(value, list):
            return list_text(cast("list[Any]", value))
    return ""
