"""Curves drawn with braille dots in a grid of terminal cells: arithmetic only, no widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DOT_WEIGHTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.int64)
"""Bits of the eight dots of a braille character, by row and column of the dot."""


class Owner(IntEnum):
    """What a cell belongs to; what has the larger number covers the others."""

    NOTHING = 0
    GRID = 1
    BAND = 2
    BASELINE = 3
    LINE = 4
    POINT = 5
    BEST = 6
    OTHER = 7
    """The first of the runs that are laid over; the next one has the next number."""


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

    def horizontal(self, y: float, owner: Owner, character: str) -> None:
        """A horizontal line behind everything that is already drawn."""
        row = self.row(y)
        if 0 <= row < self.height:
            free = self.characters[row] == " "
            self.characters[row, free] = character
            self.owners[row, free] = owner

    def dashes(self, y: float, owner: Owner, character: str) -> None:
        """A dashed horizontal line over what has a smaller owner."""
        row = self.row(y)
        if 0 <= row < self.height:
            free = (np.arange(self.width) % 3 < 2) & (self.owners[row] < owner)
            self.characters[row, free] = character
            self.owners[row, free] = owner

    def vertical(self, column: int, owner: Owner, character: str) -> None:
        """A vertical line behind everything that is drawn later."""
        if 0 <= column < self.width:
            self.characters[:, column] = character
            self.owners[:, column] = owner

    def line(self, x: Floats, y: Floats, owner: int, pattern: Sequence[int] = (1,)) -> None:
        """A connected line over what is there; ``x`` ascending, values finite; 0 in the ``pattern`` is a gap."""
        low, high = column_ranges(x, y, y, self._columns())
        self._fill(self._dot_rows(high), self._dot_rows(low), owner, connect=True, pattern=pattern)

    def band(self, x: Floats, low: Floats, high: Floats, owner: Owner) -> None:
        """The range between ``low`` and ``high``, in every other dot: paler than a line also without colour."""
        lowest, highest = column_ranges(x, low, high, self._columns())
        self._fill(self._dot_rows(highest), self._dot_rows(lowest), owner, connect=False, sparse=True)

    def mark(self, x: float, y: float, owner: int, character: str) -> None:
        """One character on top of everything."""
        column, row = min(self.column(x), self.width - 1), min(self.row(y), self.height - 1)
        if x <= self.view.right and column >= 0 and row >= 0:
            self.characters[row, column] = character
            self.owners[row, column] = owner

    def _columns(self) -> Floats:
        """The edges of the dot columns."""
        return np.linspace(self.view.left, self.view.right, 2 * self.width + 1)

    def _dot_rows(self, y: Floats) -> Floats:
        share = (self.view.top - y) / (self.view.top - self.view.bottom)
        # The lowest value belongs to the last row, not to one below it.
        return np.floor(share * (1 - 1e-9) * (4 * self.height))

    def _fill(
        self,
        top: Floats,
        bottom: Floats,
        owner: int,
        *,
        connect: bool,
        sparse: bool = False,
        pattern: Sequence[int] = (1,),
    ) -> None:
        known = np.isfinite(top) & np.isfinite(bottom)
        if not known.any():
            return
        limit = 4 * self.height
        first = np.where(known, np.clip(top, -2, limit + 1), limit + 9).astype(np.int64)
        last = np.where(known, np.clip(bottom, -2, limit + 1), -9).astype(np.int64)
        if connect:
            first, last = _connected(first, last, known)
        rows = np.arange(limit)[:, None]
        dots: NDArray[np.bool_] = (rows >= first) & (rows <= last)
        columns = np.arange(2 * self.width)
        if sparse:
            dots = dots & ((rows + columns) % 2 == 0)
        if len(pattern) > 1:
            dots = dots & (np.array(pattern)[columns % len(pattern)] > 0)
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


def column_ranges(x: Floats, low: Floats, high: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest value in each column between ``edges``; interpolated between two points, NaN outside."""
    count = len(edges) - 1
    if len(x) == 0:
        return np.full(count, np.nan), np.full(count, np.nan)
    centres = (edges[:-1] + edges[1:]) / 2
    lowest = np.interp(centres, x, low, left=np.nan, right=np.nan)
    highest = np.interp(centres, x, high, left=np.nan, right=np.nan)
    bounds = np.searchsorted(x, edges)
    bounds[-1] = np.searchsorted(x, edges[-1], side="right")
    filled = bounds[1:] > bounds[:-1]
    if filled.any():
        starts, stop = bounds[:-1][filled], bounds[-1]
        lowest[filled] = np.minimum.reduceat(low[:stop], starts)
        highest[filled] = np.maximum.reduceat(high[:stop], starts)
    return lowest, highest


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
