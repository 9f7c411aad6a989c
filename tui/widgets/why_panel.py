"""Why a word came: the hidden units it turned most, with their course over the answer."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from ..display import MUTED
from ..talk.reasons import Reasons, UnitLine

NAME_WIDTH = 8
CHANGE_WIDTH = 6


class WhyPanel(Static):
    """A line for each unit: its name, how far it went, and its bars at the words around."""

    BORDER_TITLE = "why: units it turned"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """Nothing is looked at yet."""
        super().__init__("", markup=False, id=id)
        self.reasons: Reasons | None = None

    def show(self, reasons: Reasons | None) -> None:
        """Show what a word did; None: there is no word to look at."""
        self.reasons = reasons
        self._redraw()

    def on_resize(self) -> None:
        """More room shows more words."""
        self._redraw()

    def _redraw(self) -> None:
        if self.reasons is None or self.reasons.problem:
            problem = "Walk to a word: tab, then ← →." if self.reasons is None else self.reasons.problem
            self.update(Content.styled(problem, MUTED))
            return
        lines = [self._line(line, self.reasons.word) for line in self.reasons.lines[: max(1, self.content_size.height)]]
        self.update(Content("\n").join(lines))

    def _line(self, line: UnitLine, word: int) -> Content:
        room = max(3, self.content_size.width - NAME_WIDTH - CHANGE_WIDTH - 3)
        first = min(max(0, word - room // 2), max(0, len(line.values) - room))
        bars, at = line.levels(first, first + room), word - first
        change = line.change.change
        return Content.assemble(
            (f"{line.name:<{NAME_WIDTH}}", MUTED),
            ("▲" if change > 0 else "▼", "$text-success" if change > 0 else "$text-warning"),
            f"{change:+{CHANGE_WIDTH}.2f}  ",
            (bars[:at], "$primary"), (bars[at : at + 1], "bold $accent"), (bars[at + 1 :], "$primary"),
        )  # fmt: skip
