"""The archive that Twitter (X) hands out: JSON behind ``window.YTD.tweets.part0 =``."""

from __future__ import annotations

import re

from ..interpretation import ReadingOptions
from ..sources.containers import Blob
from . import json_values
from .document import Document
from .shapes import Content

NAME = "Twitter archive"
ENDINGS = (".js",)

_BEGINNING = re.compile(r"\s*window\.[\w.]+\s*=\s*(?=[\[{])")


def certainty(document: Document) -> float:
    """Return how sure it is that the file belongs to such an archive."""
    return 0.98 if _BEGINNING.match(document.head) else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return its records."""
    body = _BEGINNING.sub("", document.text, count=1).rstrip().removesuffix(";")
    document.findings.omit(f"The beginning of {document.name} is program code and was left out.")
    return json_values.read(Document(Blob(document.name, body.encode()), document.findings), options)
