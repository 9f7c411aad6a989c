"""The help: what each key does, screen by screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from ..bindings import entries

READING = (
    ("★", "the epoch with the lowest validation loss: its weights are kept"),
    ("n-gram", "a counting model on the same texts; ×0.90: ours has 10 % less perplexity"),
    ("copied 7/9", "7 words in a row stand like that in the training texts; ⚠ nearly all of it"),
    ("words", "bold = it was sure, italic = a guess; colours say the same"),
)
"""How figures and marks are to be read."""


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
                for entry in entries(bindings, self._keymap):
                    yield from _row("  ".join(entry.keys), entry.meaning)
            yield Static("Reading the screen", markup=False, classes="heading")
            for mark, meaning in READING:
                yield from _row(mark, meaning)

    def on_mount(self) -> None:
        """The list has the focus, so that arrows scroll."""
        self.query_one(VerticalScroll).focus()


def _row(left: str, right: str) -> ComposeResult:
    with Horizontal(classes="entry"):
        yield Static(left, markup=False, classes="key")
        yield Static(right, markup=False, classes="meaning")
