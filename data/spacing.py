"""Whether the blanks of texts mean something: the indentation of code and verse, the columns of a table of letters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

_JUDGED = 2000
_INDENTED = re.compile(r"(?: {2,}|\t)\s*(?![-–—~]{1,3}\s)\S")
"""A line that is moved in, but for the name of an author below a saying."""
_COLUMNS = re.compile(r"[^\s.!?:;,] {3,}\S")
_LEAST_INDENTED = 0.25
_LEAST_COLUMNS = 0.5
_UNEVEN = re.compile(r"\S[^\S\n]{2,}\S|[\t\u00a0\u2000-\u200a\u202f\u3000]\S|\n[^\S\n]+\S|\n\n\n")


def spacing_matters(texts: Iterable[str]) -> bool:
    """Return whether the spacing of ``texts`` is part of what they say, judged by the lines below the first of each."""
    lines = indented = columns = 0
    for text in islice(texts, _JUDGED):
        if "\n" not in text:
            continue
        below = [line for line in text.split("\n")[1:] if line.strip()]
        lines += len(below)
        indented += sum(_INDENTED.match(line) is not None for line in below)
        columns += sum(_COLUMNS.search(line) is not None for line in below)
    if lines < 4:
        return False
    return indented >= _LEAST_INDENTED * lines or columns >= _LEAST_COLUMNS * lines


def is_uneven(text: str) -> bool:
    """Return whether cleaning changes the blanks inside ``text``."""
    return _UNEVEN.search(text.strip()) is not None
