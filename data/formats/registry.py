"""The formats that are known, a line each, and which of them a file is written in."""

from __future__ import annotations

from types import ModuleType
from typing import Protocol, cast

from ..faults import CorpusError
from ..interpretation import ReadingOptions
from ..sources.containers import CONTAINER_ENDINGS
from . import (
    anki_notes,
    chat_logs,
    clippings,
    delimited,
    fixed_width,
    gettext_catalogue,
    json_values,
    literals,
    localized,
    mail,
    markdown,
    plain_text,
    rich_text,
    spreadsheets,
    sql_dump,
    subtitles,
    toml_and_ini,
    tweet_archives,
    typesetting,
    web_pages,
    zero_ended,
)
from .document import Document
from .shapes import Content
from .unsupported import refusal


class Format(Protocol):
    """What every module of a format has."""

    NAME: str
    """What a person calls it."""
    ENDINGS: tuple[str, ...]
    """How the names of its files end, in lower case with the dot."""

    def certainty(self, document: Document) -> float:
        """Return from 0 to 1 how sure it is that the file is written in this format."""
        ...

    def read(self, document: Document, options: ReadingOptions) -> Content:
        """Return what is in the file; raises CorpusError in one sentence."""
        ...


_BINARY: tuple[ModuleType, ...] = (spreadsheets,)
_TEXTS: tuple[ModuleType, ...] = (
    rich_text,
    subtitles,
    tweet_archives,
    anki_notes,
    mail,
    gettext_catalogue,
    localized,
    web_pages,
    json_values,
    toml_and_ini,
    sql_dump,
    literals,
    typesetting,
    chat_logs,
    clippings,
    zero_ended,
    delimited,
    fixed_width,
    markdown,
    plain_text,
)
FORMATS: tuple[Format, ...] = tuple(cast("Format", module) for module in (*_BINARY, *_TEXTS))
PLAIN_TEXT: Format = cast("Format", plain_text)
TABLE: Format = cast("Format", delimited)
ENDINGS = tuple(sorted({ending for each in FORMATS for ending in each.ENDINGS} | set(CONTAINER_ENDINGS)))
"""How the names of all files end that can be read."""


def is_binary(found: Format) -> bool:
    """Return whether files of a format have no encoding of their own."""
    return any(found is each for each in FORMATS[: len(_BINARY)])


def format_of(document: Document) -> Format:
    """Return the format that is surest of the file.

    Raises:
        CorpusError: it is none that is read, in one sentence that names what it is.
    """
    for each in FORMATS[: len(_BINARY)]:
        if each.certainty(document):
            return each
    refused = refusal(document)
    if refused is not None:
        raise CorpusError(refused)
    return max(FORMATS[len(_BINARY) :], key=lambda each: each.certainty(document))
