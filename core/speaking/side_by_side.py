"""Many texts at once: what a stream makes of each seed, a step for all of them at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...data.cleaning import clean_text
from .choices import Sampling
from .generation import RECENT, TOKENS_PER_WORD, Generator, Position
from .novelty import CopyTrail, draw_allowed
from .predictors import Floats
from .sampling import as_seeds, draw_many, softmax

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
    stepped_back: int = 0
    """How often another word was taken, because the one drawn first would have copied too much."""


@dataclass(frozen=True, eq=False)
class _Step:
    """What one step added to those texts that still grow."""

    texts: NDArray[np.int64]
    """(growing,) which texts got a token."""
    tokens: NDArray[np.int64]
    """(growing,) ends included."""
    chances: Floats
    stepped_back: NDArray[np.int64]
    """(some of texts,) which of them got another one than was drawn first."""


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
    stepped_back = np.zeros(count, dtype=np.int64)
    for step in _grow(generator, start, sampling, as_seeds(seed, count), words):
        chances: list[float] = step.chances.tolist()
        tokens: list[int] = step.tokens.tolist()
        texts: list[int] = step.texts.tolist()
        for text, token, chance in zip(texts, tokens, chances, strict=True):
            grown[text].append((token, chance))
        stepped_back[step.stepped_back] += 1
    made = [_finished(generator, prompt, start, said, seed + text) for text, said in enumerate(grown)]
    return [replace(text, stepped_back=count) for text, count in zip(made, stepped_back.tolist(), strict=True)]


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
    limit = generator.copy_limit(sampling)
    trail = None if limit is None else limit.follow(start.backwards, len(seeds))
    for place in range(start.count, start.count + words * TOKENS_PER_WORD):
        logits = generator.without_unknown(predictor.logits(state))
        tokens, chances = draw_many(logits, sampling, seeds[growing], place, said)
        stepped_back = np.empty(0, dtype=np.int64)
        if trail is not None:
            stepped_back = _step_back(trail, logits, tokens, chances, sampling, seeds[growing], place, said)
        made[growing] += np.where(made[growing] == 0, begins_first[tokens], begins_later[tokens])
        fits = made[growing] <= words
        yield _Step(growing[fits], tokens[fits], chances[fits], growing[stepped_back[fits[stepped_back]]])
        stays = fits & (tokens != generator.tokenizer.end_id)
        if not stays.all():
            growing, tokens, said = growing[stays], tokens[stays], said[stays]
            state = predictor.select(state, stays)
            if trail is not None:
                trail.select(stays)
        if not growing.size:
            return
        if sampling.repetition_penalty != 1.0:
            said = np.concatenate([said, tokens[:, None]], axis=1)[:, -RECENT:]
        if trail is not None:
            trail.add(tokens)
        state = predictor.read(tokens[None], state)


def _step_back(
    trail: CopyTrail,
    logits: Floats,
    tokens: NDArray[np.int64],
    chances: Floats,
    sampling: Sampling,
    seeds: NDArray[np.uint64],
    place: int,
    said: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Draw others for those of ``tokens`` that would copy too much, in place; return their rows."""
    ruled_out = {row: others for row, others in trail.ruled_out().items() if tokens[row] in others}
    rows = np.array(list(ruled_out), dtype=np.int64)
    if len(rows):
        chosen = draw_allowed(logits[rows], list(ruled_out.values()), sampling, seeds[rows], place, said[rows])
        tokens[rows] = chosen
        chances[rows] = softmax(logits[rows])[np.arange(len(rows)), chosen]
    return rows


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
