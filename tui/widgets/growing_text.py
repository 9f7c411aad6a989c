"""A text that grows word by word: what a word costs does not depend on how long the text is."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from ...data.cleaning import printable
from ..display import certainty_style

CURSOR = ("█", "$accent")


class GrowingText(Widget, can_focus=False):
    """Words in the style of their probability, wrapped as they come; only the rows they change are painted."""

    DEFAULT_CSS = "GrowingText { height: 1fr; }"

    def __init__(self) -> None:
        """No words yet."""
        super().__init__()
        self._words: list[tuple[str, str]] = []
        self._rows: list[Content] = [Content("")]
        self._strips: dict[int, Strip] = {}
        self._first = 0
        """The first row that is shown."""
        self._follows = True
        """Whether the last row is kept in sight."""
        self._growing = True

    def say(self, words: Sequence[tuple[str, float]], *, growing: bool) -> None:
        """Add words, each with its probability; behind a text that is ``growing`` stands a cursor."""
        said = [(printable(text), certainty_style(probability)) for text, probability in words]
        if not self._words and said:
            said[0] = (said[0][0].lstrip(), said[0][1])
        self._words += said
        first = len(self._rows) - 1
        self._growing = growing
        self._wrap(said)
        self._show(first)

    def clear(self) -> None:
        """Begin with no words again."""
        self._words, self._rows, self._first = [], [Content("")], 0
        self._follows = self._growing = True
        self._show(0)

    def scroll_rows(self, rows: int) -> None:
        """Scroll; at the end the text is followed again."""
        before, last = self._first, max(0, len(self._rows) - self.size.height)
        self._first = max(0, min(last, self._first + rows))
        self._follows = self._first == last
        if before != self._first:
            self.refresh()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel scrolls."""
        event.stop()
        self.scroll_rows(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel scrolls."""
        event.stop()
        self.scroll_rows(3)

    def on_resize(self) -> None:
        """Another width breaks the lines elsewhere."""
        self._rows = [Content("")]
        self._wrap(self._words)
        self._show(0)

    def notify_style_update(self) -> None:
        """Another theme."""
        super().notify_style_update()
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        """A row of the text."""
        row = self._first + y
        if row >= len(self._rows):
            return Strip.blank(self.size.width, self.rich_style)
        if row not in self._strips:
            content = self._rows[row]
            if self._growing and row == len(self._rows) - 1:
                content = Content.assemble(content, CURSOR)
            found = Visual.to_strips(self, content, self.size.width, 1, self.visual_style, pad=True)
            self._strips[row] = found[0] if found else Strip.blank(self.size.width, self.rich_style)
        return self._strips[row]

    def _wrap(self, words: Sequence[tuple[str, str]]) -> None:
        # A cell stays free for the cursor.
        width = self.size.width - 1
        if words and width > 0:
            self._rows[-1:] = Content.assemble(self._rows[-1], *words).wrap(width)

    def _show(self, changed: int) -> None:
        """Have the rows from ``changed`` on painted, or all where the text moves up."""
        for row in [row for row in self._strips if row >= changed]:
            del self._strips[row]
        height = self.size.height
        first = max(0, len(self._rows) - height) if self._follows else self._first
        if first != self._first or not changed:
            self._first = first
            self.refresh()
        else:
            last = min(len(self._rows), first + height)
            self.refresh(*(Region(0, row - first, self.size.width, 1) for row in range(max(changed, first), last)))
