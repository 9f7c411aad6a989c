"""How text without a structure of its own is divided into texts, and how it most likely wants to be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from statistics import median

from .cleaning import one_line
from .faults import CorpusError
from .marks import find_mark, is_inline, without_marks

LAYOUTS = ("lines", "blank", "double-blank", "whole", "file", "mark=TEXT")
"""What a person may choose."""

_LONGEST_TEXT = 5000
"""Characters of a single line above which it is a book without line ends rather than a joke."""
_LINES_A_PARAGRAPH = 20
"""More lines than this to each blank one, and the blank ones mean nothing."""
_LONGEST_PART = 100
"""Lines a part has on average where two blank lines part poems rather than the chapters of a book."""
_LONGEST_STANZA = 14
_BLANK = re.compile(r"\n[^\S\n]*\n\s*")
_BLANKS = re.compile(r"\n(?:[^\S\n]*\n){2,}")
_GAP = re.compile(r"\n((?:[^\S\n]*\n)+)")
_ENDS = (".", "!", "?", '"', "'", "”", "…", "。", "！", "？", "।")
_SPEAKER = re.compile(r"[^a-z\n]{2,40}[.:]?|[^\n]{1,40}:")


def check_layout(layout: str) -> None:
    """Raise CorpusError where ``layout`` is none of :data:`LAYOUTS`."""
    kind, equals, mark = layout.partition("=")
    if (layout not in LAYOUTS[:-1] and not (kind == "mark" and mark.strip())) or (equals and kind != "mark"):
        raise CorpusError(
            f"texts is '{one_line(layout)[:60]}', but it must be lines, blank, double-blank, whole, file or mark=TEXT."
        )


def guess_layout(text: str) -> str:
    """Guess the layout of ``text``, whose lines end with newlines.

    A line that repeats alone parts texts, and so do two or more blank lines where single ones part stanzas. A single
    line is a text, or one long text when it is very long. Without blank lines each line is a text. With them,
    paragraphs are texts when there are many lines that end like sentences or all are stanzas; a long file whose lines
    break off, or whose paragraphs are speeches of one play, is one long text.
    """
    text = text.strip()
    mark = find_mark(text)
    if mark is not None:
        return f"mark={mark}"
    lines = [line.strip() for line in text.split("\n")]
    filled = [line for line in lines if line]
    if len(filled) == 1 and len(filled[0]) > _LONGEST_TEXT:
        return "whole"
    if _has_wide_gaps(text, len(filled)):
        return "double-blank"
    blanks = len(lines) - len(filled)
    if blanks < max(1, len(filled) // 50):
        return "lines"
    paragraphs = _BLANK.split(text)
    if 2 * (blanks + 1) >= len(filled) and not any("\n" in part for part in paragraphs):
        return "lines"
    ends = sum(line.endswith(_ENDS) for line in filled)
    long = len(filled) > 1000
    # A blank line here and there between lines that are texts of their own.
    if len(paragraphs) * _LINES_A_PARAGRAPH < len(filled) and (not long or ends >= 0.6 * len(filled)):
        return "lines"
    return "whole" if long and ends < 0.6 * len(filled) and not _are_stanzas(paragraphs) else "blank"


def divide(text: str, layout: str, name: str = "The text") -> list[str]:
    """Divide ``text`` into texts; empty ones are left out, and so are the marks between them.

    Raises:
        CorpusError: the mark of ``mark=TEXT`` is nowhere in it.
    """
    if layout in {"whole", "file"}:
        return [text] if text.strip() else []
    kind, _, mark = layout.partition("=")
    if kind == "mark":
        parts = _at_mark(text, mark, name)
    elif kind == "lines":
        parts = text.split("\n")
    else:
        parts = (_BLANK if kind == "blank" else _BLANKS).split(text)
    return [part.strip("\n") for part in parts if part.strip()]


def _at_mark(text: str, mark: str, name: str) -> list[str]:
    alone = re.compile(rf"^[^\S\n]*{re.escape(mark.strip())}[^\S\n]*$\n?", re.MULTILINE)
    if is_inline(mark) or (not alone.search(text) and mark in text):
        return [without_marks(part) for part in text.split(mark)] if mark in text else _no_mark(mark, name)
    return alone.split(text) if alone.search(text) else _no_mark(mark, name)


def _no_mark(mark: str, name: str) -> list[str]:
    raise CorpusError(f"{name} has no mark '{one_line(mark)[:60]}' between its texts; choose another --texts.")


def _has_wide_gaps(text: str, filled: int) -> bool:
    """Whether two or more blank lines part what single ones divide further."""
    gaps = Counter(min(gap[1].count("\n"), 6) for gap in _GAP.finditer(text))
    single, wide = gaps[1], sum(count for lines, count in gaps.items() if lines > 1)
    if wide < 3 or single < 3:
        return False
    regular = max(count for lines, count in gaps.items() if lines > 1) >= 0.8 * wide
    return regular and wide >= 0.05 * (single + wide) and filled <= _LONGEST_PART * (wide + 1)


def _are_stanzas(paragraphs: Sequence[str]) -> bool:
    """Whether paragraphs are verses of about the same length, and no speeches of a play."""
    parts = [[line.strip() for line in part.split("\n")] for part in paragraphs]
    lengths = Counter(map(len, parts))
    spoken = sum(len(part) > 1 and _SPEAKER.fullmatch(part[0]) is not None for part in parts)
    if spoken > 0.3 * len(parts) or median(map(len, parts)) > _LONGEST_STANZA:
        return False
    length, most = lengths.most_common(1)[0]
    if length > 1 and most >= 0.8 * len(parts):
        return True
    lines = [line for part in parts for line in part]
    capital = sum(line[:1].isupper() for line in lines if line[:1].isalpha())
    ended = sum(part[-1].endswith(_ENDS) for part in parts)
    return capital >= 0.9 * sum(line[:1].isalpha() for line in lines) and ended >= 0.7 * len(parts) and length > 1
