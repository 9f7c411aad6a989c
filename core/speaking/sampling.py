"""From logits to the next token: temperature, filters and a draw that depends on its place alone."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .choices import Sampling
from .filters import Floats, filtered, filters_of, stays

_MASK = 2**64 - 1
_SEED_STRIDE, _PLACE_STRIDE = 0x9E3779B97F4A7C15, 0xD1342543DE82EF95
_MULTIPLIERS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
_BLOCK = 64
"""Tokens whose probabilities are summed before the place of a draw is looked for among them."""
_ROWS = 64
"""Rows that are drawn for at a time."""
_ATTEMPTS = 4
"""Draws from everything before the filters are applied to everything."""
ANOTHER = _ATTEMPTS + 1
"""The attempt whose number belongs to a token that is drawn because another one must not come."""
_PLACES = 2**40
"""Far more than any text has: the numbers of another attempt begin behind them."""


def softmax(logits: Floats, temperature: float = 1.0) -> Floats:
    """Return the probabilities of ``logits`` along their last axis; minus infinity has none."""
    chances = logits - logits.max(-1, keepdims=True)
    if temperature != 1.0:
        chances *= logits.dtype.type(1.0 / temperature)
    np.exp(chances, out=chances)
    chances /= chances.sum(-1, keepdims=True)
    return chances


def filtered_probabilities(logits: Floats, sampling: Sampling, said: NDArray[np.int64] | None = None) -> Floats:
    """Return the distribution that tokens are drawn from.

    Args:
        logits: ``(…, vocabulary)``; minus infinity where a token must not come.
        sampling: applied in this order: repetition penalty, temperature, top-k, top-p, min-p.
        said: ``(…, recent)`` tokens already said.

    Returns:
        ``(…, vocabulary)``, each row summing to 1.
    """
    logits = _penalised(logits, sampling, said)
    if sampling.greedy:
        certain = np.zeros_like(logits)
        np.put_along_axis(certain, logits.argmax(-1, keepdims=True), 1.0, -1)
        return certain
    return filtered(softmax(logits, sampling.temperature), filters_of(sampling))


def draw(
    logits: Floats, sampling: Sampling, seed: int, place: int, said: NDArray[np.int64] | None = None
) -> tuple[int, float]:
    """Return a token from the distribution of :func:`filtered_probabilities`, and the model's own probability of it.

    A token is drawn from all, and again while it is one that the filters drop (von Neumann 1951): whether a single
    token stays is far cheaper to say than which ones do. What is drawn depends on the ``logits`` ``(vocabulary,)``, on
    ``seed`` and on ``place`` alone.
    """
    shifted = logits - logits.max()
    masses = np.exp(shifted)
    mass = masses.sum()
    wanted = _penalised(logits, sampling, said)
    if sampling.greedy:
        token = int(wanted.argmax())
        return token, float(masses[token] / mass)
    if wanted is not logits:
        probabilities = softmax(wanted, sampling.temperature)
    elif sampling.temperature == 1.0:
        probabilities = masses / mass
    else:
        # The largest is 0 already, so the exponential is the softmax but for its sum.
        probabilities = np.exp(shifted * logits.dtype.type(1.0 / sampling.temperature))
        probabilities /= probabilities.sum()
    token = _drawn(probabilities, sampling, seed, place)
    return token, float(masses[token] / mass)


def _drawn(probabilities: Floats, sampling: Sampling, seed: int, place: int) -> int:
    """Return the token that ``seed`` draws at ``place`` from the filtered ``probabilities`` ``(vocabulary,)``."""
    filters = filters_of(sampling)
    blocks = _sums_of_blocks(probabilities)
    for attempt in range(_ATTEMPTS):
        token = _beyond(probabilities, blocks, uniform(seed, place, attempt))
        if stays(probabilities, probabilities[token], filters):
            return token
    left = filtered(probabilities, filters)
    return _beyond(left, _sums_of_blocks(left), uniform(seed, place, _ATTEMPTS))


def draw_many(
    logits: Floats,
    sampling: Sampling,
    seeds: NDArray[np.uint64],
    place: int,
    said: NDArray[np.int64] | None = None,
) -> tuple[NDArray[np.int64], Floats]:
    """Draw as :func:`draw` does, for each row of ``logits`` ``(batch, vocabulary)`` under its own seed."""
    tokens = np.empty(len(logits), dtype=np.int64)
    chances = np.empty(len(logits), dtype=logits.dtype)
    # A few rows at a time stay in the processor's cache from the first to the last look at them.
    for first in range(0, len(logits), _ROWS):
        rows = slice(first, first + _ROWS)
        part = logits[rows]
        wanted = _penalised(part, sampling, None if said is None else said[rows])
        tokens[rows] = drawn = _draw_rows(wanted, sampling, seeds[rows], place)
        chances[rows] = np.take_along_axis(softmax(part), drawn[:, None], -1)[:, 0]
    return tokens, chances


def _draw_rows(logits: Floats, sampling: Sampling, seeds: NDArray[np.uint64], place: int) -> NDArray[np.int64]:
    if sampling.greedy:
        return logits.argmax(-1)
    probabilities = softmax(logits, sampling.temperature)
    tokens = np.zeros(len(logits), dtype=np.int64)
    rows = np.arange(len(logits), dtype=np.int64)
    for attempt in range(_ATTEMPTS):
        left = probabilities if len(rows) == len(probabilities) else probabilities[rows]
        tokens[rows] = drawn = inverse_cumulative(left, uniforms(seeds[rows], place, attempt))
        own = left[np.arange(len(left)), drawn]
        rows = rows[~stays(left, own, filters_of(sampling))]
        if not rows.size:
            return tokens
    left = filtered(probabilities[rows], filters_of(sampling))
    tokens[rows] = inverse_cumulative(left, uniforms(seeds[rows], place, _ATTEMPTS))
    return tokens


def _beyond(probabilities: Floats, blocks: NDArray[np.float64], number: float) -> int:
    """Return the token at which the running sum of ``probabilities`` ``(vocabulary,)`` passes ``number``.

    It adds in the order in which :func:`inverse_cumulative` does, so that both draw the same.
    """
    block = min(int(blocks.searchsorted(number, side="right")), len(blocks) - 1)
    running = probabilities[block * _BLOCK : (block + 1) * _BLOCK].cumsum()
    before = blocks[block - 1] if block else 0.0
    token = block * _BLOCK + min(int((before + running).searchsorted(number, side="right")), len(running) - 1)
    # Rounding may carry a number past the last token that has any probability.
    return token if probabilities[token] else int(probabilities.argmax())


def inverse_cumulative(probabilities: Floats, numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the token ``(batch,)`` at which each row's cumulative probability passes its number in [0, 1)."""
    tokens = _place_beyond(probabilities, numbers)
    impossible = probabilities[np.arange(len(tokens)), tokens] == 0
    if impossible.any():
        tokens[impossible] = probabilities[impossible].argmax(-1)
    return tokens


def uniform(seed: int, place: int, attempt: int = 0) -> float:
    """Return the uniform number in [0, 1) that belongs to ``place`` under ``seed`` (SplitMix64, Steele et al. 2014).

    A number depends on nothing else, so rewinding words and going on repeats them.
    """
    state = (seed * _SEED_STRIDE + (place + 1 + attempt * _PLACES) * _PLACE_STRIDE) & _MASK
    for multiplier in _MULTIPLIERS:
        state = ((state ^ (state >> 30)) * multiplier) & _MASK
        state ^= state >> 27
    return ((state ^ (state >> 31)) >> 11) * 2.0**-53


def uniforms(seeds: NDArray[np.uint64], place: int, attempt: int = 0) -> NDArray[np.float64]:
    """Return :func:`uniform` of each seed ``(batch,)``."""
    number = (place + 1 + attempt * _PLACES) * _PLACE_STRIDE & _MASK
    state = seeds * np.uint64(_SEED_STRIDE) + np.uint64(number)
    for multiplier in _MULTIPLIERS:
        state = (state ^ (state >> np.uint64(30))) * np.uint64(multiplier)
        state ^= state >> np.uint64(27)
    return ((state ^ (state >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def as_seeds(first: int, count: int = 1) -> NDArray[np.uint64]:
    """Return the seeds from ``first`` on, of whatever sign and size, as :func:`draw` takes them."""
    return np.array([(first + index) & _MASK for index in range(count)], dtype=np.uint64)


def _penalised(logits: Floats, sampling: Sampling, said: NDArray[np.int64] | None) -> Floats:
    penalty = sampling.repetition_penalty
    if said is None or penalty == 1.0 or not said.size:
        return logits
    scores = np.take_along_axis(logits, said, -1)
    logits = logits.copy()
    np.put_along_axis(logits, said, np.where(scores > 0, scores / penalty, scores * penalty), -1)
    return logits


def _sums_of_blocks(values: Floats) -> NDArray[np.float64]:
    """Return the running sums of ``values`` ``(…, n)`` at the end of each block: ``(…, blocks)``."""
    return np.add.reduceat(values, _starts(values.shape[-1]), axis=-1).cumsum(-1, dtype=np.float64)


@lru_cache(maxsize=8)
def _starts(length: int) -> NDArray[np.int64]:
    return np.arange(0, length, _BLOCK, dtype=np.int64)


def _place_beyond(values: Floats, limits: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """Return where the running sum of each row of ``values`` ``(batch, n)`` first exceeds its limit ``(batch,)``.

    A limit that is never exceeded gives the last place. First the block is found and then the place in it: a running
    sum over everything is several times as slow.
    """
    length = values.shape[-1]
    starts = _starts(length)
    before = np.zeros((len(values), len(starts) + 1))
    before[:, 1:] = _sums_of_blocks(values)
    blocks = np.minimum((before[:, 1:] <= limits[:, None]).sum(-1), len(starts) - 1)[:, None]
    places = np.minimum(starts[blocks] + np.arange(_BLOCK, dtype=np.int64), length - 1)
    running = np.take_along_axis(before, blocks, -1) + np.take_along_axis(values, places, -1).cumsum(-1)
    within = np.minimum((running <= limits[:, None]).sum(-1), _BLOCK - 1)
    return np.take_along_axis(places, within[:, None], -1)[:, 0]
