"""What a training notes, a JSON line a time, read back: damaged lines are passed over."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ...data.cleaning import printable_values

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_Record = TypeVar("_Record")

STEP_COLUMNS = ("loss", "learning_rate", "gradient_norm", "memory", "seconds", "tokens")
_STEP_KEYS = ("step", "epoch", *STEP_COLUMNS)


def parsed(text: str) -> Iterator[dict[str, Any]]:
    """Yield the lines that hold an object."""
    for line in text.splitlines():
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue  # the last line of a killed training
        if isinstance(value, dict):
            yield cast("dict[str, Any]", value)


def steps_of(lines: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the lines of steps, with numbers where numbers belong."""
    for line in lines:
        if line.get("kind") != "step" or not _is_number(line.get("step")) or not _is_number(line.get("loss")):
            continue
        yield {name: line.get(name) if _is_number(line.get(name)) else None for name in _STEP_KEYS}


def records_of(kind: type[_Record], lines: Iterable[dict[str, Any]]) -> Iterator[_Record]:
    """Yield lines as records; what a line has besides is passed over, and so is a line that is none."""
    from pydantic import ValidationError  # speaking reads no records

    adapter = adapter_of(kind)
    for line in lines:
        try:
            yield adapter.validate_python(printable_values(line))
        except (ValidationError, RecursionError):
            continue


@cache
def adapter_of(kind: type[_Record]) -> TypeAdapter[_Record]:
    """Return what checks records of a kind; making it takes a hundred times as long as using it."""
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
