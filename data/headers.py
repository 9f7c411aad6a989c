"""Whether the first row of a table names its columns or is a row like the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

from .scripts import count_words
from .telling import JOINED, TELLING

NUMBER = re.compile(r"[+\-]?[€$£¥]?[\d.,'\s]*\d[\d.,]*\s*[%€$£¥]?")
_LONGEST_NAME = 60
_MOST_WORDS = 4
_KNOWN = set(TELLING) | {name for pair in JOINED for name in pair}


def is_header(first: Sequence[str], rows: Sequence[Sequence[str]], wanted: Sequence[str] = ()) -> bool:
    """Return whether ``first`` names the columns of ``rows``, judged by how it differs from what stands below it."""
    cells = [cell.strip() for cell in first]
    lowered = [cell.lower() for cell in cells]
    if any(name.strip().lower() in lowered for name in wanted if not name.strip().isdecimal()):
        return True
    if any(NUMBER.fullmatch(cell) or len(cell) > _LONGEST_NAME for cell in cells) or not any(cells):
        return False
    below = [[row[place].strip() for row in rows if len(row) > place] for place in range(len(cells))]
    if any(cell and column.count(cell) > max(1, 0.02 * len(column)) for cell, column in zip(cells, below, strict=True)):
        return False
    if is_known(cells):
        return True
    if any(count_words(cell) > _MOST_WORDS and len(cell.split()) > _MOST_WORDS for cell in cells):
        return False
    if len(set(lowered)) < len(lowered):
        return False
    differs = [_differs(cell, column) for cell, column in zip(cells, below, strict=True)]
    if any(differs):
        return True
    return not rows or (
        len(cells) > 1 and all(cells) and not any(_alike(cell, c) for cell, c in zip(cells, below, strict=True))
    )


def is_known(cells: Sequence[str]) -> bool:
    """Return whether one of ``cells`` is a name that people give to a column of texts."""
    lowered = [cell.strip().lower() for cell in cells]
    return any(cell in _KNOWN or re.split(r"[_\s.]", cell)[-1] in _KNOWN for cell in lowered)


def _differs(cell: str, below: Sequence[str]) -> bool:
    """Whether ``cell`` is another kind of thing than all of the cells below it."""
    filled = [value for value in below if value]
    if len(filled) < 2:
        return False
    if not cell:
        return all(NUMBER.fullmatch(value) for value in filled)
    numbers = sum(NUMBER.fullmatch(value) is not None for value in filled)
    if numbers >= 0.9 * len(filled):
        return True
    length, words = median(len(value) for value in filled), median(count_words(value) for value in filled)
    return (
        words >= 4 and count_words(cell) * 3 <= words and len(cell) * 3 <= length and not cell.endswith((".", "!", "?"))
    )


def _alike(cell: str, below: Sequence[str]) -> bool:
    """Whether ``cell`` could as well stand among the cells of several words below it."""
    filled = [value for value in below if value]
    words = median([count_words(value) for value in filled] or [0])
    return words >= 2 and count_words(cell) * 2 >= words
