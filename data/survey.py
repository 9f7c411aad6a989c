"""What a set of texts is like: lengths, words, what a vocabulary covers, what repeats, what stands out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .amendments import number_of
from .scripts import unspaced_share
from .shingles import Shingles
from .splitting import SPLITS, SplitName, split_of

MOST_TEXTS = 50_000
"""Texts that are looked at; of more, this many from all over the corpus."""
_MOST_CHARACTERS = 30_000_000
"""Characters of texts that are looked at."""
LISTED = 200
"""Texts and words that a list has at most."""
_BARS = 24
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CHARACTER = re.compile(r"\S")
_NEAR, _STANDS_THERE = 0.6, 0.5
"""Share of the stretches from which on two texts are nearly the same, and a held-out text stands in the others."""
_STRETCHES = {"words": (3, 5), "characters": (6, 10)}
"""Of how many a stretch consists for near-repeats, and for what stands in the training texts."""
_SHARE_OF_UNSPACED = 0.5
_TRAINED = 0.8
"""Share of one long text that is trained on."""
_JUDGED, _LONGEST_JUDGED = 500, 2000


@dataclass(frozen=True)
class FoundText:
    """A text that is worth a look."""

    number: str
    """What :func:`jokegen.data.amendments.number_of` says."""
    text: str
    split: SplitName
    figure: float
    """Words, a share from 0 to 1, or bits a token: what it was found by."""
    other: str = ""
    """The text that it repeats, where it does."""


@dataclass(frozen=True)
class Vocabulary:
    """The words of texts; characters where words have no blanks between them."""

    frequent: tuple[tuple[str, int], ...]
    """The most frequent ones and how often they stand there."""
    coverage: tuple[tuple[int, float, float | None], ...]
    """For a vocabulary of so many of the most frequent training words: the share of the training and held-out words
    that it covers, 0–1."""
    unknown: tuple[tuple[str, int], ...]
    """Held-out words that no training text has, the most frequent first."""
    unknown_share: float | None
    """The share of the held-out words that these are, 0–1."""


@dataclass(frozen=True)
class Survey:
    """What was found; of one long text there are words and no texts."""

    texts: int
    looked_at: int
    """Of a large corpus, some from all over it."""
    unit: str
    """``words``, or ``characters`` where words have no blanks between them."""
    splits: dict[SplitName, int]
    """Texts in each split, of those looked at."""
    lengths: tuple[tuple[int, int, int], ...]
    """Bars of a picture: the least and the most units, and how many texts have so many."""
    usual: tuple[int, int, int]
    """Units of a short, a middling and a long text: one in ten is shorter, one in ten longer."""
    vocabulary: Vocabulary
    near: tuple[FoundText, ...] = ()
    """Texts that nearly repeat an earlier one, by the share of their stretches in common (Jaccard)."""
    near_count: int = 0
    both: tuple[FoundText, ...] = ()
    """Held-out texts whose stretches mostly stand in training texts too, by that share."""
    both_count: int = 0
    longest: tuple[FoundText, ...] = ()


def survey(texts: Sequence[str], layout: str = "lines", *, most: int = MOST_TEXTS) -> Survey:
    """Look at ``texts``, or at ``most`` of them from all over the corpus."""
    if layout == "whole":
        return _of_one_text("\n".join(texts))
    characters = sum(map(len, texts))
    step = max(1, -(-len(texts) // most), -(-characters // _MOST_CHARACTERS))
    looked_at = list(texts[::step])
    splits: list[SplitName] = [split_of(text) for text in looked_at]
    unit = _unit(looked_at)
    said = [_said(text, unit) for text in looked_at]
    words = np.array([len(each) for each in said], dtype=np.int64)
    training = [split == "train" for split in splits]
    near_words, both_words = _STRETCHES[unit]
    numbered = _numbered(said)
    near = Shingles(numbered, near_words).near_repeats(_NEAR)
    both = Shingles(numbered, both_words).standing_in(np.array(training, dtype=np.bool_), _STANDS_THERE)

    def found(place: int, figure: float, other: int | None = None) -> FoundText:
        text = looked_at[place]
        return FoundText(number_of(text), text, splits[place], figure, "" if other is None else looked_at[other])

    longest = np.argsort(-words, kind="stable")[:LISTED]
    return Survey(
        texts=len(texts),
        looked_at=len(looked_at),
        unit=unit,
        splits={name: splits.count(name) for name in SPLITS},
        lengths=_bars(words),
        usual=_usual(words),
        vocabulary=_vocabulary(
            [each for each, train in zip(said, training, strict=True) if train],
            [each for each, train in zip(said, training, strict=True) if not train],
        ),
        near=tuple(found(place, share, other) for place, other, share in near[:LISTED]),
        near_count=len(near),
        both=tuple(found(place, share, other) for place, other, share in both[:LISTED]),
        both_count=len(both),
        longest=tuple(found(place, float(words[place])) for place in longest.tolist()),
    )


def _of_one_text(text: str) -> Survey:
    unit = _unit([text])
    cut = int(_TRAINED * len(text))
    train, held_out = text[: min(cut, _MOST_CHARACTERS)], text[cut : cut + _MOST_CHARACTERS]
    vocabulary = _vocabulary([_said(train, unit)], [_said(held_out, unit)])
    return Survey(1, 1, unit, {"train": 1, "valid": 1, "test": 1}, (), (0, 0, 0), vocabulary)


def _unit(texts: Sequence[str]) -> str:
    judged = [text[:_LONGEST_JUDGED] for text in texts[:_JUDGED]]
    return "characters" if unspaced_share(judged) > _SHARE_OF_UNSPACED else "words"


def _said(text: str, unit: str) -> list[str]:
    """Return the words of a text, or its characters, without case and punctuation."""
    return (_WORD if unit == "words" else _CHARACTER).findall(text.casefold())


def _numbered(said: Sequence[Sequence[str]]) -> list[NDArray[np.int64]]:
    known: dict[str, int] = {}
    return [np.array([known.setdefault(word, len(known)) for word in each], dtype=np.int64) for each in said]


def _bars(words: NDArray[np.int64]) -> tuple[tuple[int, int, int], ...]:
    """Count texts by length in at most so many equal steps; the last one holds the few that are much longer."""
    if not len(words):
        return ()
    usual = int(np.quantile(words, 0.98))
    step = max(1, -(-(usual + 1) // _BARS))
    places = np.minimum(words // step, usual // step)
    counts = np.bincount(places)
    return tuple(
        (place * step, int(words.max()) if place == len(counts) - 1 else place * step + step - 1, int(count))
        for place, count in enumerate(counts)
    )


def _usual(words: NDArray[np.int64]) -> tuple[int, int, int]:
    ordered = np.sort(words)
    short, middling, long = (int(ordered[int(share * (len(ordered) - 1))]) for share in (0.1, 0.5, 0.9))
    return short, middling, long


def _vocabulary(train: Iterable[Sequence[str]], held_out: Iterable[Sequence[str]]) -> Vocabulary:
    trained = Counter(word for text in train for word in text)
    others = Counter(word for text in held_out for word in text)
    ranked = [word for word, _ in trained.most_common()]
    counts = np.array([trained[word] for word in ranked], dtype=np.float64)
    elsewhere = np.array([others[word] for word in ranked], dtype=np.float64)
    of_train, of_others = max(counts.sum(), 1.0), float(sum(others.values()))
    covered, covered_there = counts.cumsum() / of_train, elsewhere.cumsum() / max(of_others, 1.0)
    coverage = tuple(
        (size, float(covered[size - 1]), float(covered_there[size - 1]) if of_others else None)
        for size in _sizes(len(ranked))
    )
    unknown = [(word, count) for word, count in others.most_common() if word not in trained]
    return Vocabulary(
        tuple((trained + others).most_common(LISTED)),
        coverage,
        tuple(unknown[:LISTED]),
        sum(count for _, count in unknown) / of_others if of_others else None,
    )


def _sizes(words: int) -> list[int]:
    """Return 10, 30, 100, 300 … up to all words."""
    sizes = [factor * 10**power for power in range(1, 8) for factor in (1, 3)]
    return [*(size for size in sizes if size < words), *([words] if words else [])]
