"""The talk as it is shown: prompts, answers word by word in the colour of certainty, and a line about each answer."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ...data.cleaning import printable
from ..display import MUTED, certainty_style, plain
from ..talk.conversation import Turn
from .sample_list import copied_note

KEPT = 100
"""Turns that stay on the screen; earlier ones are only in the saved transcript."""
CURSOR = ("█", "$accent")


def answer_content(turn: Turn) -> Content:
    """The words of an answer, each in the style of its probability."""
    parts: list[tuple[str, str]] = []
    for word in turn.words:
        text = printable(word.text)
        parts.append((text.lstrip() if not parts else text, certainty_style(word.probability)))
    return Content.assemble(*parts)


def turn_note(turn: Turn) -> str:
    """What there is to say about a finished answer."""
    if not turn.ending:
        return ""
    rate = f"{turn.spoken / turn.seconds:,.0f}/s" if turn.seconds > 0.02 and turn.spoken > 1 else ""
    parts = [
        {"stopped": "stopped", "failed": "failed"}.get(turn.ending, turn.ending),
        f"{turn.spoken} words" if turn.spoken != 1 else "1 word",
        rate,
        "● carried" if turn.start is not None else "○ fresh",
        f"seed {turn.seed}",
        copied_note(*turn.copied) if turn.copied else "",
        f"unknown: {', '.join(turn.unknown)}" if turn.unknown else "",
    ]
    # A part is not broken over two lines where another one can be.
    return " · ".join(part.replace(" ", "\u00a0") for part in parts if part)


class TurnView(Vertical):
    """One prompt, its answer and the note about it."""

    def __init__(self, turn: Turn) -> None:
        """A view of ``turn``, which may still grow."""
        super().__init__()
        self.turn = turn
        self._marked = False

    def compose(self) -> ComposeResult:
        """Two labelled texts and a note."""
        with Horizontal(classes="line"):
            yield Static("you", markup=False, classes="who you")
            yield Static(self._prompt(), markup=False, classes="said prompt")
        with Horizontal(classes="line"):
            yield Static("model", markup=False, classes="who model")
            yield Static(CURSOR[0], markup=False, classes="said answer")
        yield Static("", markup=False, classes="note")

    def on_mount(self) -> None:
        """Show what there is already."""
        self.redraw()

    def _prompt(self) -> Content:
        prompt = self.turn.prompt
        if not prompt:
            return Content.styled("(goes on)", MUTED)
        content = Content(prompt)
        for start, end in self.turn.unknown_spans:
            content = content.stylize("underline italic $text-warning", start, end)
        return content

    def redraw(self) -> None:
        """Show the turn as it is now; one update, whatever the number of new words."""
        turn = self.turn
        if turn.unknown_spans and not self._marked:
            self._marked = True
            self.query_one(".prompt", Static).update(self._prompt())
        content = answer_content(turn)
        if not turn.ending:
            content = Content.assemble(content, CURSOR)
        elif turn.ending == "stopped":
            content = Content.assemble(content, (" ■", "$text-warning"))
        self.query_one(".answer", Static).update(content)
        note = self.query_one(".note", Static)
        note.display = bool(turn.ending)
        note.update(plain(f"└ {turn_note(turn)}"))


class Transcript(VerticalScroll):
    """The turns of a talk, following the newest until someone scrolls."""

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

    def compose(self) -> ComposeResult:
        """Before the first turn a few words say what to do."""
        yield Static("", markup=False, id="opening")

    def on_mount(self) -> None:
        """Follow the newest turn."""
        self.anchor()

    def open_with(self, text: str) -> None:
        """What is shown while there is no turn."""
        self.query_one("#opening", Static).update(plain(text))

    async def add(self, turn: Turn) -> TurnView:
        """Show a new turn at the end."""
        self.query_one("#opening").display = False
        view = TurnView(turn)
        await self.mount(view)
        views = list(self.query(TurnView))
        for old in views[: max(0, len(views) - KEPT)]:
            await old.remove()
        self.anchor()
        return view

    def view_of(self, turn: Turn) -> TurnView | None:
        """The view of a turn, None when it has been dropped."""
        return next((view for view in self.query(TurnView) if view.turn is turn), None)

    async def forget(self, turn: Turn) -> None:
        """Take a turn off the screen."""
        view = self.view_of(turn)
        if view is not None:
            await view.remove()
        self.query_one("#opening").display = not self.query(TurnView)

    async def clear(self) -> None:
        """Take everything off the screen."""
        await self.query(TurnView).remove()
        self.query_one("#opening").display = True
