"""Markdown: paragraphs and entries of lists without headings and the marks around words."""

from __future__ import annotations

import re

from ..findings import counted
from ..interpretation import ReadingOptions
from ..sources.containers import Blob
from . import delimited
from .document import Document
from .plain_text import prose_or_entries
from .shapes import Content

NAME = "Markdown"
ENDINGS = (".md", ".markdown")

_HEADING = re.compile(r"^#{1,6}[ \t]+\S.*\n?|^\S.*\n(?:={3,}|-{3,})[ \t]*$\n?", re.MULTILINE)
_ALONE = re.compile(r"(?<=\n\n)#{1,6}[ \t]+\S[^\n]*(?=\n\n)")
_FRONT = re.compile(r"\A---\n(?:[^\n]*\n){0,60}?---\n")
# Bounded and without turning back: a file of nothing but brackets must not take for ever.
_FENCE = re.compile(r"^(```|~~~)[^\n]*\n((?:[^\n]*\n){0,500}?)\1[ \t]*$\n?", re.MULTILINE)
_IMAGE = re.compile(r"!\[([^\[\]\n]{0,300}+)\]\([^()\n]{0,500}+\)")
_LINK = re.compile(r"\[([^\[\]\n]{1,300}+)\]\([^()\s]{1,500}+(?: \"[^\"\n]{0,200}+\")?\)")
_QUOTED_GAP = re.compile(r"^>[ \t]*\n(?=>)", re.MULTILINE)
_QUOTE = re.compile(r"^>[ ]?", re.MULTILINE)
_STRONG = re.compile(r"(?<![\w*_])(\*{1,3}+|_{1,3}+)(?=[^\s*_])([^*_\n]{1,500}+)(?<=\S)\1(?![\w*_])")
_MARKS = (_FENCE, _IMAGE, _LINK, _QUOTE, _STRONG)
_ROW = re.compile(r"[ \t]*\|.*\|[ \t]*$")
_FEWEST = 2
_FEWEST_ROWS = 4
_MOST_OF_IT = 0.6
"""Share of the letters that a table has where the rest is about it."""


def certainty(document: Document) -> float:
    """Return how sure it is that the file is Markdown: it has headings with words below them."""
    head, fronts = _FRONT.subn("", document.head)
    headings = len(_HEADING.findall(head))
    if document.suffix in ENDINGS:
        return 0.5 if headings or fronts or any(mark.search(head) for mark in _MARKS) else 0.0
    # In code and in tables what begins like a heading has no blank lines around it.
    alone = len(_ALONE.findall(f"\n\n{head.strip()}"))
    return 0.4 if alone >= max(_FEWEST, 0.9 * headings) else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return the text without headings, and the words that stood between marks."""
    text, findings, name = document.text, document.findings, document.name
    table = [line for line in text.split("\n") if _ROW.match(line)]
    if len(table) >= _FEWEST_ROWS and sum(map(len, table)) >= _MOST_OF_IT * len(text):
        if len(table) < sum(bool(line.strip()) for line in text.split("\n")):
            findings.omit(f"What stands around the table of {name} was left out.")
        rows = Document(Blob(name, "\n".join(table).encode(), document.inside), findings)
        return delimited.read(rows, options)
    text, fronts = _FRONT.subn("", text)
    text, headings = _HEADING.subn("\n", text)
    if fronts or headings:
        what = counted(headings, "heading") if headings else "What stands above the text"
        findings.omit(f"{what} of {name} {'were' if headings > 1 else 'was'} left out.")
    text, fences = _FENCE.subn(r"\2", text)
    text, images = _IMAGE.subn(r"\1", text)
    marks = fences + images
    text = _QUOTED_GAP.sub("", text)
    for pattern, kept in ((_LINK, r"\1"), (_QUOTE, ""), (_STRONG, r"\2"), (_STRONG, r"\2")):
        text, count = pattern.subn(kept, text)
        marks += count
    if marks:
        findings.repair(f"{counted(marks, 'mark')} of Markdown in {name} were taken off: links, emphasis, quotes.")
    return prose_or_entries(text, document, options)
