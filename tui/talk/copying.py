"""What of an answer stands in the training texts, and where. No widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.keeping.turns import Turn

if TYPE_CHECKING:
    from ...core.speaking.generation import Generator
    from ...core.speaking.memorization import Source
    from ...core.speaking.nearest import NearText
    from ..workbench import Talker


@dataclass(frozen=True)
class Copied:
    """A stretch of an answer, and a training text that has it."""

    first: int
    last: int
    """Its first word among the answer's, and the one after its last."""
    words: int
    source: Source


@dataclass(frozen=True)
class Copying:
    """How much of an answer stands in the training texts of a model."""

    answer: str
    longest: int
    """Words of the longest stretch that does."""
    words: int
    stretches: tuple[Copied, ...] = ()
    """The stretches of five words and more, the longest first."""
    nearest: tuple[NearText, ...] = ()
    """The training texts that are most like the answer."""

    def has(self, word: int) -> bool:
        """Whether a word of the answer belongs to a copied stretch."""
        return any(stretch.first <= word < stretch.last for stretch in self.stretches)


def copying_of(turn: Turn, talker: Talker) -> Copying:
    """Compare an answer with the training texts of ``talker``; stretches are found in answers of its own tokens."""
    generator: Generator = talker.generator
    longest, words = generator.copied(turn.answer)
    if any(stretch.tokens_of != talker.run for stretch in turn.said) or generator.copies is None:
        return Copying(turn.answer, longest, words)
    tokens = [word.token for word in turn.words]
    stretches = tuple(
        Copied(span.start, span.end, span.words, generator.source(span)) for span in generator.copied_spans(tokens)
    )
    return Copying(turn.answer, longest, words, stretches, generator.copies.nearest(tokens))
