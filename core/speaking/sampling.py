"""From logits to the next token: temperature, filters and a draw that depends on its place alone.

On numpy, whose calls cost few microseconds for one vocabulary and whose sort is several times as fast as torch's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..errors import SettingsError
from ..training.tensors import from_array

Floats = NDArray[np.floating[Any]]

_MASK = 2**64 - 1
_MULTIPLIERS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
_BLOCK = 64
_LIKELIEST = 256
"""Tokens that top-p looks at before it sorts all of them; enough for most places of a trained model."""
_MORE_THAN_ROUNDING = 1e-3
_ATTEMPTS = 4
"""Draws from everything before the filters are applied to everything."""
_PLACES = 2**40
"""Far more than any text has: the numbers of another attempt begin behind them."""


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen; the defaults keep it lively and sane.

    Raises:
        SettingsError: a value makes no sense.
    """

    temperature: float = 0.8
    """Above 1 bolder, below 1 safer."""
    top_k: int = 0
    """Keep the k likeliest tokens; 0 keeps all (Fan et al. 2018)."""
    top_p: float = 0.95
    """Keep the likeliest tokens that together reach this probability (Holtzman et al. 2020)."""
    min_p: float = 0.0
    """Drop tokens less likely than this share of the likeliest (Nguyen et al. 2024)."""
    repetition_penalty: float = 1.0
    """Divides the score of tokens already said (Keskar et al. 2019)."""
    greedy: bool = False
    """Always take the likeliest token."""

    def __post_init__(self) -> None:
        wanted = (
            ("temperature", 0.01 <= self.temperature <= 100, "between 0.01 and 100; for the likeliest word use greedy"),
            ("top-k", self.top_k >= 0, "0 or more"),
            ("top-p", 0 < self.top_p <= 1, "above 0 and at most 1"),
            ("min-p", 0 <= self.min_p <= 1, "between 0 and 1"),
            ("repetition-penalty", 0.1 <= self.repetition_penalty <= 100, "between 0.1 and 100"),
        )
        for name, fits, range_ in wanted:
            if not fits:
                raise SettingsError(f"{name} must be {range_}, but is {getattr(self, name.replace('-', '_'))}.")


def softmax(logits: Floats, temperature: float = 1.0) -> Floats:
    """Return the probabilities of ``logits`` along their last axis; minus infinity has none."""
    if logits.ndim == 1 or len(logits) == 1:
        # Half of torch's time for a single row; many rows are worth all cores.
        chances = np.exp((logits - logits.max()) * logits.dtype.type(1.0 / temperature))
        chances /= chances.sum()
        return chances
    scores = from_array(logits)
    return torch.softmax(scores if temperature == 1.0 else scores / temperature, -1).numpy()


def filtered_probabilities(logits: Floats, sampling: Sampling, said: NDArray[np.int64] | None = None) -> Floats:
    """Return the distribution that tokens are drawn from.

    Args:
        logits: ``(batch, vocabulary)``; minus infinity where a token must not come.
        sampling: the filters, applied in this order: repetition penalty, temperature, top-k, top-p, min-p.
        said: ``(batch, recent)`` tokens already said.

    Returns:
        ``(batch, vocabulary)``, each row summing to 1.
    """
    logits = _penalised(logits, sampling, said)
    if sampling.greedy:
        certain = np.zeros_like(logits)
        certain[np.arange(len(logits)), logits.argmax(-1)] = 1.0
        return certain
    return _filtered(softmax(logits, sampling.temperature), sampling)


def draw(
    logits: Floats,
    sampling: Sampling,
    seeds: NDArray[np.uint64],
    place: int,
    said: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Return one token ``(batch,)`` a row from the distribution of :func:`filtered_probabilities`.

    A token is drawn from all, and again while it is one that the filters drop (von Neumann 1951): whether a single
    token stays is far cheaper to say than which ones do. What is drawn for a row depends on its logits, on its seed
    ``(batch,)`` and on ``place`` alone.
    """
    logits = _penalised(logits, sampling, said)
    if sampling.greedy:
        return logits.argmax(-1)
    probabilities = softmax(logits, sampling.temperature)
    tokens = np.zeros(len(logits), dtype=np.int64)
    rows = np.arange(len(logits), dtype=np.int64)
    for attempt in range(_ATTEMPTS):
        left = probabilities if len(rows) == len(probabilities) else probabilities[rows]
        tokens[rows] = drawn = inverse_cumulative(left, uniforms(seeds[rows], place, attempt))
        rows = rows[~_stays(left, drawn, sampling)]
        if not rows.size:
            return tokens
    left = _filtered(probabilities[rows], sampling)
    tokens[rows] = inverse_cumulative(left, uniforms(seeds[rows], place, _ATTEMPTS))
    return tokens


def inverse_cumulative(probabilities: Floats, numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the token ``(batch,)`` at which each row's cumulative probability passes its number in [0, 1)."""
    tokens = _place_beyond(probabilities, numbers)
    # Rounding may carry a number past the last token that has any probability.
    impossible = probabilities[np.arange(len(tokens)), tokens] == 0
    if impossible.any():
        tokens[impossible] = probabilities[impossible].argmax(-1)
    return tokens


def uniforms(seeds: NDArray[np.uint64], place: int, attempt: int = 0) -> NDArray[np.float64]:
    """Return the uniform number in [0, 1) that belongs to ``place`` under each seed (SplitMix64, Steele et al. 2014).

    A number depends on nothing else, so rewinding words and going on repeats them.
    """
    number = (place + 1 + attempt * _PLACES) * 0xD1342543DE82EF95 & _MASK
    if len(seeds) == 1:
        # A tenth of what the arrays below take for a single number.
        one = (int(seeds[0]) * 0x9E3779B97F4A7C15 + number) & _MASK
        for multiplier in _MULTIPLIERS:
            one = ((one ^ (one >> 30)) * multiplier) & _MASK
            one ^= one >> 27
        return np.array([((one ^ (one >> 31)) >> 11) * 2.0**-53])
    state = seeds * np.uint64(0x9E3779B97F4A7C15) + np.uint64(number)
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


def _filtered(probabilities: Floats, sampling: Sampling) -> Floats:
    """Return ``probabilities`` ``(batch, vocabulary)``, which are overwritten, after top-k, top-p and min-p."""
    if 0 < sampling.top_k < probabilities.shape[-1]:
        floor = np.partition(probabilities, -sampling.top_k, axis=-1)[:, -sampling.top_k, None]
        _keep(probabilities, floor)
    if sampling.top_p < 1.0:
        _keep(probabilities, _top_p_floor(probabilities, sampling.top_p))
    if sampling.min_p > 0.0:
        _keep(probabilities, sampling.min_p * probabilities.max(-1, keepdims=True))
    return probabilities


def _stays(probabilities: Floats, tokens: NDArray[np.int64], sampling: Sampling) -> NDArray[np.bool_]:
    """Return for each row whether the filters keep its token ``(batch,)``."""
    if 0 < sampling.top_k < probabilities.shape[-1]:
        left = _filtered(probabilities.copy(), sampling)
        return left[np.arange(len(tokens)), tokens] > 0
    own = probabilities[np.arange(len(tokens)), tokens, None]
    stays = np.ones(len(tokens), dtype=np.bool_)
    # A token with more than the rest of top-p stays without a sum: all others together have less than top-p.
    doubtful = np.flatnonzero(own <= 1.0 - sampling.top_p + _MORE_THAN_ROUNDING)
    if sampling.top_p < 1.0 and doubtful.size:
        left = probabilities if len(doubtful) == len(probabilities) else probabilities[doubtful]
        stays[doubtful] = _sum_above(left, own[doubtful]) <= _just_below(sampling.top_p, probabilities)
    if sampling.min_p > 0.0:
        stays &= own[:, 0] >= sampling.min_p * probabilities.max(-1)
    return stays


def _sum_above(values: Floats, limits: Floats) -> NDArray[np.float64]:
    """Return the sum ``(batch,)`` of each row's ``values`` above its limit ``(batch, 1)``."""
    if len(values) == 1:
        return values[values > limits].sum(dtype=np.float64, keepdims=True)
    # torch takes all cores for this.
    everything = from_array(values)
    above = torch.where(everything > from_array(limits), everything, 0.0)
    return above.sum(-1, dtype=torch.float64).numpy()


def _just_below(top_p: float, probabilities: Floats) -> Any:
    return np.nextafter(probabilities.dtype.type(top_p), 0)


def _keep(probabilities: Floats, floor: Floats) -> None:
    probabilities *= probabilities >= floor
    probabilities /= probabilities.sum(-1, keepdims=True)


def _top_p_floor(probabilities: Floats, top_p: float) -> Floats:
    """Return the lowest probability ``(batch, 1)`` that each row keeps; mostly a few of the likeliest are enough."""
    below = np.full(len(probabilities), _just_below(top_p, probabilities))
    if probabilities.shape[-1] > 2 * _LIKELIEST:
        likeliest = np.partition(probabilities, -_LIKELIEST, axis=-1)[:, -_LIKELIEST:]
        if (likeliest.sum(-1) > top_p + _MORE_THAN_ROUNDING).all():
            probabilities = likeliest
    falling = np.sort(probabilities, axis=-1)[:, ::-1]
    return falling[np.arange(len(falling)), _place_beyond(falling, below), None]


def _place_beyond(values: Floats, limits: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """Return where the running sum of each row of ``values`` ``(batch, n)`` first exceeds its limit ``(batch,)``.

    A limit that is never exceeded gives the last place. In a batch first the block is found and then the place in it,
    because a running sum over everything is several times as slow.
    """
    batch, length = values.shape
    if batch == 1:
        place = values[0].cumsum(dtype=np.float64).searchsorted(limits, side="right")
        return np.minimum(place, length - 1)
    starts: NDArray[np.int64] = np.arange(0, length, _BLOCK, dtype=np.int64)
    before = np.zeros((batch, len(starts) + 1))
    np.cumsum(np.add.reduceat(values, starts, axis=-1), axis=-1, out=before[:, 1:])
    blocks = np.minimum((before[:, 1:] <= limits[:, None]).sum(-1), len(starts) - 1)[:, None]
    places = np.minimum(starts[blocks] + np.arange(_BLOCK, dtype=np.int64), length - 1)
    running = np.take_along_axis(before, blocks, -1) + np.take_along_axis(values, places, -1).cumsum(-1)
    within = np.minimum((running <= limits[:, None]).sum(-1), _BLOCK - 1)
    return np.take_along_axis(places, within[:, None], -1)[:, 0]
