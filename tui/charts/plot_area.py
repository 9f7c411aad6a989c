"""Curves drawn with braille dots in a grid of terminal cells: arithmetic only, no widget."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DOT_WEIGHTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.int64)
"""Bits of the eight dots of a braille character, by row and column of the dot."""


@dataclass(frozen=True)
class View:
    """The part of the data plane that the plot shows, in data units (already in log space for a log axis)."""

    left: float
    right: float
    bottom: float
    top: float


class PlotArea:
    """A grid of ``width`` × ``height`` cells, each with a character and the number of the series it belongs to."""

    def __init__(self, width: int, height: int, view: View) -> None:
        """An empty grid of ``width`` × ``height`` cells that shows ``view``."""
        self.width, self.height, self.view = width, height, view
        self.characters = np.full((height, width), " ", dtype="<U1")
        self.owners = np.zeros((height, width), dtype=np.int64)

    def column(self, x: float) -> int:
        """The cell column of a data x; may lie outside the grid."""
        return int((x - self.view.left) / (self.view.right - self.view.left) * self.width)

    def row(self, y: float) -> int:
        """The cell row of a data y, 0 at the top; may lie outside the grid."""
        return int((self.view.top - y) / (self.view.top - self.view.bottom) * self.height)

    def horizontal(self, y: float, owner: int, character: str) -> None:
        """A horizontal line behind everything that is already drawn."""
        row = self.row(y)
        if 0 <= row < self.height:
            free = self.characters[row] == " "
            self.characters[row, free] = character
            self.owners[row, free] = owner

    def line(self, x: Floats, y: Floats, owner: int) -> None:
        """A connected line over what is there; ``x`` ascending, values finite."""
        low, high = column_ranges(x, y, np.linspace(self.view.left, self.view.right, 2 * self.width + 1))
        self._fill(self._dot_rows(high), self._dot_rows(low), owner, connect=True)

    def band(self, x: Floats, y: Floats, owner: int) -> None:
        """The range the values cover in each dot column, over what is there."""
        low, high = column_ranges(x, y, np.linspace(self.view.left, self.view.right, 2 * self.width + 1))
        self._fill(self._dot_rows(high), self._dot_rows(low), owner, connect=False)

    def mark(self, x: float, y: float, owner: int, character: str) -> None:
        """One character on top of everything."""
        column, row = min(self.column(x), self.width - 1), min(self.row(y), self.height - 1)
        if x <= self.view.right and column >= 0 and row >= 0:
            self.characters[row, column] = character
            self.owners[row, column] = owner

    def _dot_rows(self, y: Floats) -> Floats:
        share = (self.view.top - y) / (self.view.top - self.view.bottom)
        # The lowest value belongs to the last row, not to one below it.
        return np.floor(share * (1 - 1e-9) * (4 * self.height))

    def _fill(self, top: Floats, bottom: Floats, owner: int, *, connect: bool) -> None:
        known = np.isfinite(top) & np.isfinite(bottom)
        if not known.any():
            return
        limit = 4 * self.height
        first = np.where(known, np.clip(top, -2, limit + 1), limit + 9).astype(np.int64)
        last = np.where(known, np.clip(bottom, -2, limit + 1), -9).astype(np.int64)
        if connect:
            first, last = _connected(first, last, known)
        rows = np.arange(limit)[:, None]
        dots = (rows >= first) & (rows <= last)
        cells = dots.reshape(self.height, 4, self.width, 2)
        bits = np.einsum("hawb,ab->hw", cells.astype(np.int64), DOT_WEIGHTS)
        drawn = bits > 0
        if drawn.any():
            self.characters[drawn] = (0x2800 + bits[drawn]).astype("<u4").view("<U1")
            self.owners[drawn] = owner


def _connected(first: Ints, last: Ints, known: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Stretch neighbouring columns towards each other where a gap would show, each to the middle."""
    first, last = first.copy(), last.copy()
    both = known[:-1] & known[1:]
    falls = both & (first[1:] > last[:-1] + 1)
    rises = both & (last[1:] < first[:-1] - 1)
    middle_falling = (last[:-1] + first[1:]) // 2
    middle_rising = (first[:-1] + last[1:]) // 2
    new_first, new_last = first.copy(), last.copy()
    new_last[:-1][falls] = middle_falling[falls]
    new_first[1:][falls] = np.minimum(first[1:], middle_falling + 1)[falls]
    new_first[:-1][rises] = np.minimum(new_first[:-1], middle_rising + 1)[rises]
    new_last[1:][rises] = np.maximum(new_last[1:], middle_rising)[rises]
    return new_first, new_last


def column_ranges(x: Floats, y: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest value in each column between ``edges``; interpolated between two points, NaN outside."""
    count = len(edges) - 1
    if len(x) == 0:
        return np.full(count, np.nan), np.full(count, np.nan)
    centres = (edges[:-1] + edges[1:]) / 2
    low = np.interp(centres, x, y, left=np.nan, right=np.nan)
    high = low.copy()
    bounds = np.searchsorted(x, edges)
    bounds[-1] = np.searchsorted(x, edges[-1], side="right")
    filled = bounds[1:] > bounds[:-1]
    if filled.any():
        starts, values = bounds[:-1][filled], y[: bounds[-1]]
        low[filled] = np.minimum.reduceat(values, starts)
        high[filled] = np.maximum.reduceat(values, starts)
    return low, high


def moving_average(values: Floats, window: int) -> Floats:
    """The mean over about ``window`` values around each place; same length.

    At the start the window is small and centred, because losses fall steeply there; at the end it only looks back.
    """
    if window < 2 or len(values) < 3:
        return values
    sums = np.concatenate(([0.0], np.cumsum(values)))
    places = np.arange(len(values))
    before = np.minimum(window // 2, places)
    after = np.minimum(before, len(values) - 1 - places)
    return (sums[places + after + 1] - sums[places - before]) / (before + after + 1)


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
