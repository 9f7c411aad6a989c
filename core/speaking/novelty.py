"""Speaking without copying: which tokens would carry a stretch of the training texts on beyond some words in a row.

A stretch that ends in a new word goes beyond N words exactly where the N words before it and the new one stand in a row
in the training texts. So for each new word there the shortest stretch of N words before it is kept, as a number of 64
bits that follows from its tokens, with the token that came next. What comes next in a text is looked up by the same
number and ruled out (Ippolito et al. 2022 call this MemFree decoding). Two stretches share a number once in 2**64; then
a word is ruled out that need not be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...data.corpus import Split
from ...data.tokenization import Tokenizer
from .choices import Sampling
from .filters import Floats
from .sampling import ANOTHER, filtered_probabilities, inverse_cumulative, uniforms

_MASK = 2**64 - 1
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 2**64)
_SEED = 20_220_001

Numbers = NDArray[np.uint64]
Tokens = NDArray[np.int64]


class CopyLimit:
    """Knows what must not come next where at most ``words`` words in a row may be copied."""

    def __init__(self, train: Split, tokenizer: Tokenizer, words: int) -> None:
        """Number every stretch of ``words`` words of the training texts that a new word follows."""
        self.words = words
        texts = list(map(tokenizer.token_text, range(tokenizer.vocabulary_size)))
        # A part of a character may be of a letter.
        self._says = np.array([any(map(str.isalnum, text)) or "�" in text for text in texts])
        self._opens = np.array([text[:1].isspace() for text in texts])
        self._closes = np.array([text[-1:].isspace() for text in texts])
        if tokenizer.end_id is not None:
            self._opens[tokenizer.end_id] = self._closes[tokenizer.end_id] = True
        numbers = np.random.default_rng(_SEED).integers(0, 2**64, len(texts), np.uint64, endpoint=False)
        self._numbers = numbers
        self._as_ints: list[int] = numbers.tolist()
        self._unknown = tokenizer.unknown_id
        tokens = train.tokens.astype(np.int64)
        new, start = self._stretches(tokens)
        keys, following = self._numbered(tokens, new, start), tokens[new]
        order = np.argsort(keys, kind="stable")
        self._keys, self._following = keys[order], following[order]

    def share(self, tokens: Tokens, offsets: Tokens) -> float | None:
        """Return the share of the stretches of one word more that stand like that in the training texts, 0 to 1.

        ``tokens`` are texts that begin at ``offsets``. Unknown words are left out. None: no text is long enough.
        """
        new, start = self._stretches(tokens)
        text = np.searchsorted(offsets, np.stack([new, start]), side="right")
        new, start = new[text[0] == text[1]], start[text[0] == text[1]]
        if not len(new):
            return None
        asked, known = self._joined(self._numbered(tokens, new, start), tokens[new]), self._with_next_word
        found = known[np.minimum(known.searchsorted(asked), len(known) - 1)] == asked if len(known) else [False]
        return float(np.mean(found))

    @cached_property
    def _with_next_word(self) -> Numbers:
        return np.unique(self._joined(self._keys, self._following))

    def _joined(self, keys: Numbers, following: Tokens) -> Numbers:
        """Return each stretch and the token after it as one number."""
        return keys * np.uint64(_BASE) + self._numbers[following]

    def ruled_out(self, backwards: Iterable[int]) -> Tokens:
        """Return the tokens that must not follow a text, given from its last token backwards."""
        key = self._key(backwards)
        if key is None:
            return self._following[:0]
        wanted = np.uint64(key)
        first, stop = (int(self._keys.searchsorted(wanted, side)) for side in ("left", "right"))
        return self._following[first:stop]

    def ruled_out_each(self, keys: Numbers, known: NDArray[np.bool_]) -> Iterator[tuple[int, list[int]]]:
        """Yield each of the ``known`` rows of ``keys`` after which something must not follow, and what."""
        rows = np.flatnonzero(known)
        first = self._keys.searchsorted(keys[rows], "left")
        stop = self._keys.searchsorted(keys[rows], "right")
        found = stop > first
        for row, begin, end in zip(rows[found].tolist(), first[found].tolist(), stop[found].tolist(), strict=True):
            yield row, self._following[begin:end].tolist()

    def follow(self, backwards: Iterable[int], rows: int) -> CopyTrail:
        """Return what is to be remembered of ``rows`` texts that all begin with one, given from its last token on."""
        trail = CopyTrail(rows, self)
        for token in self._tail(backwards)[0]:
            trail.add(np.full(rows, token, dtype=np.int64))
        return trail

    def _key(self, backwards: Iterable[int]) -> int | None:
        """Return the number of the last words of a text; None: it has too few."""
        tail, whole = self._tail(backwards)
        if not whole:
            return None
        key, power = 0, 1
        for token in tail:
            key += self._as_ints[token] * power
            power = power * _BASE & _MASK
        return key & _MASK

    def _tail(self, backwards: Iterable[int]) -> tuple[list[int], bool]:
        """Return the shortest stretch of so many words at the end of a text, and whether the text has so many."""
        stretch: list[int] = []
        words, said, ends = 0, False, True
        for token in backwards:
            if ends or self._closes[token]:
                said = False  # it ends a piece between spaces
            stretch.append(token)
            if self._says[token] and not said:
                said = True
                words += 1
                if words == self.words:
                    return stretch[::-1], True
            ends = bool(self._opens[token])
        return stretch[::-1], False

    def _stretches(self, tokens: Tokens) -> tuple[Tokens, Tokens]:
        """Return for each stretch without unknown words where the word after it begins, and where it begins itself."""
        if not len(tokens):
            return tokens, tokens
        says = self._says[tokens]
        begins = self._opens[tokens].copy()  # a piece between spaces
        begins[0] = True
        begins[1:] |= self._closes[tokens[:-1]]
        piece = begins.cumsum() - 1
        saying = np.flatnonzero(says)
        pieces = piece[saying]
        first = saying[np.append(True, pieces[1:] != pieces[:-1])] if len(saying) else saying
        last = saying[np.append(pieces[1:] != pieces[:-1], True)] if len(saying) else saying
        # Word i of all ends with the token last[i]; the words i - N … i - 1 stand before the first token of word i.
        new, start = first[self.words :], last[: -self.words]
        if self._unknown is not None:
            unknowns = np.append(0, (tokens == self._unknown).cumsum())
            clean = unknowns[new + 1] == unknowns[start]
            new, start = new[clean], start[clean]
        return new, start

    def _numbered(self, tokens: Tokens, new: Tokens, start: Tokens) -> Numbers:
        """Return the number of each stretch."""
        powers = _powers(_BASE, len(tokens))
        prefixes = np.append(np.uint64(0), (self._numbers[tokens] * powers).cumsum(dtype=np.uint64))
        return (prefixes[new] - prefixes[start]) * _powers(_INVERSE, len(tokens))[start]

    def numbers_of(self, tokens: Tokens) -> Numbers:
        """Return the number that stands for each token."""
        return self._numbers[tokens]

    def shapes_of(self, tokens: Tokens) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        """Return whether each token says something (a letter, a digit), begins with a space, and ends with one."""
        return self._says[tokens], self._opens[tokens], self._closes[tokens]


class CopyTrail:
    """The last words of many texts that grow side by side, each as where it ends."""

    def __init__(self, rows: int, limit: CopyLimit) -> None:
        """Begin ``rows`` texts."""
        self._limit = limit
        self._prefix = np.zeros(rows, dtype=np.uint64)
        self._power = self._inverse = 1
        self._said = np.zeros(rows, dtype=np.bool_)
        """Whether the piece that each text ends with has said something."""
        self._closed = np.ones(rows, dtype=np.bool_)
        self._starts = np.zeros((rows, limit.words), dtype=np.uint64)
        """The prefix before the last token of each of the last words, the latest last."""
        self._scales = np.ones((rows, limit.words), dtype=np.uint64)
        self._words = np.zeros(rows, dtype=np.int64)

    def add(self, tokens: Tokens) -> None:
        """Add a token to each text."""
        says, opens, closes = self._limit.shapes_of(tokens)
        self._said &= ~(opens | self._closed)
        new = says & ~self._said
        self._starts[new, :-1] = self._starts[new, 1:]
        self._scales[new, :-1] = self._scales[new, 1:]
        self._starts[says, -1] = self._prefix[says]
        self._scales[says, -1] = np.uint64(self._inverse)
        self._words += new
        self._said |= says
        self._closed = closes
        self._prefix = self._prefix + self._limit.numbers_of(tokens) * np.uint64(self._power)
        self._power = self._power * _BASE & _MASK
        self._inverse = self._inverse * _INVERSE & _MASK

    def select(self, rows: NDArray[np.bool_]) -> None:
        """Keep the marked texts."""
        self._prefix, self._said, self._closed = self._prefix[rows], self._said[rows], self._closed[rows]
        self._starts, self._scales, self._words = self._starts[rows], self._scales[rows], self._words[rows]

    def ruled_out(self) -> dict[int, list[int]]:
        """Return the rows after which something must not follow, and what."""
        keys = (self._prefix - self._starts[:, 0]) * self._scales[:, 0]
        return dict(self._limit.ruled_out_each(keys, self._words >= self._limit.words))


def allowed_probabilities(
    logits: Floats, ruled_out: Sequence[Sequence[int]], sampling: Sampling, said: Tokens | None = None
) -> Floats:
    """Return the distributions of :func:`filtered_probabilities` without what is ruled out in each row.

    Where the filters leave nothing else they are asked again about what is not ruled out.
    """
    found = filtered_probabilities(logits, sampling, said)
    for row, tokens in enumerate(ruled_out):
        if not tokens:
            continue
        found[row, tokens] = 0
        left = found[row].sum()
        if left > 0:
            found[row] /= left
        else:
            others = logits[row].copy()
            others[tokens] = -np.inf
            found[row] = filtered_probabilities(others, sampling, None if said is None else said[row])
    return found


def draw_allowed(
    logits: Floats,
    ruled_out: Sequence[Sequence[int]],
    sampling: Sampling,
    seeds: NDArray[np.uint64],
    place: int,
    said: Tokens | None = None,
) -> Tokens:
    """Draw for each row of ``logits`` ``(batch, vocabulary)`` once more, from what is not ruled out."""
    probabilities = allowed_probabilities(logits, ruled_out, sampling, said)
    return inverse_cumulative(probabilities, uniforms(seeds, place, ANOTHER))


def _powers(base: int, count: int) -> Numbers:
    powers = np.full(count, base, dtype=np.uint64)
    powers[:1] = 1
    return powers.cumprod(dtype=np.uint64)
