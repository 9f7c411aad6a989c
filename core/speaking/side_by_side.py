"""Many texts at once: what a stream makes of each seed, a step for all of them at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from .choices import Draw, Sampling, TextEnd
from .generation import ENDS_BY_ITSELF, TOKENS_PER_WORD, Generator
from .gluing import Gluing
from .novelty import CopyTrail, draw_allowed
from .predictors import Floats
from .sampling import as_seeds, draw_many, softmax
from .spoken import RECENT, Position
from .stopping import StopWatch

_LOGITS_AT_ONCE = 4_000_000
"""Numbers that a batch computes at each step, at most."""

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class GeneratedText:
    """One finished text."""

    prompt: str
    made: str
    """What follows the prompt."""
    words: tuple[tuple[str, float], ...]
    """Each generated token and its probability."""
    tokens: tuple[int, ...]
    """The same as numbers, and the end of the text where it has one."""
    ended: str
    """``end of text``, ``stop text`` or ``word limit``."""
    seed: int
    stepped_back: int = 0
    """How often another word was taken, because the one drawn first would have copied too much."""

    @property
    def text(self) -> str:
        """The prompt and what follows it."""
        return self.prompt + self.made


@dataclass
class _Growing:
    """A text that is being made."""

    watch: StopWatch
    tokens: list[int] = field(default_factory=list[int])
    chances: list[float] = field(default_factory=list[float])
    stepped_back: int = 0
    stopped: bool = False


def generate_many(
    generator: Generator,
    prompt: str,
    sampling: Sampling,
    seed: int,
    count: int,
    words: int = 100,
    end: TextEnd = ENDS_BY_ITSELF,
) -> Iterator[GeneratedText]:
    """Yield ``count`` texts as :func:`generate_batch` makes them, as many side by side as fit in memory."""
    prompt = generator.cleaned(prompt)
    yield from continue_many(generator, generator.read(prompt), prompt, Draw(sampling, seed, words, end), count)


def generate_batch(
    generator: Generator,
    prompt: str,
    sampling: Sampling,
    seed: int,
    count: int,
    words: int = 100,
    end: TextEnd = ENDS_BY_ITSELF,
) -> list[GeneratedText]:
    """Make ``count`` texts side by side; text ``i`` is the one that ``generator.stream`` makes with ``seed + i``."""
    prompt = generator.cleaned(prompt)
    return _continue(generator, generator.read(prompt), prompt, Draw(sampling, seed, words, end), count)


def continue_many(
    generator: Generator, start: Position, prompt: str, draw: Draw, count: int
) -> Iterator[GeneratedText]:
    """Yield ``count`` texts that go on from ``start``, where ``prompt`` was read, each with a seed of its own."""
    at_once = max(1, _LOGITS_AT_ONCE // generator.predictor.vocabulary_size)
    for first in range(0, count, at_once):
        at_most = min(at_once, count - first)
        yield from _continue(generator, start, prompt, replace(draw, seed=draw.seed + first), at_most)


def _continue(generator: Generator, start: Position, prompt: str, draw: Draw, count: int) -> list[GeneratedText]:
    texts = [_Growing(StopWatch(generator.tokenizer, draw.end.stop)) for _ in range(count)]
    _grow(generator, start, draw, as_seeds(draw.seed, count), texts)
    return [_finished(generator, prompt, start, text, draw.seed + index) for index, text in enumerate(texts)]


def _grow(generator: Generator, start: Position, draw: Draw, seeds: NDArray[np.uint64], texts: list[_Growing]) -> None:
    """Go on step by step until every text has ended or has the words it may have."""
    sampling, words, least_words = draw.sampling, draw.words, draw.end.least_words
    predictor, end_id = generator.predictor, generator.tokenizer.end_id
    begins_first, begins_later, opens_next = _beginnings(generator)
    growing: Integers = np.arange(len(seeds), dtype=np.int64)
    made = np.zeros(len(seeds), dtype=np.int64)
    waits = np.full(len(seeds), start.at_text_start or least_words > 0)
    state = predictor.repeat(start.state, len(seeds))
    said = np.tile(np.array(start.recent, dtype=np.int64), (len(seeds), 1))
    limit = generator.copy_limit(sampling)
    trail = None if limit is None else limit.follow(start.backwards, len(seeds))
    last = np.full(len(seeds), start.last, dtype=np.int64)
    for place in range(start.count, start.count + words * TOKENS_PER_WORD):
        logits = generator.without_unknown(predictor.logits(state))
        tokens, chances = draw_many(logits, sampling, seeds[growing], place, said)
        refused, copied = _refused(tokens, last, trail, generator.gluing, waits, end_id)
        _draw_again(refused, logits, tokens, chances, sampling, seeds[growing], place, said)
        made[growing] += np.where(made[growing] == 0, begins_first[tokens], begins_later[tokens])
        fits = made[growing] <= words
        stepped: list[int] = growing[np.array([row for row in copied if fits[row]], dtype=np.int64)].tolist()
        for text in stepped:
            texts[text].stepped_back += 1
        ended = _add(
            [texts[text] for text in growing[fits].tolist()], tokens[fits].tolist(), chances[fits].tolist(), end_id
        )
        stays = fits.copy()
        stays[fits] = ~np.array(ended, dtype=np.bool_)
        if not stays.all():
            growing, tokens, said = growing[stays], tokens[stays], said[stays]
            state = predictor.select(state, stays)
            if trail is not None:
                trail.select(stays)
        if not growing.size:
            return
        waits = (made[growing] < least_words) | opens_next[tokens]
        if sampling.repetition_penalty != 1.0:
            said = np.concatenate([said, tokens[:, None]], axis=1)[:, -RECENT:]
        if trail is not None:
            trail.add(tokens)
        state, last = predictor.read(tokens[None], state), tokens


def _add(texts: list[_Growing], tokens: list[int], chances: list[float], end_id: int | None) -> list[bool]:
    """Add a token to each text; return which of them end with it."""
    ended: list[bool] = []
    for text, token, chance in zip(texts, tokens, chances, strict=True):
        text.tokens.append(token)
        text.chances.append(chance)
        text.stopped = text.watch.sees(token)
        ended.append(text.stopped or token == end_id)
    return ended


def _refused(
    tokens: Integers,
    last: Integers,
    trail: CopyTrail | None,
    gluing: Gluing | None,
    waits: NDArray[np.bool_],
    end_id: int | None,
) -> tuple[dict[int, list[int]], list[int]]:
    """Return the rows whose token must not come, each with all that must not come there; and those that copy."""
    copying = {} if trail is None else trail.ruled_out()
    copied = [row for row, ruled_out in copying.items() if tokens[row] in ruled_out]
    bad = waits & (tokens == end_id)
    if gluing is not None:
        bad |= gluing.refuses_each(last, tokens)
    bad[copied] = True
    rows: list[int] = np.flatnonzero(bad).tolist()
    refused: dict[int, list[int]] = {}
    for row in rows:
        early = [end_id] if waits[row] and end_id is not None else []
        glued = [] if gluing is None else gluing.ruled_out(int(last[row]))
        refused[row] = [*copying.get(row, []), *early, *glued]
    return refused, copied


def _draw_again(
    refused: dict[int, list[int]],
    logits: Floats,
    tokens: Integers,
    chances: Floats,
    sampling: Sampling,
    seeds: NDArray[np.uint64],
    place: int,
    said: Integers,
) -> None:
    """Draw others for the refused ``tokens``, in place."""
    if refused:
        rows = np.array(list(refused), dtype=np.int64)
        tokens[rows] = draw_allowed(logits[rows], list(refused.values()), sampling, seeds[rows], place, said[rows])
        chances[rows] = softmax(logits[rows])[np.arange(len(rows)), tokens[rows]]


def _beginnings(generator: Generator) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return of each token ``(vocabulary,)`` whether it begins a word as the first one, later on, and the next one."""
    tokens = range(generator.predictor.vocabulary_size)
    return (
        np.array([generator.begins_word(token, first=True) for token in tokens]),
        np.array([generator.begins_word(token, first=False) for token in tokens]),
        np.array([generator.tokenizer.token_text(token)[-1:].isspace() for token in tokens]),
    )


def _finished(generator: Generator, prompt: str, start: Position, text: _Growing, seed: int) -> GeneratedText:
    """Return the text that was made after ``prompt``."""
    tokenizer = generator.tokenizer
    ended = bool(text.tokens) and text.tokens[-1] == tokenizer.end_id
    spoken = text.tokens[:-1] if ended else text.tokens
    made = tokenizer.decode(spoken)
    parts = [tokenizer.token_text(token) for token in spoken]
    if tokenizer.kind == "spaces" and parts:
        if start.at_text_start:
            # The first word of a text has no word before it to be parted from.
            parts[0] = parts[0][1:]
        else:
            made = f" {made}"
    return GeneratedText(
        prompt,
        made,
        tuple(zip(parts, text.chances[: len(spoken)], strict=True)),
        tuple(text.tokens),
        "end of text" if ended else "stop text" if text.stopped else "word limit",
        seed,
        text.stepped_back,
    )
