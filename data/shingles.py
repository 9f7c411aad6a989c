"""Texts as sets of short stretches of their words: which of them have many in common (Broder 1997 calls them shingles).

Each stretch is a number of 64 bits that follows from its words. Two stretches share a number once in 2**64.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_NEIGHBOURS = 3
"""Of the texts that have a stretch, each is compared with so many that have it too: more would be all with all."""
_FREQUENT = 200
"""A stretch that more texts than this have says nothing about two of them."""
_MOST_PAIRS = 200_000

Numbers = NDArray[np.uint64]
Places = NDArray[np.int64]
Match = tuple[int, int, float]
"""A text, the one that it is like, and the share that says how much, 0–1."""


class Shingles:
    """The stretches of ``size`` words of many texts; a shorter text is one stretch."""

    def __init__(self, texts: Sequence[Places], size: int) -> None:
        """Number the stretches of texts that are given as numbers of words."""
        self._sets = [_stretches(text, size) for text in texts]
        lengths = [len(each) for each in self._sets]
        self._keys = np.concatenate([np.empty(0, np.uint64), *self._sets])
        self._owners = np.repeat(np.arange(len(texts), dtype=np.int64), lengths)
        order = np.lexsort((self._owners, self._keys))
        self._keys, self._owners = self._keys[order], self._owners[order]

    def near_repeats(self, least: float) -> list[Match]:
        """Return each text with the earlier one it has most in common with, where that is ``least`` or more of both.

        The share is that of the stretches of either text which both have. The most alike come first.
        """
        best: dict[int, tuple[int, float]] = {}
        for one, other in self._candidates():
            first, second = self._sets[one], self._sets[other]
            shared = len(np.intersect1d(first, second, assume_unique=True))
            share = shared / max(1, len(first) + len(second) - shared)
            if share >= least and share > best.get(other, (0, 0.0))[1]:
                best[other] = one, share
        found = [(other, one, share) for other, (one, share) in best.items()]
        return sorted(found, key=lambda match: (-match[2], match[0]))

    def _candidates(self) -> list[tuple[int, int]]:
        """Return pairs of texts, the earlier first, that share some stretch; those that share most come first."""
        keys, owners = self._keys, self._owners
        sizes = (
            np.diff(np.flatnonzero(np.r_[True, keys[1:] != keys[:-1], True])) if len(keys) else np.empty(0, np.int64)
        )
        usual = np.repeat(sizes <= _FREQUENT, sizes)
        pairs = [np.empty((0, 2), dtype=np.int64)]
        for distance in range(1, _NEIGHBOURS + 1):
            same = (keys[distance:] == keys[:-distance]) & usual[distance:]
            pairs.append(np.stack([owners[:-distance][same], owners[distance:][same]], axis=1))
        found, counts = np.unique(np.concatenate(pairs), axis=0, return_counts=True)
        order = np.argsort(-counts, kind="stable")[:_MOST_PAIRS]
        return [(one, other) for one, other in found[order].tolist()]

    def standing_in(self, base: NDArray[np.bool_], least: float) -> list[Match]:
        """Return the texts outside of ``base`` of whose stretches ``least`` or more stand in texts of it.

        With each comes the text of ``base`` that has most of them. The largest share comes first.
        """
        inside = base[self._owners]
        keys, owners = self._keys[inside], self._owners[inside]
        found: list[Match] = []
        for place in np.flatnonzero(~base).tolist():
            own = self._sets[place]
            first, stop = keys.searchsorted(own, "left"), keys.searchsorted(own, "right")
            share = float((stop > first).mean()) if len(own) else 0.0
            if share >= least:
                holders = [owners[begin : min(end, begin + _FREQUENT)] for begin, end in zip(first, stop, strict=True)]
                found.append((place, int(np.bincount(np.concatenate(holders)).argmax()), share))
        return sorted(found, key=lambda match: (-match[2], match[0]))


def _stretches(words: Places, size: int) -> Numbers:
    """Return the numbers of the different stretches of a text ``(stretches,)``, in order."""
    if not len(words):
        return np.empty(0, np.uint64)
    width = min(size, len(words))
    count = len(words) - width + 1
    # A word's number is spread over all bits first, so that sums of small numbers do not meet.
    spread = (words.astype(np.uint64) + np.uint64(1)) * _MIX
    spread ^= spread >> np.uint64(31)
    found = np.full(count, np.uint64(width))
    for place in range(width):
        found = found * _BASE + spread[place : place + count]
    return np.unique(found)
