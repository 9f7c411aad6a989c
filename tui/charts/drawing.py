"""Drawing the curves of a training: units, axes, legend. Arithmetic and strips, no widget."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import groupby, pairwise

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from .curves import Curves, Look
from .plot_area import Floats, PlotArea, View, log_ticks, moving_average, nice_ticks

LARGEST_LOSS = 1e9
"""Losses beyond this are drawn as this."""
MARGIN = 6
"""Cells left of the plot for the labels of the y axis."""
OWNERS = ("axis", "axis", "raw", "ngram", "train", "valid", "best", "label")
"""The styles of the series, by the number that ``PlotArea`` keeps for a cell."""


class LossDrawing:
    """One drawing of ``curves`` seen as ``look`` says; ``styles`` by the names in ``OWNERS``."""

    def __init__(self, curves: Curves, look: Look, styles: Mapping[str, Style]) -> None:
        """Nothing is drawn before ``strips``."""
        self._curves, self._look, self._styles = curves, look, styles

    def strips(self, width: int, height: int) -> list[Strip]:
        """The drawing in ``height`` lines of ``width`` cells, or only the legend where there is nothing to draw."""
        legend = self._legend(width)
        plot_width, plot_height = width - MARGIN - 1, height - 3
        if plot_width < 8 or plot_height < 3:
            return [legend]
        curves = self._curves
        losses = self._in_metric(curves.losses)
        finite = np.isfinite(losses)
        steps, values = curves.steps[finite].astype(float), losses[finite]
        valid = self._in_metric(curves.valid_losses)
        known = np.isfinite(valid)
        valid_steps, valid = curves.valid_steps[known].astype(float), valid[known]
        if len(steps) == 0 and len(valid) == 0:
            return [legend]
        smooth = moving_average(values, max(1, len(values) // 16))
        left, right = self._x_range(steps, valid_steps)
        view = self._view(left, right, (steps, smooth), (valid_steps, valid))
        area = PlotArea(plot_width, plot_height, view)
        y_ticks = self._y_ticks(view, max(3, plot_height // 2))
        for tick in y_ticks:
            area.horizontal(tick, 1, "┈")
        if len(values) >= 60:
            area.band(steps, values, 2)
        if curves.ngram_loss is not None and math.isfinite(curves.ngram_loss):
            self._dashes(area, self._one_in_metric(curves.ngram_loss))
        area.line(steps, smooth, 4)
        for x, y in zip(valid_steps, valid, strict=True):
            area.mark(float(x), float(y), 5, "●")
        if curves.best_step is not None and curves.best_loss is not None:
            area.mark(float(curves.best_step), self._one_in_metric(curves.best_loss), 6, "★")
        return [legend, *self._plot_strips(area, y_ticks), *self._x_axis(area)]

    def _in_metric(self, losses: Floats) -> Floats:
        values = np.clip(losses, -LARGEST_LOSS, LARGEST_LOSS)
        if self._look.metric == "perplexity":
            values = np.exp(np.minimum(values, 50.0))
        elif self._look.metric == "bits/char":
            values /= math.log(2) * max(1e-9, self._curves.characters_per_token)
        return np.log10(np.maximum(values, 1e-9)) if self._look.log else values

    def _one_in_metric(self, loss: float) -> float:
        return float(self._in_metric(np.array([loss]))[0])

    def _dashes(self, area: PlotArea, y: float) -> None:
        row = area.row(y)
        if 0 <= row < area.height:
            places = np.arange(area.width) % 3 < 2
            free = places & (area.owners[row] <= 2)
            area.characters[row, free] = "╍"
            area.owners[row, free] = 3

    def _x_range(self, steps: Floats, valid_steps: Floats) -> tuple[float, float]:
        last = max([1.0, *steps[-1:], *valid_steps[-1:]])
        total = self._curves.total_steps
        if total is not None and total > last:
            # The axis grows in a few jumps instead of with every step, so the eye has something fixed.
            last = next(total * share for share in (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0) if total * share >= last)
        first = float(min([*steps[:1], *valid_steps[:1]], default=0.0))
        first = 0.0 if first < 0.2 * last else first
        span = (last - first) / self._look.zoom
        right = last - self._look.pan * (last - first)
        return right - span, right + 1e-9

    def _view(self, left: float, right: float, *series: tuple[Floats, Floats]) -> View:
        seen = [y[(x >= left) & (x <= right)] for x, y in series]
        values = np.concatenate(seen)
        if len(values) == 0:
            values = np.concatenate([y for _, y in series])
        if self._curves.ngram_loss is not None and self._look.zoom == 1 and math.isfinite(self._curves.ngram_loss):
            values = np.append(values, self._one_in_metric(self._curves.ngram_loss))
        low, high = float(values.min()), float(values.max())
        room = (high - low) * 0.05 or 0.05 * abs(high) or 0.5
        return View(left, right, low - room, high + room)

    def _y_ticks(self, view: View, count: int) -> list[float]:
        return (log_ticks if self._look.log else nice_ticks)(view.bottom, view.top, count)

    def _y_label(self, tick: float, ticks: list[float]) -> str:
        value = 10**tick if self._look.log else tick
        if value >= 10_000:
            return f"{value / 1000:.0f}k"
        gap = min((abs(b - a) for a, b in pairwise(ticks)), default=1.0)
        if self._look.log:
            return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
        return f"{value:,.0f}" if gap >= 1 and value >= 10 else f"{value:.{2 if gap < 0.1 else 1}f}"

    def _legend(self, width: int) -> Strip:
        entries = [("train", "━━ train"), ("valid", "● valid"), ("best", "★ best")]
        if self._curves.ngram_loss is not None:
            entries.insert(2, ("ngram", "╍╍ n-gram"))
        gap = "   " if width >= 50 else "  "
        segments: list[Segment] = []
        for name, text in entries:
            mark, _, word = text.partition(" ")
            segments += [Segment(mark, self._styles[name]), Segment(f" {word}{gap}", self._styles["label"])]
        strip = Strip(segments).simplify()
        blank = max(0, width - strip.cell_length)
        return Strip([Segment(" " * blank, self._styles["label"]), *strip]).crop(0, width)

    def _plot_strips(self, area: PlotArea, ticks: list[float]) -> list[Strip]:
        labels = {area.row(tick): self._y_label(tick, ticks) for tick in ticks}
        strips: list[Strip] = []
        for row in range(area.height):
            label = labels.get(row)
            segments = [
                Segment((label or "").rjust(MARGIN - 1) + " ", self._styles["label"]),
                Segment("┤" if label else "│", self._styles["axis"]),
            ]
            cells = zip(area.owners[row].tolist(), area.characters[row].tolist(), strict=True)
            for owner, run in groupby(cells, key=lambda cell: cell[0]):
                segments.append(Segment("".join(character for _, character in run), self._styles[OWNERS[owner]]))
            strips.append(Strip(segments, MARGIN + 1 + area.width))
        return strips

    def _x_axis(self, area: PlotArea) -> list[Strip]:
        """The axis line and its labels: epochs where there are some to count, else steps."""
        view, per_epoch = area.view, self._curves.steps_per_epoch
        in_epochs = bool(per_epoch) and (view.right - view.left) / (per_epoch or 1) >= 2
        unit = float(per_epoch or 1) if in_epochs else 1.0
        name = "epoch" if in_epochs else "step"
        line = ["─"] * area.width
        labels = [" "] * (MARGIN + 1 + area.width)
        labels[: len(name)] = name
        free_from = len(name) + 1
        for tick in nice_ticks(view.left / unit, view.right / unit, max(2, area.width // 10)):
            column, text = area.column(tick * unit), f"{tick:,.0f}"
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
