"""The chart of a training: smoothed and raw training loss, validation, the n-gram baseline and the best epoch.

The drawing is imported with the first curve: the first frame of the app needs no numpy.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from ..charts.curves import AXES, LOSS, METRICS, Curves, Look, Metric
from .changed_rows import repaint_changed

UNITS: dict[Metric, str] = {"loss": "nats per token", "perplexity": "per token", "bits/char": "bits per character"}
SERIES = {
    LOSS: "loss",
    "learning_rate": "learning rate",
    "gradient_norm": "gradient norm",
    "speed": "speed · tokens per second",
    "memory": "memory · MB",
}
"""What can be drawn, and its unit."""
LARGEST_ZOOM = 64.0


class RunChart(Widget):
    """Draws ``Curves``; series differ in shape (line, shade, ● dots, ╌ dashes, ★) and not in colour alone."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "run-chart--axis", "run-chart--label", "run-chart--raw", "run-chart--train", "run-chart--valid",
        "run-chart--ngram", "run-chart--best",
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
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """An empty chart."""
        super().__init__(id=id)
        self.curves: Curves | None = None
        self.look = Look()
        self._log: dict[Metric, bool] = {"loss": False, "perplexity": True, "bits/char": False}
        self._strips: list[Strip] | None = None
        self._styles: dict[str, Style] = {}

    @property
    def metric(self) -> Metric:
        """What the y axis shows."""
        return self.look.metric

    @property
    def description(self) -> str:
        """What the y axis shows, in words."""
        look = self.look
        zoomed = f" · zoom {look.zoom:.1f}×" if look.zoom > 1 else ""
        what = f"{look.metric} · {UNITS[look.metric]}" if look.series == LOSS else SERIES[look.series]
        return f"{what}{' · log' if look.log else ''}{zoomed}"

    def show(self, curves: Curves) -> None:
        """Draw other curves; zoom, metric and scale stay. Only rows that look different are painted again."""
        self.curves = curves
        before, self._strips = self._strips, self._draw()
        repaint_changed(self, before or [], self._strips)

    def next_metric(self) -> None:
        """Go on to the next of loss, perplexity and bits per character; each remembers its scale."""
        step = 1 if self.look.series == LOSS else 0  # back to the loss first
        metric = METRICS[(METRICS.index(self.metric) + step) % len(METRICS)]
        self._look(replace(self.look, series=LOSS, metric=metric, log=self._log[metric]))

    def next_series(self) -> None:
        """Go on to the next series that there is."""
        there = [name for name in SERIES if self.curves is None or name in self.curves.source.names] or [LOSS]
        place = there.index(self.look.series) if self.look.series in there else -1
        self._look(replace(self.look, series=there[(place + 1) % len(there)], log=False))

    def next_axis(self) -> None:
        """Go on to the next of epochs, steps, time and tokens."""
        self._look(replace(self.look, axis=AXES[(AXES.index(self.look.axis) + 1) % len(AXES)]))

    def toggle_log(self) -> None:
        """Switch the current metric between a linear and a log axis."""
        if self.look.series == LOSS:
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

    def _look(self, look: Look) -> None:
        self.look = look
        self._redraw()

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
        return ChartDrawing(self.curves, self.look, self._styles).strips(*self.content_size)
