"""The learning rate of each step, and how many steps there will be."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..recipes import Recipe

STEPS_TO_MEASURE = 30
"""Steps after which the speed can be known well enough to plan for a time budget."""
_SHARE_TO_MEASURE = 0.03
"""Share of a time budget that is measured before it is planned: the first steps are not typical."""
_SHARE_FOR_STEPS = 0.92
_SHARE_TO_GIVE_UP = 0.1


@dataclass(frozen=True)
class Schedule:
    """Rising linearly to the recipe's rate, then falling along a cosine to nothing, or staying where it is."""

    recipe: Recipe
    steps_per_epoch: int

    @property
    def full_steps(self) -> int:
        """Steps of all epochs of the recipe."""
        return self.recipe.epochs * self.steps_per_epoch

    def rate(self, step: int, total_steps: int, *, planned: bool) -> float:
        """Return the learning rate of the step after ``step`` of ``total_steps``.

        ``planned`` says that a time budget has shortened the schedule.
        """
        recipe = self.recipe
        warm_up = self._warm_up(total_steps, planned=planned)
        if recipe.warm_up and step < warm_up:
            return recipe.learning_rate * min((step + 1) / warm_up, 1.0)
        if recipe.schedule == "constant":
            return recipe.learning_rate
        share = (step - warm_up) / max(total_steps - warm_up, 1.0)
        return recipe.learning_rate * 0.5 * (1.0 + math.cos(math.pi * min(max(share, 0.0), 1.0)))

    def _warm_up(self, total_steps: int, *, planned: bool) -> float:
        """Return the steps in which the rate rises.

        When a time budget shortens the schedule, the warm-up becomes as much shorter, but never shorter than the steps
        that were measured: they are over, and so the rate makes no jump backwards.
        """
        full = max(1.0, self.recipe.warm_up * self.full_steps)
        if not planned:
            return full
        shortened = min(full, self.recipe.warm_up * total_steps)
        return max(shortened, min(full, STEPS_TO_MEASURE))

    def affordable(self, step: int, seconds: float, total_steps: int, max_seconds: float) -> int | None:
        """Return how many steps ``max_seconds`` pay for, once ``step`` steps in ``seconds`` say so; None before."""
        if step < STEPS_TO_MEASURE or seconds < _SHARE_TO_MEASURE * max_seconds:
            return None
        total = min(total_steps, max(int(max_seconds * _SHARE_FOR_STEPS * step / seconds), step + 1))
        unfinished = total % self.steps_per_epoch
        if total < total_steps and unfinished < _SHARE_TO_GIVE_UP * total:
            total -= unfinished  # so that the last epoch is a whole one
        return total
