"""Texts in units: words with what is glued to them, each parted from the next by a single space.

In cleaned texts every token lies within one unit: a tokenizer takes a space along with the word behind it, never with
the one before. Most units of a text have been seen before, so what is slow is done for a few of them.
"""

from __future__ import annotations

FIRST = "\x00"
"""Marks a unit that begins a text: it has no space in front."""


def units(text: str) -> list[str]:
    """Return the units of ``text`` without the spaces between them; all of it is one where a token may reach across."""
    if FIRST in text:
        return [text]
    words = text.split()
    if " ".join(words) == text:
        return words or [text]
    single = text.replace("\n\n", "\n")
    is_even = len(words) == single.count(" ") + single.count("\n") + 1
    return text.split(" ") if is_even and sum(map(len, words)) + len(words) - 1 == len(single) else [text]


def marked_units(text: str) -> list[str]:
    """Return the units of ``text``, the first one marked."""
    parts = units(text)
    parts[0] = FIRST + parts[0]
    return parts


def as_written(unit: str) -> str:
    """Return a marked unit as it stands in its text, the space in front of it included."""
    return unit[1:] if unit[:1] == FIRST else f" {unit}"
