"""Answers side by side as they grow, each in a frame with what sets it apart and what there is to say about it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual
from textual.widget import Widget

from ...core.keeping.tree import Stretch
from ..display import flowed, plain, plain_line
from ..talk.answering import Speaker
from ..talk.surprise import mean_bits, surprise_bars
from ..talk.variants import Variant
from .growing_text import GrowingText

TELL_EVERY = 1.0
"""Seconds between two looks at the figures of an answer that grows."""
TITLE, TEXT, NOTE, FRAME = 1, 3, 5, 1
"""The rows of the title and of the text's beginning; how many the note (at most) and the lower frame have."""
FEW = 2
"""Rows of a note that is but the figures."""
SIDE = 2
"""Cells of frame and margin on each side."""


class AnswerColumn:
    """One answer as it grows."""

    def __init__(self, number: int, variant: Variant, speaker: Speaker, stretch: Stretch) -> None:
        """The ``number``-th column shows ``stretch`` while ``speaker`` fills it."""
        self.variant = variant
        self.speaker = speaker
        self.stretch = stretch
        self.ended = False
        self.news = ""
        """What became of keeping it."""
        self.text = GrowingText()
        self.title = plain_line(f"{number} · {variant.label}")
        self.strips: dict[int, Strip] = {}
        """The rows that are painted."""
        self._shown = 0
        self._told = 0.0

    def grow(self) -> tuple[range, bool]:
        """Take the words said since the last time; return the rows of the text that changed, and whether the note did.

        What is said about an answer that grows follows a little later.
        """
        words = self.stretch.words[self._shown :]
        changed = self.text.say([(word.text, word.probability) for word in words], growing=not self.ended)
        self._shown += len(words)
        now = time.monotonic()
        told = self.ended or now - self._told > TELL_EVERY
        if told:
            self._told = now
        return changed, told

    def note(self, width: int, rows: int) -> Content:
        """What there is to say about it, in rows of ``width`` cells."""
        if self.speaker.stream.problem:
            return plain_line(self.speaker.stream.problem, "$text-error")
        words = self.stretch.words[: self._shown]
        if not words:
            return plain(self.news)
        count = len("".join(word.text for word in words).split())
        probabilities = [word.probability for word in words]
        parts = [f"{count} word{'' if count == 1 else 's'}", f"{mean_bits(probabilities):.1f} bits a word"]
        if self.ended:
            parts.append(self.stretch.ending)
        news = f"\n{self.news}" if self.news else ""
        bars = "" if rows <= FEW else surprise_bars(probabilities, width) + "\n"
        return Content.assemble((bars, "$primary"), flowed([*map(plain_line, parts)], " · ", width), plain(news))


class AnswerColumns(Widget, can_focus=False):
    """All answers in one widget: for a row that changes textual renders every widget between it and the others."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "answer-columns--frame",
        "answer-columns--title",
        "answer-columns--pointed",
        "answer-columns--note",
    }
    DEFAULT_CSS = """
    AnswerColumns {
        height: 1fr;
        .answer-columns--frame { color: $primary 40%; }
        .answer-columns--title { color: $text-primary; text-style: bold; }
        .answer-columns--pointed { background: $primary; color: $block-cursor-foreground; text-style: bold; }
        .answer-columns--note { color: $text-muted; }
    }
    """

    class Clicked(Message):
        """An answer was clicked ``times`` times in a row."""

        def __init__(self, index: int, times: int) -> None:
            """The answer at ``index``."""
            super().__init__()
            self.index = index
            self.times = times

    def __init__(self) -> None:
        """No answers yet."""
        super().__init__()
        self.columns: list[AnswerColumn] = []
        self.pointed = 0
        """The answer that keys speak of."""
        self._looks: dict[str | Style, RichStyle] = {}
        """The styles of words as they are painted: to look one up takes longer than to paint a word."""
        self._width = self._height = 0
        """The size, which textual looks for in the whole screen whenever it is asked."""

    def show(self, columns: Sequence[AnswerColumn]) -> None:
        """Show these answers."""
        self.columns = list(columns)
        self.on_resize()

    def grow(self, column: AnswerColumn) -> None:
        """Show an answer as it is now."""
        rows, told = column.grow()
        self._repaint(column, [TEXT + row for row in rows])
        if told:
            self._tell(column)

    def tell(self, stretch: int, news: str) -> None:
        """Show what became of keeping an answer, if it is still there."""
        for column in self.columns:
            if column.stretch.number == stretch:
                column.news = news
                self._tell(column)

    def point(self, index: int) -> None:
        """Point at an answer."""
        before, self.pointed = self.pointed, index
        for place in {before, index}:
            if place < len(self.columns):
                self._repaint(self.columns[place], [TITLE])

    def scroll(self, index: int, rows: int) -> None:
        """Scroll an answer."""
        if self.columns[index].text.scroll(rows):
            self._repaint(self.columns[index], range(TEXT, TEXT + self._text_height))

    def on_resize(self) -> None:
        """Other rows fit."""
        self._width, self._height = self.size
        for index, column in enumerate(self.columns):
            column.strips.clear()
            column.text.fit(self._inner_width(index), self._text_height)
        self.refresh()

    def notify_style_update(self) -> None:
        """Another theme."""
        super().notify_style_update()
        self._looks.clear()
        for column in self.columns:
            column.strips.clear()

    def render_line(self, y: int) -> Strip:
        """A row of all answers."""
        if not self.columns or y >= self._height:  # painted before it was told of more rows
            return Strip.blank(self._width, self._look())
        return Strip.join([self._cell(index, y) for index in range(len(self.columns))])

    def on_click(self, event: events.Click) -> None:
        """A click is about the answer under it."""
        if self.columns:
            self.post_message(self.Clicked(self._index_at(event.x), event.chain))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel scrolls."""
        self._wheel(event, -3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel scrolls."""
        self._wheel(event, 3)

    def _wheel(self, event: events.MouseEvent, rows: int) -> None:
        event.stop()
        if self.columns:
            self.scroll(self._index_at(event.x), rows)

    def _index_at(self, x: int) -> int:
        return next((index for index in range(len(self.columns)) if x < self._edge(index + 1)), len(self.columns) - 1)

    def _edge(self, index: int) -> int:
        """Return the first cell of a column."""
        return index * self._width // len(self.columns)

    def _inner_width(self, index: int) -> int:
        return max(0, self._edge(index + 1) - self._edge(index) - 2 * SIDE)

    @property
    def _note_start(self) -> int:
        room = max(0, self._height - TEXT - FRAME)
        return TEXT + room - min(NOTE, room // 2)

    @property
    def _note_rows(self) -> range:
        return range(self._note_start, self._height - FRAME)

    @property
    def _text_height(self) -> int:
        return self._note_start - TEXT

    def _repaint(self, column: AnswerColumn, rows: Iterable[int]) -> None:
        """Have these rows of a column painted anew."""
        index = self.columns.index(column)
        start, width = self._edge(index), self._edge(index + 1) - self._edge(index)
        regions: list[Region] = []
        for row in rows:
            column.strips.pop(row, None)
            regions.append(Region(start, row, width, 1))
        if regions:
            self.refresh(*regions)

    def _tell(self, column: AnswerColumn) -> None:
        """Have the rows of a column's note painted anew that say something else now."""
        rows = self._note_rows
        before = [column.strips.pop(row, None) for row in rows]
        if rows:
            self._cell(self.columns.index(column), rows.start)
        self._repaint(column, [row for row, strip in zip(rows, before, strict=True) if column.strips[row] != strip])

    def _look(self, style: str | Style = "") -> RichStyle:
        if style not in self._looks:
            own = Style.parse(style) if isinstance(style, str) else style
            self._looks[style] = (self.visual_style + own).rich_style
        return self._looks[style]

    def _words(self, row: Content, width: int) -> Strip:
        """A row of a text, whose words have a style each."""
        text, plain = row.plain, self._look()
        segments: list[Segment] = []
        at = 0
        for first, last, style in row.spans:
            if first > at:
                segments.append(Segment(text[at:first], plain))
            segments.append(Segment(text[first:last], self._look(style)))
            at = last
        if at < len(text):
            segments.append(Segment(text[at:], plain))
        return Strip(segments).adjust_cell_length(width, plain)

    def _cell(self, index: int, y: int) -> Strip:
        """Return the part of a row that belongs to one answer."""
        strips = self.columns[index].strips
        if y not in strips:
            frame = self.get_component_rich_style("answer-columns--frame")
            inner = self._inner_width(index)
            if y in (0, self._height - FRAME):
                left, right = "╭╮" if y == 0 else "╰╯"
                strips[y] = Strip([Segment(left + "─" * (inner + 2 * SIDE - 2) + right, frame)])
            else:
                left, right = Strip([Segment("│ ", frame)]), Strip([Segment(" │", frame)])
                first, rows = self._inside(index, y, inner)
                strips |= {first + row: Strip.join([left, strip, right]) for row, strip in enumerate(rows)}
        return strips[y]

    def _inside(self, index: int, y: int, width: int) -> tuple[int, list[Strip]]:
        """Return what stands inside the frame at ``y``, with the rows it is wrapped into, and the first of these."""
        column, first, rows = self.columns[index], y, 1
        if y != TITLE and y < self._note_start:
            return y, [self._words(column.text.row(y - TEXT), width) if y >= TEXT else Strip.blank(width, self._look())]
        if y == TITLE:
            content = column.title
            pointed = index == self.pointed
            look = self.get_visual_style("answer-columns--pointed" if pointed else "answer-columns--title")
        else:
            first, rows = self._note_start, len(self._note_rows)
            content = column.note(width, rows)
            look = self.get_visual_style("answer-columns--note")
        strips = Visual.to_strips(self, content, width, rows, look, pad=True)[:rows]
        return first, strips + [Strip.blank(width, self._look())] * (rows - len(strips))
