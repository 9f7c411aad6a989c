"""Notes exported from Anki: lines beginning with # say how the fields below are written."""

from __future__ import annotations

from ..findings import counted
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
    """Return the notes as a table; where the file names no columns the first two are the sides of a card."""
    lines = document.text.split("\n")
    count = next((place for place, line in enumerate(lines) if not line.startswith("#")), len(lines))
    said = dict(line[1:].strip().lower().split(":", 1) for line in lines[:count] if ":" in line)
    separator = said.get("separator", "tab").strip() or "\t"
    separator = _SEPARATORS.get(separator, separator[:1])
    width = lines[count].count(separator) + 1 if count < len(lines) else 1
    header = next((line.partition(":")[2] for line in lines[:count] if line.lower().startswith("#columns:")), None)
    if header is None:
        header = separator.join(["front", "back", *(f"field {place}" for place in range(3, width + 1))][:width])
    first = counted(count, "line")
    document.findings.omit(f"What Anki wrote at the beginning of {document.name} ({first}) was left out.")
    body = "\n".join([header, *lines[count:]])
    return delimited.read_parted(Document(Blob(document.name, body.encode()), document.findings), options, separator)
