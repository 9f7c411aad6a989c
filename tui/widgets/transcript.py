"""The talk as it is shown: prompts, answers word by word in the colour of certainty, and a line about each answer."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content, Span
from textual.message import Message
from textual.style import Style
from textual.widgets import Static

from ...core.keeping.tree import Place
from ...core.keeping.turns import Turn, fold, turn_text
from ...data.cleaning import one_line, printable
from ..bindings import key
from ..display import MUTED, certainty_style, flowed, plain, plain_line
from ..handing_over import app_of
from ..talk.copying import Copying
from ..talk.surprise import surprise_bars
from .growing_text import CURSOR
from .sample_list import copied_note

KEPT = 100
"""Turns that stay on the screen; earlier ones are only in the saved transcript."""
BARS = 24
"""Cells for the surprises of an answer's words."""
INDENT = 7
"""Cells before what is said, and before the note below it."""


def words_content(words: Sequence[tuple[str, float]], looked_at: int | None, copying: Copying | None = None) -> Content:
    """Words, each in the style of its probability; the one that is looked at stands out, copied ones are underlined."""
    parts: list[str] = []
    spans: list[Span] = []
    edges = [0]
    for index, (said, probability) in enumerate(words):
        text, start, style = printable(said), edges[-1], certainty_style(probability)
        text = text if start else text.lstrip()
        if index == looked_at:
            # A word is marked without its leading space; an end shows as a mark of its own.
            blank = len(text) - len(text.lstrip())
            text = text[:blank] + (text.lstrip() or "⏎")
            spans.append(Span(start + blank, start + len(text), f"{style} reverse"))
        elif text:
            spans.append(Span(start, start + len(text), style))
        if text:
            spans.append(Span(start, start + len(text), _numbered(index)))
        parts.append(text)
        edges.append(start + len(text))
    plain_text = "".join(parts)
    for stretch in () if copying is None else copying.stretches:
        start, end = edges[stretch.first], edges[min(stretch.last, len(words))]
        blank = len(plain_text[start:end]) - len(plain_text[start:end].lstrip())
        spans.append(Span(start + blank, end, "underline"))
    return Content(plain_text, spans)


@lru_cache(maxsize=1024)
def _numbered(index: int) -> Style:
    """The mark by which a click knows its word."""
    return Style.from_meta({"word": index})


def branch_mark(turn: Turn) -> str:
    """Say which of how many ways on this is; nothing where there is one."""
    number, count = turn.branch
    return f"‹{number}/{count}›" if count > 1 else ""


def turn_notes(turn: Turn, copying: Copying | None, *, kept: bool = False) -> list[str]:
    """What there is to say about a finished answer, thing by thing."""
    if not turn.ending:
        return []
    parts = [
        "★ kept" if kept else "",
        "" if turn.parts_at_prompt else branch_mark(turn),
        "" if turn.ending == "end of text" else turn.ending,
        f"{turn.spoken} words" if turn.spoken != 1 else "1 word",
        one_line(turn.model),
        f"seed {turn.seed}",
        "fresh" if turn.fresh else "",
        "" if copying is None else copied_note(copying.longest, copying.words),
        f"unknown: {', '.join(turn.unknown)}" if turn.unknown else "",
    ]
    return list(filter(None, parts))


@dataclass
class WordClicked(Message):
    """A word of the talk was clicked."""

    place: Place


class TurnView(Vertical):
    """One prompt, its answer and the note about it."""

    def __init__(self, turn: Turn, cursor: Place | None, kept: Set[str]) -> None:
        """A view of ``turn``, which may still grow; ``kept`` has the texts that are marked, as ``fold`` gives them."""
        super().__init__()
        self.turn, self.cursor, self.kept = turn, cursor, kept
        self.copying: Copying | None = None
        self.ending = ""
        """How the answer had ended when it was shown last: the stretches of a turn go on growing."""
        self._prompt_shown: tuple[object, ...] = ()
        self._note_width = 0

    def compose(self) -> ComposeResult:
        """Two labelled texts and a note."""
        with Horizontal(classes="line"):
            yield Static("you", markup=False, classes="who you")
            yield Static("", markup=False, classes="said prompt")
        with Horizontal(classes="line"):
            yield Static("model", markup=False, classes="who model")
            yield Static(CURSOR[0], markup=False, classes="said answer")
        yield Static("", markup=False, classes="note")

    def on_mount(self) -> None:
        """Show what there is already."""
        self.redraw(self.turn, self.cursor)

    def on_click(self, event: events.Click) -> None:
        """A click on a word looks at it."""
        index, asked = event.style.meta.get("word"), self.turn.asked
        if not isinstance(index, int) or event.widget is None:
            return
        if event.widget.has_class("answer") and index < len(self.turn.places):
            self.post_message(WordClicked(self.turn.places[index]))
        elif event.widget.has_class("prompt") and asked is not None and index < len(asked.words):
            self.post_message(WordClicked(Place(asked.number, index)))

    def _prompt(self) -> Content:
        mark = f"  {branch_mark(self.turn)}" if self.turn.parts_at_prompt else ""
        return Content.assemble(self._asked(), (mark, MUTED))

    def _asked(self) -> Content:
        asked = self.turn.asked
        if asked is None or not asked.prompt:
            return Content.styled("(goes on)", MUTED)
        if self.cursor is not None and self.cursor.stretch == asked.number and self.cursor.words < len(asked.words):
            words = [(word.text, word.probability) for word in asked.words]
            return words_content(words, self.cursor.words)
        content = Content(asked.prompt)
        if "".join(word.text for word in asked.words).strip() == asked.prompt:
            at = -len(asked.words[0].text) + len(asked.words[0].text.lstrip())
            for index, word in enumerate(asked.words):
                content = content.stylize(_numbered(index), max(0, at), at + len(word.text))
                at += len(word.text)
        for start, end in self.turn.unknown_spans:
            content = content.stylize("underline italic $text-warning", start, end)
        return content

    def redraw(self, turn: Turn, cursor: Place | None) -> None:
        """Show the turn as it is now; one update, whatever the number of new words."""
        self.turn, self.cursor, self.ending = turn, cursor, turn.ending
        if not self.query(".note"):
            return  # one that is only being made draws itself
        asked = turn.asked
        in_prompt = cursor if asked is not None and cursor is not None and cursor.stretch == asked.number else None
        mark = branch_mark(turn) if turn.parts_at_prompt else ""
        prompt_shown = (turn.prompt, turn.unknown_spans, in_prompt, asked is not None and len(asked.words), mark)
        if prompt_shown != self._prompt_shown:
            self._prompt_shown = prompt_shown
            self.query_one(".prompt", Static).update(self._prompt())
        looked_at = turn.places.index(cursor) if cursor is not None and cursor in turn.places else None
        copying = self.copying if self.copying is not None and self.copying.answer == turn.answer else None
        content = words_content([(word.text, word.probability) for word in turn.words], looked_at, copying)
        if not turn.ending:
            content = Content.assemble(content, CURSOR)
        elif turn.ending == "stopped":
            content = Content.assemble(content, (" ■", "$text-warning"))
        self.query_one(".answer", Static).update(content)
        self._redraw_note()

    def on_resize(self) -> None:
        """The note is broken anew where there is another width."""
        if self.content_size.width != self._note_width and self.query(".note"):
            self._redraw_note()

    def _redraw_note(self) -> None:
        turn, self._note_width = self.turn, self.content_size.width
        note = self.query_one(".note", Static)
        note.display = bool(turn.ending)
        if not turn.ending:
            return
        copying = self.copying if self.copying is not None and self.copying.answer == turn.answer else None
        bars = surprise_bars([word.probability for word in turn.words], BARS)
        first, *others = map(plain_line, turn_notes(turn, copying, kept=self._is_kept()))
        first = Content.assemble("└ ", (bars, "$primary"), " ", first)
        note.update(flowed([first, *others], " · ", self._note_width - INDENT))

    def _is_kept(self) -> bool:
        return bool(self.turn.ending and self.kept) and fold(turn_text(self.turn)) in self.kept


_CHOOSE = "Go on with a word of the panel instead"
_BRANCH = "The prompt or the answer before or after, where there are several"


class Transcript(VerticalScroll):
    """The turns of a talk, following the newest until someone scrolls; with the focus one walks over its words."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("talk.word-before", "left,h", "screen.walk(-1)", "word", "Look at the word before or after", display="← →"),
        key("talk.word-after", "right,l", "screen.walk(1)", "word", "Look at the next word", shown=False),
        key(
            "talk.first-word",
            "home",
            "screen.walk_to(0)",
            "ends",
            "Look at the first word or the last one",
            shown=False,
        ),
        key("talk.last-word", "end", "screen.walk_to(-1)", "ends", "Look at the last word of the talk", shown=False),
        key("talk.answer-before", "up,k", "screen.walk_turn(-1)", "answer", "From answer to answer", display="↑ ↓"),
        key("talk.answer-after", "down,j", "screen.walk_turn(1)", "answer", "Look at the next answer", shown=False),
        *(
            key(f"talk.choose-{n}", f"{n}", f"screen.rival({n})", "choose", _CHOOSE, shown=n == 1, display="1-9")
            for n in range(1, 10)
        ),
        key("talk.leave", "escape,i", "screen.stop", "type", "Back to the line", display="esc"),
        key("talk.step", "space", "screen.step", "a word", "One more word, and no more"),
        key("talk.keep", "s", "screen.keep", "keep", "Keep the answer, or take that back; F8 lists what is kept"),
        key("talk.copy", "y", "screen.copy_turn", "copy", "Copy prompt and answer to the terminal's clipboard"),
        key("talk.own-word", "w", "screen.own_word", "own word", "Go on with a word of your own"),
        key("talk.copied", "t", "screen.copied", "texts", "The training texts that the answer was copied from"),
        key("talk.why", "u", "screen.why", "why", "The hidden units that a word turned most, or the dials again"),
        key("talk.branch-before", "left_square_bracket", "screen.branch(-1)", "branch", _BRANCH, display="[ ]"),
        key("talk.branch-after", "right_square_bracket", "screen.branch(1)", "branch", _BRANCH, shown=False),
        key("talk.columns", "c", "screen.side_by_side", "columns", "Several answers side by side, to choose from"),
        key("talk.map", "m", "screen.map", "map", "The map of the talk: every branch, to go to"),
        key("prompt.again", "ctrl+r", "screen.again", "again", "Another answer from the same place"),
    ]
    DEFAULT_CSS = """
    Transcript {
        TurnView { height: auto; margin: 0 0 1 0; }
        .line { height: auto; }
        .who { width: 7; color: $text-muted; }
        .who.model { color: $text-primary; }
        .said { width: 1fr; }
        .prompt { text-style: bold; }
        .note { padding: 0 0 0 7; color: $text-muted; }
        #opening { color: $text-muted; padding: 0 1 1 0; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """An empty talk."""
        super().__init__(id=id)
        self._opening = Static("", markup=False, id="opening")
        self.kept: Set[str] = frozenset()
        """The texts that are marked, as ``fold`` gives them."""

    def compose(self) -> ComposeResult:
        """Before the first turn a few words say what to do."""
        yield self._opening

    def on_mount(self) -> None:
        """Follow the newest turn."""
        self.anchor()

    def open_with(self, text: str) -> None:
        """What is shown while there is no turn."""
        self._opening.update(plain(text))

    async def show(self, turns: Sequence[Turn], cursor: Place | None) -> None:
        """Show these turns and no others, at their end where no word is looked at; views of the same turns stay."""
        wanted = turns[-KEPT:]
        views = {view.turn.number: view for view in self.query(TurnView)}
        numbers = [turn.number for turn in wanted]
        self._opening.display = not wanted
        with app_of(self).batch_update():
            gone = [view for number, view in views.items() if number not in numbers]
            if gone:
                await self.remove_children(gone)
            for turn in wanted:
                view = views.get(turn.number)
                if view is None:
                    await self.mount(TurnView(turn, cursor, self.kept))
                else:
                    view.redraw(turn, cursor)
        if cursor is None:
            # Whoever had scrolled up sees what comes of the next key.
            self.scroll_end(animate=False)
        else:
            for view in self.query(TurnView):
                if cursor in view.turn.places or (view.turn.asked and view.turn.asked.number == cursor.stretch):
                    self.scroll_to_widget(view, animate=False)

    def redraw(self, turns: Sequence[Turn], cursor: Place | None) -> None:
        """Show what has changed in the last turn, and where one looks."""
        latest = {turn.number: turn for turn in turns}
        for view in self.query(TurnView):
            turn = latest.get(view.turn.number)
            if turn is not None and (turn, cursor, turn.ending) != (view.turn, view.cursor, view.ending):
                view.redraw(turn, cursor)

    def tell_kept(self, kept: Set[str]) -> None:
        """Mark the turns with these texts, as ``fold`` gives them."""
        self.kept = kept
        for view in self.query(TurnView):
            view.kept = kept
            view.redraw(view.turn, view.cursor)

    def tell_copied(self, number: int, copying: Copying) -> None:
        """Say how much of the answer of turn ``number`` stands in the training texts, and underline it."""
        for view in self.query(TurnView):
            if view.turn.number == number and view.turn.answer == copying.answer:
                view.copying = copying
                view.redraw(view.turn, view.cursor)

    def copying(self, number: int) -> Copying | None:
        """What is known about the answer of turn ``number``."""
        found = [view.copying for view in self.query(TurnView) if view.turn.number == number]
        return found[0] if found else None
