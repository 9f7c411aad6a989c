"""Plain text, what everything is that is nothing else."""

from __future__ import annotations

import re

from ..interpretation import ReadingOptions
from .document import Document
from .shapes import Content, Prose

NAME = "plain text"
ENDINGS = (".txt", ".text", ".md")

_LICENCE = re.compile(
    r"\A.{0,30000}?^\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG EBOOK[^\n]*\n(.*?)^\*\*\* ?END OF (?:THE|THIS) PROJECT "
    r"GUTENBERG EBOOK[^\n]*\n?.*\Z",
    re.DOTALL | re.MULTILINE,
)


def certainty(document: Document) -> float:
    """Return a little certainty for any text."""
    return 0.1 if document.head is not None else 0.0  # asks for the text: a binary file is refused here


def read(document: Document, options: ReadingOptions) -> Content:
    """Return the text, without the licence that Project Gutenberg puts around a book."""
    del options
    book = _LICENCE.match(document.text) if "PROJECT GUTENBERG" in document.head else None
    if book is None:
        return Prose(document.text)
    document.findings.omit(f"What Project Gutenberg puts before and after the book in {document.name} was left out.")
    return Prose(book[1].strip("\n"))
