"""Choosing among the texts that a model makes: the best of some, those that end by themselves, none twice."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...data.corpus import Split
from ...data.splitting import split_key
from ..errors import GenerationError
from .choices import Draw, Selection
from .generation import Generator
from .side_by_side import GeneratedText, continue_many
from .spoken import Position

TRIES = 20
"""How many times as many texts are made as are wanted, at most."""
_FEWEST_AT_ONCE = 16


@dataclass(frozen=True)
class RankedText:
    """One of some texts that a choice is made from."""

    text: GeneratedText
    surprise: float
    """Bits per word under the generator's judge, the end of the text included."""
    copied: int
    """Words in stretches of five and more that stand in the training texts; those of the prompt do not count."""

    @property
    def merit(self) -> tuple[bool, bool, float]:
        """Smaller is better: what ends by itself, then what is new, then what surprises least."""
        return self.text.ended == "word limit", self.copied > 0, self.surprise


@dataclass(frozen=True)
class Selected:
    """A text that was taken."""

    text: GeneratedText
    candidates: tuple[RankedText, ...]
    """What it was chosen from, the best first; empty where nothing was ranked."""


def select(
    generator: Generator,
    start: Position,
    prompt: str,
    draw: Draw,
    count: int,
    selection: Selection = Selection(),  # noqa: B008  frozen
    *,
    said: Iterable[str] = (),
) -> Iterator[Selected]:
    """Yield up to ``count`` texts that go on from ``start``, where ``prompt`` was read.

    Texts are made with the seed of ``draw`` and those after it; each text says its own seed, with which
    ``generator.stream`` makes it again. Of each ``best_of`` in a row the best one is taken, if it is what is asked for.
    Fewer texts come where ``TRIES`` times as many do not have enough of that kind. None of ``said`` comes again where
    texts are to be unique.

    Raises:
        GenerationError: texts are to end by themselves, and the model's have no ends.
    """
    if selection.must_end and generator.tokenizer.end_id is None and not draw.end.stop:
        raise GenerationError("This model was trained on one long text, so no text ends by itself; leave must-end out.")
    known = set(map(split_key, said))
    tried, taken = 0, 0
    picky = selection.must_end or selection.unique
    while taken < count and tried < count * TRIES:
        at_once = max(count - taken, _FEWEST_AT_ONCE if picky and tried else 1)
        here = replace(draw, seed=draw.seed + tried * selection.best_of)
        made = continue_many(generator, start, prompt, here, at_once * selection.best_of)
        tried += at_once
        for chosen in _each_best(generator, start, made, selection.best_of):
            key = split_key(chosen.text.text)
            if (selection.must_end and chosen.text.ended == "word limit") or (selection.unique and key in known):
                continue
            known.add(key)
            yield chosen
            taken += 1
            if taken == count:
                return


def rank(generator: Generator, start: Position, texts: Sequence[GeneratedText]) -> tuple[RankedText, ...]:
    """Return ``texts``, which go on from ``start``, the best first: those that end by themselves and are new lead."""
    if not texts:
        return ()
    before = [*start.backwards][::-1]
    tokens = [[*before, *text.tokens] for text in texts]
    offsets = np.cumsum([0, *map(len, tokens)], dtype=np.int64)
    split = Split("test", np.concatenate(tokens).astype(np.int32), offsets, 0, 0, 0)
    log_probabilities = generator.judge.log_probabilities(split)
    found: list[RankedText] = []
    for index, text in enumerate(texts):
        own = log_probabilities[offsets[index] + len(before) : offsets[index + 1]]
        words = max(len(text.made.split()), 1)
        found.append(RankedText(text, -float(own.sum()) / math.log(2) / words, _copied(generator, text)))
    return tuple(sorted(found, key=lambda candidate: candidate.merit))


def _each_best(
    generator: Generator, start: Position, made: Iterator[GeneratedText], best_of: int
) -> Iterator[Selected]:
    if best_of == 1:
        yield from (Selected(text, ()) for text in made)
        return
    group: list[GeneratedText] = []
    for text in made:
        group.append(text)
        if len(group) == best_of:
            ranked = rank(generator, start, group)
            yield Selected(ranked[0].text, ranked)
            group = []


def _copied(generator: Generator, text: GeneratedText) -> int:
    end = generator.tokenizer.end_id
    return sum(span.words for span in generator.copied_spans([token for token in text.tokens if token != end]))
