"""Which of the kept texts, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from .collection import Kept
from .turns import fold

Order = Literal["date", "surprise", "length", "newness"]
ORDERS: tuple[Order, ...] = ("date", "surprise", "length", "newness")


def folded(texts: Sequence[Kept]) -> list[tuple[Kept, int]]:
    """Return each text once, the first of its kind, with how many there are of it."""
    counts: dict[str, int] = {}
    first: dict[str, Kept] = {}
    for kept in texts:
        key = fold(kept.text)
        counts[key] = counts.get(key, 0) + 1
        first.setdefault(key, kept)
    return [(kept, counts[key]) for key, kept in first.items()]


def matching(texts: Sequence[Kept], wanted: str = "", *, tag: str = "", run: str = "") -> list[Kept]:
    """Return the texts that have all words of ``wanted`` in text, tags (as ``#tag``) or run, in any case."""
    words = wanted.casefold().split()

    def fits(kept: Kept) -> bool:
        seen = f"{kept.text} {' '.join(f'#{each}' for each in kept.tags)} {kept.run}".casefold()
        return (
            all(word in seen for word in words) and (not tag or tag.strip("#") in kept.tags) and run in ("", kept.run)
        )

    return [kept for kept in texts if fits(kept)]


def ordered(texts: Sequence[Kept], order: Order) -> list[Kept]:
    """Return texts the latest, most surprising, longest or newest (least copied) first; what is not known is last."""
    latest = sorted(texts, key=lambda kept: kept.when, reverse=True)
    if order == "surprise":
        return sorted(latest, key=lambda kept: -1.0 if kept.bits is None else kept.bits, reverse=True)
    if order == "length":
        return sorted(latest, key=lambda kept: kept.words, reverse=True)
    if order == "newness":
        return sorted(latest, key=lambda kept: 2.0 if kept.copied is None else kept.copied)
    return latest
