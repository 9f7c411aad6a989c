"""A line for a word of one's own, to go on with at some place of a talk."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from ..bindings import key
from ..widgets.foreign_input import ForeignInput


class OwnWordScreen(ModalScreen["str | None"]):
    """Asks for a word or several; its result is what was typed, None to leave all as it is."""

    CSS_PATH = "own_word.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [key("own-word.leave", "escape", "dismiss", "close", "Leave it as it is")]

    def __init__(self, instead_of: str) -> None:
        """``instead_of``: the word that stands there now, empty after the last one."""
        super().__init__()
        self._instead_of = instead_of

    def compose(self) -> ComposeResult:
        """One line."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = f"instead of {self._instead_of}" if self._instead_of else "go on with"
            dialog.border_subtitle = "enter goes on from it · esc leaves it"
            yield ForeignInput(id="own", compact=True, placeholder="a word of your own")

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)
