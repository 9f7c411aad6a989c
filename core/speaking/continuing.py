"""Continuing a prompt token by token until a stop text, the end or a limit: what programs ask for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from .choices import Sampling
from .generation import Generator, Position
from .sampling import softmax

_NEUTRAL = Sampling(temperature=1.0, top_p=1.0)


@dataclass(frozen=True)
class TokenChance:
    """A token, the natural logarithm of its probability before temperature and filters, and its likeliest rivals."""

    text: str
    log_probability: float
    rivals: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Piece:
    """What is added to a text at a time; the last one says why the text ends."""

    text: str
    tokens: tuple[TokenChance, ...] = ()
    made: int = 0
    """Tokens that the model made for it, also those that are not part of the text."""
    ended: Literal["stop", "length"] | None = None
    """``stop``: the text ended or a stop text came; ``length``: the limit was reached."""


@dataclass(frozen=True)
class Prompt:
    """A prompt that was read."""

    text: str
    ids: tuple[int, ...]
    position: Position


def read_prompt(generator: Generator, prompt: str | Sequence[int]) -> Prompt:
    """Read a prompt, a text or its tokens; raises ValueError when a token is not in the vocabulary."""
    start = generator.start()
    tokenizer = generator.tokenizer
    if isinstance(prompt, str):
        text = generator.as_typed(prompt, start)
        ids = tokenizer.encode(text)
    else:
        ids = [*prompt]
        if any(not 0 <= token < tokenizer.vocabulary_size for token in ids):
            raise ValueError(f"a token of the prompt is not between 0 and {tokenizer.vocabulary_size - 1}")
        text = tokenizer.decode(ids)
    return Prompt(text, tuple(ids), generator.after(start, ids) if ids else start)


def chances_of(generator: Generator, prompt: Prompt, rivals: int) -> tuple[TokenChance, ...]:
    """Return how likely each token of a prompt was where it stands."""
    position, chances = generator.start(), list[TokenChance]()
    for token in prompt.ids:
        own = float(softmax(generator.predictor.logits(position.state)[0])[token])
        chances.append(_chance(generator, position, generator.tokenizer.token_text(token), own, rivals))
        position = generator.after(position, [token])
    return tuple(chances)


def continued(
    generator: Generator,
    prompt: Prompt,
    sampling: Sampling,
    seed: int,
    limit: int,
    stops: Sequence[str] = (),
    rivals: int | None = None,
) -> Iterator[Piece]:
    """Yield what follows ``prompt``, at most ``limit`` tokens, up to the first of the texts in ``stops``.

    A piece never holds what may turn out to belong to a stop text. With ``rivals`` its tokens come along, each with
    that many of the likeliest at its place. What is drawn depends on the prompt and ``seed`` alone.
    """
    held, chances, made = "", list[TokenChance](), 0
    for word in islice(generator.stream(prompt.position, sampling, seed, max(limit, 1)), limit):
        made += 1
        if word.is_end:
            yield Piece(held, tuple(chances), made, "stop")
            return
        held += word.text
        if rivals is not None:
            chances.append(_chance(generator, word.before, word.text, word.probability, rivals))
        found = [place for stop in stops if (place := held.find(stop)) >= 0]
        if found:
            kept = held[: min(found)]
            yield Piece(kept, _within(chances, len(kept)), made, "stop")
            return
        sure = len(held) - _begun(held, stops)
        if sure == len(held):
            yield Piece(held, tuple(chances), made)
            held, chances, made = "", [], 0
    yield Piece(held, tuple(chances), made, "length")


def _begun(text: str, stops: Sequence[str]) -> int:
    """Return how many characters at the end of ``text`` may be the beginning of a stop text."""
    return max(
        (length for stop in stops for length in range(1, len(stop)) if text.endswith(stop[:length])),
        default=0,
    )


def _within(chances: Sequence[TokenChance], length: int) -> tuple[TokenChance, ...]:
    """Return the tokens that begin within the first ``length`` characters."""
    kept: list[TokenChance] = []
    for chance in chances:
        if length <= 0:
            break
        kept.append(chance)
        length -= len(chance.text)
    return tuple(kept)


def _chance(generator: Generator, position: Position, text: str, probability: float, rivals: int) -> TokenChance:
    others = generator.next_words(position, _NEUTRAL, rivals) if rivals else []
    return TokenChance(text, _log(probability), tuple((word.text, _log(word.probability)) for word in others))


def _log(probability: float) -> float:
    # The protocol's numbers are finite: the unknown word, which is never said, has no probability at all.
    return math.log(probability) if probability > 0 else -9999.0
