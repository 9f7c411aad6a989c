"""Which texts surprise a model most."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ...data.amendments import number_of
from ...data.corpus import make_split
from ...data.splitting import split_of
from ...data.survey import LISTED, FoundText
from .generation import Generator

_MOST_CHARACTERS = 200_000
"""Characters of texts that are read: some seconds of a processor."""
_LONGEST = 2_000
_FEWEST_TOKENS = 4
"""Of fewer tokens a mean says little."""


def strangest(generator: Generator, texts: Sequence[str], *, most: int = _MOST_CHARACTERS) -> list[FoundText]:
    """Return the texts that surprise the model of ``generator`` most, by the bits that a token costs it, end included.

    Of a large corpus some from all over it are read, ``most`` characters in all, of each its beginning. A word that the
    model does not know costs what an unknown one does, not what spelling it would.
    """
    beginnings = [text[:_LONGEST] for text in texts]
    step = max(1, -(-sum(map(len, beginnings)) // most))
    places = list(range(0, len(texts), step))
    split = make_split("test", [beginnings[place] for place in places], generator.tokenizer)
    lengths = np.diff(split.offsets)
    if not lengths.any():
        return []
    costs = np.append(0.0, np.cumsum(-generator.predictor.log_probabilities(split))) / math.log(2)
    means = np.diff(costs[split.offsets]) / np.maximum(lengths, 1)
    means[lengths < _FEWEST_TOKENS] = 0.0
    order: list[int] = np.argsort(-means, kind="stable")[:LISTED].tolist()
    found = [(texts[places[place]], float(means[place])) for place in order if means[place] > 0]
    return [FoundText(number_of(text), text, split_of(text), mean) for text, mean in found]
