"""How well a network will predict beside the n-gram model, by the texts and by how much it is trained.

A fit to our own measurements (``benchmarks/expectations.csv``, fitted by ``benchmarks/expectations.py``): the
preset ``small`` on words, trained to the end of its schedule. The validation perplexity as a multiple of the n-gram
model's falls towards what the texts allow, as one over the tokens trained: more slowly with a large vocabulary, and
less far with few texts and with many unknown words, which the n-gram model guesses as easily.
"""

from __future__ import annotations

import math

from .recipes import Recipe

_TOKENS, _TEXTS_TOKENS, _VOCABULARY = 5e5, 1e5, 2000.0
"""Where the terms of the fit are counted from: tokens trained, training tokens, types."""
_FLOOR, _OF_SIZE, _OF_UNKNOWN = 0.512, -0.031, 0.502
_STILL_TO_LEARN, _OF_VOCABULARY = 0.173, 0.9
_FEWEST_TOKENS = 1e5
"""Below this many tokens trained little is learned, and nothing was measured."""


def expected_times_ngram(
    recipe: Recipe, train_tokens: int, epochs: float, vocabulary: int, unknown_rate: float
) -> float | None:
    """Return the validation perplexity to expect, times the n-gram model's.

    Args:
        recipe: how it is trained.
        train_tokens: tokens of the training split.
        epochs: how often they are read.
        vocabulary: types.
        unknown_rate: share of the validation tokens that the vocabulary does not know.

    Returns:
        The multiple, or None where nothing like it was measured.
    """
    trained = train_tokens * epochs
    like_measured = recipe.preset == "small" and recipe.tokenizer == "words" and recipe.layout == "texts"
    if not like_measured or recipe.hidden or recipe.dropout is not None or trained < _FEWEST_TOKENS:
        return None
    floor = _FLOOR + _OF_SIZE * math.log(train_tokens / _TEXTS_TOKENS) + _OF_UNKNOWN * unknown_rate
    return floor + _STILL_TO_LEARN * (vocabulary / _VOCABULARY) ** _OF_VOCABULARY * _TOKENS / trained
