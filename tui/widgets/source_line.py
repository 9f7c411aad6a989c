"""The line for a source: names and paths are completed in grey, and a list below it shows what there is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.suggester import Suggester
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from ..bindings import key
from ..candidates import candidates, split_path
from ..display import plain_line
from .foreign_input import ForeignInput

DEBOUNCE_SECONDS = 0.08


class _Ghost(Suggester):
    """The first candidate in grey, after a short pause in the typing."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._latest = ""

    async def get_suggestion(self, value: str) -> str | None:
        self._latest = value
        await asyncio.sleep(DEBOUNCE_SECONDS)
        if self._latest != value:
            return None
        found = await asyncio.to_thread(candidates, value)
        return found[0] if found else None


class PathInput(ForeignInput):
    """The line itself; its keys go to the list while that is open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("source.previous", "up", "candidate(-1)", "candidates", "The candidates for a path", shown=False),
        key("source.next", "down", "candidate(1)", "candidates", "The next candidate", shown=False),
        key("source.take", "enter", "take", "take", "Take the candidate pointed at, else start", shown=False),
        key("source.close", "escape", "close", "close", "Close the list of candidates", shown=False),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Escape closes the list where it is open and is the dialog's else."""
        return self._owner.is_open if action == "close" else True

    @property
    def _owner(self) -> SourceLine:
        return self.query_ancestor(SourceLine)

    def action_candidate(self, direction: int) -> None:
        """Point at another candidate."""
        self._owner.point(direction)

    def action_close(self) -> None:
        """Shut the list."""
        self._owner.close()

    async def action_take(self) -> None:
        """Take the candidate pointed at, else submit the line."""
        if not self._owner.take():
            await self.action_submit()


class SourceLine(Vertical):
    """Holds the input ``#source`` and the list of candidates, which lies over what is below."""

    DEFAULT_CSS = """
    SourceLine {
        width: 1fr;
        height: 1;
        OptionList {
            display: none;
            overlay: screen;
            constrain: none inside;
            width: 100%;
            height: auto;
            max-height: 9;
            border: none;
            border-left: outer $primary;
            padding: 0;
            background: $panel;
            scrollbar-size-vertical: 1;
        }
        &.-open OptionList { display: block; }
    }
    """

    def __init__(self, value: str) -> None:
        """A line that holds ``value``."""
        super().__init__()
        # Held and not looked up: candidates may be found while the dialog is being closed, its widgets one by one.
        self.line = PathInput(
            value, id="source", compact=True, suggester=_Ghost(), select_on_focus=False,
            placeholder="starter, or the path of a file or folder with texts",
        )  # fmt: skip
        self.list = OptionList(compact=True)
        self.list.can_focus = False
        self._found: Sequence[str] = ()
        self._shown_for = value
        """What the line held when the list was last made or shut."""

    def compose(self) -> ComposeResult:
        """The line, and the list over what is below."""
        yield self.line
        yield self.list

    @property
    def is_open(self) -> bool:
        """Whether the list is on show."""
        return self.has_class("-open")

    @on(Input.Changed, "#source")
    def _look(self) -> None:
        if self.line.has_focus and self.line.value != self._shown_for:
            self._offer(self.line.value)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(event.option_index)

    def on_descendant_blur(self) -> None:
        """The list belongs to the line."""
        self.close()

    @work(exclusive=True, group="candidates")
    async def _offer(self, typed: str, *, point: bool = False) -> None:
        await asyncio.sleep(DEBOUNCE_SECONDS)
        found = await asyncio.to_thread(candidates, typed)
        if not self.is_attached or self.line.value != typed:
            return
        self._found, self._shown_for = found, typed
        self.list.clear_options()
        self.list.add_options([Option(shown_candidate(candidate)) for candidate in found])
        self.list.highlighted = 0 if point and found else None
        self.set_class(bool(found), "-open")

    def point(self, direction: int) -> None:
        """Point at another candidate; opens the list first."""
        if not self.is_open:
            self._offer(self.line.value, point=True)
        elif self.list.highlighted is None:
            self.list.highlighted = 0 if direction > 0 else len(self._found) - 1
        else:
            self.list.highlighted = (self.list.highlighted + direction) % len(self._found)

    def take(self) -> bool:
        """Take the candidate pointed at; False where there is none."""
        if not self.is_open or self.list.highlighted is None:
            return False
        self._take(self.list.highlighted)
        return True

    def _take(self, place: int) -> None:
        chosen = self._found[place]
        is_folder = not split_path(chosen)[1]
        self.close()
        if not is_folder:
            self._shown_for = chosen
        self.line.value = chosen
        self.line.cursor_position = len(chosen)

    def close(self) -> None:
        """Shut the list."""
        self.remove_class("-open")
        self.list.highlighted = None
        self._shown_for = self.line.value


def shown_candidate(candidate: str) -> Content:
    """The last part of a path, for the list: the folder is in the line already."""
    folder, name = split_path(candidate.rstrip("/\\"))
    return plain_line(candidate[len(folder) :] if name else candidate)
