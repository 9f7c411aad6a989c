"""The bordered line for prompts, with the worker that looks ahead while one types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from ...core.errors import PLAIN_ERRORS
from ..handing_over import hand_over
from ..talk.positions import Positions, Trail
from ..talk.typed_line import LINE_BREAK, Outlook, complete_line, look_ahead
from .prompt_line import PromptLine

if TYPE_CHECKING:
    from ...core.speaking.choices import Sampling
    from ...core.speaking.generation import Generator

PREVIEW_AFTER = 0.2
"""Seconds without typing before the next words are computed."""


@dataclass(frozen=True, eq=False)
class Standing:
    """What the line is typed into: a model, where its talk stands and how words are drawn."""

    generator: Generator
    positions: Positions
    trail: Trail
    """What the line goes on from."""
    sampling: Sampling
    waits: bool = False
    """Whether an answer must not end before its first word."""


class PromptEntry(Horizontal):
    """Holds the ``PromptLine``; ``standing`` is asked for the model whenever one is needed, None without one."""

    DEFAULT_CSS = """
    PromptEntry {
        height: 3;
        padding: 0 1;
        border: round $primary 60%;
        &:focus-within { border: round $primary; }
        .mark { width: 2; color: $text-accent; text-style: bold; }
        PromptLine { width: 1fr; background: transparent; }
        PromptLine:focus { background: transparent; background-tint: transparent 0%; }
    }
    """

    @dataclass
    class LookedAhead(Message):
        """The words that may follow the line are known."""

        outlook: Outlook

    @dataclass
    class EvenedOut(Message):
        """The line breaks of what was pasted were made blanks."""

    def __init__(self, standing: Callable[[], Standing | None]) -> None:
        """An empty line."""
        super().__init__(id="entry")
        self.line = PromptLine(self._complete, id="line")
        self._standing = standing
        self._timer: Timer | None = None
        self._latest: Standing | None = None

    def compose(self) -> ComposeResult:
        """A mark and the line."""
        yield Static("›", markup=False, classes="mark")
        yield self.line

    def _complete(self, typed: str) -> str | None:
        """Runs in a thread: the line with its last word completed."""
        standing = self._latest
        if standing is None:
            return None
        try:
            return complete_line(standing.generator, typed, standing.positions.after(standing.trail))
        except PLAIN_ERRORS:
            return None

    @on(PromptLine.Pasted)
    def _fit_lines(self) -> None:
        standing = self._standing()
        if standing is not None and not standing.generator.knows_line_breaks:
            self.line.value = self.line.value.replace(LINE_BREAK, " ")
            self.post_message(self.EvenedOut())

    @on(Input.Changed, "#line")
    def look_ahead_soon(self) -> None:
        """Compute the next words once the typing rests."""
        # The ghost text asks from a thread, which must not look at widgets.
        self._latest = self._standing()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PREVIEW_AFTER, self._preview)

    def _preview(self) -> None:
        standing = self._standing()
        if standing is not None:
            self._look_ahead(standing, self.line.value)

    @work(thread=True, exclusive=True, group="preview", exit_on_error=False)
    def _look_ahead(self, standing: Standing, typed: str) -> None:
        try:
            start = standing.positions.after(standing.trail)
            outlook = look_ahead(standing.generator, typed, start, standing.sampling, waits=standing.waits)
        except PLAIN_ERRORS:
            return
        hand_over(self, self._show, outlook)

    def _show(self, outlook: Outlook) -> None:
        if self.line.value == outlook.typed:
            self.line.mark_unknown(outlook.typed, outlook.unknown_spans)
            self.post_message(self.LookedAhead(outlook))
