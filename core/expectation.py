"""How well a network will predict beside the n-gram model, by the texts and by how much it is trained.

A fit to our own measurements (``benchmarks/expectations.csv``, fitted by ``benchmarks/expectations.py``): the
preset ``small`` on words, trained to the end of its schedule. Two things carry over from corpus to corpus. How far a
training has come follows from how many tokens it has read for each type: it begins by lacking about what counting gains
over the frequencies of words, and that fades. How far beyond counting it ends follows from how often each type stands
in the training texts, and less far the more types there are for a network of one size.
"""

from __future__ import annotations

import math

from .recipes import Recipe

FADES = 0.6
"""The steepness with which it fades that fitted best."""
_LACKED, _FADING, _END, _BY_FREQUENCY, _BY_TYPES = 1.02, 66.0, 0.41, 0.25, 0.08
"""What a network lacks at first, as a share of what counting gains; after how many tokens read for each type that falls
to 1/e of itself; and, in nats per token, how far beyond counting it ends where there are e⁸ (2,981) types and each
stands e³ (20) times in the training texts, how much further where each stands e times as often, and how much less far
where there are e times as many."""
_FEWEST_READ = 0.6
_MOST_TEXTS = 50_000
"""Nothing was measured of fewer texts a type than that, or of more than a part of so many training texts."""


def is_like_measured(recipe: Recipe, train_texts: int, vocabulary: int, epochs: float) -> bool:
    """Whether such trainings were measured; arguments as in :func:`expected_times_ngram`."""
    like_measured = recipe.preset == "small" and recipe.tokenizer == "words" and recipe.layout == "texts"
    chosen = bool(recipe.hidden) or recipe.dropout is not None
    read = train_texts * epochs / max(vocabulary, 1)
    return like_measured and not chosen and train_texts <= _MOST_TEXTS and read >= _FEWEST_READ


def expected_times_ngram(
    recipe: Recipe, train_texts: int, train_tokens: int, vocabulary: int, epochs: float, gain: float
) -> float | None:
    """Return the validation perplexity to expect, times the n-gram model's.

    Args:
        recipe: how it is trained.
        train_texts: texts of the training split.
        train_tokens: their tokens.
        vocabulary: types.
        epochs: how often they are read.
        gain: what counting gains: by how many nats a token of the validation split the n-gram model is better than the
            frequencies of the tokens.

    Returns:
        The multiple, or None where nothing like it was measured.
    """
    if not is_like_measured(recipe, train_texts, vocabulary, epochs):
        return None
    lacked = gain * _LACKED * math.exp(-((train_tokens * epochs / vocabulary / _FADING) ** FADES))
    end = _END + _BY_FREQUENCY * (math.log(train_tokens / vocabulary) - 3.0) - _BY_TYPES * (math.log(vocabulary) - 8.0)
    return math.exp(lacked - end)
