"""Finding runs in a long list: which of them match some words, and in what order they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .comparison import RunRecord

SORT_KEYS: Mapping[str, Callable[[RunRecord], Any]] = {
    "created": lambda one: one.created,
    "run": lambda one: one.name.casefold(),
    "texts": lambda one: one.corpus.casefold(),
    "size": lambda one: one.parameters,
    "time": lambda one: one.seconds,
    "valid": lambda one: one.valid_perplexity,
    "test": lambda one: one.test_perplexity,
    "×n-gram": lambda one: one.times_ngram,
    "new": lambda one: one.newness,
    "state": lambda one: one.state,
    "tags": lambda one: " ".join(one.tags).casefold(),
}
"""What runs can be sorted by."""


def ordered(records: Iterable[RunRecord], by: str, *, reverse: bool = False) -> list[RunRecord]:
    """Sort runs by one of ``SORT_KEYS``: pinned ones come first, and those without the value last, either way."""
    value = SORT_KEYS[by]
    there, missing = [list[RunRecord](), list[RunRecord]()]
    for one in records:
        (missing if value(one) in (None, "") else there).append(one)
    return sorted(sorted(there, key=value, reverse=reverse) + missing, key=lambda one: not one.pinned)


def matching(records: Iterable[RunRecord], words: str) -> list[RunRecord]:
    """Return the runs in whose name, texts, tags, note or settings (``dropout=0.4``) every word stands."""
    wanted = words.casefold().split()
    return [one for one in records if all(word in one.texts for word in wanted)]
