"""What it costs to spell a word that is not in a vocabulary, by a model of the characters of those that are."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

_ORDER = 4
_MOST_WORDS = 10_000
_CHARACTERS = 150_000
"""Characters that Unicode has: what an unseen one is guessed among."""
_END = "\u0003"


class SpellingModel:
    """A 4-gram model of the characters of words and of their ends, interpolated (Witten and Bell 1991)."""

    def __init__(self, words: Iterable[str]) -> None:
        """Count the characters of ``words``, each once."""
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for word in words:
            spelled = word + _END
            for place, character in enumerate(spelled):
                for length in range(min(place, _ORDER - 1) + 1):
                    self._counts[spelled[place - length : place]][character] += 1
        self._totals = {context: counts.total() for context, counts in self._counts.items()}
        self._known: dict[str, float] = {}

    def nats(self, word: str) -> float:
        """Return minus the natural logarithm of the probability of ``word``, its end included."""
        cost = self._known.get(word)
        if cost is None:
            spelled = word + _END
            cost = -math.fsum(math.log(self._probability(spelled, place)) for place in range(len(spelled)))
            self._known[word] = cost
        return cost

    def _probability(self, spelled: str, place: int) -> float:
        probability = 1 / _CHARACTERS
        for length in range(min(place, _ORDER - 1) + 1):
            counts = self._counts.get(spelled[place - length : place])
            if counts is None:
                break
            kinds = len(counts)
            total = self._totals[spelled[place - length : place]]
            probability = (counts[spelled[place]] + kinds * probability) / (total + kinds)
        return probability


def spelling_model(vocabulary: Sequence[str]) -> SpellingModel:
    """Return a model of the rarest words of a vocabulary in the order of its counts: unknown words are like them."""
    return SpellingModel(word.strip(" ") for word in vocabulary[-_MOST_WORDS:])
