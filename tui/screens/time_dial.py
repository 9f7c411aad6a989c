"""The dial of the dialog for a new run: a line for how long all of it may take, beside the times to step through."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from ..widgets.field_line import FieldLine
from .new_run_fields import NO_LIMIT, TIME, TIMES, USUAL_TIME

_WORDS = {"30s": "½ min", "2m": "2 min", "10m": "10 min", "1h": "1 h", NO_LIMIT: "no limit"}


class _TimeLine(FieldLine):
    """A line whose neighbours are those of the time that it stands for while it is empty."""

    def step(self, direction: int) -> bool:
        """Take the next value after the one that holds."""
        if not self.value and self.placeholder in self.values:
            place = (self.values.index(self.placeholder) + direction) % len(self.values)
            self.value = self.values[place]
            self.cursor_position = len(self.value)
            return True
        return super().step(direction)


class TimeDial(Horizontal):
    """A line to type into, and the times that up and down go through, the one that holds among them."""

    DEFAULT_CSS = """
    TimeDial {
        height: 1;
        .label { width: 17; color: $text-muted; }
        .label.-current { color: $text-accent; text-style: bold; }
        FieldLine { width: 12; }
        #dial { width: 1fr; height: 1; margin: 0 0 0 1; color: $text-muted; }
    }
    """

    def __init__(self, value: str) -> None:
        """A dial that stands at ``value``."""
        super().__init__()
        self._value = value

    def compose(self) -> ComposeResult:
        """Label, line and dial."""
        yield Static("time", markup=False, classes="label")
        yield _TimeLine(self._value, USUAL_TIME, values=(*TIMES, NO_LIMIT), id=TIME)
        yield Static("", markup=False, id="dial")

    def show(self, time: str) -> None:
        """Show the time that holds, which an empty line stands for."""
        self.query_one(FieldLine).placeholder = time
        parts = [
            Content.styled(f"▸{words}◂" if name == time else f" {words} ", "bold $text-accent" if name == time else "")
            for name, words in _WORDS.items()
        ]
        self.query_one("#dial", Static).update(Content("↕ ") + Content("").join(parts))
