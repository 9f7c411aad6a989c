"""How a plain text file is divided into texts."""

from __future__ import annotations

import re
from typing import Literal

TextLayout = Literal["lines", "blank", "whole"]

_LONGEST_TEXT = 5000
"""Characters of a single line above which it is a book without line ends rather than a joke."""
_BLANK = re.compile(r"\n[^\S\n]*\n\s*")


def guess_layout(text: str) -> TextLayout:
    """Guess the layout of ``text``.

    A single line is a text, or one long text when it is very long. Without blank lines each line is a text. With them,
    paragraphs are texts when there are many lines that end like sentences; a long file whose lines break off, or whose
    paragraphs are speeches of one play, is one long text.
    """
    lines = [line.strip() for line in text.splitlines()]
    filled = [line for line in lines if line]
    if len(filled) == 1 and len(filled[0]) > _LONGEST_TEXT:
        return "whole"
    blanks = len(lines) - len(filled)
    if blanks < max(1, len(filled) // 50):
        return "lines"
    if 2 * (blanks + 1) >= len(filled) and all(len(part.splitlines()) == 1 for part in _BLANK.split(text.strip())):
        return "lines"
    ends = sum(line.endswith((".", "!", "?", '"', "'", "”")) for line in filled)
    long = len(filled) > 1000
    return "whole" if long and ends < 0.6 * len(filled) else "blank"


def divide(text: str, layout: TextLayout) -> list[str]:
    """Divide ``text`` into texts; empty ones are left out."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if layout == "whole":
        return [text]
    parts = text.split("\n") if layout == "lines" else _BLANK.split(text)
    return [part for part in parts if part.strip()]
