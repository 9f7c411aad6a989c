"""RTF, what simple word processors save: the words without fonts and colours."""

from __future__ import annotations

from typing import Any, cast

from ..faults import CorpusError
from ..interpretation import ReadingOptions
from .document import Document
from .shapes import Content, Prose

NAME = "RTF"
ENDINGS = (".rtf",)


def certainty(document: Document) -> float:
    """Return how sure it is that the file is RTF."""
    return 1.0 if document.head.lstrip().startswith("{\\rtf") else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return its words."""
    del options
    from striprtf import striprtf  # pyright: ignore[reportMissingTypeStubs]

    try:
        text = str(cast("Any", striprtf).rtf_to_text(document.text, encoding="cp1252", errors="replace"))
    except (ValueError, LookupError, RecursionError) as error:
        raise CorpusError(f"{document.name} is damaged RTF; save it again as plain text.") from error
    if not text.strip():
        raise CorpusError(f"{document.name} is RTF without words in it; save it again as plain text.")
    document.findings.repair(f"The fonts and other marks of {document.name} (RTF) were taken off.")
    return Prose(text)
