"""The words that the model thinks may come next, with their probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from ..display import MUTED, half_cell_bar, plain_line

if TYPE_CHECKING:
    from ...core.generation import Candidate

WORD_WIDTH = 11


class NextWords(Static):
    """A bar for each candidate; those that the sampler's filters exclude are struck out."""

    BORDER_TITLE = "next word"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """Without candidates at first."""
        super().__init__("", markup=False, id=id)
        self.candidates: tuple[Candidate, ...] = ()
        self.chosen: str | None = None

    def show(self, candidates: Sequence[Candidate], chosen: str | None = None) -> None:
        """Show candidates, best first; ``chosen`` is the one that was drawn."""
        if (tuple(candidates), chosen) != (self.candidates, self.chosen):
            self.candidates, self.chosen = tuple(candidates), chosen
            self._redraw()

    def on_resize(self) -> None:
        """Bars are as wide as the panel."""
        self._redraw()

    def _redraw(self) -> None:
        room, rows = self.content_size.width - WORD_WIDTH - 6, self.content_size.height
        if not self.candidates:
            self.update(Content.styled("Type a prompt and the words that may follow show here.", MUTED))
            return
        self.update(Content("\n").join(self._row(candidate, room) for candidate in self.candidates[: max(1, rows)]))

    def _row(self, candidate: Candidate, room: int) -> Content:
        word = plain_line(candidate.text) if candidate.text.strip() else Content("␣")
        word = word.truncate(WORD_WIDTH, ellipsis=True)
        word = word.pad_right(max(0, WORD_WIDTH - word.cell_length))
        chosen = self.chosen is not None and candidate.text == self.chosen
        mark, style = ("›", "bold") if chosen else (" ", "" if candidate.drawn > 0 else f"{MUTED} strike")
        share = f"{candidate.probability:4.0%} "
        line = half_cell_bar(candidate.probability, room)
        return Content.assemble((mark, "bold $text-accent"), word.stylize(style), share, (line, "$primary"))
