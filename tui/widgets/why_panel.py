"""Why a word came: the hidden units it turned most, with their course over the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from ...data.cleaning import one_line
from ...data.findings import counted
from ..display import MUTED, plain_line
from ..talk.rare_words import with_rare_marked
from ..talk.reasons import Reasons, Reminded, UnitLine

if TYPE_CHECKING:
    from ...core.speaking.reminders import Reminder

NAME_WIDTH = 8
CHANGE_WIDTH = 6
LEAST_FOR_BOTH = 5
"""Rows below which only units are shown."""
LEAST_UNITS = 3
"""Units that matter more than the mark over the bars of the word looked at."""
BEFORE_BARS = NAME_WIDTH + 1 + CHANGE_WIDTH + 2


def around(reminder: Reminder, width: int) -> Content:
    """The words around a place of a training text in ``width`` cells, the one read last in bold."""
    word = plain_line(with_rare_marked(reminder.word.strip()))
    after = plain_line(with_rare_marked(reminder.after))
    room = max(0, width - word.cell_length - 2)
    left = one_line(with_rare_marked(reminder.before))
    left = left[-max(0, room - min(after.cell_length, room // 3)) :] if room else ""
    line = Content.assemble((left.lstrip() + " " if left else "", MUTED), word.stylize("bold underline"), " ", after)
    return line.truncate(width, ellipsis=True)


class WhyPanel(Static):
    """A line for each unit: its name, how far it went, and its bars at the words around."""

    BORDER_TITLE = "why: units it turned"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """Nothing is looked at yet."""
        super().__init__("", markup=False, id=id)
        self.reasons: Reasons | None = None
        self.reminded: Reminded | None = None

    def show(self, reasons: Reasons | None) -> None:
        """Show what a word did; None: there is no word to look at."""
        self.reasons, self.reminded = reasons, None
        self._redraw()

    def remind(self, reasons: Reasons, reminded: Reminded) -> None:
        """Show what the place reminds the network of, below the units of the same word."""
        if reasons is self.reasons:
            self.reminded = reminded
            self._redraw()

    def on_resize(self) -> None:
        """More room shows more words."""
        self._redraw()

    def _redraw(self) -> None:
        if self.reasons is None or self.reasons.problem:
            problem = "Walk to a word: tab, then ← →." if self.reasons is None else self.reasons.problem
            self.update(Content.styled(problem, MUTED))
            return
        height = max(1, self.content_size.height)
        below = self._reminders(height // 2) if height >= LEAST_FOR_BOTH else []
        above = [self._pointer(self.reasons)] if height - len(below) > LEAST_UNITS and self.reasons.lines else []
        units = self.reasons.lines[: height - len(above) - len(below)]
        lines = above + [self._line(line, self.reasons.word) for line in units]
        self.update(Content("\n").join([*lines, *below]))

    def _reminders(self, height: int) -> list[Content]:
        left_out = 0 if self.reminded is None else self.reminded.left_out
        heading = Content.assemble(
            ("reminds it of", "$text-primary"), (f" · {counted(left_out, 'word')} left out" if left_out else "", MUTED)
        )
        if self.reminded is None:
            return [heading, Content.styled("reading the texts…", MUTED)]
        if self.reminded.problem:
            return [heading, *Content.styled(self.reminded.problem, MUTED).wrap(max(1, self.content_size.width))]
        width = max(8, self.content_size.width - len("100 "))
        lines = [
            Content.assemble((f"{reminder.similarity * 100:3.0f} ", MUTED), around(reminder, width))
            for reminder in self.reminded.reminders[: height - 1]
        ]
        return [heading, *lines]

    def _window(self, line: UnitLine, word: int) -> tuple[int, int]:
        """The first word that has a bar, and how many have room."""
        room = max(3, self.content_size.width - BEFORE_BARS)
        return min(max(0, word - room // 2), max(0, len(line.values) - room)), room

    def _pointer(self, reasons: Reasons) -> Content:
        """A mark over the bars of the word looked at, for colour alone would not do."""
        first, _ = self._window(reasons.lines[0], reasons.word)
        label = f"{'this word':<{BEFORE_BARS}}"
        return Content.assemble((label, MUTED), " " * (reasons.word - first), ("▾", "bold $accent"))

    def _line(self, line: UnitLine, word: int) -> Content:
        first, room = self._window(line, word)
        bars, at = line.levels(first, first + room), word - first
        change = line.change.change
        return Content.assemble(
            (f"{line.name:<{NAME_WIDTH}}", MUTED),
            ("▲" if change > 0 else "▼", "$text-success" if change > 0 else "$text-warning"),
            f"{change:+{CHANGE_WIDTH}.2f}  ",
            (bars[:at], "$primary"), (bars[at : at + 1], "bold $accent"), (bars[at + 1 :], "$primary"),
        )  # fmt: skip
