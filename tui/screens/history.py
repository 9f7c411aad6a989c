"""Earlier prompts as a list, to search and to take up again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from ..bindings import key
from ..display import plain_line
from ..widgets.foreign_input import ForeignInput


class HistoryScreen(ModalScreen["str | None"]):
    """The prompts, the latest first; its result is the one to type again, None to leave the line as it is."""

    CSS_PATH = "history.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("history.up", "up", "step(-1)", "choose", "Choose a prompt while one types"),
        key("history.down", "down", "step(1)", "choose", "The prompt below", shown=False),
        key("history.leave", "escape", "dismiss", "close", "Leave the line as it is"),
    ]

    def __init__(self, prompts: Sequence[str]) -> None:
        """``prompts``: the latest last."""
        super().__init__()
        self._prompts = tuple(reversed(prompts))
        self._found: list[str] = []

    def compose(self) -> ComposeResult:
        """A line to search with, over the list."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "earlier prompts"
            dialog.border_subtitle = "type to find · ↑ ↓ · enter takes it · esc closes"
            yield ForeignInput(id="wanted", compact=True, placeholder="words to find")
            yield OptionList(id="prompts", markup=False)

    def on_mount(self) -> None:
        """All of them at first."""
        self._fill("")
        self.query_one("#wanted").focus()

    def _fill(self, wanted: str) -> None:
        self._found = [prompt for prompt in self._prompts if wanted.casefold() in prompt.casefold()]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(plain_line(prompt)) for prompt in self._found])
        options.highlighted = 0 if self._found else None

    @on(Input.Changed, "#wanted")
    def _search(self, event: Input.Changed) -> None:
        self._fill(event.value.strip())

    @on(Input.Submitted, "#wanted")
    def _take_highlighted(self) -> None:
        self._take(self.query_one(OptionList).highlighted)

    @on(OptionList.OptionSelected)
    def _take_selected(self, event: OptionList.OptionSelected) -> None:
        self._take(event.option_index)

    def _take(self, index: int | None) -> None:
        if index is not None:
            self.dismiss(self._found[index])

    def action_step(self, step: int) -> None:
        """Another prompt."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if step > 0 else options.action_cursor_up)()
