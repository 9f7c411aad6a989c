"""The dials on the screen: one line each, set by arrows, wheel, typing and clicks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from ...core.speaking.choices import Sampling
from ...data.cleaning import one_line
from ..bindings import key
from ..display import MUTED, plain_line
from ..talk.dials import BALANCED, DIALS, Dial, Dials

LABEL_WIDTH = 12
LONGEST = 24
"""Characters that a value may have."""


class SamplerPanel(Static, can_focus=True):
    """All dials; what is typed counts as soon as it makes sense, and what makes none says its range."""

    BORDER_TITLE = "sampling"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("dials.above", "up,k", "point(-1)", "dial", "The dial above or below", display="↑ ↓"),
        key("dials.below", "down,j", "point(1)", "dial", "The dial below", shown=False),
        key("dials.less", "left,h,minus", "move(-1)", "set", "Less or more; digits set it too", display="← →"),
        key("dials.more", "right,l,plus,space", "move(1)", "set", "A step more; a switch flips", shown=False),
        key("dials.preset", "p", "preset", "preset", "The next preset: careful, balanced, wild"),
        key("dials.default", "d", "reset", "default", "Put this dial back to its default"),
        key("dials.all-default", "D", "reset_all", "all default", "Put all dials back to their defaults", shown=False),
        key("dials.settle", "enter", "settle", "take", "Take what was typed", shown=False),
        key("dials.leave", "escape", "screen.stop", "type", "Back to the line"),
        key("dials.rub-out", "backspace", "rub_out", "rub out", "Take back a digit", shown=False),
    ]

    class Changed(Message):
        """A dial has another value in force."""

    @dataclass
    class Refused(Message):
        """What was typed is no value; empty: all is well again."""

        sentence: str

    def __init__(self, typed: Mapping[str, str], *, id: str | None = None) -> None:  # noqa: A002
        """Start with stored texts; those that make no sense fall back to the defaults."""
        super().__init__("", markup=False, id=id)
        self.dials = Dials(typed)
        self._pointed = 0
        self._first = 0
        """The dial at the top, where not all have room."""
        self._typing: str | None = None
        """What is being typed into the dial pointed at; None: nothing."""
        self._before: Any = None
        """The dial's value before that."""

    @property
    def values(self) -> dict[str, Any]:
        """The values in force, by name."""
        return self.dials.values

    def sampling(self) -> Sampling:
        """How words are drawn."""
        return self.dials.sampling()

    def typed(self) -> dict[str, str]:
        """The values in force as texts, for the preferences."""
        return self.dials.typed()

    def on_mount(self) -> None:
        """Show the dials."""
        self._redraw()

    def set_dial(self, key: str, text: str) -> None:
        """Set a dial by a text, as if it had been typed; one that makes no sense changes nothing."""
        dial = next(dial for dial in DIALS if dial.key == key)
        value = dial.read(text)
        self.post_message(self.Refused("" if value is not None else dial.complaint(one_line(text))))
        if value is not None:
            self._set(dial, value)

    # Keys

    @property
    def pointed(self) -> Dial:
        """The dial that keys set."""
        return DIALS[self._pointed]

    def action_point(self, step: int) -> None:
        """Point at another dial."""
        self._point((self._pointed + step) % len(DIALS))

    def action_move(self, steps: int) -> None:
        """Some steps up or down, within the range."""
        self._end_typing()
        self._move(self.pointed, steps)

    def action_preset(self) -> None:
        """Take the next way of drawing that has a name."""
        self._end_typing()
        self.dials.next_preset()
        self._changed()

    def action_reset(self) -> None:
        """Put the dial pointed at back to its default."""
        self._end_typing()
        self.dials.reset(self.pointed)
        self._changed()

    def action_reset_all(self) -> None:
        """Put all dials back to their defaults."""
        self._end_typing()
        self.dials.reset(*DIALS)
        self._changed()

    def action_settle(self) -> None:
        """Take what was typed; a text that is no value leaves the old one in force."""
        if self._typing is None and self.pointed.is_switch:
            self.action_move(1)
        self._end_typing()

    def action_rub_out(self) -> None:
        """Take back the last character typed."""
        if self._typing is not None:
            self._type(self._typing[:-1])

    def on_key(self, event: events.Key) -> None:
        """A digit begins to type, and esc takes back what was typed."""
        letter, dial = event.character, self.pointed
        if event.key == "escape" and self._typing is not None:
            self._typing = None
            self._set(dial, self._before)
            self.post_message(self.Refused(""))
            self._redraw()
        elif letter and event.is_printable and letter in dial.letters:
            self._type(f"{self._typing or ''}{letter}")
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """A pasted number is typed."""
        event.stop()
        letters = "".join(letter for letter in one_line(event.text) if letter in self.pointed.letters)
        if letters:
            self._type(letters)

    def watch_has_focus(self, has_focus: bool) -> None:
        """The dial pointed at shows while keys go here; what is left half typed is not used."""
        super().watch_has_focus(has_focus)
        self._end_typing()
        self._redraw()

    def on_resize(self) -> None:
        """As many dials show as there is room for."""
        self._redraw()

    # The mouse

    def on_click(self, event: events.Click) -> None:
        """A click points at a dial; on a switch it flips it."""
        row = self._row_under(event)
        if row is not None:
            self._point(row)
            if self.pointed.is_switch:
                self._move(self.pointed, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel turns the dial under it."""
        self._turn(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel turns the dial under it."""
        self._turn(event, -1)

    def _turn(self, event: events.MouseEvent, steps: int) -> None:
        row = self._row_under(event)
        if row is not None:
            event.stop()
            self._point(row)
            if not self.pointed.is_switch:
                self._move(self.pointed, steps)

    def _row_under(self, event: events.MouseEvent) -> int | None:
        row = event.get_content_offset_capture(self).y + self._first
        return row if 0 <= row < len(DIALS) else None

    # What happens

    def _point(self, row: int) -> None:
        self._end_typing()
        self._pointed = row
        self._redraw()

    def _move(self, dial: Dial, steps: int) -> None:
        self._set(dial, dial.moved(self.values[dial.key], steps))

    def _type(self, text: str) -> None:
        if self._typing is None:
            self._before = self.values[self.pointed.key]
        self._typing = text[:LONGEST]
        value = self.pointed.read(self._typing)
        unfinished = value is None and self._typing in ("", "0", ".")
        self.post_message(self.Refused("" if value is not None or unfinished else self.pointed.complaint(self._typing)))
        if value is not None:
            self._set(self.pointed, value)
        self._redraw()

    def _end_typing(self) -> None:
        if self._typing is None:
            return
        wrong = self.pointed.read(self._typing) is None
        self._typing = None
        if wrong:
            self._set(self.pointed, self._before)
            value = self.pointed.shown(self.values[self.pointed.key])
            self.post_message(self.Refused(f"{self.pointed.choice.label} stays at {value}: {self._range()}."))
        self._redraw()

    def _range(self) -> str:
        return f"it is {self.pointed.choice.limits}"

    def _set(self, dial: Dial, value: Any) -> None:
        if value != self.values[dial.key]:
            self.values[dial.key] = value
            self._changed()

    def _changed(self) -> None:
        self._redraw()
        if self._typing is None:
            self.post_message(self.Refused(""))
        self.post_message(self.Changed())

    def _redraw(self) -> None:
        preset = self.dials.preset
        self.border_title = "sampling" if preset == BALANCED else f"sampling · {preset}"
        self.tooltip = self.pointed.choice.described.help
        room = max(1, self.content_size.height or len(DIALS))
        self._first = max(0, min(self._first, len(DIALS) - room, self._pointed), self._pointed - room + 1)
        shown = list(enumerate(DIALS))[self._first : self._first + room]
        above, below = self._first, max(0, len(DIALS) - self._first - room)
        more = " ".join(f"{arrow}{count}" for arrow, count in (("↑", above), ("↓", below)) if count)
        limits = self._range().removeprefix("it is ") if self.has_focus else ""
        self.border_subtitle = limits or (f"{more} more" if more else "")
        self.update(Content("\n").join([self._line(index, dial) for index, dial in shown]))

    def _line(self, index: int, dial: Dial) -> Content:
        pointed = self.has_focus and index == self._pointed
        changed = self.dials.changed(dial)
        label = dial.choice.label[:LABEL_WIDTH].ljust(LABEL_WIDTH)
        if pointed and self._typing is not None:
            wrong = dial.read(self._typing) is None
            value = plain_line(self._typing, "underline $text-error" if wrong else "underline")
            value = Content.assemble(value, ("▏", "$text-accent"))
        elif dial.is_switch:
            on = bool(self.values[dial.key])
            value = Content.styled("● yes" if on else "○ no", "bold" if changed else "")
        else:
            value = plain_line(dial.shown(self.values[dial.key]), "bold" if changed else "")
        return Content.assemble(
            ("▸" if pointed else " ", "bold $text-accent"),
            (label, "bold" if pointed else MUTED),
            ("•" if changed else " ", "bold $text-warning"),
            value,
        )
