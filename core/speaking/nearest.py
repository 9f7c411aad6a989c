"""The training texts that are most like a text, by the words, pairs and triples of tokens that they share.

Each n-gram is as heavy as it is rare among the texts (tf-idf, Salton & Buckley 1988), and two texts are as alike as the
cosine between their weights: 1 shares all, 0 nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from ...data.corpus import Split
from ...data.tokenization import Tokenizer

_LONGEST = 3
_SEED = 20_220_002


@dataclass(frozen=True)
class NearText:
    """A training text with what it shares."""

    source: int
    """Which training text it is."""
    likeness: float
    pieces: tuple[tuple[str, bool], ...]
    """The whole text in pieces, each with whether it stands in the other text too, two tokens or more in a row."""


class NearestTexts:
    """An index of the training texts by their n-grams."""

    def __init__(self, train: Split, tokenizer: Tokenizer) -> None:
        """Number the n-grams of every text; about 40 bytes for each token."""
        self._train = train
        self._tokenizer = tokenizer
        self._numbers = np.random.default_rng(_SEED).integers(
            0, 2**64, (_LONGEST, tokenizer.vocabulary_size), np.uint64, endpoint=False
        )
        text_of = np.repeat(np.arange(len(train), dtype=np.int32), np.diff(train.offsets))
        keys, texts = zip(*self._grams(train.tokens, text_of), strict=True)
        keys, texts = np.concatenate(keys), np.concatenate(texts)
        order = np.lexsort((texts, keys))
        keys, texts = keys[order], texts[order]
        first = np.ones(len(keys), dtype=np.bool_)  # how often a text has an n-gram does not count
        first[1:] = (keys[1:] != keys[:-1]) | (texts[1:] != texts[:-1])
        self._keys, self._texts = keys[first], texts[first]
        squares = self._weights(self._keys) ** 2
        lengths = np.sqrt(np.bincount(self._texts, squares, len(train)))
        self._lengths = np.maximum(lengths, np.finfo(np.float64).tiny)

    def nearest(self, tokens: Sequence[int], count: int = 3) -> tuple[NearText, ...]:
        """Return up to ``count`` training texts that share something with ``tokens``, the most alike first."""
        said = np.array([token for token in tokens if token != self._tokenizer.end_id], dtype=np.int64)
        grams = self._grams(said, np.zeros(len(said), dtype=np.int32))
        keys = np.unique(np.concatenate([keys for keys, _ in grams]))
        weights = self._weights(keys)
        likeness = np.zeros(len(self._lengths))
        first, stop = (np.searchsorted(self._keys, keys, side) for side in ("left", "right"))
        for begin, end, weight in zip(first.tolist(), stop.tolist(), weights.tolist(), strict=True):
            likeness[self._texts[begin:end]] += weight**2
        length = float(np.sqrt((weights**2).sum()))
        likeness /= self._lengths * (length or 1.0)
        order = np.argsort(-likeness, kind="stable")[:count]
        return tuple(
            NearText(source, float(likeness[source]), tuple(self._pieces(source, said.tolist())))
            for source in order.tolist()
            if likeness[source] > 0
        )

    def _grams(
        self, tokens: NDArray[np.integer], texts: NDArray[np.int32]
    ) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.int32]]]:
        """Yield the numbers of the n-grams of each length that lie within one text, and which text that is."""
        known = np.ones(len(tokens), dtype=np.bool_)
        for token in (self._tokenizer.end_id, self._tokenizer.unknown_id):
            if token is not None:
                known &= tokens != token
        for length in range(1, _LONGEST + 1):
            count = max(len(tokens) - length + 1, 0)
            inside = np.ones(count, dtype=np.bool_)
            keys = np.zeros(count, dtype=np.uint64)
            for place in range(length):
                part = slice(place, place + count)
                keys = keys * np.uint64(length) + self._numbers[place][tokens[part]]
                inside &= known[part] & (texts[part] == texts[:count])
            yield keys[inside], texts[:count][inside]

    def _weights(self, keys: NDArray[np.uint64]) -> NDArray[np.float64]:
        """Return how much each n-gram tells: the logarithm of how many texts there are for each that has it.

        What all texts have tells next to nothing, but more than nothing: it is shared all the same.
        """
        having = np.searchsorted(self._keys, keys, "right") - np.searchsorted(self._keys, keys, "left")
        return np.log((2 + len(self._train)) / (1 + having))

    def _pieces(self, source: int, said: list[int]) -> Iterator[tuple[str, bool]]:
        text: list[int] = self._train.text(source).tolist()
        text = [token for token in text if token != self._tokenizer.end_id]
        pairs = set(pairwise(said))
        shared = [False] * len(text)
        for place, pair in enumerate(pairwise(text)):
            if pair in pairs and self._tokenizer.unknown_id not in pair:
                shared[place] = shared[place + 1] = True
        shown, end = "", 0
        for is_shared, group in groupby(shared):
            end += len(list(group))
            # A text is decoded as a whole: a token alone may be half a character.
            upto = self._tokenizer.decode(text[:end])
            yield upto[len(shown) :], is_shared
            shown = upto
