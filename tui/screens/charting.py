"""What one does with the chart of the Train screen: how it is looked at, what is read, which runs lie over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work
from textual.getters import query_one
from textual.screen import Screen

from ...core.errors import PLAIN_ERRORS
from ...core.runs.status import IN_TRAINING
from ..bindings import key
from ..charts.curves import LETTERS, LOSS, Curves
from ..display import plain_line
from ..handing_over import hand_over
from ..view import RunView, view_of_run
from ..widgets.chart import RunChart
from ..widgets.sample_list import SampleList
from ..workbench import Workbench

if TYPE_CHECKING:
    from textual.binding import Binding

    from ...core.runs.folder import Run

CHART_KEYS: tuple[Binding, ...] = (
    key("train.metric", "m", "metric", "metric", "Chart: loss, perplexity or bits per character", shown=False),
    key("train.series", "v", "series", "series", "Chart: loss, validation, gap, rate, gradient …", shown=False),
    key("train.panes", "b", "panes", "below", "Chart: a second one below it; v is then for that", shown=False),
    key("train.axis", "x", "axis", "axis", "Chart: by epochs, steps, time or tokens", shown=False),
    key("train.log", "l", "log", "log", "Chart: linear or log axis", shown=False),
    key("train.zoom-in", "plus,equals_sign", "zoom(1.5)", "zoom", "Chart: zoom in and out", shown=False),
    key("train.zoom-out", "minus", "zoom(0.667)", "zoom", "Chart: zoom out", shown=False),
    key("train.earlier", "left", "pan(-0.25)", "move", "Chart: move to earlier and later", shown=False),
    key("train.later", "right", "pan(0.25)", "move", "Chart: move to later", shown=False),
    key("train.whole-curve", "0", "reset_zoom", "whole curve", "Chart: the whole curve", shown=False),
    key("train.cursor", "c", "cursor", "cursor", "Chart: read values with ← →, c leaves", shown=False),
    key("train.smoother", "right_square_bracket", "smooth(1)", "smooth", "Chart: smooth more, less", shown=False),
    key("train.rougher", "left_square_bracket", "smooth(-1)", "smooth", "Chart: smooth less", shown=False),
    *(
        key(f"train.line-{n}", f"{n}", f"hide_line({n})", "lines", "Chart: hide or show a line", shown=False)
        for n in range(1, 10)
    ),
    key("train.unmark", "u", "unmark", "unmark", "Chart: take the other runs away", shown=False),
)


class Charting(Screen[None]):
    """A screen with a chart and samples of a run."""

    chart = query_one("#chart", RunChart)
    below = query_one("#below", RunChart)
    """A second chart of the same runs, where it is wanted."""
    samples = query_one(SampleList)

    def __init__(self, bench: Workbench) -> None:
        """A screen that looks at ``bench``."""
        super().__init__()
        self.bench = bench
        self.view: RunView | None = None
        """What is on the screen; None before the first run."""
        self._curves_over: dict[str, Curves] = {}
        """The runs that are laid over, by name: they are read once, and again while they are trained."""
        self._swept: tuple[str, ...] = ()
        self.growing: frozenset[str] = frozenset()
        """Those of them that are trained."""

    @staticmethod
    def _read_curves(run: Run) -> Curves:
        return view_of_run(run).curves(run.book())

    def draw(self, curves: Curves) -> None:
        """Draw curves in every chart that is there."""
        self.chart.show(curves)
        if self.below.display:
            self.below.show(curves)

    def title_chart(self) -> None:
        """Say what the charts show and how they are changed; the lower one looks where the upper one does."""
        two = self.below.display
        self.chart.border_title = plain_line(self.chart.description).markup
        series = () if two else ("v series",)
        self.chart.offer("m metric", *series, "c read", "x axis", "l log", "+/− zoom")
        if two:
            self.below.look_like(self.chart)
            self.below.border_title = plain_line(self.below.description).markup
            self.below.offer("v series", "b one chart")

    def action_panes(self) -> None:
        """Show a second chart below the first one, or only one."""
        self.set_class(not self.has_class("-two"), "-two")
        if self.below.display:
            self.below.lay_over(self.chart.others)
            if self.chart.curves is not None:
                self.below.curves = self.chart.curves
                if self.below.look.series == LOSS:
                    self.below.next_series()
                    self._next_below()
                self.below.show(self.chart.curves)
            self.below.put_cursor(self.chart.look.cursor)
        self.title_chart()

    def action_metric(self) -> None:
        """Loss, perplexity or bits per character."""
        self.chart.next_metric()
        self.title_chart()

    def action_series(self) -> None:
        """Another of the series of the run."""
        if self.below.display:
            self._next_below()
        else:
            self.chart.next_series()
        self.title_chart()

    def _next_below(self) -> None:
        """The upper chart has the loss already."""
        self.below.next_series()
        if self.below.look.series == LOSS:
            self.below.next_series()

    def action_axis(self) -> None:
        """Epochs, steps, time or tokens."""
        self.chart.next_axis()
        self.title_chart()

    def action_log(self) -> None:
        """Linear or log axis."""
        self.chart.toggle_log()
        self.title_chart()

    def action_zoom(self, factor: float) -> None:
        """Look closer at the latest steps, or less close."""
        self.chart.zoom(factor)
        self.title_chart()

    def action_pan(self, share: float) -> None:
        """Look at earlier or later steps, or move the cursor there."""
        if self.chart.look.cursor is None:
            self.chart.pan(share)
            self.title_chart()
        else:
            self.chart.move_cursor(1 if share > 0 else -1)

    def action_cursor(self) -> None:
        """Read the curves at a place, or no more."""
        self.chart.toggle_cursor()

    def action_smooth(self, places: int) -> None:
        """Smooth the curves more or less."""
        self.chart.smooth(places)
        self.title_chart()

    def action_hide_line(self, number: int) -> None:
        """Hide or show a line of the chart."""
        self.chart.toggle_nth(number)
        self.title_chart()

    def action_unmark(self) -> None:
        """Take the runs away that are laid over."""
        self.bench.marked = ()
        self.lay_over()

    @on(RunChart.Read)
    def _read_sample(self, message: RunChart.Read) -> None:
        """Show what the model said after the epoch that the cursor stands in, and read both charts there."""
        for chart in (self.chart, self.below) if self.below.display else ():
            chart.put_cursor(message.column, steered=message.steered)
        epochs = self.view.epochs if self.view is not None and message.step is not None else ()
        reached = [epoch.epoch for epoch in epochs if epoch.step >= (message.step or 0.0)]
        self.samples.point_at(reached[0] if reached else epochs[-1].epoch if epochs else None)

    @work(thread=True, exclusive=True, group="lay-over", exit_on_error=False)
    def lay_over(self) -> None:
        """Read the marked runs from disk and draw them over the one on show."""
        shown = self.view.name if self.view is not None else ""
        others: dict[str, Curves] = {}
        growing: set[str] = set()
        for letter, name in zip(LETTERS, self.bench.marked, strict=False):
            try:
                if name != shown:
                    known = None if name in self.growing else self._curves_over.get(name)
                    run = self.bench.store.open(name)
                    if known is None and run.standing is IN_TRAINING:
                        growing.add(name)
                    others[letter] = known or self._read_curves(run)
            except PLAIN_ERRORS:  # deleted or damaged since it was marked: the list of runs says so
                continue
        hand_over(self, self._laid_over, others, frozenset(growing))

    def lay_over_swept(self, runs: tuple[str, ...]) -> None:
        """Lay the earlier runs of a sweep over the one that is trained, once each time that there is one more."""
        if runs and runs != self._swept:
            self.bench.marked = runs[-len(LETTERS) :]
            self.lay_over()
        self._swept = runs

    def _laid_over(self, others: dict[str, Curves], growing: frozenset[str]) -> None:
        self._curves_over = {curves.name: curves for curves in others.values()}
        self.growing = growing
        self.chart.lay_over(others)
        if self.below.display:
            self.below.lay_over(others)
        self.title_chart()

    def action_reset_zoom(self) -> None:
        """Show the whole curve."""
        self.chart.reset_zoom()
        self.title_chart()
