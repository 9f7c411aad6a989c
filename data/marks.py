"""Marks that people and programs put between texts: a line that repeats alone, or a token of a language model."""

from __future__ import annotations

import re
from collections import Counter

_TOKEN = re.compile(r"<\|[a-z_]{2,30}\|>|</?s>|\[(?:BOS|EOS)\]", re.IGNORECASE)
"""What language models begin and end a text with."""
_ENDING = re.compile(r"<\|end[a-z_]*\|>|<\|(?:im_end|eot_id|separator|sep)\|>|</s>|\[EOS\]", re.IGNORECASE)
_LINE = re.compile(r"[%\-*=_~#+—–•·§^<>/\\ ]{1,80}|-{2,} ?[^\W\d_]{3,12} ?-{2,}")
"""A line that says nothing itself: of signs that part, or a word between dashes."""
_FEWEST = 3
_LONGEST_PART = 100
"""Lines a text has on average where a line parts texts rather than the chapters of a book."""


def find_mark(text: str) -> str | None:
    """Return what stands between the texts of ``text``, if there is such a mark."""
    tokens = Counter(_TOKEN.findall(text))
    if sum(tokens.values()) >= 2:
        ending = [token for token in tokens if _ENDING.fullmatch(token)]
        common = max(ending or tokens, key=lambda token: tokens[token])
        if tokens[common] >= 2:
            return common
    lines = [line.strip() for line in text.split("\n")]
    counts = Counter(line for line in lines if line and _LINE.fullmatch(line))
    if not counts:
        return None
    mark, count = counts.most_common(1)[0]
    if sum(line.startswith(mark) for line in lines) >= 2 * count:
        return None  # an empty line of a quotation or a comment
    filled = sum(map(bool, lines))
    return mark if count >= _FEWEST and 2 * count <= filled + 2 and filled <= _LONGEST_PART * (count + 1) else None


def is_inline(mark: str) -> bool:
    """Return whether a mark stands anywhere rather than on a line of its own."""
    return _TOKEN.fullmatch(mark) is not None


def without_marks(text: str) -> str:
    """Return a text without the tokens that it begins or ends with."""
    return _TOKEN.sub("", text)
