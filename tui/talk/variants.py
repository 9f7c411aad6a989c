"""Answers to one prompt that differ in one thing: what may differ, and by how much."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...core.speaking.choices import Sampling

if TYPE_CHECKING:
    from ..workbench import Talker
    from .positions import Positions

DIFFERENCES = ("seed", "temperature", "top-p", "model", "epoch")
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
    epoch: int | None = None
    """The epoch that the model speaks from, None for its own weights."""


@dataclass(frozen=True)
class Voices:
    """Who may answer beside the model that is talked to."""

    models: tuple[str, ...] = ()
    """Runs, the one that is talked to first."""
    epochs: tuple[int, ...] = ()
    """Those whose weights the run that is talked to has kept, the earliest first."""
    best: int | None = None
    """The one of them with the best weights; None while the run is trained, which speaks as it is now."""


def room_for(width: int) -> int:
    """Return how many answers fit side by side on a screen of ``width`` cells."""
    return max(1, min(MOST, width // COLUMN_WIDTH))


def variants(differing: str, count: int, seed: int, sampling: Sampling, voices: Voices) -> list[Variant]:
    """Return ``count`` ways to answer, or as many as there are ``voices`` where these differ."""
    match differing:
        case "temperature":
            drawn = replace(sampling, greedy=False)
            return [
                Variant(f"temperature {value:g}", seed, replace(drawn, temperature=value))
                for value in _spread(TEMPERATURES, count)
            ]
        case "top-p":
            drawn = replace(sampling, greedy=False)
            return [Variant(f"top-p {value:g}", seed, replace(drawn, top_p=value)) for value in _spread(SHARES, count)]
        case "model":
            return [Variant(name, seed, sampling, name) for name in voices.models[:count]]
        case "epoch":
            grown = [
                Variant(f"epoch {epoch}{' ★' if epoch == voices.best else ''}", seed, sampling, epoch=epoch)
                for epoch in growing_up(voices, count)
            ]
            return grown if voices.best is not None or not grown else [*grown[:-1], Variant("now", seed, sampling)]
        case _:
            return [Variant(f"seed {seed + index}", seed + index, sampling) for index in range(count)]


def growing_up(voices: Voices, count: int) -> list[int]:
    """Return up to ``count`` of the kept epochs: the best one, and each further as far from the others as can be.

    How far is a matter of proportion: a model learns more from its first epoch to its second than from its tenth on.
    """
    if not voices.epochs:
        return []
    chosen = [voices.epochs[-1] if voices.best is None else voices.best]
    epochs = {*voices.epochs, *chosen}
    while len(chosen) < min(count, len(epochs)):
        rest = sorted(epochs.difference(chosen))
        chosen.append(max(rest, key=lambda epoch: min(abs(math.log(epoch / other)) for other in chosen)))
    return sorted(chosen)


def _spread(ends: tuple[float, float], count: int) -> list[float]:
    least, most = ends
    if count == 1:
        return [most]
    return [round(least + (most - least) * index / (count - 1), 2) for index in range(count)]


Loader = Callable[[str | None, int | None], "tuple[Talker, Positions]"]
"""Loads a model by a run's name, or the one that is talked to, as it was after an epoch or as it is."""


class SharedModels:
    """Loads each model once, whichever answer asks for it first; any thread may ask."""

    def __init__(self, load: Loader) -> None:
        """Load with ``load``."""
        self._load = load
        self._loaded: dict[tuple[str | None, int | None], tuple[Talker, Positions]] = {}
        self._lock = threading.Lock()

    def get(self, choice: str | None, epoch: int | None) -> tuple[Talker, Positions]:
        """Return the model, and the positions of the talk under it."""
        with self._lock:
            if (choice, epoch) not in self._loaded:
                self._loaded[choice, epoch] = self._load(choice, epoch)
            return self._loaded[choice, epoch]
