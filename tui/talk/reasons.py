"""What a word did to the network: the hidden units it turned most, and how they stood at the words around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.keeping.tree import Said

if TYPE_CHECKING:
    from ...core.speaking.changes import UnitChange
    from ...core.speaking.generation import Generator
    from ...core.speaking.reminders import Reminder
    from ...core.speaking.spoken import Position

LEVELS = "▁▂▃▄▅▆▇█"
MOST = 12
"""Units that are looked at."""
NOT_A_NETWORK = "A model that counts has no hidden units."
ANOTHERS = "Another model said or read this; its units are not those of the model you talk to now."


@dataclass(frozen=True)
class UnitLine:
    """One hidden unit at the words of a text."""

    change: UnitChange
    values: tuple[float, ...]
    """Its value after each word of the text."""

    @property
    def name(self) -> str:
        """Which part of the state, which layer, which unit."""
        return f"{'hc'[self.change.part]}{self.change.layer + 1}·{self.change.unit}"

    def levels(self, first: int, last: int) -> str:
        """A bar for each word from ``first`` up to ``last``, between the lowest and the highest of the text."""
        low, high = min(self.values), max(self.values)
        scale = (len(LEVELS) - 1) / (high - low) if high > low else 0.0
        return "".join(LEVELS[round((value - low) * scale)] for value in self.values[first:last])


@dataclass(frozen=True)
class Reasons:
    """The units that a word of a text changed most."""

    word: int
    """Which of the text's words."""
    lines: tuple[UnitLine, ...]
    problem: str = ""
    """Why there is nothing to show."""


@dataclass(frozen=True)
class Reminded:
    """The places in the training texts that a place reminds the network of, the nearest first."""

    reminders: tuple[Reminder, ...]
    problem: str = ""
    """Why there is nothing to show."""
    left_out: int = 0
    """Words of the training texts that there was no room for."""


def reasons_for(generator: Generator, before: Position, words: tuple[Said, ...], word: int) -> tuple[Reasons, Position]:
    """Read ``words`` after ``before`` and see what the ``word``-th of them changed; blocks for some milliseconds.

    Returns the position after that word as well.
    """
    from ...core.speaking.changes import hidden_state, largest_changes

    positions = [before]
    for said in words:
        positions.append(generator.after(positions[-1], [said.token]))
    states = [hidden_state(generator.predictor, position.state) for position in positions]
    old, new = states[word], states[word + 1]
    if old is None or new is None:
        return Reasons(word, (), NOT_A_NETWORK), positions[word + 1]
    lines: list[UnitLine] = []
    for change in largest_changes(old, new, MOST):
        at = (change.layer, 0, change.unit)
        values = [float(state[change.part][at]) for state in states[1:] if state is not None]
        lines.append(UnitLine(change, tuple(values)))
    return Reasons(word, tuple(lines)), positions[word + 1]
