"""How surprised a model was by words: in bits, and as a line of bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

BARS = "▁▂▃▄▅▆▇█"
MOST = 10.0
"""Bits that the highest bar stands for: one word of a thousand."""
LEAST_PROBABILITY = 2.0**-40


def bits(probability: float) -> float:
    """The surprise of something that had this probability."""
    return -math.log2(min(1.0, max(LEAST_PROBABILITY, probability)))


def mean_bits(probabilities: Sequence[float]) -> float:
    """Bits a word; 0 without words."""
    return sum(map(bits, probabilities)) / len(probabilities) if probabilities else 0.0


def surprise_bars(probabilities: Sequence[float], width: int) -> str:
    """A bar for each word in order; where there are more than ``width``, one for the most surprising of several."""
    surprises = [bits(probability) for probability in probabilities]
    width = max(1, width)
    if len(surprises) > width:
        edges = [round(index * len(surprises) / width) for index in range(width + 1)]
        surprises = [max(surprises[first:last]) for first, last in pairwise(edges)]
    return "".join(BARS[min(len(BARS) - 1, int(surprise / MOST * len(BARS)))] for surprise in surprises)
