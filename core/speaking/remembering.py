"""What a model has learned by heart: how much of what it says stands in the training texts, beside held-out texts."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from hashlib import blake2b
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
_SAMPLE_TOKENS = 2048
"""Training tokens whose loss is measured without dropout, about."""
_PIECE = 512
"""Tokens after which a long text is read from a fresh state: side by side that is quicker."""
_TEXTS, _TEXTS_AT_THE_END = 16, 32
_WORDS = 30
_SEED = 5
_SHARE_OF_TIME = 0.01
"""What measuring may take of a training's time while that goes on."""
_SECONDS_OF_THE_FIRST = 0.1
"""What the first look is expected to take."""


class Memory:
    """Measures again and again how much a model that is trained on ``corpus`` has learned by heart.

    Which epochs are measured depends on the time that it takes; what is found never does: the texts come from fixed
    seeds, and the training texts whose loss is measured are always the same.
    """

    def __init__(self, corpus: Corpus) -> None:
        """Nothing is counted yet."""
        self._corpus = corpus
        self._spent = 0.0
        self._expected = _SECONDS_OF_THE_FIRST

    def has_time(self, seconds: float) -> bool:
        """Whether a training that has taken ``seconds`` may be looked into again."""
        return self._spent + self._expected <= _SHARE_OF_TIME * seconds

    def look(self, generator: Generator, epoch: int, step: int, *, at_the_end: bool = False) -> Remembered:
        """Look into the model of ``generator`` after an epoch; with more texts ``at_the_end``."""
        began = time.perf_counter()
        made = _made(generator, _TEXTS_AT_THE_END if at_the_end else _TEXTS)
        held_out, held_out_texts = self._held_out
        found = Remembered(
            epoch=epoch,
            step=step,
            train_loss=-float(generator.predictor.log_probabilities(self._sample).mean()),
            copied=self._limit.share(*_joined(made)),
            copied_texts=self._standing(made),
            held_out=held_out,
            held_out_texts=held_out_texts,
        )
        self._expected = time.perf_counter() - began
        self._spent += self._expected
        return found

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

    @cached_property
    def _sample(self) -> Split:
        """Training texts from all over the corpus."""
        train = self._corpus.train
        pieces = [text[first : first + _PIECE] for text in _texts_of(train) for first in range(0, len(text), _PIECE)]
        tokens, offsets = _joined(pieces[:: max(1, len(train.tokens) // _SAMPLE_TOKENS)])
        return replace(train, tokens=tokens.astype(np.int32), offsets=offsets)

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
