"""Sources of typeset texts, TeX and Org: what a reader sees, without commands, headings and drawers."""

from __future__ import annotations

import re
from unicodedata import normalize

from ..findings import counted
from ..interpretation import ReadingOptions
from .document import Document
from .plain_text import prose_or_entries
from .shapes import Content

NAME = "TeX or Org"
ENDINGS = (".tex", ".ltx", ".org")

_BODY = re.compile(r"\\begin\{document\}(.*?)(?:\\end\{document\}|\Z)", re.DOTALL)
_BEGINNING = re.compile(r"(?:\s|%[^\n]*\n)*\\(?:documentclass|documentstyle|usepackage|begin\{document\})")
_COMMENT = re.compile(r"(?<!\\)%[^\n]*\n?")
_ACCENT = re.compile(r"\\([`'^\"~=.uvHckr])\s?(?:\{\\?([A-Za-z])\}|\\?([A-Za-z]))")
_COMBINING = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a",
}  # fmt: skip
_LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "aa": "å", "AA": "Å", "l": "ł",
    "L": "Ł", "i": "i", "j": "j", "ldots": "…", "dots": "…", "textellipsis": "…", "textbackslash": "\\",
    "textquoteright": "’", "textendash": "–", "textemdash": "—",
}  # fmt: skip
_LETTER = re.compile(r"\\(" + "|".join(sorted(_LETTERS, key=len, reverse=True)) + r")(?![A-Za-z])(?:\{\}|[ \t]+)?")
_HEADING = re.compile(
    r"\\(?:part|chapter|section|subsection|subsubsection|paragraph|poemtitle|title|author|date|label|index|cite\w*|ref"
    r"|pageref|vspace|hspace|input|include|usepackage|documentclass|footnotemark|bibliography|includegraphics)\*?"
    r"(?:\[[^\[\]]{0,200}\])?\{[^{}]{0,500}\}(?:\[[^\[\]]{0,200}\])?"
)
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{[^{}]{1,60}\}(?:\[[^\[\]]{0,200}\])?")
_ITEM = re.compile(r"\\item(?![A-Za-z])[ \t]*(?:\[[^\[\]]{0,200}\])?[ \t]*")
_BREAK = re.compile(r"\\\\\*?!?(?:\[[^\[\]]{0,30}\])?>?[ \t]*\n?|\\(?:newline|linebreak)(?![A-Za-z])[ \t]*\n?")
_COMMAND = re.compile(r"\\[A-Za-z]{1,40}\*?(?:\[[^\[\]]{0,200}\])?[ \t]*")
_SPACING = re.compile(r"\\(?:([,;: ])|[!\-/])")
_PROTECTED = re.compile(r"\\([%&#$_{}])")
_BRACE = re.compile(r"(?<!\\)[{}]")
_QUOTES = (("``", "“"), ("''", "”"), ("---", "—"), ("--", "–"), ("~", " "))
_ORG_HEADING = re.compile(r"^\*{1,10}[ \t][^\n]*$", re.MULTILINE)
_ORG_MARKS = re.compile(r"^[ \t]*(?:#\+[^\n]*|:[\w+\-]{1,40}:[^\n]*|# [^\n]*)\n?", re.MULTILINE)
"""Keywords, drawers and their properties, comments."""
_ORG_LINK = re.compile(r"\[\[[^\[\]\n]{1,500}\]\[([^\[\]\n]{1,300})\]\]")
_ORG_STRONG = re.compile(r"(?<![\w*/=~_+])([*/=~_+])(?=\S)([^\n*/=~_+]{1,300})(?<=\S)\1(?![\w*/=~_+])")
_FEWEST = 2


def certainty(document: Document) -> float:
    """Return how sure it is that the file is such a source: its commands say so, or its ending and headings."""
    head = document.head
    if _BEGINNING.match(head):
        return 0.93
    if document.suffix == ".org":
        return 0.9 if _ORG_HEADING.search(head) or _ORG_MARKS.search(head) else 0.0
    tex = document.suffix in ENDINGS and (_COMMAND.search(head) or _ENVIRONMENT.search(head))
    if tex:
        return 0.9
    # Notes of Org without their ending: keywords at the top, and headings.
    return 0.6 if head.startswith("#+") and len(_ORG_HEADING.findall(head)) >= _FEWEST else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return the text, its paragraphs, verses and items still to be divided."""
    is_tex = "\\" in document.head and not document.head.startswith("#+") and document.suffix != ".org"
    text, marks = _without_tex(document.text) if is_tex else _without_org(document.text)
    kind = "TeX" if is_tex else "Org"
    document.findings.repair(
        f"{counted(marks, 'command or mark', 'commands and marks')} of {kind} in {document.name} were taken off, and "
        "its headings left out."
    )
    return prose_or_entries(text, document, options)


def _without_tex(text: str) -> tuple[str, int]:
    body = _BODY.search(text)
    text = _COMMENT.sub("", body[1] if body is not None else text)
    marks = 0
    for pattern, instead in ((_HEADING, "\n\n"), (_ENVIRONMENT, "\n\n"), (_ITEM, "\n\n"), (_BREAK, "\n")):
        text, count = pattern.subn(instead, text)
        marks += count
    text = _ACCENT.sub(lambda found: f"{found[2] or found[3]}{_COMBINING[found[1]]}", text)
    text = _LETTER.sub(lambda found: _LETTERS[found[1]], text)
    text, count = _COMMAND.subn("", text)
    text = _SPACING.sub(lambda found: " " if found[1] else "", text)
    text = normalize("NFC", _PROTECTED.sub(r"\1", _BRACE.sub("", text)))
    for written, meant in _QUOTES:
        text = text.replace(written, meant)
    return text, marks + count


def _without_org(text: str) -> tuple[str, int]:
    marks = 0
    for pattern, instead in ((_ORG_MARKS, ""), (_ORG_HEADING, "\n"), (_ORG_LINK, r"\1"), (_ORG_STRONG, r"\2")):
        text, count = pattern.subn(instead, text)
        marks += count
    return text, marks
