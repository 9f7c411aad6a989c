"""How a plain text file is divided into texts."""

from __future__ import annotations

import re
from typing import Literal

TextLayout = Literal["lines", "blank", "whole"]

_LONGEST_TEXT = 5000
"""Characters of a single line above which it is a book without line ends rather than a joke."""
_LINES_A_PARAGRAPH = 20
"""More lines than this to each blank one, and the blank ones mean nothing."""
_BLANK = re.compile(r"\n[^\S\n]*\n\s*")


def guess_layout(text: str) -> TextLayout:
    """Guess the layout of ``text``.

    A single line is a text, or one long text when it is very long. Without blank lines each line is a text. With them,
    paragraphs are texts when there are many lines that end like sentences; a long file whose lines break off, or whose
    paragraphs are speeches of one play, is one long text.
    """
    text = _with_newlines(text).strip()
    lines = [line.strip() for line in text.split("\n")]
    filled = [line for line in lines if line]
    if len(filled) == 1 and len(filled[0]) > _LONGEST_TEXT:
        return "whole"
    blanks = len(lines) - len(filled)
    if blanks < max(1, len(filled) // 50):
        return "lines"
    paragraphs = _BLANK.split(text)
    if 2 * (blanks + 1) >= len(filled) and not any("\n" in part for part in paragraphs):
        return "lines"
    ends = sum(line.endswith((".", "!", "?", '"', "'", "”")) for line in filled)
    long = len(filled) > 1000
    # A blank line here and there between lines that are texts of their own.
    if len(paragraphs) * _LINES_A_PARAGRAPH < len(filled) and (not long or ends >= 0.6 * len(filled)):
        return "lines"
    return "whole" if long and ends < 0.6 * len(filled) else "blank"


def divide(text: str, layout: TextLayout) -> list[str]:
    """Divide ``text`` into texts; empty ones are left out."""
    text = _with_newlines(text)
    if layout == "whole":
        return [text]
    parts = text.split("\n") if layout == "lines" else _BLANK.split(text)
    return [part for part in parts if part.strip()]


def _with_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
