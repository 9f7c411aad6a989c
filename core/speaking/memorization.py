"""How much of a text stands word for word in the training texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...data.corpus import Split
from ...data.tokenization import Tokenizer
from .nearest import NearestTexts, NearText
from .novelty import CopyLimit


@dataclass(frozen=True)
class CopiedSpan:
    """A stretch of a text that stands in the training texts: tokens ``start`` to ``end`` (not included) of the text."""

    start: int
    end: int
    words: int
    place: int
    """Where its first token stands among the training tokens."""
    source: int
    """Which training text that is."""


@dataclass(frozen=True)
class Source:
    """A training text with the stretch that was copied from it."""

    before: str
    shared: str
    after: str


class CopyDetector:
    """Finds what of a text was copied from the training texts."""

    def __init__(self, train: Split, tokenizer: Tokenizer) -> None:
        """Index the training tokens by what they are."""
        self.train = train
        self._tokenizer = tokenizer
        self._boundaries = train.offsets
        self._order = np.argsort(train.tokens, kind="stable")
        self._first = np.searchsorted(train.tokens[self._order], np.arange(tokenizer.vocabulary_size + 1))
        self._limits: dict[int, CopyLimit] = {}

    def limit(self, words: int) -> CopyLimit:
        """Return what keeps a text from copying more than ``words`` words in a row; made once for each number."""
        if words not in self._limits:
            self._limits = {words: CopyLimit(self.train, self._tokenizer, words)}
        return self._limits[words]

    @cached_property
    def has_line_breaks(self) -> bool:
        """Whether there are line breaks in the training texts."""
        texts = map(self._tokenizer.token_text, range(self._tokenizer.vocabulary_size))
        breaks = [token for token, text in enumerate(texts) if "\n" in text]
        return bool(np.diff(self._first)[breaks].any())

    def nearest(self, tokens: Sequence[int], count: int = 3) -> tuple[NearText, ...]:
        """Return the training texts that are most like ``tokens``, by the n-grams that they share."""
        return self._nearest.nearest(tokens, count)

    @cached_property
    def _nearest(self) -> NearestTexts:
        return NearestTexts(self.train, self._tokenizer)

    def copied(self, text: str) -> tuple[int, int]:
        """Return the words of the longest copied stretch of ``text`` and the words of all of it.

        Unknown words are never copied. Words are counted, not the punctuation between them.
        """
        tokens = self._tokenizer.encode(text)
        words = len(text.split())
        lengths, _ = self._runs(tokens)
        if not len(lengths):
            return 0, words
        end = int(lengths.argmax()) + 1
        return min(self._words(tokens[end - int(lengths.max()) : end]), words), words

    def spans(self, tokens: Sequence[int], least_words: int = 5) -> tuple[CopiedSpan, ...]:
        """Return the copied stretches of ``tokens`` of ``least_words`` words or more, longest first, without overlaps.

        Where two stretches overlap the longer one keeps its tokens, and the shorter one what is left of it.
        """
        lengths, places = self._runs(tokens)
        taken = np.zeros(len(tokens), dtype=np.bool_)
        left = [(end + 1 - int(length), end + 1) for end, length in enumerate(lengths) if length]
        found: list[CopiedSpan] = []
        while left:
            start, end = max(left, key=lambda span: (span[1] - span[0], -span[0]))
            words = self._words(tokens[start:end])
            if words >= least_words:
                taken[start:end] = True
                place = int(places[end - 1]) - (end - 1 - start)
                source = int(np.searchsorted(self._boundaries, place, side="right")) - 1
                found.append(CopiedSpan(start, end, words, place, source))
            else:
                left.remove((start, end))
            left = [free for span in left if (free := _free(span, taken)) is not None]
        return tuple(sorted(found, key=lambda span: (-span.words, span.start)))

    def source(self, span: CopiedSpan) -> Source:
        """Return the training text that holds the beginning of ``span``, in three parts."""
        first, last = (int(edge) for edge in self._boundaries[span.source : span.source + 2])
        end = min(last, span.place + span.end - span.start)
        edges = (first, span.place, end, last)
        # A text is decoded as a whole: a token alone may be half a character.
        upto = [self._tokenizer.decode(self.train.tokens[first:edge].tolist()) for edge in edges]
        return Source(upto[1], upto[2][len(upto[1]) :], upto[3][len(upto[2]) :])

    def _words(self, tokens: Sequence[int]) -> int:
        return len([word for word in self._tokenizer.decode(tokens).split() if any(map(str.isalnum, word))])

    def _runs(self, tokens: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return for each token the length of the longest copied stretch that ends with it, and where that ends."""
        found = np.zeros(len(tokens), dtype=np.int64)
        ends = np.zeros(len(tokens), dtype=np.int64)
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
            if len(lengths):
                found[index] = lengths.max()
                ends[index] = places[lengths.argmax()]
        return found, ends


def _free(span: tuple[int, int], taken: NDArray[np.bool_]) -> tuple[int, int] | None:
    """Return the part of ``span`` that is not taken and ends where it ends, or else begins where it begins."""
    start, end = span
    free = np.flatnonzero(~taken[start:end])
    if not len(free):
        return None
    if len(free) == end - start:
        return span
    if not taken[end - 1]:
        return start + int(np.flatnonzero(taken[start:end])[-1]) + 1, end
    return None
