"""How one or many files of plain text are divided together."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from .dividing import guess_layout

_MANY_FILES = 8
_LINES_OF_A_TEXT = 60
_CHARACTERS_OF_A_TEXT = 5000


def layout_of_files(texts: Sequence[str]) -> str:
    """Return the layout that fits all ``texts``, one a file: a text a file where there are many short ones."""
    if len(texts) >= _MANY_FILES:
        lines = [sum(bool(line.strip()) for line in text.split("\n")) for text in texts]
        short = median(lines) <= _LINES_OF_A_TEXT and median(map(len, texts)) <= _CHARACTERS_OF_A_TEXT
        if short and max(lines) <= 10 * _LINES_OF_A_TEXT:
            return "file"
    return guess_layout(max(texts, key=len))
