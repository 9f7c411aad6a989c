"""The words that the model thinks may come at a place, with their probabilities: to look at and to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from ...core.keeping.tree import Said
from ..bindings import key
from ..display import MUTED, half_cell_bar, plain_line
from ..numbers import count, narrow_percent
from ..talk.desk import END

if TYPE_CHECKING:
    from ...core.speaking.rivals import Alternatives
    from ...core.speaking.spoken import Candidate

WORD_WIDTH, FIGURE_WIDTH = 10, 5
LEAST_REST = 0.0005
"""Less than this left over is not worth a row."""
GLUED = "+"
"""Before a word that is written right after the one before it, where the same word with a blank is shown too."""


@dataclass(frozen=True)
class Row:
    """A word that may come next, or the one that did."""

    text: str
    probability: float
    after: float
    """After temperature and filters; 0 where they rule it out."""
    drawn: bool = False
    candidate: Candidate | None = None
    glued: bool = False


def rows_of(candidates: Sequence[Candidate], drawn: Said | None, most: int) -> list[Row]:
    """The likeliest candidates in ``most`` rows at most; the word that was drawn is always among them."""
    text = None if drawn is None else END if drawn.is_end else drawn.text
    shown = candidates[: max(1, most)]
    parted = {candidate.text.lstrip() for candidate in shown if candidate.text[:1].isspace()}
    rows = [
        Row(
            candidate.text,
            candidate.probability,
            candidate.drawn,
            candidate.text == text,
            candidate,
            glued=candidate.text in parted and bool(candidate.text),
        )
        for candidate in shown
    ]
    if drawn is not None and text is not None and rows and not any(row.drawn for row in rows):
        rows[max(1, most - 1) :] = [Row(text, drawn.probability, drawn.probability, drawn=True)]
    return rows


class NextWords(Static, can_focus=True):
    """A line for each word: the model's own probability, that after the sampler, a bar; what cannot come is struck."""

    BORDER_TITLE = "next: model → drawn"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("words.higher", "up", "point(-1)", "point", "Point at another word", shown=False),
        key("words.lower", "down", "point(1)", "point", "Point at the word below", shown=False),
        key("words.take", "enter", "take", "go on with it", "Go on with this word; a digit or a click does it too"),
        key("words.take-only", "space", "take_only", "only it", "Say only this word, and look at what may come then"),
        key("words.own", "w", "screen.own_word", "own word", "Go on with a word of your own"),
        key("words.leave", "escape", "screen.stop", "type", "Back to the line"),
        key("words.word-before", "left", "screen.walk(-1)", "word", "Look at the word before or after", shown=False),
        key("words.word-after", "right", "screen.walk(1)", "word", "Look at the next word", shown=False),
    ]

    @dataclass
    class Chosen(Message):
        """A word was chosen to go on with."""

        candidate: Candidate
        only: bool
        """Whether nothing is said after it yet."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """Without candidates at first."""
        super().__init__("", markup=False, id=id)
        self.alternatives: Alternatives | None = None
        self.drawn: Said | None = None
        self._rows: list[Row] = []
        self._pointed = 0

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The words that may come, best first."""
        return () if self.alternatives is None else self.alternatives.candidates

    def show(self, alternatives: Alternatives, drawn: Said | None = None) -> None:
        """Show what may come; ``drawn`` is the word that came."""
        if (alternatives, drawn) != (self.alternatives, self.drawn):
            self.alternatives, self.drawn = alternatives, drawn
            self._pointed = 0
            self._redraw()

    def choose(self, row: int, *, only: bool = False) -> None:
        """Go on with the word of a row, if there is one that can be chosen; ``only``: no further than that."""
        if 0 <= row < len(self._rows):
            candidate = self._rows[row].candidate
            if candidate is not None:
                self.post_message(self.Chosen(candidate, only))

    def action_point(self, step: int) -> None:
        """Point at another row."""
        self._pointed = min(max(0, self._pointed + step), max(0, len(self._rows) - 1))
        self._redraw()

    def action_take(self) -> None:
        """Go on with the word pointed at."""
        self.choose(self._pointed)

    def action_take_only(self) -> None:
        """Say the word pointed at and no more."""
        self.choose(self._pointed, only=True)

    def on_click(self, event: events.Click) -> None:
        """A click goes on with the word of its row."""
        self.choose(event.get_content_offset_capture(self).y)

    def watch_has_focus(self, has_focus: bool) -> None:
        """The row pointed at shows while keys go here."""
        super().watch_has_focus(has_focus)
        self._redraw()

    def on_resize(self) -> None:
        """Bars are as wide as the panel."""
        self._redraw()

    def _redraw(self) -> None:
        width, height = self.content_size.width, self.content_size.height
        self.border_title = "next: model → drawn" if self.drawn is None else "instead: model → drawn"
        self.border_subtitle = self._subtitle()
        if not self.candidates:
            self._rows = []
            self.update(Content.styled("Type a prompt and the words that may follow show here.", MUTED))
            return
        # The last line is for the others: what is shown sums to one.
        self._rows = rows_of(self.candidates, self.drawn, height - 1)
        room = width - WORD_WIDTH - 2 * FIGURE_WIDTH - 5
        lines = [self._line(index, row, room) for index, row in enumerate(self._rows)]
        others = 1.0 - sum(row.probability for row in self._rows)
        after = 1.0 - sum(row.after for row in self._rows)
        if others >= LEAST_REST:
            figures = f"{narrow_percent(others)} {narrow_percent(max(0.0, after))}"
            lines.append(Content.styled(f"   {'others':<{WORD_WIDTH}}{figures}", MUTED))
        self.update(Content("\n").join(lines))

    def _subtitle(self) -> str:
        if self.alternatives is None:
            return ""
        possible = f"{count(self.alternatives.possible)} left"
        return possible if self.alternatives.rank is None else f"rank {count(self.alternatives.rank)} · {possible}"

    def _line(self, index: int, row: Row, room: int) -> Content:
        word = plain_line(row.text) if row.text.strip() else Content("␣")
        word = (Content(GLUED) + word if row.glued else word).truncate(WORD_WIDTH, ellipsis=True)
        word = word.pad_right(max(0, WORD_WIDTH - word.cell_length))
        style = "bold" if row.drawn else "" if row.after > 0 else f"{MUTED} strike"
        pointed = self.has_focus and index == self._pointed
        mark = "▸" if pointed else "›" if row.drawn else " "
        digit = f"{index + 1}" if index < 9 else " "
        after = narrow_percent(row.after) if row.after > 0 else f"{'–':>{FIGURE_WIDTH}}"
        bar = half_cell_bar(row.after, room)
        line = Content.assemble(
            (mark, "bold $text-accent"), (f"{digit} ", MUTED), word.stylize(style),
            (narrow_percent(row.probability), MUTED), f" {after} ", (bar, "$primary"),
        )  # fmt: skip
        return line.stylize("bold") if pointed else line
