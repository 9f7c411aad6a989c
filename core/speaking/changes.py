"""Which hidden units a word changed most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...models.inference import State
from .predictors import MixturePredictor, NetworkPredictor, Predictor


@dataclass(frozen=True)
class UnitChange:
    """What one token did to one hidden unit."""

    part: int
    """0 is the hidden state, 1 the cell state; a GRU has no cell state."""
    layer: int
    unit: int
    before: float
    after: float

    @property
    def change(self) -> float:
        """The signed difference."""
        return self.after - self.before


def hidden_state(predictor: Predictor, state: Any) -> State | None:
    """Return the network's part of a predictor's state; None where there is no network."""
    if isinstance(predictor, NetworkPredictor):
        return state
    return state[0] if isinstance(predictor, MixturePredictor) else None


def largest_changes(before: State, after: State, count: int) -> tuple[UnitChange, ...]:
    """Return the ``count`` units that differ most between two states of one text, the largest difference first.

    Parts are ``(layers, 1, hidden)``, each measured as it is: cell states have no bound, hidden states stay within 1.

    Raises:
        ValueError: a state holds more than one text, or the two states are not of one network.
    """
    if [part.shape for part in before] != [part.shape for part in after]:
        raise ValueError("the two states are not of one network")
    if any(part.shape[1] != 1 for part in before):
        raise ValueError("changes are looked at in one text at a time")
    old = np.stack([part[:, 0] for part in before]).astype(np.float64)  # (parts, layers, hidden)
    new = np.stack([part[:, 0] for part in after]).astype(np.float64)
    order = np.argsort(-np.abs(new - old), axis=None, kind="stable")[:count]
    return tuple(
        UnitChange(int(part), int(layer), int(unit), float(old[part, layer, unit]), float(new[part, layer, unit]))
        for part, layer, unit in zip(*np.unravel_index(order, old.shape), strict=True)
    )
