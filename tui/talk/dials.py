"""What can be set about the next answer, as dials: values in force, steps, ranges, presets. No widget."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any

from annotated_types import Ge, Le

from ...core.described import Choice, Described, choices_of
from ...core.speaking.choices import Sampling, Selection, TextChoices, TextEnd

ON, OFF = "yes", "no"
BALANCED, CHANGED = "balanced", "changed"
PRESETS: Mapping[str, Sampling] = {
    "careful": Sampling(temperature=0.6, top_p=0.9, min_p=0.05),
    BALANCED: Sampling(),
    "wild": Sampling(temperature=1.2, top_p=1.0, min_p=0.02),
}
"""Ways of drawing that have a name."""


@dataclass(frozen=True)
class Typing:
    """How an answer appears."""

    speed: Annotated[int, Ge(0), Le(1000), Described("Typing speed; 0: at once.", "words/s", step=5)] = 20


@dataclass(frozen=True)
class Dial:
    """One choice and how it is set by keys, wheel and typing."""

    choice: Choice

    @property
    def key(self) -> str:
        """Its name among the values."""
        return self.choice.name

    @property
    def is_switch(self) -> bool:
        """Whether it is on or off."""
        return self.choice.kind is bool

    @property
    def is_text(self) -> bool:
        """Whether it takes any text."""
        return self.choice.kind is str and not self.choice.allowed

    @property
    def letters(self) -> str:
        """The characters that may be typed into it; empty where any may."""
        return "" if self.choice.kind is str else "0123456789" if self.choice.kind is int else "0123456789."

    def shown(self, value: Any) -> str:
        """The value as it is stored and typed."""
        if self.is_switch:
            return ON if value else OFF
        if self.choice.kind is float:
            return f"{round(value, 4):g}"
        return "" if value is None else str(value)

    def read(self, text: str) -> Any:
        """The value of a text, None when it is none or out of range."""
        if self.is_switch:
            return {ON: True, OFF: False}.get(text)
        if self.choice.kind is str:
            return text if not self.choice.allowed or text in self.choice.allowed else None
        try:
            value = float(text)
        except ValueError:
            return None
        if not math.isfinite(value) or not self.choice.fits(value):
            return None
        return round(value) if self.choice.kind is int else value

    def complaint(self, text: str) -> str:
        """One sentence about a text that is no value."""
        limits = self.choice.limits or "a number"
        whole = "a whole number " if self.choice.kind is int else ""
        return f"{self.choice.label} must be {whole}{limits}, not {text or 'nothing'}."

    def moved(self, value: Any, steps: int) -> Any:
        """The value some steps up or down, within the limits."""
        if self.is_switch:
            return not value
        if self.choice.kind is str:
            return value
        choice = self.choice
        moved = (value or 0) + steps * choice.described.step
        # An open end itself is not allowed: the smallest step inside it is.
        least = choice.least + (choice.described.step if choice.open_below else 0)
        most = choice.most - (choice.described.step if choice.open_above else 0)
        bounded = round(min(most, max(least, moved)), 10)
        return round(bounded) if choice.kind is int else bounded


_SET = (Sampling, TextChoices, TextEnd, Selection, Typing)
DIALS: tuple[Dial, ...] = tuple(Dial(choice) for described in _SET for choice in choices_of(described))


class Dials:
    """All dials and the values in force."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        """Start with stored texts; those that make no sense fall back to the defaults."""
        self.values: dict[str, Any] = {}
        for dial in DIALS:
            stored = dial.read(typed[dial.key]) if dial.key in typed else None
            self.values[dial.key] = dial.choice.default if stored is None else stored

    def changed(self, dial: Dial) -> bool:
        """Whether a dial stands elsewhere than at its default."""
        return self.values[dial.key] != dial.choice.default

    def reset(self, *dials: Dial) -> None:
        """Put dials back to their defaults."""
        for dial in dials:
            self.values[dial.key] = dial.choice.default

    @property
    def preset(self) -> str:
        """The name of the way of drawing in force."""
        drawing = replace(self.sampling(), only_new=0)  # what may be copied is no way of drawing
        return next((name for name, sampling in PRESETS.items() if sampling == drawing), CHANGED)

    def next_preset(self) -> str:
        """Take the next way of drawing that has a name, and return the name."""
        names = list(PRESETS)
        place = names.index(self.preset) + 1 if self.preset in names else 0
        name = names[place % len(names)]
        self.values |= asdict(replace(PRESETS[name], only_new=self.values["only_new"]))
        return name

    def sampling(self) -> Sampling:
        """How words are drawn, as the engine wants it."""
        return Sampling(**{choice.name: self.values[choice.name] for choice in choices_of(Sampling)})

    def text_choices(self) -> TextChoices:
        """How long a text gets and which draw it is, as the engine wants it."""
        return TextChoices(**{choice.name: self.values[choice.name] for choice in choices_of(TextChoices)})

    def text_end(self) -> TextEnd:
        """When a text may end, as the engine wants it."""
        return TextEnd(**{choice.name: self.values[choice.name] for choice in choices_of(TextEnd)})

    def selection(self) -> Selection:
        """Which of many texts is taken, as the engine wants it."""
        return Selection(**{choice.name: self.values[choice.name] for choice in choices_of(Selection)})

    def typed(self) -> dict[str, str]:
        """The values in force as texts, for the preferences."""
        return {dial.key: dial.shown(self.values[dial.key]) for dial in DIALS}
