"""The last line of a screen: its keys, as many as fit whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from rich.cells import cell_len
from textual import events
from textual.content import Content, Span
from textual.screen import Screen
from textual.widget import Widget

from ..handing_over import app_of

if TYPE_CHECKING:
    from textual.signal import Signal

_ALWAYS = 2
"""How many of the last keys stay in any case: help, which lists the others, and the way out."""
_CRAMPED = ("-narrow", "-slim")
"""Screens of these classes have no room for the key of the palette, nor for two blanks between keys."""
_BORDER = "▏"


@dataclass(frozen=True)
class LineKey:
    """A key as it stands in the line."""

    key: str
    """As textual names it."""
    display: str
    label: str
    meaning: str
    enabled: bool = True

    @property
    def text(self) -> str:
        """What is shown."""
        return f"{self.display} {self.label}" if self.label else self.display

    @property
    def width(self) -> int:
        """In cells."""
        return cell_len(self.text)


@dataclass(frozen=True)
class Placed:
    """A key and the cell where it begins."""

    key: LineKey
    start: int

    @property
    def end(self) -> int:
        """The first cell after it."""
        return self.start + self.key.width


def fitting(keys: Sequence[LineKey], room: int, gap: int) -> list[Placed]:
    """Return the keys that stand whole within ``room`` cells, each with its place.

    Where there is no room for all, keys are left out from the right, but for the last ones: the first are those that
    change what goes on.
    """
    shown = list(keys)
    for place in range(len(keys) - _ALWAYS - 1, -1, -1):
        if sum(key.width + gap for key in shown) <= room:
            break
        del shown[place]
    placed: list[Placed] = []
    for key in shown:
        placed.append(Placed(key, placed[-1].end + gap if placed else 0))
    return placed


class KeyLine(Widget):
    """The keys that do something now, in one line; a click on one presses it.

    One widget for all keys: textual's footer makes a widget of each, and all of them anew whenever another key counts.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-line--key", "key-line--label", "key-line--pointed"}
    DEFAULT_CSS = """
    KeyLine {
        dock: bottom;
        height: 1;
        padding: 0 0 0 1;
        background: $panel;
        color: $footer-foreground;
        .key-line--key { color: $footer-key-foreground; text-style: bold; }
        .key-line--label { color: $footer-description-foreground; }
        .key-line--pointed { color: $footer-key-foreground; background: $block-hover-background; }
    }
    """

    def __init__(self) -> None:
        """The keys of the screen that it stands on."""
        super().__init__()
        self.keys: tuple[LineKey, ...] = ()
        """The keys of the screen, whether or not there is room for them."""
        self.palette: LineKey | None = None
        self._pointed: LineKey | None = None

    def on_mount(self) -> None:
        """Other keys may do something later."""
        changed = cast("Signal[Screen[object]]", self.screen.bindings_updated_signal)  # pyright: ignore[reportUnknownMemberType]
        changed.subscribe(self, self._take_keys)

    @property
    def shown(self) -> list[Placed]:
        """The keys that stand in the line, that of the palette last and at its right end."""
        cramped = any(map(self.screen.has_class, _CRAMPED))
        width, gap = self.content_size.width, 1 if cramped else 2
        if cramped or self.palette is None:
            return fitting(self.keys, width, gap)
        start = width - self.palette.width - 1
        return [*fitting(self.keys, start - 2, gap), Placed(self.palette, start)]

    def render(self) -> Content:
        """The keys, each with what it does."""
        text, spans = "", list[Span]()
        plain, label = self.get_visual_style("key-line--key"), self.get_visual_style("key-line--label")
        pointed = self.get_visual_style("key-line--pointed")
        for placed in self.shown:
            key = placed.key
            gap = placed.start - cell_len(text)
            edge = _BORDER if key is self.palette and gap > 1 else ""
            text += " " * (gap - 2 * len(edge)) + edge + " " * len(edge)
            first = len(text)
            text += key.text
            middle = first + len(key.display)
            spans += [Span(first, middle, plain), Span(middle, len(text), label)]
            if not key.enabled:
                spans.append(Span(first, len(text), "dim"))
            if key is self._pointed:
                spans.append(Span(first, len(text), pointed))
            if edge:
                spans.append(Span(first - 2, first - 1, "$foreground 20%"))
        return Content(text, spans)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The key under the mouse says what it does."""
        self._point_at(self._key_at(event))

    def on_leave(self) -> None:
        """The mouse is elsewhere."""
        self._point_at(None)

    def on_click(self, event: events.Click) -> None:
        """As if the key had been pressed."""
        key = self._key_at(event)
        if key is not None and key.enabled:
            app_of(self).simulate_key(key.key)
        elif key is not None:
            app_of(self).bell()

    def _key_at(self, event: events.MouseEvent) -> LineKey | None:
        cell = event.x - self.content_offset.x
        return next((placed.key for placed in self.shown if placed.start <= cell < placed.end), None)

    def _point_at(self, key: LineKey | None) -> None:
        if key is not self._pointed:
            self._pointed = key
            self.tooltip = None if key is None else key.meaning
            self.refresh()

    def _take_keys(self, screen: Screen[object]) -> None:
        app = app_of(self)
        if not (self.is_attached and screen is self.screen and app.app_focus):
            return
        active = screen.active_bindings
        keys: dict[str, LineKey] = {}
        for _, binding, enabled, tooltip in active.values():
            if binding.show and binding.action not in keys:
                display = app.get_key_display(binding)
                meaning = tooltip or binding.description
                keys[binding.action] = LineKey(binding.key, display, binding.description, meaning, enabled)
        palette = None
        if app.ENABLE_COMMAND_PALETTE and app.COMMAND_PALETTE_BINDING in active:
            binding = active[app.COMMAND_PALETTE_BINDING].binding
            display = app.get_key_display(binding)
            palette = LineKey(binding.key, display, binding.description, binding.tooltip or binding.description)
        if (tuple(keys.values()), palette) != (self.keys, self.palette):
            self.keys, self.palette = tuple(keys.values()), palette
            self.refresh()
