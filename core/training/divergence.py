"""Noticing that a training runs away, before its numbers are none any more."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

MOST_ROLLBACKS = 5
"""How often a training is taken back; what still runs away then is ended."""
LOWER = 0.5
"""What each time the learning rate is multiplied by."""
_HIGH_STEPS = 40
"""Steps in a row whose loss is far above the first one: a few such are an accident that training mends."""
_TIMES, _MORE = 1.5, 1.0
"""Far above is this many times the first loss, and at least so many nats more than it."""


@dataclass(frozen=True)
class Watch:
    """What the losses so far say about a training running away."""

    first: float | None = None
    """The loss of the first step, nats per token."""
    high: int = 0
    """Steps in a row, up to now, whose loss was far above it."""

    def after(self, loss: float) -> Watch:
        """Return what is to be said after one more step of this ``loss``."""
        if not math.isfinite(loss):
            return replace(self, high=_HIGH_STEPS)
        if self.first is None:
            return replace(self, first=loss)
        return replace(self, high=self.high + 1 if loss > max(_TIMES * self.first, self.first + _MORE) else 0)

    @property
    def diverged(self) -> bool:
        """Whether the loss has run away."""
        return self.high >= _HIGH_STEPS
