"""How texts are read, while one still chooses: format, columns, the first texts as they will be learned, notices."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from ...data.cleaning import one_line, printable
from ..display import MUTED, plain_line

if TYPE_CHECKING:
    from ...data.interpretation import Reading

_ROOMY = 13
"""Rows from which a text is shown on several lines."""
_LINES = 5
_LONGEST = 1000
_MOST_COLUMNS = 40


class Preview(VerticalScroll):
    """Shows a reading; empty before there is one."""

    DEFAULT_CSS = """
    Preview {
        height: 1fr;
        border-top: solid $primary 40%;
        border-title-color: $text-primary;
        border-subtitle-color: $text-muted;
        scrollbar-size-vertical: 1;
        Static { width: 1fr; height: auto; }
        .lines { text-wrap: nowrap; text-overflow: ellipsis; }
        &.-roomy .lines { text-wrap: wrap; }
        .notices { color: $text-warning; }
        &.-stale Static { opacity: 50%; }
    }
    """

    def __init__(self) -> None:
        """Nothing is read yet."""
        super().__init__(id="reading", can_focus=False)
        self.border_title = "as read"
        self._reading: Reading | None = None
        self._notices: Sequence[str] = ()
        # Held and not looked up: a reading may end while the dialog is closed.
        self._lines = Static("", markup=False, classes="lines")
        self._said = Static("", markup=False, classes="notices")
        self._rest = Static("", markup=False, classes="lines")

    def compose(self) -> ComposeResult:
        """How it is read with the first texts, and what was guessed; where room is short, other texts come last."""
        yield self._lines
        yield self._said
        yield self._rest

    def show(self, reading: Reading | None, notices: Sequence[str] = ()) -> None:
        """Show a reading and what is to be said about it; None: there is none."""
        self.remove_class("-stale")
        if (reading, notices) != (self._reading, self._notices):
            self._reading, self._notices = reading, notices
            self.scroll_home(animate=False)
            self._redraw()

    def on_resize(self, _: Resize) -> None:
        """More room shows more of each text."""
        self._redraw()

    def _redraw(self) -> None:
        roomy = self.size.height >= _ROOMY
        self.set_class(roomy, "-roomy")
        lines = [] if self._reading is None else described(self._reading)
        examples = () if self._reading is None else self._reading.examples
        first = len(examples) if roomy or not self._notices else 1
        numbered = [_example(number, text, roomy=roomy) for number, text in enumerate(examples, 1)]
        shown = (
            (self._lines, [*lines, *chain(*numbered[:first])]),
            (self._said, [plain_line(f"! {sentence}") for sentence in self._notices]),
            (self._rest, [*chain(*numbered[first:])]),
        )
        for part, content in shown:
            part.display = bool(content)
            part.update(Content("\n").join(content))


def described(reading: Reading) -> list[Content]:
    """How texts are read: the format, and the columns of a table."""
    lines = [Content.assemble(plain_line(reading.line, "bold"))]
    if len(reading.columns) > 1:
        shown = [
            Content.assemble(
                ("✓ " if column.taken else "", "$text-success"),
                plain_line(column.name[:30] or "(no name)", "$text-success" if column.taken else ""),
                (f" {column.holds}", MUTED),
            )
            for column in reading.columns[:_MOST_COLUMNS]
        ]
        lines.append(Content(" · ").join(shown))
    return lines


def _example(number: int, text: str, *, roomy: bool) -> list[Content]:
    parts = printable(text[:_LONGEST]).split("\n")
    if not roomy:
        parts = [" ⏎ ".join(part.strip() for part in parts if part.strip())]
    elif len(parts) > _LINES:
        parts = [*parts[: _LINES - 1], "…"]
    mark = f"{number} "
    return [
        Content.assemble(
            (mark if place == 0 else " " * len(mark), MUTED), plain_line(part) if not roomy else _kept(part)
        )
        for place, part in enumerate(parts)
    ]


def _kept(line: str) -> Content:
    """A line with its indentation."""
    indentation = line[: len(line) - len(line.lstrip(" "))]
    return Content.assemble(indentation, plain_line(one_line(line)))
