"""What a program says in one language, a name and a text each: Apple's ``.strings`` and Java's ``.properties``."""

from __future__ import annotations

import re

from ..faults import CorpusError
from ..findings import counted
from ..interpretation import ReadingOptions
from .document import Document
from .shapes import Content, Passages

NAME = "texts of a program"
ENDINGS = (".strings", ".properties")

_APPLE = re.compile(r'^[ \t]*(?:"(?:[^"\\\n]|\\.)*+"|[\w.]+)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*+)"[ \t]*;', re.MULTILINE)
_JAVA = re.compile(r"^[ \t]*(?![#!])(?:[^\s:=\\]|\\.)++[ \t]*[=:][ \t]*((?:[^\\\n]|\\.)*+)$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/|^[ \t]*//[^\n]*$", re.DOTALL | re.MULTILINE)
_ESCAPE = re.compile(r"\\(?:[uU]([0-9a-fA-F]{4})|\n[ \t]*|(.))", re.DOTALL)
_MEANT = {"n": "\n", "t": "\t", "r": "", "f": " "}
_MOST = 0.8


def certainty(document: Document) -> float:
    """Return how sure it is that the file is such a list."""
    return 0.96 if _pattern(document) is not None else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return a passage a text, without the names and comments."""
    del options
    pattern = _pattern(document) or _APPLE
    text = _COMMENT.sub("", document.text) if pattern is _APPLE else document.text
    texts = [_said(found[1]) for found in pattern.finditer(text)]
    filled = [text for text in texts if text.strip()]
    if not filled:
        raise CorpusError(f"{document.name} names texts but has none; give another file.")
    document.findings.omit(
        f"The names in front of {counted(len(filled), 'text')} of {document.name} were left out, and its comments."
    )
    return Passages(filled)


def _pattern(document: Document) -> re.Pattern[str] | None:
    """Return what an entry looks like; lines of the form ``name = text`` mean that only where the ending says so."""
    head = document.head
    if '";' in head:
        plain = _COMMENT.sub("", head)
        found = list(_APPLE.finditer(plain))
        if len(found) > 1 and sum(len(each[0]) for each in found) >= _MOST * len("".join(plain.split("\n"))):
            return _APPLE
    if document.suffix == ".properties":
        lines = [line for line in document.lines if line[0] not in "#!"]
        if lines and sum(_JAVA.match(line) is not None for line in lines) >= _MOST * len(lines):
            return _JAVA
    return None


def _said(text: str) -> str:
    """Return a text without escapes; a character beyond 16 bits is written as two of them."""
    plain = _ESCAPE.sub(_unescaped, text)
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1] is not None:
        return chr(int(escape[1], 16))
    return "" if escape[2] is None else _MEANT.get(escape[2], escape[2])
