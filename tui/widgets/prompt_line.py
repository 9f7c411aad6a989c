"""The line a prompt is typed into: the rest of the word in grey, unknown words underlined, earlier prompts on ↑."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.highlighter import Highlighter
from rich.style import Style
from rich.text import Text
from textual.binding import BindingType
from textual.events import Paste
from textual.message import Message
from textual.suggester import Suggester

from ...data.cleaning import printable
from ..bindings import key
from ..talk.typed_line import LINE_BREAK
from .foreign_input import LONGEST, ForeignInput

DEBOUNCE_SECONDS = 0.1

Complete = Callable[[str], "str | None"]
"""Takes what was typed, returns it with its last word completed; called in a thread."""


class GhostText(Suggester):
    """Asks the model how the word goes on, after a short pause in the typing and off the event loop."""

    def __init__(self, complete: Complete) -> None:
        """Ask ``complete``."""
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete
        self._latest = ""

    async def get_suggestion(self, value: str) -> str | None:
        """The whole value with its last word completed, or None."""
        self._latest = value
        await asyncio.sleep(DEBOUNCE_SECONDS)
        if self._latest != value:
            return None
        return await asyncio.to_thread(self._complete, value)


class UnknownWords(Highlighter):
    """Underlines what the model does not know."""

    def __init__(self, style: Callable[[], Style]) -> None:
        """Nothing is unknown yet; ``style`` is asked for at each drawing, for the theme may change."""
        self._style = style
        self.text = ""
        self.spans: Sequence[tuple[int, int]] = ()

    def mark(self, text: str, spans: Sequence[tuple[int, int]]) -> None:
        """Remember the unknown stretches of ``text``."""
        self.text, self.spans = text, spans

    def highlight(self, text: Text) -> None:
        """Underline the remembered stretches as far as the text is still the same."""
        for start, end in self.spans:
            if text.plain[:end] == self.text[:end]:
                text.stylize(self._style(), start, end)


class PromptLine(ForeignInput):
    """An input with ghost text, unknown words and a history."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"prompt-line--unknown"}
    DEFAULT_CSS = """
    PromptLine > .prompt-line--unknown { color: $text-warning; text-style: underline italic; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        key("line.earlier", "up", "earlier(-1)", "earlier", "Earlier prompts, and back", shown=False),
        key("line.later", "down", "earlier(1)", "earlier", "Later prompts", shown=False),
        # What the screen can do as well: shown while one types, where there is room for it.
        key("line.talk", "tab", "screen.enter_talk", "talk", "Into the talk: walk over its words, choose others"),
        key("prompt.again", "ctrl+r", "screen.again", "again", "Another answer from the same place"),
        key("prompt.back", "ctrl+z", "screen.back", "back", "Back a word, or the prompt; nothing is lost"),
        key("prompt.reset", "ctrl+t", "screen.reset", "reset", "Reset the state: the model forgets the talk"),
        key("prompt.model", "ctrl+o", "screen.choose_model", "model", "Choose the model: in training or any run"),
        key("prompt.save", "ctrl+s", "screen.save", "save", "Save the talk to a text file"),
        key("prompt.new", "ctrl+n", "screen.new_talk", "new", "A new talk", shown=False),
    ]

    @dataclass
    class Remembered(Message):
        """A prompt was sent."""

        prompt: str

    def __init__(self, complete: Complete, *, id: str | None = None) -> None:  # noqa: A002
        """A line whose words ``complete`` can finish."""
        self.unknown = UnknownWords(lambda: self.get_component_rich_style("prompt-line--unknown", partial=True))
        super().__init__(
            id=id,
            compact=True,
            placeholder="Why did the chicken …",
            suggester=GhostText(complete),
            highlighter=self.unknown,
            select_on_focus=False,
        )
        self._history: list[str] = []
        self._place = 0

    @dataclass
    class Pasted(Message):
        """Several lines were pasted, and stand in the line with a mark between them."""

    def _on_paste(self, event: Paste) -> None:
        event.stop()
        event.prevent_default()  # an input would take the first line alone
        lines = printable(event.text[:LONGEST]).strip("\n").split("\n")
        self.replace(LINE_BREAK.join(lines), *self.selection)
        if len(lines) > 1:
            self.post_message(self.Pasted())

    def recall(self, prompts: Sequence[str]) -> None:
        """Have the prompts of earlier launches for the up key."""
        self._history = [self.validate_value(prompt) for prompt in prompts]
        self._place = len(self._history)

    def remember(self, prompt: str) -> None:
        """Keep a prompt for the up key."""
        if prompt and prompt not in self._history[-1:]:
            self._history.append(prompt)
            self.post_message(self.Remembered(prompt))
        self._place = len(self._history)

    def mark_unknown(self, text: str, spans: Sequence[tuple[int, int]]) -> None:
        """Underline the unknown stretches of ``text`` while it stands in the line."""
        self.unknown.mark(text, spans)
        self.refresh()

    def action_earlier(self, direction: int) -> None:
        """Go through earlier prompts."""
        place = min(len(self._history), max(0, self._place + direction))
        if place != self._place:
            self._place = place
            self.value = self._history[place] if place < len(self._history) else ""
            self.cursor_position = len(self.value)
