"""Catalogues of gettext, what a program says in another language: the translations, or what is not translated yet."""

from __future__ import annotations

import re

from ..faults import CorpusError
from ..findings import counted
from ..interpretation import ReadingOptions
from .document import Document
from .shapes import Content, Passages

NAME = "gettext catalogue"
ENDINGS = (".po", ".pot")

_LINE = re.compile(r'^(?:(msgid|msgstr(?:\[\d+\])?|msgctxt|msgid_plural)[ \t]+)?"((?:[^"\\\n]|\\.)*)"[ \t]*$')
_ESCAPE = re.compile(r"((?:\\(?:[0-7]{1,3}|x[0-9a-fA-F]{2}))+)|\\r\\n|\\(.)")
_BYTE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3}))")
"""A byte of UTF-8 as C writes it."""
_MEANT = {"n": "\n", "t": "\t", "r": "\n", "a": "", "b": "", "f": " ", "v": " "}


def certainty(document: Document) -> float:
    """Return how sure it is that the file is such a catalogue."""
    keys = [line.split(None, 1)[0] for line in document.lines if line.startswith(("msgid ", "msgstr "))]
    return 0.97 if "msgid" in keys and "msgstr" in keys else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return a passage a translation; where none is there yet, what is to be translated."""
    del options
    texts: list[str] = []
    untranslated = 0
    for entry in _entries(document.text):
        said = [text for key, text in entry if key.startswith("msgstr") and text]
        asked = [text for key, text in entry if key in {"msgid", "msgid_plural"} and text]
        untranslated += not said and bool(asked)
        if asked:
            texts += said or asked
    if not texts:
        raise CorpusError(f"{document.name} is a gettext catalogue without texts; give another file.")
    document.findings.omit(
        f"Keys, comments and originals of {document.name} were left out; its translations were read."
    )
    if untranslated:
        document.findings.notice(
            f"{counted(untranslated, 'text')} of {document.name} {'is' if untranslated == 1 else 'are'} not translated "
            "and read as the original."
        )
    return Passages(texts)


def _entries(text: str) -> list[list[tuple[str, str]]]:
    """Return for each entry its keys with their strings joined."""
    entries: list[list[tuple[str, str]]] = []
    for line in text.split("\n"):
        found = _LINE.match(line.strip())
        if found is None:
            continue
        said = _ESCAPE.sub(_unescaped, found[2])
        key = found[1]
        if key is None:
            if entries and entries[-1]:
                last, before = entries[-1][-1]
                entries[-1][-1] = (last, before + said)
            continue
        if not entries or (key in {"msgid", "msgctxt"} and entries[-1][-1][0].startswith("msgstr")):
            entries.append([])
        entries[-1].append((key, said))
    return entries


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1] is not None:
        values = (
            int(hexadecimal, 16) if hexadecimal else int(octal, 8) for hexadecimal, octal in _BYTE.findall(escape[1])
        )
        return bytes(value & 0xFF for value in values).decode("utf-8", errors="replace")
    return "\n" if escape[2] is None else _MEANT.get(escape[2], escape[2])
