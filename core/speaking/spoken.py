"""What is said word by word: a place in a text, a word that may come there, and the word that came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from .gluing import AT_START

RECENT = 64
"""Tokens that the repetition penalty looks back on."""
Said = tuple[int, "Said"] | None
"""A token and what was said before it; positions one after the other share it."""


@dataclass(frozen=True, eq=False)
class Position:
    """A place in a text: the state after all tokens so far. It never changes; keep it to come back to it."""

    state: Any
    count: int
    """Tokens read and made since the state was fresh."""
    at_text_start: bool
    said: Said = None
    """The tokens of the text so far."""
    unfinished: tuple[int, ...] = ()
    """Tokens that are part of a character which is not complete yet."""

    @property
    def backwards(self) -> Iterator[int]:
        """The tokens of the text so far, from the last one back to the first."""
        said = self.said
        while said is not None:
            token, said = said
            yield token

    @property
    def last(self) -> int:
        """The token said last in this text, or that nothing was said."""
        return AT_START if self.said is None else self.said[0]

    @property
    def recent(self) -> tuple[int, ...]:
        """The tokens said last in this text, up to 64 of them."""
        return tuple(islice(self.backwards, RECENT))[::-1]


@dataclass(frozen=True)
class Candidate:
    """One word that may come next."""

    text: str
    probability: float
    """The model's own."""
    drawn: float
    """After temperature and filters."""
    token: int = -1


@dataclass(frozen=True, eq=False)
class Word:
    """One token of a generated text, its leading space included; the end of the text comes as an empty last word."""

    text: str
    token: int
    probability: float
    """The model's own, before temperature and filters."""
    before: Position
    """The place it was drawn at: :meth:`Generator.next_words` there gives its rivals."""
    position: Position
    """The place after this word."""
    is_end: bool
    stepped_back: bool = False
    """Whether it was taken because the word drawn first would have copied too much."""
    is_stop: bool = False
    """Whether the text ends here because it said what it was to end with."""
