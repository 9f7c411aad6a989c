"""Drawing the curves of a training: lines, axes, legend, cursor. Arithmetic and strips, no widget."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from ..numbers import decimal
from .curves import COPIED, LOSS, VALIDATION, Curves, Look
from .legend import Entry, Legend, legend
from .plot_area import Floats, Owner, PlotArea, View
from .scales import log_ticks, nice_ticks, tick_label
from .traces import Line, Trace, axis_of, has, last_step_of

MARGIN = 6
"""Cells left of the plot for the labels of the y axis."""
POINTS_A_CELL = 8
"""Values that are asked for a cell of width, at most."""
PATTERNS = ((1,), (1, 1, 0), (1, 0), (1, 1, 1, 1, 0, 0))
"""Dots and gaps of their lines."""
LETTER_EVERY = 24
"""Cells between two letters on such a line."""
STYLES = ("axis", "label", "raw", "ngram", "train", "valid", "best", *(f"other-{n}" for n in range(4)))
"""The names of the styles that a drawing needs."""
_STYLE_OF = {
    Owner.NOTHING: "axis",
    Owner.GRID: "axis",
    Owner.BAND: "raw",
    Owner.BASELINE: "ngram",
    Owner.LINE: "train",
    Owner.POINT: "valid",
    Owner.BEST: "best",
}


class ChartDrawing:
    """One drawing of ``curves`` and ``others`` over them, seen as ``look`` says; ``styles`` by the names in ``STYLES``.

    After ``strips`` it also knows its ``legend`` and the step that the cursor stands on.
    """

    def __init__(
        self, curves: Curves, look: Look, styles: Mapping[str, Style], others: Mapping[str, Curves] | None = None
    ) -> None:
        """Nothing is drawn before ``strips``; ``others`` by their letters."""
        self._curves, self._look, self._styles = curves, look, styles
        last_step = last_step_of(curves)
        axis = axis_of(curves, look, last_step)
        self._trace = Trace(curves, look, axis, last_step)
        axis = self._trace.scale.axis
        self._others: dict[str, Trace] = {}
        for letter, other in (others or {}).items():
            trace = Trace(other, look, axis, last_step_of(other))
            if trace.scale.axis == axis and has(other, look.series):
                self._others[letter] = trace
        self._names = {letter: other.name for letter, other in (others or {}).items()}
        planned = float(self._trace.scale.of(np.array([last_step]))[0])
        self._end = max([planned, *(trace.end for trace in self._others.values())])
        self.legend = Legend(Strip([]))
        self.cursor_step: float | None = None

    def strips(self, width: int, height: int) -> list[Strip]:
        """The drawing in ``height`` lines of ``width`` cells, or only the legend where there is nothing to draw."""
        plot_width, plot_height = width - MARGIN - 1, height - 3
        if plot_width < 8 or plot_height < 3:
            return self._bare(width, height)
        left, right = self._window()
        at_most = POINTS_A_CELL * plot_width
        line = self._trace.line(left, right, at_most)
        points = self._points()
        lines = {letter: self._line_over(trace, left, right, at_most) for letter, trace in self._others.items()}
        drawn = [(line.places, line.values)] if self._shows("train") else []
        drawn += [points] if self._shows("valid") else []
        drawn += [(other.places, other.values) for letter, other in lines.items() if self._shows(letter)]
        if not any(len(places) for places, _ in drawn):
            return self._only_legend(width)
        area = PlotArea(plot_width, plot_height, self._view(left, right, drawn))
        ticks = self._y_ticks(area.view, max(3, plot_height // 2))
        for tick in ticks:
            area.horizontal(tick, Owner.GRID, "┈")
        place = self._cursor_place(area)
        if place is not None:
            area.vertical(area.column(place), Owner.GRID, "│")
        self._draw(area, line, points, lines)
        self.legend = self._legend(width, place, line, points, lines)
        return [self.legend.strip, *self._plot_strips(area, ticks), *self._x_axis(area)]

    def _bare(self, width: int, height: int) -> list[Strip]:
        """Where there is room for nothing else, the lines without axes and legend."""
        if width < 8 or height < 2:
            return self._only_legend(width)
        left, right = self._window()
        line, points = self._trace.line(left, right, POINTS_A_CELL * width), self._points()
        drawn = [(line.places, line.values), points]
        if not any(len(places) for places, _ in drawn):
            return self._only_legend(width)
        area = PlotArea(width, height, self._view(left, right, drawn))
        self._draw(area, Line(line.places, line.values), points, {})
        return [Strip(self._cells(area, row), width) for row in range(height)]

    @property
    def share_of_best(self) -> float | None:
        """Where the best epoch stands in the window, 0 to 1; None when it is not there."""
        if self._curves.best_step is None:
            return None
        left, right = self._window()
        place = float(self._trace.scale.of(np.array([self._curves.best_step]))[0])
        return (place - left) / (right - left) if left <= place <= right else None

    def _draw(self, area: PlotArea, line: Line, points: tuple[Floats, Floats], lines: Mapping[str, Line]) -> None:
        """Draw what is shown, the run itself last."""
        if line.spread is not None and self._shows("train"):
            area.band(line.places, line.values - line.spread, line.values + line.spread, Owner.BAND)
        if self._baseline is not None:
            area.dashes(self._baseline, Owner.BASELINE, "╍")
        for number, (letter, other) in enumerate(lines.items()):
            if self._shows(letter):
                self._draw_over(area, letter, number, other)
        if self._shows("train"):
            area.line(line.places, line.values, Owner.LINE)
        if self._shows("valid"):
            for x, y in zip(*points, strict=True):
                area.mark(float(x), float(y), Owner.POINT, "●")
        best_step, best_loss = self._curves.best_step, self._curves.best_loss
        if self._look.of_loss and self._shows("best") and best_step is not None and best_loss is not None:
            x = float(self._trace.scale.of(np.array([best_step]))[0])
            area.mark(x, self._trace.height(best_loss), Owner.BEST, "★")

    def _draw_over(self, area: PlotArea, letter: str, number: int, line: Line) -> None:
        """Draw a run that is laid over: a line of its own kind, with its letter on it now and then and at its end."""
        owner = Owner.OTHER + number
        area.line(line.places, line.values, owner, PATTERNS[number % len(PATTERNS)])
        if len(line.places) == 0:
            return
        per_cell = (area.view.right - area.view.left) / area.width
        every = LETTER_EVERY * per_cell
        first = area.view.left + (number % 8 + 1) * every / 8
        for place in (*np.arange(first, area.view.right, every).tolist(), min(float(line.places[-1]), area.view.right)):
            height = line.at(place)
            if height is not None:
                area.mark(place, height, owner, letter)

    def _points(self) -> tuple[Floats, Floats]:
        """The validation losses beside the training's."""
        return self._trace.validation() if self._look.series == LOSS else (np.zeros(0), np.zeros(0))

    def _line_over(self, trace: Trace, left: float, right: float, at_most: int) -> Line:
        """A run laid over shows its validation where the run on show has both: training losses depend on dropout."""
        compared = VALIDATION if self._look.series == LOSS and has(trace.curves, VALIDATION) else None
        return trace.line(left, right, at_most, compared)

    def _shows(self, name: str) -> bool:
        return name not in self._look.hidden

    @property
    def _baseline(self) -> float | None:
        """Where what a series is compared with lies on the y axis."""
        value = self._compared
        there = value is not None and self._shows("ngram") and math.isfinite(value)
        return self._trace.height(value) if there and value is not None else None

    @property
    def _compared(self) -> float | None:
        """The n-gram model's loss, or what of held-out texts is copied."""
        if self._look.of_loss:
            return self._curves.ngram_loss
        return self._curves.held_out if self._look.series == COPIED else None

    def _window(self) -> tuple[float, float]:
        """The visible stretch of the x axis."""
        span = self._end / self._look.zoom
        right = self._end - self._look.pan * self._end
        return right - span, right + 1e-9 * max(1.0, self._end)

    def _view(self, left: float, right: float, series: Sequence[tuple[Floats, Floats]]) -> View:
        values = np.concatenate([y[(x >= left) & (x <= right)] for x, y in series])
        if len(values) == 0:
            values = np.concatenate([y for _, y in series])
        if self._baseline is not None and self._look.zoom == 1:
            values = np.append(values, self._baseline)
        low, high = float(values.min()), float(values.max())
        constant = high - low <= 1e-9 * max(abs(high), abs(low))
        room = 0.05 * ((high - low) if not constant else abs(high)) or 0.5
        return View(left, right, low - room, high + room)

    def _y_ticks(self, view: View, count: int) -> list[float]:
        return (log_ticks if self._look.log else nice_ticks)(view.bottom, view.top, count)

    def _cursor_place(self, area: PlotArea) -> float | None:
        """The place that the cursor stands on."""
        if self._look.cursor is None:
            return None
        column = min(max(0, self._look.cursor), area.width - 1)
        view = area.view
        # The middle of the cell, but no further than there is anything.
        place = view.left + (column + 0.5) / area.width * (view.right - view.left)
        self.cursor_step = self._trace.scale.step_at(place)
        return place

    def _entries(self) -> list[Entry]:
        if self._look.series == LOSS:
            entries = [Entry("train", "━━", "train", "train"), Entry("valid", "●", "valid", "valid")]
        else:
            entries = [Entry("train", "━━", self._look.series.replace("_", " "), "train")]
        if self._compared is not None:
            label = "n-gram" if self._look.of_loss else "held-out texts"
            entries.append(Entry("ngram", "╍╍", label, "ngram"))
        if self._look.of_loss:
            entries.append(Entry("best", "★", "best", "best"))
        for letter, name in self._names.items():
            number = list(self._others).index(letter) if letter in self._others else None
            label = name if number is not None else f"{name}: nothing to show"
            entries.append(Entry(letter, letter, label, "label" if number is None else f"other-{number % 4}"))
        return entries

    def _only_legend(self, width: int) -> list[Strip]:
        self.legend = legend(self._entries(), self._look.hidden, width, "", self._styles)
        return [self.legend.strip]

    def _legend(
        self,
        width: int,
        place: float | None,
        line: Line,
        points: tuple[Floats, Floats],
        lines: Mapping[str, Line],
    ) -> Legend:
        entries = self._entries()
        if place is None:
            return legend(entries, self._look.hidden, width, "", self._styles)
        values = {
            "train": line.at(place),
            "valid": Line(*points).at(place),
            "ngram": self._baseline,
            **{letter: other.at(place) for letter, other in lines.items()},
        }
        read = [
            Entry(entry.name, entry.mark, entry.label, entry.style, self._value(values[entry.name]))
            for entry in entries
            if entry.name in values
        ]
        return legend(read, self._look.hidden, width, self._trace.scale.exact_label(place), self._styles)

    def _value(self, height: float | None) -> str:
        """A height on the y axis as a number."""
        value = height if height is None or not self._look.log else 10**height
        return f"{value:.2g}" if value is not None and 0 < abs(value) < 0.05 else decimal(value, 2)

    def _plot_strips(self, area: PlotArea, ticks: list[float]) -> list[Strip]:
        labels = {area.row(tick): tick_label(tick, ticks, log=self._look.log) for tick in ticks}
        strips: list[Strip] = []
        for row in range(area.height):
            label = labels.get(row)
            segments = [
                Segment((label or "").rjust(MARGIN - 1)[-(MARGIN - 1) :] + " ", self._styles["label"]),
                Segment("┤" if label else "│", self._styles["axis"]),
            ]
            strips.append(Strip([*segments, *self._cells(area, row)], MARGIN + 1 + area.width))
        return strips

    def _cells(self, area: PlotArea, row: int) -> list[Segment]:
        cells = zip(area.owners[row].tolist(), area.characters[row].tolist(), strict=True)
        return [
            Segment("".join(character for _, character in run), self._style_of(owner))
            for owner, run in groupby(cells, key=lambda cell: cell[0])
        ]

    def _style_of(self, owner: int) -> Style:
        return self._styles[f"other-{(owner - Owner.OTHER) % 4}" if owner >= Owner.OTHER else _STYLE_OF[Owner(owner)]]

    def _x_axis(self, area: PlotArea) -> list[Strip]:
        """The axis line and its labels."""
        name, view = self._trace.scale.axis, area.view
        line = ["─"] * area.width
        labels = [" "] * (MARGIN + 1 + area.width)
        labels[: len(name)] = name
        free_from = len(name) + 1
        for tick in nice_ticks(view.left, view.right, max(2, area.width // 10)):
            column, text = area.column(tick), self._trace.scale.label(tick)
            start = MARGIN + 1 + column - len(text) // 2
            if tick != round(tick) or not 0 <= column <= area.width:
                continue
            column = min(column, area.width - 1)
            line[column] = "┬"
            start = min(start, len(labels) - len(text))
            if start >= free_from:
                labels[start : start + len(text)] = text
                free_from = start + len(text) + 1
        axis = [Segment(" " * MARGIN, self._styles["label"]), Segment("└" + "".join(line), self._styles["axis"])]
        return [Strip(axis), Strip([Segment("".join(labels), self._styles["label"])])]
