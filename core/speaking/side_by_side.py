"""Many texts at once: what a stream makes of each seed, a step for all of them at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...data.cleaning import clean_text
from .choices import Sampling
from .generation import RECENT, TOKENS_PER_WORD, Generator, Position
from .predictors import Floats
from .sampling import as_seeds, draw_many

_LOGITS_AT_ONCE = 4_000_000
"""Numbers that a batch computes at each step, at most."""


@dataclass(frozen=True)
class GeneratedText:
    """One finished text."""

    text: str
    """The prompt included."""
    words: tuple[tuple[str, float], ...]
    """Each generated token and its probability."""
    ended: str
    """``end of text`` or ``word limit``."""
    seed: int


@dataclass(frozen=True, eq=False)
class _Step:
    """What one step added to those texts that still grow."""

    texts: NDArray[np.int64]
    """(growing,) which texts got a token."""
    tokens: NDArray[np.int64]
    """(growing,) ends included."""
    chances: Floats


def generate_many(
    generator: Generator, prompt: str, sampling: Sampling, seed: int, count: int, words: int = 100
) -> Iterator[GeneratedText]:
    """Yield ``count`` texts as :func:`generate_batch` makes them, as many side by side as fit in memory."""
    at_once = max(1, _LOGITS_AT_ONCE // generator.predictor.vocabulary_size)
    for first in range(0, count, at_once):
        yield from generate_batch(generator, prompt, sampling, seed + first, min(at_once, count - first), words)


def generate_batch(
    generator: Generator, prompt: str, sampling: Sampling, seed: int, count: int, words: int = 100
) -> list[GeneratedText]:
    """Make ``count`` texts side by side; text ``i`` is the one that ``generator.stream`` makes with ``seed + i``."""
    prompt = clean_text(prompt)
    start = generator.read(prompt)
    grown: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    for step in _grow(generator, start, sampling, as_seeds(seed, count), words):
        chances: list[float] = step.chances.tolist()
        tokens: list[int] = step.tokens.tolist()
        texts: list[int] = step.texts.tolist()
        for text, token, chance in zip(texts, tokens, chances, strict=True):
            grown[text].append((token, chance))
    return [_finished(generator, prompt, start, said, seed + text) for text, said in enumerate(grown)]


def _grow(
    generator: Generator, start: Position, sampling: Sampling, seeds: NDArray[np.uint64], words: int
) -> Iterator[_Step]:
    """Yield step by step until every text has ended or has ``words`` words."""
    predictor = generator.predictor
    begins_first, begins_later = _beginnings(generator)
    growing: NDArray[np.int64] = np.arange(len(seeds), dtype=np.int64)
    made = np.zeros(len(seeds), dtype=np.int64)
    state = predictor.repeat(start.state, len(seeds))
    said = np.tile(np.array(start.recent, dtype=np.int64), (len(seeds), 1))
    for place in range(start.count, start.count + words * TOKENS_PER_WORD):
        logits = generator.without_unknown(predictor.logits(state))
        tokens, chances = draw_many(logits, sampling, seeds[growing], place, said)
        made[growing] += np.where(made[growing] == 0, begins_first[tokens], begins_later[tokens])
        fits = made[growing] <= words
        yield _Step(growing[fits], tokens[fits], chances[fits])
        stays = fits & (tokens != generator.tokenizer.end_id)
        if not stays.all():
            growing, tokens, said = growing[stays], tokens[stays], said[stays]
            state = predictor.select(state, stays)
        if not growing.size:
            return
        if sampling.repetition_penalty != 1.0:
            said = np.concatenate([said, tokens[:, None]], axis=1)[:, -RECENT:]
        state = predictor.read(tokens[None], state)


def _beginnings(generator: Generator) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return for each token whether it begins a word as the first one, and later on: ``(vocabulary,)`` each."""
    tokens = range(generator.predictor.vocabulary_size)
    return (
        np.array([generator.begins_word(token, first=True) for token in tokens]),
        np.array([generator.begins_word(token, first=False) for token in tokens]),
    )


def _finished(
    generator: Generator, prompt: str, start: Position, said: list[tuple[int, float]], seed: int
) -> GeneratedText:
    """Return the text of the tokens and probabilities in ``said``, which follow ``prompt``."""
    tokenizer = generator.tokenizer
    tokens = [token for token, _ in said]
    ended = bool(tokens) and tokens[-1] == tokenizer.end_id
    spoken = tokens[:-1] if ended else tokens
    text = tokenizer.decode(spoken)
    parts = [tokenizer.token_text(token) for token in spoken]
    chances = [chance for _, chance in said[: len(spoken)]]
    if tokenizer.kind == "spaces" and parts:
        if start.at_text_start:
            # The first word of a text has no word before it to be parted from.
            parts[0] = parts[0][1:]
        else:
            text = f" {text}"
    return GeneratedText(
        prompt + text,
        tuple(zip(parts, chances, strict=True)),
        "end of text" if ended else "word limit",
        seed,
    )
