"""How fast a training goes and how well it does just now: the one place where both faces get these figures from."""

from __future__ import annotations

import math
from collections import deque

from .events import StepDone

_SMOOTHING = 0.98
_SECONDS_OF_SPEED = 5.0
"""How far back the speed looks."""
_FEWEST_STEPS = 2


class Pace:
    """Takes the steps of one training, in their order, and says what they amount to."""

    def __init__(self, *, max_seconds: float | None = None) -> None:
        """Start without steps; ``max_seconds`` is the training's time limit."""
        self._max_seconds = max_seconds
        self._recent: deque[StepDone] = deque()
        self.loss: float | None = None
        """Smoothed training loss, nats per token."""

    def take(self, step: StepDone) -> None:
        """Count one more step."""
        if math.isfinite(step.loss):
            self.loss = step.loss if self.loss is None else _SMOOTHING * self.loss + (1 - _SMOOTHING) * step.loss
        self._recent.append(step)
        while len(self._recent) > _FEWEST_STEPS and step.seconds - self._recent[0].seconds > _SECONDS_OF_SPEED:
            self._recent.popleft()

    @property
    def tokens_per_second(self) -> float | None:
        """Tokens of the last few seconds, a second; None before the second step."""
        seconds = self._seconds
        if seconds is None:
            return None
        return (sum(step.tokens for step in self._recent) - self._recent[0].tokens) / seconds

    def seconds_left(self, total_steps: int) -> float | None:
        """Return how long ``total_steps`` steps and the time limit still leave; None before the second step."""
        seconds = self._seconds
        if seconds is None:
            return None
        last = self._recent[-1]
        left = max(total_steps - last.step, 0) * seconds / (last.step - self._recent[0].step)
        return left if self._max_seconds is None else min(left, max(0.0, self._max_seconds - last.seconds))

    @property
    def _seconds(self) -> float | None:
        """The seconds between the first and the last of the recent steps."""
        if len(self._recent) < _FEWEST_STEPS:
            return None
        first, last = self._recent[0], self._recent[-1]
        seconds = last.seconds - first.seconds
        return seconds if seconds > 0 and last.step > first.step else None
