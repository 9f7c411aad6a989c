"""The sampler's settings as small fields: how the next word is drawn, how many, how fast they appear."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge, Le
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from ...core.described import Choice, Described, choices_of
from ...core.speaking.choices import Sampling, TextChoices
from .foreign_input import ForeignInput


@dataclass(frozen=True)
class Dial:
    """One numeric choice and how it is set by keys and typing."""

    choice: Choice

    @property
    def key(self) -> str:
        """Its name among the values."""
        return self.choice.name

    @property
    def whole(self) -> bool:
        """Whether it takes whole numbers only."""
        return self.choice.kind is int

    def text(self, value: float) -> str:
        """The value as it stands in the field."""
        return str(round(value)) if self.whole else f"{round(value, 4):g}"

    def read(self, text: str) -> float | None:
        """The value of a text, None when it is none or out of range."""
        try:
            value = float(text)
        except ValueError:
            return None
        return value if math.isfinite(value) and self.choice.fits(value) else None

    def moved(self, value: float | None, direction: int) -> float:
        """The value a step up or down, within the limits."""
        choice = self.choice
        if value is None:
            return choice.default
        value += direction * choice.described.step
        # An open end itself is not allowed: the smallest step inside it is.
        least = choice.least + (choice.described.step if choice.open_below else 0)
        most = choice.most - (choice.described.step if choice.open_above else 0)
        return round(min(most, max(least, value)), 10)


@dataclass(frozen=True)
class Typing:
    """How an answer appears."""

    speed: Annotated[int, Ge(0), Le(1000), Described("Typing speed; 0: at once.", "words/s", step=5)] = 20


DIALS: tuple[Dial, ...] = tuple(
    Dial(choice)
    for described in (Sampling, TextChoices, Typing)
    for choice in choices_of(described)
    if choice.kind is not bool
)


class DialField(ForeignInput):
    """A number that the up and down keys move."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(1)", "more", show=False),
        Binding("down", "move(-1)", "less", show=False),
    ]

    def __init__(self, dial: Dial, value: str) -> None:
        """A field for ``dial`` with ``value`` in it."""
        restrict = r"[0-9]*" if dial.whole else r"[0-9.]*"
        super().__init__(value, id=f"dial-{dial.key}", compact=True, restrict=restrict, max_length=16)
        self.dial = dial
        self.tooltip = f"{dial.choice.described.help} {dial.choice.limits}; ↑ ↓ move it"

    def action_move(self, direction: int) -> None:
        """One step up or down, within the range."""
        dial = self.dial
        self.value = dial.text(dial.moved(dial.read(self.value), direction))


class GreedySwitch(Static, can_focus=True):
    """On or off; a word says which, not a colour."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space,enter,up,down", "flip", "on or off", show=False)]

    class Flipped(Message):
        """The switch was flipped."""

    def __init__(self, *, on: bool) -> None:
        """A switch that stands at ``on``."""
        super().__init__(self._text(on), markup=False, id="greedy")
        self.on = on
        self.tooltip = "always the likeliest word; space flips it"

    @staticmethod
    def _text(on: bool) -> str:
        return "● yes" if on else "○ no"

    def action_flip(self) -> None:
        """On to off, off to on."""
        self.on = not self.on
        self.update(self._text(self.on))
        self.post_message(self.Flipped())

    def on_click(self) -> None:
        """A click flips it too."""
        self.action_flip()


class SamplerPanel(Vertical):
    """All settings; a value that makes no sense is marked and the last good one stays in force."""

    BORDER_TITLE = "sampling"
    DEFAULT_CSS = """
    SamplerPanel {
        .dial { height: 1; }
        .dial > Static { width: 13; color: $text-muted; }
        DialField { width: 1fr; background: $boost; }
        DialField:focus { background: $primary 25%; }
        DialField.wrong { color: $text-error; text-style: underline; }
        #greedy { width: 1fr; color: $foreground; }
        #greedy:focus { background: $primary 25%; }
    }
    """

    class Changed(Message):
        """A setting has another value in force."""

    def __init__(self, typed: Mapping[str, str], *, id: str | None = None) -> None:  # noqa: A002
        """Start with stored texts; those that make no sense fall back to the defaults."""
        super().__init__(id=id)
        self.values: dict[str, float] = {}
        """The values in force, by key."""
        for dial in DIALS:
            stored = dial.read(typed.get(dial.key, ""))
            self.values[dial.key] = dial.choice.default if stored is None else stored
        self.greedy = typed.get("greedy") == "yes"

    def compose(self) -> ComposeResult:
        """A line for each dial."""
        for dial in DIALS:
            with Horizontal(classes="dial"):
                yield Static(dial.choice.label, markup=False)
                yield DialField(dial, dial.text(self.values[dial.key]))
        with Horizontal(classes="dial"):
            yield Static("greedy", markup=False)
            yield GreedySwitch(on=self.greedy)

    def sampling(self) -> Sampling:
        """The values in force as the engine wants them."""
        values = self.values
        return Sampling(
            temperature=values["temperature"],
            top_k=round(values["top_k"]),
            top_p=values["top_p"],
            min_p=values["min_p"],
            repetition_penalty=values["repetition_penalty"],
            greedy=self.greedy,
        )

    def typed(self) -> dict[str, str]:
        """The values in force as texts, for the preferences."""
        values = {dial.key: dial.text(self.values[dial.key]) for dial in DIALS}
        return {**values, "greedy": "yes" if self.greedy else "no"}

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        field = event.input
        if isinstance(field, DialField):
            value = field.dial.read(field.value)
            field.set_class(value is None, "wrong")
            if value is not None and value != self.values[field.dial.key]:
                self.values[field.dial.key] = value
                self.post_message(self.Changed())

    @on(GreedySwitch.Flipped)
    def _flipped(self, event: GreedySwitch.Flipped) -> None:
        event.stop()
        self.greedy = self.query_one(GreedySwitch).on
        self.post_message(self.Changed())
