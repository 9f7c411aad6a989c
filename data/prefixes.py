"""What stands in front of every text of a list and is none of it: numbers, bullets, times, marks of a quotation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_FEWEST = 10
_MOST = 0.95
"""Share of the texts that begin so where it belongs to the list."""

_ITEM = re.compile(r"\s*(\d{1,6}(?=[.)])|[-*•–])[.)]?\s+(?=\S)")
_DAY = r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d\d))"
_CLOCK = r"\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d{1,6})?(?:\s?[AaPp]\.?[Mm]\b\.?)?(?:Z|\s?[+-]\d\d:?\d\d\b)?"
_WHEN = rf"(?:{_DAY}(?:(?:,\s?|T|\s){_CLOCK})?|{_CLOCK})"
_TIME = re.compile(rf"\s*(?:\[{_WHEN}\]|\({_WHEN}\)|<{_WHEN}>|{_WHEN}(?=\s|[-–:|;,]\s))\s*(?:[-–:|;,]\s+)?(?=\S)")
_QUOTED = re.compile(r"(?:\s?>)+\s*(?=\S)")
_LABEL = re.compile(r"\s*(?:__label__\S{1,80}\s+)+(?=\S)")
"""Labels as fastText has them."""
_BEGINNINGS = {"times": _TIME, "marks of a quotation": _QUOTED, "labels": _LABEL}
"""What counts wherever it stands in front; numbers and bullets are looked at closer."""


def common_prefix(texts: Sequence[str]) -> str | None:
    """Return what stands in front of (nearly) all ``texts`` of one line: numbers, bullets, times, quotation marks."""
    if len(texts) < _FEWEST:
        return None
    if _begin(texts, _ITEM):
        return _counted(texts)
    return next((name for name, pattern in _BEGINNINGS.items() if _begin(texts, pattern)), None)


def without_prefix(text: str, name: str) -> str:
    """Return ``text`` without what :func:`common_prefix` found in front of it; texts of several lines stay."""
    return text if "\n" in text else _BEGINNINGS.get(name, _ITEM).sub("", text, count=1)


def _begin(texts: Sequence[str], pattern: re.Pattern[str]) -> bool:
    # Most texts have none of it, and a few say so.
    return all(
        sum("\n" not in text and pattern.match(text) is not None for text in some) >= _MOST * len(some) - 1
        for some in (texts[:_FEWEST], texts)
    )


def _counted(texts: Sequence[str]) -> str | None:
    marks = [item[1] for item in map(_ITEM.match, texts) if item is not None]
    numbers = [int(mark) for mark in marks if mark.isdecimal()]
    if len(numbers) == len(marks) and all(1 <= after - before <= 2 for before, after in pairwise(numbers)):
        return "numbers"
    return None if numbers or len(set(marks)) > 1 else "bullets"
