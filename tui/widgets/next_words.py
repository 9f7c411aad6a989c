"""The words that the model thinks may come next, with their probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from ..display import MUTED, half_cell_bar, plain_line
from ..numbers import narrow_percent

if TYPE_CHECKING:
    from ...core.speaking.generation import Candidate, Word

WORD_WIDTH = 11
END = "(end)"
"""The end of the text, as candidates call it."""
LEAST_REST = 0.0005
"""Less than this left over is not worth a row."""


@dataclass(frozen=True)
class Row:
    """A word that may come next, or the one that did."""

    text: str
    probability: float
    possible: bool
    """Whether the sampler's filters let it through."""
    drawn: bool = False


def rows_of(candidates: Sequence[Candidate], drawn: Word | None, count: int) -> list[Row]:
    """The likeliest candidates in ``count`` rows at most; the word that was drawn is always among them."""
    text = None if drawn is None else END if drawn.is_end else drawn.text
    rows = [
        Row(candidate.text, candidate.probability, candidate.drawn > 0, candidate.text == text)
        for candidate in candidates[: max(1, count)]
    ]
    if drawn is not None and text is not None and rows and not any(row.drawn for row in rows):
        rows[max(1, count - 1) :] = [Row(text, drawn.probability, possible=True, drawn=True)]
    return rows


class NextWords(Static):
    """A bar for each candidate; those that the sampler's filters exclude are struck out."""

    BORDER_TITLE = "next word"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """Without candidates at first."""
        super().__init__("", markup=False, id=id)
        self.candidates: tuple[Candidate, ...] = ()
        self.drawn: Word | None = None

    def show(self, candidates: Sequence[Candidate], drawn: Word | None = None) -> None:
        """Show candidates, best first; ``drawn`` is the word that came."""
        if (tuple(candidates), drawn) != (self.candidates, self.drawn):
            self.candidates, self.drawn = tuple(candidates), drawn
            self._redraw()

    def on_resize(self) -> None:
        """Bars are as wide as the panel."""
        self._redraw()

    def _redraw(self) -> None:
        room, height = self.content_size.width - WORD_WIDTH - 6, self.content_size.height
        if not self.candidates:
            self.update(Content.styled("Type a prompt and the words that may follow show here.", MUTED))
            return
        # The last line is for the others: what is shown sums to one.
        rows = rows_of(self.candidates, self.drawn, height - 1)
        lines = [self._line(row, room) for row in rows]
        others = 1.0 - sum(row.probability for row in rows)
        if others >= LEAST_REST:
            lines.append(Content.styled(f" {'others':<{WORD_WIDTH}}{narrow_percent(others)}", MUTED))
        self.update(Content("\n").join(lines))

    @staticmethod
    def _line(row: Row, room: int) -> Content:
        word = plain_line(row.text) if row.text.strip() else Content("␣")
        word = word.truncate(WORD_WIDTH, ellipsis=True)
        word = word.pad_right(max(0, WORD_WIDTH - word.cell_length))
        mark, style = ("›", "bold") if row.drawn else (" ", "" if row.possible else f"{MUTED} strike")
        bar = half_cell_bar(row.probability, room)
        return Content.assemble(
            (mark, "bold $text-accent"), word.stylize(style), f"{narrow_percent(row.probability)} ", (bar, "$primary")
        )
