"""A text that grows word by word: what a word costs does not depend on how long the text is."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from ...data.cleaning import printable
from ..display import certainty_style

CURSOR = ("█", "$accent")


class GrowingText:
    """Words in the style of their probability, wrapped as they come, and which of their rows are in sight."""

    def __init__(self) -> None:
        """No words yet, and no room."""
        self._words: list[tuple[str, str]] = []
        self._rows: list[Content] = [Content("")]
        self._width = self._height = 0
        self._first = 0
        """The first row that is in sight."""
        self._follows = True
        """Whether the last row is kept in sight."""
        self._growing = True

    def fit(self, width: int, height: int) -> None:
        """Take so many cells and rows; another width breaks the rows elsewhere."""
        if width != self._width:
            self._width = width
            self._rows = [Content("")]
            self._wrap(self._words)
        self._height = height
        self._keep_in_sight()

    def say(self, words: Sequence[tuple[str, float]], *, growing: bool) -> range:
        """Add words, each with its probability; behind a text that is ``growing`` stands a cursor.

        Returns the rows in sight that look different now, the first one in sight being 0.
        """
        said = [(printable(text), certainty_style(probability)) for text, probability in words]
        if not self._words and said:
            said[0] = (said[0][0].lstrip(), said[0][1])
        self._words += said
        changed, first = len(self._rows) - 1, self._first
        self._growing = growing
        self._wrap(said)
        self._keep_in_sight()
        if first != self._first:
            return range(self._height)
        return range(max(changed - first, 0), min(len(self._rows) - first, self._height))

    def scroll(self, rows: int) -> bool:
        """Scroll, and follow the text again at its end; return whether another part is in sight."""
        before = self._first
        self._first = max(0, min(self._last_first, before + rows))
        self._follows = self._first == self._last_first
        return self._first != before

    def row(self, number: int) -> Content:
        """Return a row in sight; an empty one below the text."""
        row = self._first + number
        if row >= len(self._rows):
            return Content("")
        ends = self._growing and row == len(self._rows) - 1
        return Content.assemble(self._rows[row], CURSOR) if ends else self._rows[row]

    @property
    def _last_first(self) -> int:
        return max(0, len(self._rows) - self._height)

    def _keep_in_sight(self) -> None:
        self._first = self._last_first if self._follows else min(self._first, self._last_first)

    def _wrap(self, words: Sequence[tuple[str, str]]) -> None:
        # A cell stays free for the cursor.
        width = self._width - 1
        if words and width > 0:
            self._rows[-1:] = Content.assemble(self._rows[-1], *words).wrap(width)
