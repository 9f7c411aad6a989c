"""Answers to one prompt that differ in one thing: what may differ, and by how much."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...core.speaking.choices import Sampling

if TYPE_CHECKING:
    from ..workbench import Talker
    from .positions import Positions

DIFFERENCES = ("seed", "temperature", "top-p", "model")
"""What the answers may differ in."""
MOST = 6
"""Answers at a time."""
COLUMN_WIDTH = 33
"""Cells that an answer needs to be read with pleasure."""
TEMPERATURES, SHARES = (0.5, 1.5), (0.5, 1.0)
"""The least and the most of what a dial is set to."""


@dataclass(frozen=True)
class Variant:
    """One of the answers: how it is made, and what sets it apart from the others."""

    label: str
    seed: int
    sampling: Sampling
    model: str | None = None
    """A run's name, None for the model that is talked to."""


def room_for(width: int) -> int:
    """Return how many answers fit side by side on a screen of ``width`` cells."""
    return max(1, min(MOST, width // COLUMN_WIDTH))


def variants(differing: str, count: int, seed: int, sampling: Sampling, models: Sequence[str]) -> list[Variant]:
    """Return ``count`` ways to answer, or as many as there are ``models`` where these differ."""
    if differing == "temperature":
        return [
            Variant(f"temperature {value:g}", seed, replace(sampling, greedy=False, temperature=value))
            for value in _spread(TEMPERATURES, count)
        ]
    if differing == "top-p":
        return [
            Variant(f"top-p {value:g}", seed, replace(sampling, greedy=False, top_p=value))
            for value in _spread(SHARES, count)
        ]
    if differing == "model":
        return [Variant(name, seed, sampling, name) for name in models[:count]]
    return [Variant(f"seed {seed + index}", seed + index, sampling) for index in range(count)]


def _spread(ends: tuple[float, float], count: int) -> list[float]:
    least, most = ends
    if count == 1:
        return [most]
    return [round(least + (most - least) * index / (count - 1), 2) for index in range(count)]


class SharedModels:
    """Loads each model once, whichever answer asks for it first; any thread may ask."""

    def __init__(self, load: Callable[[str | None], tuple[Talker, Positions]]) -> None:
        """Load with ``load``, which takes a run's name or None for the model that is talked to."""
        self._load = load
        self._loaded: dict[str | None, tuple[Talker, Positions]] = {}
        self._lock = threading.Lock()

    def get(self, choice: str | None) -> tuple[Talker, Positions]:
        """Return the model, and the positions of the talk under it."""
        with self._lock:
            if choice not in self._loaded:
                self._loaded[choice] = self._load(choice)
            return self._loaded[choice]
