"""Which tokens stand in which batch, planned with whole arrays and never token by token."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import overload

import numpy as np
from numpy.typing import NDArray

from .arrays_on_disk import let_go
from .corpus import Offsets, Split

Indices = NDArray[np.int64]

STRETCH = 1 << 19
"""Texts, or pieces of longer ones, that are shuffled together: some dozen megabytes of places."""
_POOL = 16
"""Batches whose pieces are sorted by their length."""

NO_TOKEN = -1
"""Marks the places of a batch where a shorter text has ended."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Positions in a split's tokens: the network reads ``inputs`` and is asked for ``targets``."""

    inputs: Indices
    """(time, batch) positions of the tokens read, :data:`NO_TOKEN` for the end-of-text token before a text."""
    targets: Indices
    """(time, batch) positions of the tokens to predict, :data:`NO_TOKEN` after a text's end."""
    fresh: bool
    """Whether the state starts anew; otherwise it is carried over from the batch before."""

    @property
    def predicted(self) -> Indices:
        """Which places of the batch, counted row by row, have a token to predict."""
        return np.flatnonzero(self.targets.ravel() >= 0)


class Plan(Sequence[Batch]):
    """The batches of an epoch, each worked out when it is asked for: all of them take more than the texts."""

    def __init__(self, count: int, make: Callable[[int], Batch]) -> None:
        """Plan ``count`` batches, of which ``make`` works out one by its number."""
        self._count = count
        self._make = make

    def __len__(self) -> int:
        """Return the number of batches."""
        return self._count

    @overload
    def __getitem__(self, place: int) -> Batch: ...
    @overload
    def __getitem__(self, place: slice) -> list[Batch]: ...
    def __getitem__(self, place: int | slice) -> Batch | list[Batch]:
        """Work out a batch, or some."""
        numbers = range(self._count)[place]
        return self._make(numbers) if isinstance(numbers, int) else list(map(self._make, numbers))


def text_batches(split: Split, batch_size: int, sequence_length: int, *, seed: int, epoch: int) -> Plan:
    """Plan an epoch over separate texts, shuffled by ``(seed, epoch)``, each read from a fresh state.

    Texts longer than ``sequence_length`` tokens are cut; every piece but the first starts from the token before it.
    Pieces of similar length share a batch, so that little is read past their ends. More texts than have room are
    shuffled in stretches of neighbours, and so are the stretches.
    """
    stretches = _stretches(split, sequence_length)
    if len(stretches) == 1:
        shuffled = _shuffled(split, stretches[0], batch_size, sequence_length, [seed, epoch])
        return Plan(len(shuffled.batches), shuffled.make)
    order: list[int] = np.random.default_rng([seed, epoch]).permutation(len(stretches)).tolist()
    counts = [_batches_in(split, stretches[place], batch_size, sequence_length) for place in order]
    firsts = np.cumsum([0, *counts])

    @lru_cache(1)
    def stretch(number: int) -> _Shuffled:
        place = order[number]
        return _shuffled(split, stretches[place], batch_size, sequence_length, [seed, epoch, place])

    def make(number: int) -> Batch:
        place = int(np.searchsorted(firsts, number, side="right")) - 1
        return stretch(place).make(number - int(firsts[place]))

    return Plan(int(firsts[-1]), make)


def _stretches(split: Split, sequence_length: int) -> list[tuple[int, int]]:
    """Return the first text of each stretch of neighbours, and the first after it."""
    edges = [0]
    while edges[-1] < len(split):
        first = edges[-1]
        most = int(split.offsets[first]) + STRETCH * sequence_length
        holds = int(split.offsets.searchsorted(most, side="right")) - 1
        edges.append(max(first + 1, min(holds, first + STRETCH, len(split))))
    return list(pairwise(edges)) or [(0, 0)]


@dataclass(frozen=True, eq=False)
class _Shuffled:
    """The pieces of some texts, and which of them share a batch."""

    starts: Indices
    stops: Indices
    at_start: NDArray[np.bool_]
    members: Indices
    """The pieces, those of a batch one after the other."""
    batches: Indices
    """The batches in their order."""
    batch_size: int

    def make(self, number: int) -> Batch:
        first = int(self.batches[number]) * self.batch_size
        pieces = self.members[first : first + self.batch_size]
        return _text_batch(self.starts[pieces], self.stops[pieces], self.at_start[pieces])


def _shuffled(
    split: Split, texts: tuple[int, int], batch_size: int, sequence_length: int, seed: list[int]
) -> _Shuffled:
    starts, stops, at_start = _pieces(np.asarray(split.offsets[texts[0] : texts[1] + 1]), sequence_length)
    let_go(split.offsets)
    random = np.random.default_rng(seed)
    order = random.permutation(len(starts))
    pool = batch_size * _POOL
    lengths = stops - starts
    for first in range(0, len(order), pool):
        members = order[first : first + pool]
        order[first : first + pool] = members[np.argsort(lengths[members], kind="stable")]
    batches = random.permutation(-(-len(order) // batch_size))
    return _Shuffled(starts, stops, at_start, order, batches, batch_size)


def _batches_in(split: Split, texts: tuple[int, int], batch_size: int, sequence_length: int) -> int:
    lengths = np.diff(split.offsets[texts[0] : texts[1] + 1])
    let_go(split.offsets)
    # A pool holds whole batches, so only the last one of all can be short.
    return -(-int((-(-lengths // sequence_length)).sum()) // batch_size)


def evaluation_batches(split: Split, tokens_a_batch: int = 4096, sequence_length: int = 256) -> list[Batch]:
    """Plan one reading of every text from a fresh state, the state carried through long texts."""
    lengths = np.diff(split.offsets)
    order = np.argsort(lengths, kind="stable")
    batches: list[Batch] = []
    first = 0
    while first < len(order):
        longest = np.maximum(lengths[order[first:]], 1)
        fits = int(np.searchsorted(longest * np.arange(1, len(longest) + 1), tokens_a_batch, side="right"))
        members = order[first : first + max(fits, 1)]
        first += len(members)
        whole = _text_batch(split.offsets[members], split.offsets[members + 1], np.ones(len(members), dtype=bool))
        for begin in range(0, len(whole.targets), sequence_length):
            window = slice(begin, begin + sequence_length)
            batches.append(Batch(whole.inputs[window], whole.targets[window], fresh=begin == 0))
    return batches


def stream_batches(split: Split, streams: int, sequence_length: int, *, seed: int, epoch: int) -> Plan:
    """Plan an epoch over one long text as ``streams`` parallel stretches, the state carried from batch to batch.

    The first prediction shifts by a random number of tokens each epoch, so that windows are cut elsewhere.
    """
    room = len(split.tokens) - 1
    streams = max(1, min(streams, room // 2))
    shifts = max(1, min(sequence_length, room // streams // 4))
    shift = int(np.random.default_rng([seed, epoch]).integers(0, shifts))
    length = (room - shifts + 1) // streams
    begins = shift + np.arange(streams, dtype=np.int64) * length

    def make(number: int) -> Batch:
        begin = number * sequence_length
        times = np.arange(begin, min(begin + sequence_length, length), dtype=np.int64)
        inputs = times[:, None] + begins[None, :]
        return Batch(inputs, inputs + 1, fresh=begin == 0)

    return Plan(-(-length // sequence_length), make)


def window_batches(split: Split, batch_size: int, sequence_length: int) -> Plan:
    """Plan the tutorial's epoch: every window of ``sequence_length`` words, ``batch_size`` windows a batch.

    The published program hands these to an LSTM whose first axis is time, so its time runs along the *windows* and the
    words of a window are parallel streams, each one word behind the next: ``(time=batch_size, batch=sequence_length)``.
    """
    windows = max(len(split.tokens) - sequence_length, 0)
    columns = np.arange(sequence_length, dtype=np.int64)

    def make(number: int) -> Batch:
        begin = number * batch_size
        inputs = np.arange(begin, min(begin + batch_size, windows), dtype=np.int64)[:, None] + columns
        return Batch(inputs, inputs + 1, fresh=begin == 0)

    return Plan(-(-windows // batch_size), make)


def _pieces(offsets: Offsets, sequence_length: int) -> tuple[Indices, Indices, NDArray[np.bool_]]:
    lengths = np.diff(offsets)
    counts = -(-lengths // sequence_length)
    text = np.repeat(np.arange(len(lengths)), counts)
    number = np.arange(len(text)) - np.repeat(np.cumsum(counts) - counts, counts)
    starts = offsets[text] + number * sequence_length
    return starts, np.minimum(starts + sequence_length, offsets[text + 1]), number == 0


def _text_batch(starts: Indices, stops: Indices, at_start: NDArray[np.bool_]) -> Batch:
    times = np.arange(int((stops - starts).max(initial=0)), dtype=np.int64)[:, None]
    targets = starts[None, :] + times
    inside = targets < stops[None, :]
    inputs = np.where(inside, targets - 1, NO_TOKEN)
    inputs[:1] = np.where(at_start[None, :], NO_TOKEN, inputs[:1])
    return Batch(inputs, np.where(inside, targets, NO_TOKEN), fresh=True)
