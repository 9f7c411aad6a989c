"""How well a network will predict beside the n-gram model, by the texts and by how much it is trained.

A fit to our own measurements (``benchmarks/expectations.csv``, fitted by ``benchmarks/expectations.py``): the
preset ``small`` on words, trained to the end of its schedule. Two things carry over from corpus to corpus. How far a
training has come follows from how often it has seen each type on average. What it can come to follows from what
counting gains: the network begins where a model without context stands, and ends as far beyond the n-gram model as
that is beyond the one without context, times the same share everywhere (all in nats per token).
"""

from __future__ import annotations

import math

from .recipes import Recipe

_FLOOR, _STILL_TO_LEARN, _SEEN = 0.244, 0.698, 98.0
"""Shares of what counting gains: what a network gains beyond it in the end, and what it lacks of that at first; and
after how many tokens a type that falls to 1/e of itself."""
_FEWEST_SEEN = 20.0
_MOST_TOKENS = 1_000_000
"""Nothing was measured of less training than that a type, or of more than a part of these training tokens."""


def is_like_measured(recipe: Recipe, train_tokens: int, epochs: float, vocabulary: int) -> bool:
    """Whether such trainings were measured; arguments as in :func:`expected_times_ngram`."""
    like_measured = recipe.preset == "small" and recipe.tokenizer == "words" and recipe.layout == "texts"
    chosen = bool(recipe.hidden) or recipe.dropout is not None
    seen = train_tokens * epochs / max(vocabulary, 1)
    return like_measured and not chosen and train_tokens <= _MOST_TOKENS and seen >= _FEWEST_SEEN


def expected_times_ngram(
    recipe: Recipe, train_tokens: int, epochs: float, vocabulary: int, gain: float
) -> float | None:
    """Return the validation perplexity to expect, times the n-gram model's.

    Args:
        recipe: how it is trained.
        train_tokens: tokens of the training split.
        epochs: how often they are read.
        vocabulary: types.
        gain: what counting gains: by how many nats a token of the validation split the n-gram model is better than the
            frequencies of the tokens.

    Returns:
        The multiple, or None where nothing like it was measured.
    """
    if not is_like_measured(recipe, train_tokens, epochs, vocabulary):
        return None
    still = _STILL_TO_LEARN * math.exp(-train_tokens * epochs / vocabulary / _SEEN)
    return math.exp(gain * (still - _FLOOR))
