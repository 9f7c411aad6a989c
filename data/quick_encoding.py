"""Many texts into tokens, each unit of them only once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from .tokenization import Tokenizer
from .units import FIRST, as_written, marked_units

_MOST = 800_000
"""Units that are remembered; a corpus has millions of rare ones."""


class UnitEncoder:
    """Turns many texts into tokens, the same as :meth:`Tokenizer.encode`, and remembers the units."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Nothing is remembered yet."""
        self._tokenizer = tokenizer
        self._numbers = _Numbers()
        self._tokens = np.empty(0, dtype=np.int32)
        self._starts = np.zeros(1, dtype=np.int64)
        self._is_first = np.empty(0, dtype=np.bool_)

    def encode(self, texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the tokens of all texts, an end after each where the tokenizer has one, and how many each has.

        The arrays are ``(tokens,)`` and ``(texts,)``.
        """
        if not texts:
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64)
        numbers = np.fromiter(map(self._numbers.__getitem__, _all_units(texts)), np.int64)
        learned = self._learn()
        lengths = np.diff(self._starts)[numbers]
        ends = self._tokenizer.end_id is not None
        of_texts = np.add.reduceat(lengths, np.flatnonzero(self._is_first[numbers])) + ends
        # Where in the table each token stands: the unit's start, and on from there.
        places = np.arange(int(lengths.sum()), dtype=np.int64)
        places += np.repeat(self._starts[numbers] - (np.cumsum(lengths) - lengths), lengths)
        tokens = self._tokens[places]
        self._forget(learned)
        if not ends:
            return tokens, of_texts
        joined = np.empty(len(tokens) + len(texts), dtype=np.int32)
        last = np.cumsum(of_texts) - 1
        joined[last] = self._tokenizer.end_id or 0
        spoken = np.ones(len(joined), dtype=np.bool_)
        spoken[last] = False
        joined[spoken] = tokens
        return joined, of_texts

    def _learn(self) -> list[str]:
        new, self._numbers.new = self._numbers.new, []
        spaced = self._tokenizer.kind != "spaces"  # which puts the space in front itself
        encoded = self._tokenizer.encode_batch(
            [as_written(unit) if spaced else unit.removeprefix(FIRST) for unit in new]
        )
        lengths = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
        flat = np.fromiter(chain.from_iterable(encoded), dtype=np.int32, count=int(lengths.sum()))
        self._tokens = np.concatenate([self._tokens, flat])
        self._starts = np.concatenate([self._starts, self._starts[-1] + np.cumsum(lengths)])
        self._is_first = np.concatenate([self._is_first, np.array([unit[:1] == FIRST for unit in new], dtype=np.bool_)])
        return new

    def _forget(self, learned: list[str]) -> None:
        """Forget the units learned last where there are too many: what is frequent came early."""
        if len(self._numbers) <= _MOST:
            return
        for unit in learned:
            del self._numbers[unit]
        kept = len(self._numbers)
        self._starts, self._is_first = self._starts[: kept + 1], self._is_first[:kept]
        self._tokens = self._tokens[: self._starts[-1]]


def _all_units(texts: Sequence[str]) -> list[str]:
    """Return the marked units of all texts."""
    joined = FIRST + f" {FIRST}".join(texts)
    words = joined.split()
    # Where no white space but single spaces stands anywhere, it is the same and quicker.
    if "\n" not in joined and joined.count(FIRST) == len(texts) and " ".join(words) == joined:
        return words
    return list(chain.from_iterable(map(marked_units, texts)))


class _Numbers(dict[str, int]):
    """Numbers units in the order in which they are first asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.new: list[str] = []

    def __missing__(self, unit: str) -> int:
        number = self[unit] = len(self)
        self.new.append(unit)
        return number
