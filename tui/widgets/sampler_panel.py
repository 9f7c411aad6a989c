"""The sampler's settings as small fields: how the next word is drawn, how many, how fast they appear."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from .foreign_input import ForeignInput

if TYPE_CHECKING:
    from ...core.speaking.sampling import Sampling


@dataclass(frozen=True)
class Dial:
    """One numeric setting: its range and how far an arrow key moves it."""

    key: str
    label: str
    default: float
    low: float
    high: float
    step: float
    meaning: str
    whole: bool = False

    def text(self, value: float) -> str:
        """The value as it stands in the field."""
        return str(round(value)) if self.whole else f"{round(value, 4):g}"

    def read(self, text: str) -> float | None:
        """The value of a text, None when it is none or out of range."""
        try:
            value = float(text)
        except ValueError:
            return None
        if not (math.isfinite(value) and self.low <= value <= self.high) or (self.whole and value != round(value)):
            return None
        return value


DIALS: tuple[Dial, ...] = (
    Dial("temperature", "temperature", 0.8, 0.05, 5, 0.05, "below 1: safer words; above 1: wilder ones"),
    Dial("top_k", "top-k", 0, 0, 100_000, 5, "draw from the k likeliest words only; 0: from all", whole=True),
    Dial("top_p", "top-p", 0.95, 0.01, 1, 0.05, "draw from the likeliest words that make up this share"),
    Dial("min_p", "min-p", 0.0, 0, 1, 0.01, "drop words less likely than this share of the likeliest"),
    Dial("repetition_penalty", "repetition", 1.0, 1, 5, 0.05, "above 1: words already said become less likely"),
    Dial("words", "words ≤", 100, 1, 5000, 10, "an answer ends after so many words at the latest", whole=True),
    Dial("seed", "seed", 7, 0, 2**53, 1, "the same seed draws the same words", whole=True),
    Dial("speed", "words/s", 20, 0, 1000, 5, "typing speed; 0: at once", whole=True),
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
        self.tooltip = f"{dial.meaning}; ↑ ↓ move it"

    def action_move(self, direction: int) -> None:
        """One step up or down, within the range."""
        dial = self.dial
        now = dial.read(self.value)
        value = dial.default if now is None else now + direction * dial.step
        self.value = dial.text(min(dial.high, max(dial.low, value)))


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
            self.values[dial.key] = dial.default if stored is None else stored
        self.greedy = typed.get("greedy") == "yes"

    def compose(self) -> ComposeResult:
        """A line for each dial."""
        for dial in DIALS:
            with Horizontal(classes="dial"):
                yield Static(dial.label, markup=False)
                yield DialField(dial, dial.text(self.values[dial.key]))
        with Horizontal(classes="dial"):
            yield Static("greedy", markup=False)
            yield GreedySwitch(on=self.greedy)

    def sampling(self) -> Sampling:
        """The values in force as the engine wants them; loads torch unless it is there."""
        from ...core.speaking.sampling import Sampling

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
