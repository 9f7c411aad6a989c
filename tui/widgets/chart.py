"""The chart of a training: any of its series, other runs over it, and a cursor that reads them.

The drawing is imported with the first curve: the first frame of the app needs no numpy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ..charts.curves import AXES, COPIED, GAP, LOSS, METRICS, SMOOTHINGS, VALIDATION, Curves, Look, Metric
from .changed_rows import repaint_changed

if TYPE_CHECKING:
    from ..charts.drawing import ChartDrawing

UNITS: dict[Metric, str] = {"loss": "nats per token", "perplexity": "per token", "bits/char": "bits per character"}
SERIES = {
    LOSS: "loss",
    VALIDATION: "validation",
    GAP: "gap · validation above training, nats per token",
    COPIED: "copied · per cent, five words in a row",
    "learning_rate": "learning rate",
    "gradient_norm": "gradient norm",
    "speed": "speed · tokens per second",
    "memory": "memory · MB",
}
"""What can be drawn, and its unit."""
LARGEST_ZOOM = 64.0
PLOT_LEFT = 7
"""Cells left of the plot: the labels of the y axis and the axis itself."""


_CORNERS = 6
"""Cells of the lower edge on which no hint can stand."""


class RunChart(Widget):
    """Draws ``Curves``; series differ in shape (line, shade, ● dots, ╌ dashes, ★) and not in colour alone."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "run-chart--axis", "run-chart--label", "run-chart--raw", "run-chart--train", "run-chart--valid",
        "run-chart--ngram", "run-chart--best", "run-chart--other-0", "run-chart--other-1", "run-chart--other-2",
        "run-chart--other-3",
    }  # fmt: skip
    DEFAULT_CSS = """
    RunChart {
        & > .run-chart--axis { color: $foreground 25%; }
        & > .run-chart--label { color: $text-muted; }
        & > .run-chart--raw { color: $primary 28%; }
        & > .run-chart--train { color: $primary; text-style: bold; }
        & > .run-chart--valid { color: $accent; text-style: bold; }
        & > .run-chart--ngram { color: $secondary; }
        & > .run-chart--best { color: $warning; text-style: bold; }
        & > .run-chart--other-0 { color: $success; }
        & > .run-chart--other-1 { color: $warning; }
        & > .run-chart--other-2 { color: $error; }
        & > .run-chart--other-3 { color: $foreground; }
    }
    """

    @dataclass
    class Read(Message):
        """The cursor stands on another step; None: it is gone."""

        step: float | None
        column: int | None
        steered: bool

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """An empty chart."""
        super().__init__(id=id)
        self.curves: Curves | None = None
        self.others: Mapping[str, Curves] = {}
        """The runs that are laid over, by their letters."""
        self.look = Look()
        self._log: dict[Metric, bool] = {"loss": False, "perplexity": True, "bits/char": False}
        self._strips: list[Strip] | None = None
        self._drawing: ChartDrawing | None = None
        self._steered = False
        """Whether the cursor is moved by keys; one that follows the mouse leaves with it."""
        self._read: float | None = None
        self._styles: dict[str, Style] = {}
        self._hints: tuple[str, ...] = ()

    @property
    def metric(self) -> Metric:
        """What the y axis shows."""
        return self.look.metric

    @property
    def description(self) -> str:
        """What the y axis shows, in words."""
        look = self.look
        zoomed = f" · zoom {look.zoom:.1f}×" if look.zoom > 1 else ""
        what = f"{look.metric} · {UNITS[look.metric]}" if look.of_loss else SERIES[look.series]
        if look.series == VALIDATION:
            what = f"validation · {what}"
        share = SMOOTHINGS[look.smoothing]
        smooth = (
            "" if look.smoothing == Look.smoothing else f" · smoothed over 1/{1 / share:.0f}" if share else " · raw"
        )
        return f"{what}{' · log' if look.log else ''}{zoomed}{smooth}"

    def show(self, curves: Curves) -> None:
        """Draw other curves; zoom, metric and scale stay. Only rows that look different are painted again."""
        self.curves = curves
        before, self._strips = self._strips, self._draw()
        repaint_changed(self, before or [], self._strips)

    def lay_over(self, others: Mapping[str, Curves]) -> None:
        """Draw other runs over the one on show, by their letters."""
        if others != self.others:
            self.others = others
            self._look(replace(self.look, hidden=self.look.hidden - set(others)))

    def next_metric(self) -> None:
        """Go on to the next of loss, perplexity and bits per character; each remembers its scale."""
        of_loss = self.look.of_loss
        metric = METRICS[(METRICS.index(self.metric) + of_loss) % len(METRICS)]
        series = self.look.series if of_loss else LOSS  # back to the loss first
        self._look(replace(self.look, series=series, metric=metric, log=self._log[metric]))

    def next_series(self) -> None:
        """Go on to the next series that there is."""
        from ..charts.traces import has

        there = [name for name in SERIES if self.curves is None or has(self.curves, name)]
        place = there.index(self.look.series) if self.look.series in there else -1
        series = there[(place + 1) % len(there)]
        self._look(replace(self.look, series=series, log=series in {LOSS, VALIDATION} and self._log[self.metric]))

    def look_like(self, other: RunChart) -> None:
        """Look at the place where another chart looks, at a series of its own."""
        own = self.look
        look = replace(other.look, series=own.series, metric=own.metric, log=own.log, cursor=own.cursor)
        if look != own:
            self._look(look)

    def next_axis(self) -> None:
        """Go on to the next of epochs, steps, time and tokens."""
        self._look(replace(self.look, axis=AXES[(AXES.index(self.look.axis) + 1) % len(AXES)]))

    def toggle_log(self) -> None:
        """Switch the current metric between a linear and a log axis."""
        if self.look.of_loss:
            self._log[self.metric] = not self.look.log
        self._look(replace(self.look, log=not self.look.log))

    def zoom(self, factor: float) -> None:
        """Show ``factor`` times less of the x axis; the y axis fits what is visible."""
        zoom = min(LARGEST_ZOOM, max(1.0, self.look.zoom * factor))
        self._look(replace(self.look, zoom=zoom, pan=min(self.look.pan, 1 - 1 / zoom)))

    def pan(self, share: float) -> None:
        """Move the zoomed window by a share of its width; positive looks at later steps."""
        pan = self.look.pan - share / self.look.zoom
        self._look(replace(self.look, pan=min(1 - 1 / self.look.zoom, max(0.0, pan))))

    def reset_zoom(self) -> None:
        """Show everything again."""
        self._look(replace(self.look, zoom=1.0, pan=0.0))

    def smooth(self, places: int) -> None:
        """Smooth more or less."""
        place = min(len(SMOOTHINGS) - 1, max(0, self.look.smoothing + places))
        self._look(replace(self.look, smoothing=place))

    def toggle(self, entry: str) -> None:
        """Hide or show an entry of the legend."""
        self._look(replace(self.look, hidden=self.look.hidden ^ {entry}))

    def toggle_nth(self, number: int) -> None:
        """Hide or show the entry at a place of the legend, counted from 1."""
        spans = self._drawing.legend.spans if self._drawing is not None else ()
        if number <= len(spans):
            self.toggle(spans[number - 1][2])

    def put_cursor(self, column: int | None, *, steered: bool = True) -> None:
        """Read the curves at a column of the plot; None reads no more."""
        self._steered = steered and column is not None
        width = max(1, self._plot_width)
        column = None if column is None else min(width - 1, max(0, column))
        if column != self.look.cursor:
            self._look(replace(self.look, cursor=column))

    def toggle_cursor(self) -> None:
        """Put the cursor on the best epoch, or take it away."""
        if self.look.cursor is not None:
            self.put_cursor(None)
            return
        drawing = self._drawing
        share = drawing.share_of_best if drawing is not None else None
        self.put_cursor(int((1.0 if share is None else share) * self._plot_width))

    def move_cursor(self, columns: int) -> None:
        """Read further left or right."""
        if self.look.cursor is not None:
            self.put_cursor(self.look.cursor + columns)

    @property
    def _plot_width(self) -> int:
        return self.content_size.width - PLOT_LEFT

    def _look(self, look: Look) -> None:
        self.look = look
        self._redraw()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Read the curves where the mouse is."""
        place = event.get_content_offset(self)
        inside = place is not None and place.x >= PLOT_LEFT and place.y > 0
        if not self._steered:
            self.put_cursor(place.x - PLOT_LEFT if place is not None and inside else None, steered=False)

    def on_leave(self, _event: events.Leave) -> None:
        """The mouse is gone, and the cursor that followed it."""
        if not self._steered:
            self.put_cursor(None)

    def on_click(self, event: events.Click) -> None:
        """Hold the cursor, or hide and show an entry of the legend."""
        place = event.get_content_offset(self)
        if place is None or self._drawing is None:
            return
        if place.y > 0:
            # A click holds the cursor where it is, the next one lets it go.
            held = self._steered and self.look.cursor == place.x - PLOT_LEFT
            self.put_cursor(None if held else place.x - PLOT_LEFT)
            return
        for first, stop, entry in self._drawing.legend.spans:
            if first <= place.x < stop:
                self.toggle(entry)

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.zoom(1.25)

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.zoom(0.8)

    def _redraw(self) -> None:
        self._strips = None
        self.refresh()

    def notify_style_update(self) -> None:
        """The theme changed: colours are looked up again."""
        super().notify_style_update()
        self._strips, self._styles = None, {}

    def on_resize(self) -> None:
        """Another size needs another drawing."""
        self._redraw()
        self.offer(*self._hints)

    def offer(self, *hints: str) -> None:
        """Name keys in the lower edge, the first ones where there is no room for all; none is cut."""
        self._hints = hints
        room = self.outer_size.width - _CORNERS
        while len(hints) > 1 and len(" · ".join(hints)) > room > 0:
            hints = hints[:-1]
        self.border_subtitle = " · ".join(hints)

    def render_line(self, y: int) -> Strip:
        """One line of the drawing, made on the first call after a change."""
        if self._strips is None:
            self._strips = self._draw()
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.content_size.width, self.rich_style)

    def _draw(self) -> list[Strip]:
        if self.curves is None:
            return []
        from ..charts.drawing import STYLES, ChartDrawing

        if not self._styles:
            self._styles = {name: self.get_component_rich_style(f"run-chart--{name}") for name in STYLES}
        self._drawing = ChartDrawing(self.curves, self.look, self._styles, self.others)
        strips = self._drawing.strips(*self.content_size)
        if self._drawing.cursor_step != self._read:
            self._read = self._drawing.cursor_step
            self.post_message(self.Read(self._read, self.look.cursor, self._steered))
        return strips
