"""Spaces between words: no word is glued to what stands before it unless the training texts glue words to that.

A vocabulary of words has most of them twice, with the space before them and without it, for the first word of a text
and for words after a quotation mark. The network mixes these up now and then; here the wrong one is ruled out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...data.corpus import Split
from ...data.tokenization import Tokenizer

AT_START = -1
"""What stands before the first word of a text."""


class Gluing:
    """Knows what words are glued to."""

    def __init__(self, train: Split, tokenizer: Tokenizer) -> None:
        """Look at every pair of neighbours in the training texts."""
        texts = list(map(tokenizer.token_text, range(tokenizer.vocabulary_size)))
        bare = np.array([text[:1].isalnum() for text in texts])
        spaced = np.array([text[:1].isspace() and text[-1:].isalnum() for text in texts])
        if tokenizer.unknown_id is not None:
            bare[tokenizer.unknown_id] = False
        starts = np.zeros(len(train.tokens), dtype=np.bool_)
        starts[train.offsets[:-1][np.diff(train.offsets) > 0]] = True
        glues = np.zeros(len(texts) + 1, dtype=np.bool_)
        glues[train.tokens[:-1][bare[train.tokens[1:]] & ~starts[1:]]] = True
        glues[AT_START] = True
        self._glues = glues
        self._bare = bare
        # A text that begins with a space is rare enough to be one of the mistakes.
        self._spaced = spaced if not spaced[train.tokens[starts]].any() else np.zeros_like(spaced)
        self._bare_tokens: list[int] = np.flatnonzero(self._bare).tolist()
        self._spaced_tokens: list[int] = np.flatnonzero(self._spaced).tolist()

    def refuses(self, last: int, token: int) -> bool:
        """Return whether ``token`` must not follow the token ``last``, or else :data:`AT_START`."""
        if last == AT_START:
            return bool(self._spaced[token])
        return bool(self._bare[token]) and not self._glues[last]

    def refuses_each(self, last: NDArray[np.int64], tokens: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return :meth:`refuses` of each pair ``(batch,)``."""
        return np.where(last == AT_START, self._spaced[tokens], self._bare[tokens] & ~self._glues[last])

    def ruled_out(self, last: int) -> list[int]:
        """Return all tokens that must not follow ``last``."""
        if last == AT_START:
            return self._spaced_tokens
        return [] if self._glues[last] else self._bare_tokens
