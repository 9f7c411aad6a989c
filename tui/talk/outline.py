"""A talk as an outline: a line for each stretch, indented where the talk branches. No widget."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace

from ...core.keeping.tree import Stretch, Talk
from ...core.keeping.turns import fold, text_to
from ...data.cleaning import one_line

SHOWN = 120
"""Characters of a stretch that its line shows."""


@dataclass(frozen=True)
class Entry:
    """One line of the outline."""

    number: int
    """The stretch's."""
    depth: int
    """How many times the talk has branched before it."""
    who: str
    text: str
    """Its first words."""
    words: int
    here: bool
    """Whether one stands in it."""
    on_path: bool
    """Whether it is part of the line that is shown."""
    branches: int
    """How many stretches follow it."""
    kept: bool = False
    """Whether the answer that it ends was kept."""


def outline(talk: Talk, wanted: str = "", kept: Set[str] = frozenset()) -> list[Entry]:
    """Return the lines, those of a branch right after the stretch it leaves; ``wanted``: only those with this text.

    ``kept`` has the texts that are marked, as ``fold`` gives them.
    """
    path = {stretch.number for stretch in talk.path()}
    here = talk.head.stretch if talk.head is not None else -1
    found: list[Entry] = []
    waiting = [(number, 1 if len(talk.roots) > 1 else 0) for number in reversed(talk.roots)]
    while waiting:
        number, depth = waiting.pop()
        stretch = talk.stretches[number]
        if wanted.casefold() in stretch.text.casefold():
            entry = _entry(stretch, depth, here=number == here, on_path=number in path)
            is_kept = bool(kept) and not stretch.author.is_person and fold(text_to(talk, number)) in kept
            found.append(replace(entry, kept=is_kept))
        deeper = depth + (len(stretch.children) > 1)
        waiting += [(child, deeper) for child in sorted(stretch.children, reverse=True)]
    return found


def _entry(stretch: Stretch, depth: int, *, here: bool, on_path: bool) -> Entry:
    text = one_line(stretch.text).strip()
    shown = text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
    who = "you" if stretch.author.is_person else f"{stretch.author.label} · seed {stretch.author.seed}"
    return Entry(
        stretch.number, depth, one_line(who), shown or "(nothing)", len(text.split()), here, on_path,
        len(stretch.children),
    )  # fmt: skip
