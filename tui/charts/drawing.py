"""Drawing the curves of a training: units, axes, legend. Arithmetic and strips, no widget."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import groupby

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from .curves import LOSS, Axis, Curves, Look
from .plot_area import Floats, Owner, PlotArea, View, moving_average
from .scales import XScale, log_ticks, nice_ticks, tick_label

LARGEST_LOSS = 1e9
"""Losses beyond this are drawn as this."""
MARGIN = 6
"""Cells left of the plot for the labels of the y axis."""
POINTS_A_CELL = 8
"""Values that are asked for a cell of width, at most."""
ENOUGH_FOR_A_BAND = 60
"""Values from which on the range of the single steps is worth showing behind the smooth line."""
STYLES = ("axis", "label", "raw", "ngram", "train", "valid", "best")
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
    """One drawing of ``curves`` seen as ``look`` says; ``styles`` by the names in ``STYLES``."""

    def __init__(self, curves: Curves, look: Look, styles: Mapping[str, Style]) -> None:
        """Nothing is drawn before ``strips``."""
        self._curves, self._look, self._styles = curves, look, styles
        self._last_step = self._end_of_axis()
        self._scale = XScale(curves, self._axis(), self._last_step)

    def strips(self, width: int, height: int) -> list[Strip]:
        """The drawing in ``height`` lines of ``width`` cells, or only the legend where there is nothing to draw."""
        legend = self._legend(width)
        plot_width, plot_height = width - MARGIN - 1, height - 3
        if plot_width < 8 or plot_height < 3:
            return [legend]
        left, right = self._window()
        seen = self._curves.source.thinned(
            self._look.series, self._scale.step_at(left), self._scale.step_at(right) + 1, POINTS_A_CELL * plot_width
        )
        low, high, mean = (self._in_metric(values) for values in (seen.low, seen.high, seen.mean))
        finite = np.isfinite(low) & np.isfinite(high) & np.isfinite(mean)
        places = self._scale.of(seen.steps[finite])
        low, high, mean = low[finite], high[finite], mean[finite]
        valid_places, valid = self._validation()
        if len(places) == 0 and len(valid) == 0:
            return [legend]
        smooth = moving_average(mean, max(1, len(mean) // 16))
        area = PlotArea(plot_width, plot_height, self._view(left, right, (places, smooth), (valid_places, valid)))
        ticks = self._y_ticks(area.view, max(3, plot_height // 2))
        for tick in ticks:
            area.horizontal(tick, Owner.GRID, "┈")
        if len(places) >= ENOUGH_FOR_A_BAND:
            area.band(places, low, high, Owner.BAND)
        if self._baseline is not None:
            area.dashes(self._baseline, Owner.BASELINE, "╍")
        area.line(places, smooth, Owner.LINE)
        for x, y in zip(valid_places, valid, strict=True):
            area.mark(float(x), float(y), Owner.POINT, "●")
        best_step, best_loss = self._curves.best_step, self._curves.best_loss
        if self._of_loss and best_step is not None and best_loss is not None:
            x = float(self._scale.of(np.array([best_step]))[0])
            area.mark(x, self._one_in_metric(best_loss), Owner.BEST, "★")
        return [legend, *self._plot_strips(area, ticks), *self._x_axis(area)]

    @property
    def _of_loss(self) -> bool:
        return self._look.series == LOSS

    @property
    def _baseline(self) -> float | None:
        """Where the n-gram model's loss lies on the y axis."""
        loss = self._curves.ngram_loss
        return self._one_in_metric(loss) if self._of_loss and loss is not None and math.isfinite(loss) else None

    def _validation(self) -> tuple[Floats, Floats]:
        """The validation losses: where they stand and how high."""
        if not self._of_loss:
            return np.zeros(0), np.zeros(0)
        valid = self._in_metric(self._curves.valid_losses)
        known = np.isfinite(valid)
        return self._scale.of(self._curves.valid_steps[known].astype(float)), valid[known]

    def _in_metric(self, losses: Floats) -> Floats:
        values = np.clip(losses, -LARGEST_LOSS, LARGEST_LOSS)
        if self._of_loss and self._look.metric == "perplexity":
            values = np.exp(np.minimum(values, 50.0))
        elif self._of_loss and self._look.metric == "bits/char":
            values /= math.log(2) * max(1e-9, self._curves.characters_per_token)
        return np.log10(np.maximum(values, 1e-9)) if self._look.log else values

    def _one_in_metric(self, loss: float) -> float:
        return float(self._in_metric(np.array([loss]))[0])

    def _end_of_axis(self) -> float:
        """The last step of the axis; while a training goes on it moves in jumps, so the eye has something fixed."""
        last = float(max([1, self._curves.last_step, *self._curves.valid_steps[-1:].tolist()]))
        total = self._curves.total_steps
        if total is not None and total > last:
            last = next(total * share for share in (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0) if total * share >= last)
        return last

    def _axis(self) -> Axis:
        """The axis asked for; steps where there are fewer than two epochs to count."""
        per_epoch = self._curves.steps_per_epoch or 0
        few = self._look.axis == "epoch" and self._last_step / self._look.zoom < 2 * max(per_epoch, 1)
        return "step" if few or (self._look.axis == "epoch" and not per_epoch) else self._look.axis

    def _window(self) -> tuple[float, float]:
        """The visible stretch of the x axis."""
        last = float(self._scale.of(np.array([self._last_step]))[0])
        span = last / self._look.zoom
        right = last - self._look.pan * last
        return right - span, right + 1e-9 * max(1.0, last)

    def _view(self, left: float, right: float, *series: tuple[Floats, Floats]) -> View:
        seen = [y[(x >= left) & (x <= right)] for x, y in series]
        values = np.concatenate(seen)
        if len(values) == 0:
            values = np.concatenate([y for _, y in series])
        if self._baseline is not None and self._look.zoom == 1:
            values = np.append(values, self._baseline)
        low, high = float(values.min()), float(values.max())
        room = (high - low) * 0.05 or 0.05 * abs(high) or 0.5
        return View(left, right, low - room, high + room)

    def _y_ticks(self, view: View, count: int) -> list[float]:
        return (log_ticks if self._look.log else nice_ticks)(view.bottom, view.top, count)

    def _legend(self, width: int) -> Strip:
        entries = [("train", "━━ train"), ("valid", "● valid"), ("best", "★ best")]
        if self._curves.ngram_loss is not None:
            entries.insert(2, ("ngram", "╍╍ n-gram"))
        if not self._of_loss:
            entries = [("train", f"━━ {self._look.series.replace('_', ' ')}")]
        gap = "   " if width >= 50 else "  "
        segments: list[Segment] = []
        for name, text in entries:
            mark, _, word = text.partition(" ")
            segments += [Segment(mark, self._styles[name]), Segment(f" {word}{gap}", self._styles["label"])]
        strip = Strip(segments).simplify()
        blank = max(0, width - strip.cell_length)
        return Strip([Segment(" " * blank, self._styles["label"]), *strip]).crop(0, width)

    def _plot_strips(self, area: PlotArea, ticks: list[float]) -> list[Strip]:
        labels = {area.row(tick): tick_label(tick, ticks, log=self._look.log) for tick in ticks}
        strips: list[Strip] = []
        for row in range(area.height):
            label = labels.get(row)
            segments = [
                Segment((label or "").rjust(MARGIN - 1)[-(MARGIN - 1) :] + " ", self._styles["label"]),
                Segment("┤" if label else "│", self._styles["axis"]),
            ]
            cells = zip(area.owners[row].tolist(), area.characters[row].tolist(), strict=True)
            for owner, run in groupby(cells, key=lambda cell: cell[0]):
                style = self._styles[_STYLE_OF[Owner(owner)]]
                segments.append(Segment("".join(character for _, character in run), style))
            strips.append(Strip(segments, MARGIN + 1 + area.width))
        return strips

    def _x_axis(self, area: PlotArea) -> list[Strip]:
        """The axis line and its labels."""
        name, view = self._scale.axis, area.view
        line = ["─"] * area.width
        labels = [" "] * (MARGIN + 1 + area.width)
        labels[: len(name)] = name
        free_from = len(name) + 1
        for tick in nice_ticks(view.left, view.right, max(2, area.width // 10)):
            column, text = area.column(tick), self._scale.label(tick)
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
