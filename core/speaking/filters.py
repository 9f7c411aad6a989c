"""Which tokens may be drawn: top-k, top-p and min-p, each as the lowest probability that stays.

Every filter answers twice. :meth:`Filter.floor` finds its lowest probability, for which the tokens must be put in
order; :meth:`Filter.stays` says of one token a row whether it reaches that floor, which is far cheaper, most of all for
a single row, whose token is a scalar. Tests hold that both say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .choices import Sampling

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]

_LIKELIEST = 256
"""Tokens that top-p looks at before it sorts all of them; enough for most places of a trained model."""
_MORE_THAN_ROUNDING = 1e-3


class Filter(Protocol):
    """One rule about which tokens of a distribution stay; whatever axes stand before the last one are rows."""

    def floor(self, probabilities: Floats) -> Floats:
        """Return the lowest probability ``(…, 1)`` that stays in each row of ``(…, vocabulary)``."""
        ...

    def stays(self, probabilities: Floats, own: Floats) -> Flags:
        """Return whether a token of the probability ``own`` ``(…)`` stays in its row of ``(…, vocabulary)``."""
        ...


@dataclass(frozen=True)
class TopK:
    """Keeps the k likeliest tokens and what is as likely as the last of them (Fan et al. 2018)."""

    k: int

    def floor(self, probabilities: Floats) -> Floats:
        """The k-th largest probability."""
        k = min(self.k, probabilities.shape[-1])
        return np.partition(probabilities, -k, axis=-1)[..., -k, None]

    def stays(self, probabilities: Floats, own: Floats) -> Flags:
        """Fewer than k are likelier."""
        return (probabilities > own[..., None]).sum(-1) < self.k


@dataclass(frozen=True)
class TopP:
    """Keeps the likeliest tokens that together reach a share p (Holtzman et al. 2020)."""

    p: float

    def floor(self, probabilities: Floats) -> Floats:
        """The probability at which the likeliest reach p; mostly a few of them are enough."""
        if probabilities.shape[-1] > 2 * _LIKELIEST:
            likeliest = np.partition(probabilities, -_LIKELIEST, axis=-1)[..., -_LIKELIEST:]
            if (likeliest.sum(-1) > self.p + _MORE_THAN_ROUNDING).all():
                probabilities = likeliest
        falling = np.sort(probabilities, axis=-1)[..., ::-1]
        short = falling.cumsum(-1, dtype=np.float64) <= _just_below(self.p, probabilities.dtype.type)
        reached = np.minimum(short.sum(-1, keepdims=True), falling.shape[-1] - 1)
        return np.take_along_axis(falling, reached, -1)

    def stays(self, probabilities: Floats, own: Floats) -> Flags:
        """The likelier ones alone do not reach p."""
        # Beside a token with more than the rest of p all others together have less than p: no sum is needed.
        sure = own > 1.0 - self.p + _MORE_THAN_ROUNDING
        if sure.all():
            return sure
        above = np.vecdot(probabilities, (probabilities > own[..., None]).astype(probabilities.dtype))
        return sure | (above <= _just_below(self.p, probabilities.dtype.type))


@dataclass(frozen=True)
class MinP:
    """Keeps tokens that have at least a share of the likeliest one's probability (Nguyen et al. 2024)."""

    share: float

    def floor(self, probabilities: Floats) -> Floats:
        """The share of the largest probability."""
        return self.share * probabilities.max(-1, keepdims=True)

    def stays(self, probabilities: Floats, own: Floats) -> Flags:
        """Not below that share."""
        return own >= self.share * probabilities.max(-1)


@lru_cache(maxsize=64)
def filters_of(sampling: Sampling) -> tuple[Filter, ...]:
    """Return the filters that ``sampling`` switches on, in the order in which they are applied."""
    top_k, top_p, min_p = sampling.top_k, sampling.top_p, sampling.min_p
    rules = (TopK(top_k), top_k > 0), (TopP(top_p), top_p < 1), (MinP(min_p), min_p > 0)
    return tuple(rule for rule, on in rules if on)


def filtered(probabilities: Floats, filters: Sequence[Filter]) -> Floats:
    """Apply ``filters`` one after the other to ``probabilities`` ``(…, vocabulary)``, which are overwritten."""
    for rule in filters:
        probabilities *= probabilities >= rule.floor(probabilities)
        probabilities /= probabilities.sum(-1, keepdims=True)
    return probabilities


def stays(probabilities: Floats, own: Floats, filters: Sequence[Filter]) -> Flags:
    """Return whether all ``filters`` keep a token of the probability ``own`` ``(…)`` of its row."""
    kept = own > 0
    for place, rule in enumerate(filters):
        kept = kept & rule.stays(probabilities, own)
        if isinstance(rule, TopK) and place + 1 < len(filters):
            # What follows looks at shares of what top-k has left.
            left = probabilities * (probabilities >= rule.floor(probabilities))
            total = left.sum(-1)
            probabilities, own = left / total[..., None], own / total
    return kept


@lru_cache(maxsize=8)
def _just_below(p: float, kind: type[np.floating[Any]]) -> np.floating[Any]:
    return np.nextafter(kind(p), kind(0))
