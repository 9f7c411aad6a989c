"""Notes exported from Anki: lines beginning with # say how the fields below are written."""

from __future__ import annotations

from ..interpretation import ReadingOptions
from ..sources.containers import Blob
from . import delimited
from .document import Document
from .shapes import Content

NAME = "Anki notes"
ENDINGS: tuple[str, ...] = ()

_SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "colon": ":", "space": " "}
_KNOWN = ("separator:", "html:", "tags:", "columns:", "notetype:", "deck:", "guid column:", "notetype column:")


def certainty(document: Document) -> float:
    """Return how sure it is that the file is an export of Anki."""
    return 0.97 if document.head.lower().startswith(tuple(f"#{key}" for key in _KNOWN)) else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return the notes as a table; its columns are named where the file names them."""
    lines = document.text.split("\n")
    count = next((place for place, line in enumerate(lines) if not line.startswith("#")), len(lines))
    said = dict(line[1:].strip().split(":", 1) for line in lines[:count] if ":" in line)
    separator = said.get("separator", "tab").strip() or "\t"
    separator = _SEPARATORS.get(separator.lower(), separator[:1])
    header = said.get("columns")
    body = "\n".join([*([header] if header else []), *lines[count:]])
    document.findings.omit(f"The first {count} lines of {document.name} say how it is written; they were left out.")
    inner = Document(Blob(document.name, f"sep={separator}\n{body}".encode()), document.findings)
    return delimited.read(inner, options)
