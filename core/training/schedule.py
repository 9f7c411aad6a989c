"""The learning rate of each step, and how many steps there will be."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..recipes import Recipe

_FEWEST_STEPS_OF_WARM_UP = 30


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

        ``planned`` says that a time budget has fitted the schedule.
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

        When a time budget shortens the schedule, the warm-up becomes as much shorter, but never so short that the rate
        makes a jump.
        """
        full = max(1.0, self.recipe.warm_up * self.full_steps)
        if not planned:
            return full
        shortened = min(full, self.recipe.warm_up * total_steps)
        return max(shortened, min(full, _FEWEST_STEPS_OF_WARM_UP))
