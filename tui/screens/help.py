"""The help: what each key does, screen by screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from ..bindings import entries

READING = (
    ("★", "the epoch with the lowest validation loss: its weights are kept"),
    ("n-gram", "a counting model on the same texts; ×0.90: ours has 10 % less perplexity"),
    ("copied 7/9", "7 words in a row stand like that in the training texts; ⚠ nearly all of it"),
    ("words", "bold = it was sure, italic = a guess; colours say the same"),
)
"""How figures and marks are to be read."""


_KEY_WIDTH = 16


class Meanings(Widget):
    """Keys or marks with what they mean, in two columns: one widget, for a hundred of them open slowly."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"meanings--key"}
    DEFAULT_CSS = """
    Meanings { height: auto; padding: 0 0 0 2; }
    Meanings > .meanings--key { color: $text-accent; text-style: bold; }
    """

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        """Show ``rows`` of a key and its meaning."""
        super().__init__()
        self._rows = tuple(rows)

    def render(self) -> Table:
        """Two columns; a long meaning is wrapped in its own."""
        table = Table.grid(expand=True)
        table.add_column(width=_KEY_WIDTH, style=self.get_component_rich_style("meanings--key", partial=True))
        table.add_column(ratio=1)
        for left, right in self._rows:
            table.add_row(Text(left), Text(right))
        return table


class HelpScreen(ModalScreen[None]):
    """All keys as they are now; any of esc, q, ? and F1 closes it."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,f1,enter", "dismiss", "close")]

    def __init__(self, places: Mapping[str, Sequence[BindingType]], keymap: Mapping[str, str]) -> None:
        """The keys of all ``places``, by their headings, as ``keymap`` has them."""
        super().__init__()
        self._places = places
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        """A scrollable list."""
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = "Keys"
            dialog.border_subtitle = "esc closes · ↑ ↓ scroll · jokegen-tui keys sets them"
            for title, bindings in self._places.items():
                yield Static(title, markup=False, classes="heading")
                yield Meanings(("  ".join(entry.keys), entry.meaning) for entry in entries(bindings, self._keymap))
            yield Static("Reading the screen", markup=False, classes="heading")
            yield Meanings(READING)

    def on_mount(self) -> None:
        """The list has the focus, so that arrows scroll."""
        self.query_one(VerticalScroll).focus()
