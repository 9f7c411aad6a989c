"""Modified interpolated Kneser–Ney n-gram model (Chen & Goodman 1998), the baseline that networks are measured against.

The n-grams of each length are one sorted array of keys ``context * vocabulary_size + token``, where the context is the
number of the (n-1)-gram before the token. A context's continuations are thus one slice, and a lookup a binary search.

A small example: the texts ``a b`` and ``a c`` with a = 0, b = 1, c = 2, a vocabulary of 3 and no end token. Of length 2
there are ``a b`` and ``a c``. Both have the context 0, so their keys are 0 * 3 + 1 and 0 * 3 + 2, and the slices of the
contexts begin at 0, 2 and 2, and end at 2: ``starts`` is [0, 2, 2, 2]. As the context ``a`` was continued twice, each
has the share (1 - discount) / 2, and what the discounts took goes to the shorter context: b was seen after one word, so
its continuation count is 1, whatever its frequency.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

FALLBACK_DISCOUNTS = (0.5, 1.0, 1.5)
"""Discounts of counts 1, 2 and 3+ where too few n-grams have such counts to estimate them (KenLM's choice too)."""

_NONE = -1


@dataclass(frozen=True, eq=False)
class _Grams:
    """The n-grams of one length >= 2: a slice of ``tokens`` for each context, sorted, with what they contribute."""

    tokens: NDArray[np.int32]
    """(n-grams,) the last token of each."""
    starts: Integers
    """(contexts + 1,) where the slice of each context begins."""
    counts: Integers
    """(n-grams,) occurrences at the highest order, continuation counts below it."""
    keys: Integers
    """(n-grams,) context * vocabulary size + token, strictly increasing."""
    shares: Floats
    """(n-grams,) discounted count / total of the context."""
    backoffs: Floats
    """(contexts,) weight of the next shorter context's distribution; 1 where a context was never continued."""

    @classmethod
    def build(
        cls, tokens: NDArray[np.int32], starts: Integers, counts: Integers, vocabulary_size: int, discounts: Floats
    ) -> Self:
        contexts = len(starts) - 1
        context_of = np.repeat(np.arange(contexts, dtype=np.int64), np.diff(starts))
        taken = _taken(counts, discounts)
        totals = np.bincount(context_of, weights=counts, minlength=contexts)
        mass = np.bincount(context_of, weights=taken, minlength=contexts)
        return cls(
            tokens=tokens,
            starts=starts,
            counts=counts,
            keys=context_of * vocabulary_size + tokens,
            shares=(counts - taken) / totals[context_of],
            backoffs=np.divide(mass, totals, out=np.ones(contexts), where=totals > 0),
        )

    def find(self, keys: Integers) -> Integers:
        """Return the number of each key's n-gram, or -1 for one never seen."""
        if not len(self.keys):
            return np.full(len(keys), _NONE, dtype=np.int64)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, _NONE)


@dataclass(frozen=True, eq=False)
class KneserNey:
    """A fitted model; every token of the vocabulary has a probability above 0 after every context."""

    vocabulary_size: int
    end_id: int | None
    discounts: Floats
    """(order, 3) what is taken from counts 1, 2 and 3+ at each n-gram length."""
    unigram_counts: Integers
    """(vocabulary,)"""
    unigrams: Floats
    """(vocabulary,) the distribution without context, interpolated with the uniform one."""
    grams: tuple[_Grams, ...]
    """n-grams of length 2 … order."""

    @property
    def order(self) -> int:
        """Length of the longest n-grams."""
        return len(self.grams) + 1

    @classmethod
    def fit(
        cls,
        tokens: NDArray[Any],
        offsets: NDArray[Any],
        vocabulary_size: int,
        *,
        order: int = 5,
        end_id: int | None = None,
    ) -> Self:
        """Count the n-grams of ``tokens`` (all texts joined); text i is ``tokens[offsets[i]:offsets[i + 1]]``.

        Texts are independent: a context never reaches back over a text's start, where it is the end token alone (or
        empty without an ``end_id``). An end token inside a text starts a new one. As in SRILM and KenLM, n-grams that
        begin at a text's start cannot have been preceded by anything, so they keep their plain counts at every length.

        Raises:
            ValueError: for tokens outside the vocabulary, offsets that do not fit the tokens, or an order below 1.
        """
        if order < 1 or vocabulary_size < 1 or not (end_id is None or 0 <= end_id < vocabulary_size):
            raise ValueError("An n-gram model needs an order and a vocabulary of at least 1, with the end token in it.")
        tokens, at_start = _checked(tokens, offsets, vocabulary_size, end_id)
        # node: number of the n-gram that ends at each position, -1 where the text is too short for one of this length
        node, nodes = tokens, vocabulary_size
        context = _shifted(tokens, at_start, _NONE if end_id is None else end_id)
        levels: list[tuple[NDArray[np.int32], Integers]] = []
        counts: list[Integers] = []
        for _ in range(order - 1):
            longer = context >= 0
            keys, inverse = np.unique(context[longer] * vocabulary_size + tokens[longer], return_inverse=True)
            context_of, last = np.divmod(keys, vocabulary_size)
            levels.append((last.astype(np.int32), _slice_starts(context_of, nodes)))
            suffix = np.empty(len(keys), dtype=np.int64)
            suffix[inverse] = node[longer]
            counts.append(_count(suffix, nodes) + _count(node[~longer], nodes))
            node, nodes = np.full(len(tokens), _NONE, dtype=np.int64), len(keys)
            node[longer] = inverse
            context = _shifted(node, at_start, _NONE)
        counts.append(_count(node, nodes))
        discounts = np.array([_discounts(of_length) for of_length in counts])
        return cls._build(vocabulary_size, end_id, discounts, counts, levels)

    @classmethod
    def _build(
        cls,
        vocabulary_size: int,
        end_id: int | None,
        discounts: Floats,
        counts: list[Integers],
        levels: list[tuple[NDArray[np.int32], Integers]],
    ) -> Self:
        unigram_counts = counts[0]
        taken = _taken(unigram_counts, discounts[0])
        uniform = np.full(vocabulary_size, 1 / vocabulary_size)
        total = unigram_counts.sum()
        return cls(
            vocabulary_size=vocabulary_size,
            end_id=end_id,
            discounts=discounts,
            unigram_counts=unigram_counts,
            unigrams=(unigram_counts - taken + taken.sum() * uniform) / total if total else uniform,
            grams=tuple(
                _Grams.build(*level, of_length, vocabulary_size, taken_from)
                for level, of_length, taken_from in zip(levels, counts[1:], discounts[1:], strict=True)
            ),
        )

    def log_probabilities(self, tokens: NDArray[Any], offsets: NDArray[Any]) -> Floats:
        """Return the natural log probability of each token after those before it in its text: shape of ``tokens``.

        Raises:
            ValueError: for tokens outside the vocabulary or offsets that do not fit the tokens.
        """
        tokens, at_start = _checked(tokens, offsets, self.vocabulary_size, self.end_id)
        probabilities = self.unigrams[tokens]
        context = _shifted(tokens, at_start, _NONE if self.end_id is None else self.end_id)
        for grams in self.grams:
            known = np.flatnonzero(context >= 0)
            node = np.full(len(tokens), _NONE, dtype=np.int64)
            node[known] = grams.find(context[known] * self.vocabulary_size + tokens[known])
            probabilities[known] *= grams.backoffs[context[known]]
            found = np.flatnonzero(node >= 0)
            probabilities[found] += grams.shares[node[found]]
            context = _shifted(node, at_start, _NONE)
        return np.log(probabilities)

    def distribution(self, context: Sequence[int]) -> Floats:
        """Return each token's probability as the next one, shape (vocabulary,), after a text's tokens so far.

        The last ``order - 1`` tokens decide, so these are enough of a long text; a shorter context is taken as the
        whole text up to here, and what lies before an end token is forgotten. Tokens outside the vocabulary count as
        never seen.
        """
        weight = 1.0
        contributions: list[tuple[NDArray[np.int32], Floats, float]] = []
        for grams, node in reversed(list(zip(self.grams, self._contexts(context), strict=False))):
            begin, end = grams.starts[node : node + 2].tolist()
            contributions.append((grams.tokens[begin:end], grams.shares[begin:end], weight))
            weight *= grams.backoffs.item(node)
        probabilities = self.unigrams * weight
        for tokens, shares, scale in contributions:
            probabilities[tokens] += shares * scale
        return probabilities

    def _contexts(self, context: Sequence[int]) -> list[int]:
        """Return the numbers of the known contexts, of length 1, 2, … up to the longest one seen in training."""
        recent = [int(token) for token in context[max(0, len(context) - len(self.grams)) :]]
        if self.end_id is not None:
            if self.end_id in recent:
                recent = recent[len(recent) - recent[::-1].index(self.end_id) :]
            if len(recent) < len(self.grams):
                recent.insert(0, self.end_id)
        found: list[int] = []
        for length in range(1, len(recent) + 1):
            node, *following = recent[-length:]
            if not 0 <= node < self.vocabulary_size:
                break
            for grams, token in zip(self.grams, following, strict=False):
                begin, end = grams.starts[node : node + 2].tolist()
                place = begin + int(grams.tokens[begin:end].searchsorted(token))
                node = place if place < end and grams.tokens.item(place) == token else _NONE
                if node == _NONE:
                    return found
            found.append(node)
        return found

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that ``from_arrays`` needs, as contiguous arrays that a safetensors file can hold."""
        end_id = _NONE if self.end_id is None else self.end_id
        arrays: dict[str, NDArray[Any]] = {
            "settings": np.array([self.order, self.vocabulary_size, end_id], dtype=np.int64),
            "discounts": self.discounts,
            "counts_1": self.unigram_counts,
        }
        for length, grams in enumerate(self.grams, start=2):
            arrays[f"tokens_{length}"] = grams.tokens
            arrays[f"starts_{length}"] = grams.starts
            arrays[f"counts_{length}"] = grams.counts
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Rebuild the model that ``to_arrays`` was called on.

        Raises:
            ValueError: in one sentence, when an array is missing or does not fit the others.
        """
        settings = _integers(arrays, "settings")
        _hold(len(settings) == 3, "settings")
        order, vocabulary_size, end_id = settings.tolist()
        _hold(order >= 1 and vocabulary_size >= 1 and _NONE <= end_id < vocabulary_size, "settings")
        discounts = _array(arrays, "discounts", "f")
        _hold(discounts.shape == (order, 3) and bool(((discounts > 0) & (discounts < [1, 2, 3])).all()), "discounts")
        counts = [_integers(arrays, "counts_1")]
        _hold(len(counts[0]) == vocabulary_size and bool((counts[0] >= 0).all()), "counts_1")
        levels: list[tuple[NDArray[np.int32], Integers]] = []
        for length in range(2, order + 1):
            tokens, starts = _integers(arrays, f"tokens_{length}"), _integers(arrays, f"starts_{length}")
            sizes = np.diff(starts)
            contexts = len(counts[-1])
            _hold(len(starts) == contexts + 1 and starts[0] == 0 and bool((sizes >= 0).all()), f"starts_{length}")
            in_range = bool(((tokens >= 0) & (tokens < vocabulary_size)).all())
            _hold(len(tokens) == starts[-1] and in_range, f"tokens_{length}")
            keys = np.repeat(np.arange(contexts, dtype=np.int64), sizes) * vocabulary_size + tokens
            _hold(bool((np.diff(keys) > 0).all()), f"tokens_{length}")
            counts.append(_integers(arrays, f"counts_{length}"))
            _hold(len(counts[-1]) == len(tokens) and bool((counts[-1] > 0).all()), f"counts_{length}")
            levels.append((tokens.astype(np.int32), starts))
        return cls._build(
            vocabulary_size, None if end_id == _NONE else end_id, discounts.astype(np.float64), counts, levels
        )


def _checked(
    tokens: NDArray[Any], offsets: NDArray[Any], vocabulary_size: int, end_id: int | None
) -> tuple[Integers, NDArray[np.bool_]]:
    """Return the tokens as int64 and a mask of the positions where a text starts."""
    if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != len(tokens) or (np.diff(offsets) < 0).any():
        raise ValueError("The texts' offsets do not fit their tokens.")
    if len(tokens) and not 0 <= tokens.min() <= tokens.max() < vocabulary_size:
        raise ValueError(f"A token lies outside the n-gram model's vocabulary of {vocabulary_size:,}.")
    at_start = np.zeros(len(tokens) + 1, dtype=np.bool_)
    at_start[offsets] = True
    if end_id is not None:
        at_start[1:] |= tokens == end_id
    return tokens.astype(np.int64), at_start[:-1]


def _shifted(node: Integers, at_start: NDArray[np.bool_], first: int) -> Integers:
    """Return for each position the n-gram that ends just before it, ``first`` at a text's start."""
    return np.where(at_start, first, np.roll(node, 1))


def _slice_starts(sorted_numbers: Integers, size: int) -> Integers:
    return np.concatenate(([0], np.cumsum(_count(sorted_numbers, size))))


def _count(numbers: Integers, size: int) -> Integers:
    """Return how often each of 0 … size - 1 occurs; -1 is passed over."""
    return np.bincount(numbers[numbers >= 0], minlength=size).astype(np.int64)


def _discounts(counts: Integers) -> list[float]:
    """Estimate the discounts of counts 1, 2 and 3+ from the counts of counts (Chen & Goodman 1998, eq. 26)."""
    n = np.bincount(np.clip(counts, 0, 5), minlength=6).tolist()
    y = n[1] / (n[1] + 2 * n[2]) if n[1] else 0.0
    estimates = [k - (k + 1) * y * n[k + 1] / n[k] if n[k] else 0.0 for k in (1, 2, 3)]
    # At 0 nothing is left for unseen tokens, at k such n-grams would not count at all: both only happen on little data.
    return [d if 0 < d < k else FALLBACK_DISCOUNTS[k - 1] for k, d in enumerate(estimates, start=1)]


def _taken(counts: Integers, discounts: Floats) -> Floats:
    return np.concatenate(([0.0], discounts))[np.minimum(counts, 3)]


def _array(arrays: Mapping[str, NDArray[Any]], name: str, kind: str) -> NDArray[Any]:
    _hold(name in arrays and arrays[name].dtype.kind == kind, name)
    return arrays[name]


def _integers(arrays: Mapping[str, NDArray[Any]], name: str) -> Integers:
    array = _array(arrays, name, "i")
    _hold(array.ndim == 1, name)
    return array.astype(np.int64)


def _hold(condition: bool, name: str) -> None:
    if not condition:
        raise ValueError(f"The n-gram model is damaged: its array “{name}” is missing or does not fit the others.")
