"""Round numbers on an axis, how they read, and steps as epochs, minutes or tokens. Arithmetic only."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..numbers import clock, decimal, short_count
from .curves import Axis, Curves
from .plot_area import Floats

if TYPE_CHECKING:
    from ...core.runs.series import Thinned

_POINTS_OF_A_SCALE = 2048
"""How finely steps are mapped to time or tokens."""


def nice_ticks(low: float, high: float, count: int) -> list[float]:
    """At most about ``count`` round values (1, 2 or 5 times a power of ten) from ``low`` to ``high``."""
    if not (np.isfinite(low) and np.isfinite(high)) or high <= low:
        return []
    rough = (high - low) / max(1, count)
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= rough * 0.999)
    first = np.ceil(low / step - 1e-9)
    return [float(k * step) for k in range(int(first), int(np.floor(high / step + 1e-9)) + 1)]


def log_ticks(low: float, high: float, count: int) -> list[float]:
    """Round values for a log axis; ``low`` and ``high`` are decimal logarithms, so are the results."""
    for digits in ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)):
        ticks = _decades(low, high, digits)
        if len(ticks) >= min(3, count):
            return ticks[:: max(1, len(ticks) // count)]
    return [float(np.log10(tick)) for tick in nice_ticks(10**low, 10**high, count) if tick > 0]


def _decades(low: float, high: float, digits: tuple[float, ...]) -> list[float]:
    powers = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    ticks = [float(power + np.log10(digit)) for power in powers for digit in digits]
    return [tick for tick in ticks if low <= tick <= high]


_CELLS = 5


def tick_label(tick: float, ticks: list[float], *, log: bool) -> str:
    """How a tick of the y axis reads in five cells; on a log axis ``tick`` is a decimal logarithm."""
    value = 10**tick if log else tick
    if value >= 10_000:
        return short_count(value)
    if 0 < value < 0.01:
        return f"{value:.0e}".replace("e-0", "e-") if value >= 1e-99 else "0"
    if log:
        return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    gap = min((abs(b - a) for a, b in pairwise(ticks)), default=1.0)
    digits = 0 if gap >= 1 and value >= 10 else min(3, max(1, -math.floor(math.log10(gap) + 1e-9)))
    labels = (decimal(value, fewer) for fewer in range(digits, -1, -1))
    return next((label for label in labels if len(label) <= _CELLS), f"{value:.0f}")


class XScale:
    """Turns steps into the unit of the x axis and back."""

    def __init__(self, curves: Curves, axis: Axis, last_step: float) -> None:
        """Steps up to ``last_step``, which may still lie ahead, on ``axis``."""
        per_epoch = curves.steps_per_epoch
        if axis == "epoch" and not per_epoch:
            axis = "step"
        self.axis: Axis = axis
        unit = float(per_epoch or 1) if axis == "epoch" else 1.0
        self._steps = np.array([0.0, max(last_step, 1.0)])
        self._values = self._steps / unit
        name = {"time": "seconds", "tokens": "tokens"}.get(axis)
        if name is not None:
            self._measure(curves.source.thinned(name, 0, math.inf, _POINTS_OF_A_SCALE), last_step)

    def _measure(self, reached: Thinned, last_step: float) -> None:
        """Map steps to what a series said of them, and go on at its average into the future."""
        if not len(reached):
            self.axis = "step"
            return
        steps, values = np.concatenate(([0.0], reached.steps)), np.concatenate(([0.0], reached.mean))
        if last_step > steps[-1]:
            steps = np.append(steps, last_step)
            values = np.append(values, values[-1] * last_step / max(steps[-2], 1.0))
        self._steps, self._values = steps, np.maximum.accumulate(values)

    def of(self, steps: Floats) -> Floats:
        """The places of ``steps`` on the axis."""
        return np.interp(steps, self._steps, self._values)

    def step_at(self, place: float) -> float:
        """The step at a place of the axis."""
        return float(np.interp(place, self._values, self._steps))

    def label(self, place: float) -> str:
        """How a place reads."""
        if self.axis == "time":
            return clock(place)
        return short_count(place) if place >= 100_000 else f"{place:,.0f}"

    def exact_label(self, place: float) -> str:
        """How a place reads with its unit, to the tenth of an epoch."""
        if self.axis == "time":
            return clock(place)
        return f"{self.axis} {place:,.1f}" if self.axis == "epoch" else f"{self.axis} {self.label(place)}"
