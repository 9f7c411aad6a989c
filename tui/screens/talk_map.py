"""The map of a talk: every branch as a line, to go to."""

from __future__ import annotations

from collections.abc import Set
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from ...core.keeping.tree import Talk
from ..bindings import key
from ..display import MUTED, plain_line
from ..talk.outline import Entry, outline
from ..widgets.foreign_input import ForeignInput

LEAST_TEXT = 16
"""Cells of its words that a line shows in any case."""
DEEPEST = 12
"""Steps of indentation; deeper branches stand no further to the right."""


class TalkMap(ModalScreen["int | None"]):
    """The outline of a talk; its result is the stretch to go to, None to stay."""

    CSS_PATH = "talk_map.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("map.find", "slash", "find", "find", "Search the map", display="/"),
        key("map.down", "j", "step(1)", "step", "Down and up, as the arrows", shown=False),
        key("map.up", "k", "step(-1)", "step", "Up", shown=False),
        key("map.leave", "escape", "leave", "close", "Close the map"),
    ]

    def __init__(self, talk: Talk, kept: Set[str] = frozenset()) -> None:
        """The map of ``talk``; ``kept`` has the texts that are marked, as ``fold`` gives them."""
        super().__init__()
        self.talk, self.kept = talk, kept

    def compose(self) -> ComposeResult:
        """A list, and a line to search in it."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "map of the talk"
            dialog.border_subtitle = "enter go there · / find · esc close"
            yield ForeignInput(id="wanted", compact=True, placeholder="words to find")
            yield OptionList(id="entries", markup=False)

    def on_mount(self) -> None:
        """Begin where one stands."""
        self.query_one("#wanted").display = False
        self.query_one(OptionList).focus()

    def on_resize(self) -> None:
        """Lines are as long as there is room."""
        self.call_after_refresh(self._fill, self.query_one("#wanted", ForeignInput).value.strip())

    def _fill(self, wanted: str) -> None:
        entries = outline(self.talk, wanted, self.kept)
        options = self.query_one(OptionList)
        options.clear_options()
        width = options.scrollable_content_region.width - options.scrollbar_size_vertical - 2
        options.add_options([Option(line_of(entry, width), id=str(entry.number)) for entry in entries])
        here = next((index for index, entry in enumerate(entries) if entry.here), 0)
        options.highlighted = here if entries else None

    @on(Input.Changed, "#wanted")
    def _search(self, event: Input.Changed) -> None:
        self._fill(event.value.strip())

    @on(Input.Submitted, "#wanted")
    def _found(self) -> None:
        self.query_one(OptionList).focus()

    @on(OptionList.OptionSelected)
    def _go(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(int(event.option.id or 0))

    def action_find(self) -> None:
        """Search among the words."""
        wanted = self.query_one("#wanted", ForeignInput)
        wanted.display = True
        wanted.focus()

    def action_step(self, step: int) -> None:
        """Another line."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if step > 0 else options.action_cursor_up)()

    def action_leave(self) -> None:
        """Close the search, then the map."""
        wanted = self.query_one("#wanted", ForeignInput)
        if wanted.display:
            wanted.display = False
            wanted.value = ""
            self.query_one(OptionList).focus()
        else:
            self.dismiss(None)


def line_of(entry: Entry, width: int) -> Content:
    """One line of the map, in ``width`` cells: the words give way to what is said about them."""
    mark = "●" if entry.here else "│" if entry.on_path else " "
    indent = "  " * min(entry.depth, DEEPEST)
    words = f"{entry.words} word{'' if entry.words == 1 else 's'}"
    branches = f" · {entry.branches} branches" if entry.branches > 1 else ""
    start = Content.assemble((f"{mark} ", "bold $text-accent"), indent, "★ " * entry.kept)
    about = Content.styled(f"  {words}{branches} · {entry.who}", MUTED)
    text = plain_line(entry.text, "bold" if entry.on_path else "")
    room = width - start.cell_length - about.cell_length
    if text.cell_length > room:
        text = text.truncate(max(LEAST_TEXT, room), ellipsis=True)
    return Content.assemble(start, text, about)
