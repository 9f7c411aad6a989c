"""How well a network will predict beside the n-gram model, by the texts and by how much it is trained.

A fit to our own measurements (``benchmarks/expectations.csv``, fitted by ``benchmarks/expectations.py``): the
preset ``small`` on words, trained to the end of its schedule. Two things carry over from corpus to corpus. How far a
training has come follows from how many texts it has read for each type: so many steps, spread over so much to learn.
What it can come to follows from what counting gains: the network begins where a model without context stands, and ends
as far beyond the n-gram model as that is beyond the one without context, times the same share everywhere (all in nats
per token).
"""

from __future__ import annotations

import math

from .recipes import Recipe

_FLOOR, _STILL_TO_LEARN, _READ = 0.229, 0.679, 4.3
"""Shares of what counting gains: what a network gains beyond it in the end, and what it lacks of that at first; and
after how many texts a type that falls to 1/e of itself."""
_FEWEST_READ = 0.8
_MOST_TEXTS = 50_000
"""Nothing was measured of fewer texts a type than that, or of more than a part of so many training texts."""


def is_like_measured(recipe: Recipe, train_texts: int, epochs: float, vocabulary: int) -> bool:
    """Whether such trainings were measured; arguments as in :func:`expected_times_ngram`."""
    like_measured = recipe.preset == "small" and recipe.tokenizer == "words" and recipe.layout == "texts"
    chosen = bool(recipe.hidden) or recipe.dropout is not None
    read = train_texts * epochs / max(vocabulary, 1)
    return like_measured and not chosen and train_texts <= _MOST_TEXTS and read >= _FEWEST_READ


def expected_times_ngram(recipe: Recipe, train_texts: int, epochs: float, vocabulary: int, gain: float) -> float | None:
    """Return the validation perplexity to expect, times the n-gram model's.

    Args:
        recipe: how it is trained.
        train_texts: texts of the training split.
        epochs: how often they are read.
        vocabulary: types.
        gain: what counting gains: by how many nats a token of the validation split the n-gram model is better than the
            frequencies of the tokens.

    Returns:
        The multiple, or None where nothing like it was measured.
    """
    if not is_like_measured(recipe, train_texts, epochs, vocabulary):
        return None
    still = _STILL_TO_LEARN * math.exp(-train_texts * epochs / vocabulary / _READ)
    return math.exp(gain * (still - _FLOOR))
