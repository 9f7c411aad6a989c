"""How much of a text stands word for word in the training texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...data.corpus import Split
from ...data.tokenization import Tokenizer


class CopyDetector:
    """Finds the longest stretch of a text that was copied from the training texts."""

    def __init__(self, train: Split, tokenizer: Tokenizer) -> None:
        """Index the training tokens by what they are."""
        self._tokenizer = tokenizer
        self._tokens = train.tokens
        self._order = np.argsort(train.tokens, kind="stable")
        self._first = np.searchsorted(train.tokens[self._order], np.arange(tokenizer.vocabulary_size + 1))

    def copied(self, text: str) -> tuple[int, int]:
        """Return the words of the longest copied stretch of ``text`` and the words of all of it.

        Unknown words are never copied. Words are counted, not the punctuation between them.
        """
        tokens = self._tokenizer.encode(text)
        words = len(text.split())
        lengths = self._run_lengths(tokens)
        if not len(lengths):
            return 0, words
        end = int(lengths.argmax()) + 1
        stretch = self._tokenizer.decode(tokens[end - int(lengths.max()) : end])
        return min(len([word for word in stretch.split() if any(map(str.isalnum, word))]), words), words

    def _run_lengths(self, tokens: Sequence[int]) -> NDArray[np.int64]:
        """Return for each token the length of the longest copied stretch that ends with it."""
        found = np.zeros(len(tokens), dtype=np.int64)
        places = np.empty(0, dtype=np.int64)
        lengths = np.empty(0, dtype=np.int64)
        for index, token in enumerate(tokens):
            if token == self._tokenizer.unknown_id:
                places, lengths = places[:0], lengths[:0]
                continue
            here = self._order[self._first[token] : self._first[token + 1]]
            going_on = np.zeros(len(here), dtype=np.int64)
            if len(places):
                at = np.minimum(np.searchsorted(places, here - 1), len(places) - 1)
                going_on = np.where(places[at] == here - 1, lengths[at], 0)
            places, lengths = here, going_on + 1
            found[index] = lengths.max(initial=0)
        return found
