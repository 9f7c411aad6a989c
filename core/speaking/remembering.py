"""What a model has learned by heart: how much of what it says stands in the training texts, beside held-out texts."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from hashlib import blake2b
from itertools import pairwise
from statistics import fmean

import numpy as np

from ...data.corpus import Corpus, Split
from ..events import Remembered
from .choices import Sampling
from .generation import Generator
from .novelty import CopyLimit, Tokens
from .side_by_side import generate_batch

STRETCH = 5
"""Words of a stretch that is looked for."""
_SAMPLE_TOKENS, _SAMPLE_TOKENS_AT_THE_END = 1024, 2048
"""Training tokens whose loss is measured without dropout, about."""
_PIECE = 256
"""Tokens after which a long text is read from a fresh state: side by side that is quicker."""
_TEXTS, _TEXTS_AT_THE_END = 16, 32
_WORDS = 30
_SEED = 5
_SHARE_OF_TIME = 0.01
"""What measuring may take of a training's time while that goes on; at the end it may take as much again."""
_COUNTED_A_SECOND, _OPERATIONS_A_SECOND = 1e6, 3e10
"""Tokens of a corpus that are counted a second, and operations of a network that speaks: less than most machines do."""
_LIKE_TRAINING_ON = 2000
"""Tokens whose training takes at least as long as a look: the words one by one, the texts few at a time."""
_TRAINED_FOR_ALL = 400_000
"""Trained tokens from which the last look is a whole one: to read or say one takes at most as long as to train one."""
_FEWEST = 8
"""A last look is never smaller than a whole one divided by this."""


class Memory:
    """Measures again and again how much a model that is trained on ``corpus`` has learned by heart.

    Which epochs are measured depends on the time that it takes; what is found never does: the texts come from fixed
    seeds, and the training texts whose loss is measured are always the same. How much the last look looks at follows
    from the tokens trained, so that it is the same in a training that was interrupted.
    """

    def __init__(self, corpus: Corpus, multiply_adds: int) -> None:
        """Nothing is counted yet; the network needs ``multiply_adds`` for a token."""
        self._corpus = corpus
        self._spent = 0.0
        counted = len(corpus.train.tokens) + (0 if corpus.valid is None else len(corpus.valid.tokens))
        operations = 2.0 * multiply_adds * (_SAMPLE_TOKENS + _TEXTS * _WORDS)
        # The first look counts the corpus too.
        self._counting = counted / _COUNTED_A_SECOND
        self._expected = self._counting + operations / _OPERATIONS_A_SECOND

    def has_time(self, seconds: float, trained: int, share: float) -> bool:
        """Whether a training may be looked into again that has taken ``seconds`` for ``trained`` tokens.

        Looks are spread evenly: each is taken when those before it and half of it are paid for, if there will be time
        for it in the end; ``share`` is how much of the training is done. One so short that it never pays for a look is
        looked into at its end only.
        """
        expected = self._expected
        if not self._spent:
            expected = max(expected, self._counting + _LIKE_TRAINING_ON * seconds / max(trained, 1))
        in_all = seconds / share if share > 0 else 0.0
        due = self._spent + expected / 2 <= _SHARE_OF_TIME * seconds
        return due and self._spent + expected <= _SHARE_OF_TIME * in_all

    def look(self, generator: Generator, epoch: int, step: int) -> Remembered:
        """Look into the model of ``generator`` after an epoch."""
        began = time.perf_counter()
        found = self._look(generator, epoch, step, _TEXTS, _SAMPLE_TOKENS)
        self._expected = time.perf_counter() - began
        self._spent += self._expected
        return found

    def last_look(self, generator: Generator, epoch: int, step: int, trained: int) -> Remembered:
        """Look into the best model of a training of ``trained`` tokens: longer, as far as that is worth it."""
        share = min(1.0, max(1 / _FEWEST, trained / _TRAINED_FOR_ALL))
        texts, tokens = round(_TEXTS_AT_THE_END * share), round(_SAMPLE_TOKENS_AT_THE_END * share)
        return self._look(generator, epoch, step, texts, tokens)

    def _look(self, generator: Generator, epoch: int, step: int, texts: int, tokens: int) -> Remembered:
        made = _made(generator, texts)
        held_out, held_out_texts = self._held_out
        return Remembered(
            epoch=epoch,
            step=step,
            train_loss=-float(generator.predictor.log_probabilities(self._sample(tokens)).mean()),
            copied=self._limit.share(*_joined(made)),
            copied_texts=self._standing(made),
            held_out=held_out,
            held_out_texts=held_out_texts,
        )

    @cached_property
    def _limit(self) -> CopyLimit:
        return CopyLimit(self._corpus.train, self._corpus.tokenizer, STRETCH - 1)

    @cached_property
    def _texts(self) -> frozenset[bytes]:
        """What identifies each training text; one long text is none."""
        train = self._corpus.train
        return frozenset(map(self._identity, _texts_of(train))) if len(train) > 1 else frozenset()

    @cached_property
    def _held_out(self) -> tuple[float | None, float | None]:
        """The shares of the validation texts."""
        valid = self._corpus.valid
        if valid is None:
            return None, None
        return self._limit.share(valid.tokens.astype(np.int64), valid.offsets), self._standing(_texts_of(valid))

    def _sample(self, about: int) -> Split:
        """Return training texts from all over the corpus that have about so many tokens."""
        train = self._corpus.train
        every = max(1, -(-len(train.tokens) // about))
        chosen = [train.tokens[first:last].astype(np.int64) for first, last in self._pieces[::every]]
        tokens, offsets = _joined(chosen)
        return replace(train, tokens=tokens.astype(np.int32), offsets=offsets)

    @cached_property
    def _pieces(self) -> Sequence[tuple[int, int]]:
        """Where the training texts, or pieces of long ones, begin and end."""
        edges = self._corpus.train.offsets.tolist()
        return [
            (begin, min(begin + _PIECE, last))
            for first, last in pairwise(edges)
            for begin in range(first, last, _PIECE)
        ]

    def _standing(self, texts: Iterable[Tokens]) -> float | None:
        """Return the share of ``texts`` that stand as a whole among the training texts; those of known words count."""
        unknown = self._corpus.tokenizer.unknown_id
        known = [text for text in texts if unknown is None or not (text == unknown).any()]
        return fmean(self._identity(text) in self._texts for text in known) if known and self._texts else None

    def _identity(self, text: Tokens) -> bytes:
        end = self._corpus.tokenizer.end_id
        spoken = text[:-1] if end is not None and len(text) and text[-1] == end else text
        return blake2b(spoken.astype(np.int64).tobytes(), digest_size=8).digest()


def _made(generator: Generator, count: int) -> list[Tokens]:
    texts = generate_batch(generator, "", Sampling(), _SEED, count, _WORDS)
    return [np.array(text.tokens, dtype=np.int64) for text in texts]


def _texts_of(split: Split) -> Iterator[Tokens]:
    return (split.text(place).astype(np.int64) for place in range(len(split)))


def _joined(texts: Sequence[Tokens]) -> tuple[Tokens, Tokens]:
    """Return the tokens of all texts ``(tokens,)`` and where each begins ``(texts + 1,)``."""
    offsets = np.cumsum([0, *map(len, texts)], dtype=np.int64)
    return np.concatenate([np.empty(0, np.int64), *texts]), offsets
