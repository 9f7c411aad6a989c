"""Files of settings in which people keep texts: TOML as JSON would have it, and sections of names with texts."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from ..findings import counted
from ..interpretation import ReadingOptions
from ..sources.containers import Blob
from . import json_values
from .document import Document
from .shapes import Content

NAME = "settings with texts"
ENDINGS = (".toml", ".ini", ".cfg")

_LARGEST = 16 * 1024 * 1024
_SECTION = re.compile(r"\[([^\[\]\n]{1,200})\]\s*$")
_PAIR = re.compile(r"([^\s=:#;\[][^=:\n]{0,100}?)\s*[=:]\s?(.*)$")
_MOST = 0.9


def certainty(document: Document) -> float:
    """Return how sure it is that the file has settings; their form means something only where the ending says so."""
    if document.suffix not in ENDINGS or len(document.data) > _LARGEST:
        return 0.0
    return 0.95 if _records(document) is not None else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return the sections as records, whose fields are what is named in them."""
    value = _records(document)
    if document.suffix != ".toml":
        document.findings.notice(
            f"The {counted(len(value), 'section')} of {document.name} were read as the rows of a table."
        )
    blob = Blob(document.name, json.dumps(value).encode(), document.inside)
    return json_values.read(Document(blob, document.findings), options)


def _records(document: Document) -> Any:
    """Return what the file says as JSON would have it; None where it is something else."""
    if document.suffix == ".toml":
        try:
            found = tomllib.loads(document.text)
            json.dumps(found)
        except (tomllib.TOMLDecodeError, RecursionError, TypeError, ValueError):
            return None
        return found
    sections: list[dict[str, str]] = []
    understood = lines = 0
    last = ""
    for line in document.text.split("\n"):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        lines += 1
        section, pair = _SECTION.match(stripped), _PAIR.match(stripped)
        if section is not None:
            sections.append({})
        elif last and sections and line[:1] in " \t":
            sections[-1][last] += f"\n{stripped}"
        elif pair is not None and sections:
            last = pair[1].strip()
            sections[-1][last] = pair[2].strip()
        else:
            continue
        understood += 1
    filled = [section for section in sections if section]
    return filled if filled and understood >= _MOST * lines else None
