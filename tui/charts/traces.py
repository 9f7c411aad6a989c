"""One training as it is looked at: places on the x axis, heights on the y axis, smoothed. Arithmetic only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .curves import COPIED, GAP, LOSS, SMOOTHINGS, VALIDATION, Axis, Curves, Look
from .plot_area import Floats, moving_average
from .scales import XScale

if TYPE_CHECKING:
    from ...core.runs.series import Thinned

SPARSE = {VALIDATION, GAP, COPIED}
"""Series whose every value is drawn."""
LARGEST_LOSS = 1e9
"""Losses beyond this are drawn as this."""
ENOUGH_FOR_A_BAND = 60
"""Values from which on the spread of the single steps is worth showing behind the smooth line."""
_RANGES = ((2, 1.128), (4, 2.059), (16, 3.532), (64, 4.744), (256, 5.73), (1024, 6.59), (4096, 7.36))
"""How many standard deviations the range of so many normal values is wide (the d2 of control charts)."""


@dataclass(frozen=True, eq=False)
class Line:
    """A line to draw: ``places`` ascend, everything is finite."""

    places: Floats
    values: Floats
    spread: Floats | None = None
    """How far single steps lie from the line, one standard deviation; None where there are too few to say."""

    def at(self, place: float) -> float | None:
        """The height at a place; None beyond its ends."""
        if len(self.places) == 0 or not self.places[0] <= place <= self.places[-1]:
            return None
        return float(np.interp(place, self.places, self.values))


class Trace:
    """The curves of one training on the axes that ``look`` chose."""

    def __init__(self, curves: Curves, look: Look, axis: Axis, last_step: float) -> None:
        """Nothing is read from the series yet."""
        self.curves, self._look = curves, look
        self.scale = XScale(curves, axis, last_step)

    @property
    def end(self) -> float:
        """Where its last step stands."""
        return float(self.scale.of(np.array([float(self.curves.last_step)]))[0])

    def line(self, left: float, right: float, at_most: int, series: str | None = None) -> Line:
        """The chosen series between two places, in about ``at_most`` points."""
        series = series or self._look.series
        if series in SPARSE:
            places, values = self._of_epochs(series)
            return Line(places, values)
        seen = self.curves.source.thinned(series, self.scale.step_at(left), self.scale.step_at(right) + 1, at_most)
        low, high, mean = (self.heights(values) for values in (seen.low, seen.high, seen.mean))
        finite = np.isfinite(low) & np.isfinite(high) & np.isfinite(mean)
        low, high, mean = low[finite], high[finite], mean[finite]
        window = max(1, int(len(mean) * SMOOTHINGS[self._look.smoothing]))
        smooth = moving_average(mean, window)
        spread = self._spread(seen, high - low, mean - smooth, window) if len(mean) >= ENOUGH_FOR_A_BAND else None
        return Line(self.scale.of(seen.steps[finite]), smooth, spread)

    def validation(self) -> tuple[Floats, Floats]:
        """The validation losses: where they stand and how high."""
        return self._of_epochs(VALIDATION)

    def heights(self, values: Floats) -> Floats:
        """Values of the chosen series on the y axis."""
        values = np.clip(values, -LARGEST_LOSS, LARGEST_LOSS)
        if self._look.of_loss and self._look.metric == "perplexity":
            values = np.exp(np.minimum(values, 50.0))
        elif self._look.of_loss and self._look.metric == "bits/char":
            values = values / (math.log(2) * max(1e-9, self.curves.characters_per_token))
        return np.log10(np.maximum(values, 1e-9)) if self._look.log else values

    def height(self, value: float) -> float:
        """One value on the y axis."""
        return float(self.heights(np.array([value]))[0])

    def _of_epochs(self, series: str) -> tuple[Floats, Floats]:
        steps, values = self.curves.valid_steps, self.curves.valid_losses
        if series != VALIDATION:
            steps, values = self.curves.now_and_then.get(series, (steps[:0], values[:0]))
        heights = self.heights(values)
        known = np.isfinite(heights)
        return self.scale.of(steps[known].astype(float)), heights[known]

    def _spread(self, seen: Thinned, ranges: Floats, residuals: Floats, window: int) -> Floats:
        steps = float(np.median(np.diff(seen.steps)))
        window = max(window, len(ranges) // 16)
        if steps < _RANGES[0][0]:
            return np.sqrt(np.maximum(moving_average(residuals**2, window), 0.0))
        sizes, widths = zip(*_RANGES, strict=True)
        return moving_average(ranges, window) / float(np.interp(math.log(steps), np.log(sizes), widths))


def last_step_of(curves: Curves) -> float:
    """The last step of the axis; while a training goes on it moves in jumps, so the eye has something fixed."""
    last = float(max([1, curves.last_step, *curves.valid_steps[-1:].tolist()]))
    total = curves.total_steps
    if total is not None and total > last:
        last = next(total * share for share in (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0) if total * share >= last)
    return last


def axis_of(curves: Curves, look: Look, last_step: float) -> Axis:
    """The axis asked for; steps where there are fewer than two epochs to count."""
    per_epoch = curves.steps_per_epoch or 0
    few = look.axis == "epoch" and last_step / look.zoom < 2 * max(per_epoch, 1)
    return "step" if few or (look.axis == "epoch" and not per_epoch) else look.axis


def has(curves: Curves, series: str) -> bool:
    """Whether a training has anything of a series."""
    if series == VALIDATION:
        return len(curves.valid_losses) > 0
    if series in SPARSE:
        return series in curves.now_and_then
    return series == LOSS or series in curves.source.names
