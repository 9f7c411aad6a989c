"""Held-out texts that are none, because a training text says the same in the same words."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache

from .splitting import SplitName, split_key, split_of


def repeated_texts(texts: Sequence[str]) -> dict[SplitName, list[str]]:
    """Return the validation and test texts whose words make up a training text too, in the same order.

    They differ from it in punctuation alone, or in case and spacing besides: :func:`split_of` evens out only those two.
    """
    trained: set[str] = set()
    held_out: dict[SplitName, list[tuple[str, str]]] = {"valid": [], "test": []}
    for text in texts:
        split, words = split_of(text), _words(text)
        if split == "train":
            trained.add(words)
        elif words:
            held_out[split].append((words, text))
    return {split: [text for words, text in found if words in trained] for split, found in held_out.items()}


def _words(text: str) -> str:
    return " ".join("".join(map(_spoken, split_key(text))).split())


@cache
def _spoken(character: str) -> str:
    """Return a letter, a digit or a mark on one as it is, and a space for anything else."""
    return character if unicodedata.category(character)[0] in "LMN" else " "
