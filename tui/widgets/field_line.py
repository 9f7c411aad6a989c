"""A setting as a line to type into: what holds without a value stands in grey, up and down go through its values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from ..bindings import key
from .foreign_input import ForeignInput


class FieldLine(ForeignInput):
    """An input with a list of values; an empty line stands for what is shown in grey."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("field.previous", "up", "step(-1)", "values", "The values of a field, one after the other", shown=False),
        key("field.next", "down", "step(1)", "values", "The next value", shown=False),
    ]

    def __init__(
        self,
        value: str,
        shown: str,
        *,
        values: Sequence[str] = (),
        restrict: str | None = None,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """A line that holds ``value``, else stands for ``shown``."""
        super().__init__(
            value, shown, id=id, compact=True, restrict=restrict, max_length=500, select_on_focus=False
        )  # fmt: skip
        self.values: tuple[str, ...] = tuple(values)

    def step(self, direction: int) -> bool:
        """Take the next value, the empty one among them but not what that stands for; False where there are none."""
        if not self.values:
            return False
        shown = set(self.placeholder.split(": ")) if not self.value else set[str]()
        around = ("", *(value for value in self.values if value not in shown))
        place = around.index(self.value) if self.value in around else 0
        self.value = around[(place + direction) % len(around)]
        self.cursor_position = len(self.value)
        return True

    def action_step(self, direction: int) -> None:
        """Take the next value."""
        self.step(direction)


class Field(Horizontal):
    """A label, a line, and a mark where there are values to go through."""

    DEFAULT_CSS = """
    Field {
        height: 1;
        .label { width: 17; color: $text-muted; }
        .mark { width: 2; color: $foreground 40%; }
        FieldLine { width: 1fr; }
    }
    """

    def __init__(self, label: str, line: FieldLine) -> None:
        """A field around ``line``."""
        super().__init__()
        self.label, self.line = label, line

    def compose(self) -> ComposeResult:
        """Side by side."""
        yield Static(self.label, markup=False, classes="label")
        yield self.line
        yield Static(" ↕" if self.line.values else "", markup=False, classes="mark")

    def offer(self, values: Sequence[str]) -> None:
        """Set the values to go through."""
        self.line.values = tuple(values)
        self.query_one(".mark", Static).update(" ↕" if values else "")
