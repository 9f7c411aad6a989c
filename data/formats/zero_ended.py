"""Texts that end with a zero byte each, as programs hand lists to each other (``find -print0``)."""

from __future__ import annotations

from ..encodings import is_zero_ended
from ..interpretation import ReadingOptions
from .document import Document
from .shapes import Content, Passages

NAME = "texts ended by zeros"
ENDINGS: tuple[str, ...] = ()


def certainty(document: Document) -> float:
    """Return how sure it is that zeros part the texts."""
    return 0.94 if is_zero_ended(document.data) and "\0" in document.head else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return a passage for each."""
    del options
    document.findings.notice(f"The zero bytes in {document.name} were read as what ends each text.")
    return Passages([part for part in document.text.split("\0") if part.strip()])
