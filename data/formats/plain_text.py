"""Plain text, what everything is that is nothing else."""

from __future__ import annotations

import re

from ..interpretation import ReadingOptions
from ..marks import find_mark, is_inline
from .document import Document
from .shapes import Content, Prose

NAME = "plain text"
ENDINGS = (".txt", ".text", ".md", ".markdown")

_ANY_TEXT = 0.1
_MARKED = 0.58
_TOKENS = 0.92
_LICENCE = re.compile(
    r"\A.{0,30000}?^\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG EBOOK[^\n]*\n(.*?)^\*\*\* ?END OF (?:THE|THIS) "
    r"PROJECT GUTENBERG EBOOK[^\n]*\n?.*\Z",
    re.DOTALL | re.MULTILINE,
)


def certainty(document: Document) -> float:
    """Return a little certainty for any text, more where marks part its texts."""
    mark = find_mark(document.head)  # asks for the text: a binary file is refused here
    if mark is None:
        return _ANY_TEXT
    return _TOKENS if is_inline(mark) else _MARKED


def read(document: Document, options: ReadingOptions) -> Content:
    """Return the text, without the licence that Project Gutenberg puts around a book."""
    del options
    book = _LICENCE.match(document.text) if "PROJECT GUTENBERG" in document.head else None
    if book is None:
        return Prose(document.text)
    document.findings.omit(f"What Project Gutenberg puts before and after the book in {document.name} was left out.")
    return Prose(book[1].strip("\n"))
