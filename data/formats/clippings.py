"""What an e-reader keeps of the places that were marked: the passages, without the books and pages they are from."""

from __future__ import annotations

import re

from ..faults import CorpusError
from ..findings import counted
from ..interpretation import ReadingOptions
from .document import Document
from .shapes import Content, Passages

NAME = "clippings of a reader"
ENDINGS: tuple[str, ...] = ()

_ENDS = re.compile(r"^={8,}[ \t]*$", re.MULTILINE)
_HEAD = re.compile(r"\s*[^\n]{1,400}\n[-–] [^\n]{0,200}\d[^\n]{0,200}(?:\n|\Z)")
"""The title of a book, and below it where in it and when."""
_FEWEST = 2
_MOST = 0.9


def certainty(document: Document) -> float:
    """Return how sure it is that all entries have a book and a place above them."""
    entries = [entry for entry in _ENDS.split(document.head) if entry.strip()]
    headed = sum(_HEAD.match(entry) is not None for entry in entries)
    return 0.94 if len(entries) >= _FEWEST and headed >= _MOST * len(entries) else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return a passage a place; marks without words have none."""
    del options
    entries = [entry for entry in _ENDS.split(document.text) if entry.strip()]
    texts = [_HEAD.sub("", entry, count=1).strip() for entry in entries]
    filled = [text for text in texts if text]
    if not filled:
        raise CorpusError(f"{document.name} has marks of a reader but no passages; give another file.")
    document.findings.omit(
        f"The books, places and times above {counted(len(filled), 'passage')} of {document.name} were left out."
    )
    if len(filled) < len(texts):
        document.findings.omit(f"{counted(len(texts) - len(filled), 'mark')} of {document.name} had no words.")
    return Passages(filled)
