"""How well a model predicts texts: loss, perplexity, bits per character, unknown rate."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...data.corpus import Split
from ..errors import EngineError
from ..events import Figures
from .predictors import mix


def figures(
    split: Split,
    log_probabilities: NDArray[np.float64],
    *,
    ngram: NDArray[np.float64] | None = None,
    mixture_weight: float | None = None,
) -> Figures:
    """Summarise the log-probabilities ``(tokens,)`` of a split.

    Bits per character count every character of the texts and one for each end of text. With the n-gram model's
    log-probabilities its perplexity is given too, and with ``mixture_weight`` that of the mixture.

    Raises:
        EngineError: the split has no tokens.
    """
    tokens = len(log_probabilities)
    if not tokens:
        raise EngineError(f"There is nothing to evaluate: the {split.name} split is empty.")
    total = -float(log_probabilities.sum())
    mixed = None
    if ngram is not None and mixture_weight is not None:
        mixed = perplexity(-float(mix(log_probabilities, ngram, mixture_weight).mean()))
    return Figures(
        split=split.name,
        tokens=tokens,
        words=split.words,
        characters=split.characters,
        loss=total / tokens,
        perplexity=perplexity(total / tokens),
        bits_per_character=total / math.log(2) / max(split.characters, 1),
        unknown_rate=split.unknown / tokens,
        ngram_perplexity=None if ngram is None else perplexity(-float(ngram.mean())),
        mixed_perplexity=mixed,
        spelled_bits_per_character=(
            None if split.spelling is None else (total + split.spelling) / math.log(2) / max(split.characters, 1)
        ),
    )


def perplexity(loss: float) -> float:
    """Return e to the ``loss`` (nats per token), infinite where it would overflow."""
    return math.exp(loss) if loss < 700 else math.inf
