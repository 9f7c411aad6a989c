"""Plain text, what everything is that is nothing else."""

from __future__ import annotations

import re

from ..entries import entries_of
from ..interpretation import ReadingOptions
from ..marks import find_mark, is_inline
from ..scripts import count_words
from .document import Document
from .shapes import Content, Passages, Prose

NAME = "plain text"
ENDINGS = (".txt", ".text", ".md", ".markdown")

_ANY_TEXT = 0.1
_MARKED = 0.58
_TOKENS = 0.92
_JUDGED = 262_144
_OTHER_ENDS = re.compile("[\x85\u2028\u2029]")
"""What ends lines where no newline does."""
_SIGNS = ("\\r\\n", "\\n", "|", "\t", "¶", "•", "‖", "###", "<br>", "<br/>", "<br />")
"""What may stand between the texts of a file without line ends, a line break as two letters among it."""
_FEWEST_PARTS = 10
_LONGEST_PART = 5000
_WORDS = 3
_NEARLY_ALL = 0.9
_LICENCE = re.compile(
    r"\A.{0,30000}?^\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG EBOOK[^\n]*\n(.*?)^\*\*\* ?END OF (?:THE|THIS) "
    r"PROJECT GUTENBERG EBOOK[^\n]*\n?.*\Z",
    re.DOTALL | re.MULTILINE,
)


def certainty(document: Document) -> float:
    """Return a little certainty for any text, more where marks part its texts."""
    mark = find_mark(document.head)  # asks for the text: a binary file is refused here
    if mark is None:
        return _ANY_TEXT
    return _TOKENS if is_inline(mark) else _MARKED


def read(document: Document, options: ReadingOptions) -> Content:
    """Return the text, without the licence that Project Gutenberg puts around a book; entries of a list as passages."""
    text = document.text
    if "\n" not in text:
        text = _OTHER_ENDS.sub("\n", text)
    book = _LICENCE.match(text) if "PROJECT GUTENBERG" in document.head else None
    if book is not None:
        document.findings.omit(
            f"What Project Gutenberg puts before and after the book in {document.name} was left out."
        )
        return Prose(book[1].strip("\n"))
    return prose_or_entries(text, document, options)


def prose_or_entries(text: str, document: Document, options: ReadingOptions) -> Content:
    """Return the entries of a list that go on over several lines; all else is still to be divided."""
    if options.layout is not None or find_mark(text[:_JUDGED]) is not None:
        return Prose(text)
    if "\n" not in text.strip():
        parts = _parts_of_line(text.strip(), document)
        return Prose(text) if parts is None else Passages(parts)
    entries = entries_of(text, document.name, document.findings)
    return Prose(text) if entries is None else Passages(entries)


def _parts_of_line(line: str, document: Document) -> list[str] | None:
    """Return the texts of a file of a single line, where one and the same sign stands between many; it is said."""
    for sign in _SIGNS:
        parts = [part.strip() for part in line.split(sign) if part.strip()]
        if len(parts) < _FEWEST_PARTS or max(map(len, parts)) > _LONGEST_PART:
            continue  # counting the words of a long text takes long
        texts = sum(count_words(part) >= _WORDS for part in parts)
        if texts >= _NEARLY_ALL * len(parts):
            shown = {"\\r\\n": "\\r\\n", "\\n": "\\n", "\t": "tabs"}.get(sign, f"'{sign}'")
            document.findings.notice(
                f"{document.name} is a single line; its {len(parts):,} parts between {shown} were each read as one "
                "text, --texts whole reads one long text."
            )
            return parts
    return None
