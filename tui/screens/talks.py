"""The talks so far: open one, rename it, delete it, take it along as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from ...core.errors import PLAIN_ERRORS
from ...data.cleaning import one_line
from ..bindings import key
from ..display import MUTED, moment_shown, plain_line, sentence
from ..handing_over import hand_over
from ..widgets.foreign_input import ForeignInput
from ..workbench import Workbench

if TYPE_CHECKING:
    from ...core.keeping.talks import TalkSummary

HEADINGS = f"  {'last said':<17}{'answers':>8}{'words':>8}   title"
QUESTIONS = {
    "filter": "",
    "rename": "Another title?",
    "delete": "Nothing brings a deleted talk back. Type yes to delete it.",
    "export": "Into which file? .md and .json are understood, anything else is plain text.",
}
"""What the line under the list is for, and what is asked then."""


class TalksScreen(ModalScreen["str | None"]):
    """Lists the talks, the latest first; its result is the one to go on with, None to stay."""

    CSS_PATH = "talks.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("talks.filter", "slash", "ask('filter')", "filter", "Show the talks with some words alone", display="/"),
        key("talks.rename", "r", "ask('rename')", "rename", "Give the talk another title"),
        key("talks.export", "e", "ask('export')", "export", "Write the talk into a file"),
        key("talks.delete", "d", "ask('delete')", "delete", "Delete the talk, after a question"),
        key("talks.down", "j", "step(1)", "step", "Down and up, as the arrows", shown=False),
        key("talks.up", "k", "step(-1)", "step", "Up", shown=False),
        key("talks.leave", "escape", "leave", "close", "Close the list"),
    ]

    def __init__(self, bench: Workbench) -> None:
        """List the talks of ``bench``."""
        super().__init__()
        self.bench = bench
        self._summaries: list[TalkSummary] = []
        self._wanted = ""
        self._news = ""
        """A sentence that the next highlighted talk must not push off the screen."""
        self._asking = ""
        """What the line is for now, one of ``QUESTIONS``; empty while it is away."""

    def compose(self) -> ComposeResult:
        """Headings, the list, what is known of the one highlighted, a line to type into."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "talks"
            dialog.border_subtitle = "enter open · / filter · r rename · e export · d delete · esc close"
            yield Static(HEADINGS, markup=False, classes="headings")
            yield OptionList(id="list", markup=False)
            yield Static("", markup=False, id="detail")
            yield ForeignInput(id="line", compact=True, max_length=400)

    def on_mount(self) -> None:
        """Read the talks."""
        self.query_one("#line").display = False
        self.query_one("#list").focus()
        self._say("reading the talks…")
        self._read()

    def _say(self, text: str, *, error: bool = False) -> None:
        detail = self.query_one("#detail", Static)
        detail.set_class(error, "error")
        detail.update(plain_line(text))

    @work(thread=True, exclusive=True, group="talks", exit_on_error=False)
    def _read(self, news: str = "", problem: str = "") -> None:
        summaries: list[TalkSummary] = []
        try:
            summaries = self.bench.talks.list()
        except PLAIN_ERRORS as error:
            problem = sentence(error)
        hand_over(self, self._show, summaries, news, problem)

    def _show(self, summaries: list[TalkSummary], news: str, problem: str) -> None:
        self._summaries = summaries
        self._fill()
        if problem or news:
            self._news = (problem or news) if summaries else ""
            self._say(problem or news, error=bool(problem))
        elif not summaries:
            self._say("No talk yet: every talk of the Prompt screen is saved here by itself.")

    def _fill(self) -> None:
        listing = self.query_one("#list", OptionList)
        before = listing.highlighted or 0
        wanted = self._wanted.casefold()
        shown = [each for each in self._summaries if wanted in f"{each.title} {' '.join(each.models)}".casefold()]
        listing.set_options([Option(self._row(each), id=each.id) for each in shown])
        listing.highlighted = min(before, len(shown) - 1) if shown else None
        if not shown and self._summaries:
            self._say(f"No talk has '{one_line(self._wanted)}' in its title.")

    def _row(self, summary: TalkSummary) -> Content:
        mark = "●" if summary.id == self.bench.open_talk else " "
        numbers = f"{moment_shown(summary.changed):<17}{summary.answers:>8,}{summary.words:>8,}   "
        title = plain_line(summary.title or summary.problem, "" if summary.title else "$text-error")
        return Content.assemble((f"{mark} ", "bold $text-accent"), (numbers, MUTED), title)

    def _highlighted(self) -> TalkSummary | None:
        option = self.query_one("#list", OptionList).highlighted_option
        return next((each for each in self._summaries if option is not None and each.id == option.id), None)

    @on(OptionList.OptionHighlighted)
    def _detail(self) -> None:
        summary = self._highlighted()
        if self._news or summary is None or self._asking:
            self._news = ""
            return
        if summary.problem:
            self._say(summary.problem, error=True)
            return
        begun = moment_shown(summary.created)
        models = ", ".join(summary.models)
        parts = (summary.id, f"begun {begun}" if begun else "", f"with {models}" if models else "")
        self._say(" · ".join(part for part in parts if part))

    @on(OptionList.OptionSelected)
    def _open(self, event: OptionList.OptionSelected) -> None:
        summary = self._highlighted()
        if summary is not None and summary.title:
            self.dismiss(event.option.id)

    def action_ask(self, what: str) -> None:
        """Put up the line for something that is typed."""
        summary = self._highlighted()
        if self._asking or (summary is None and what != "filter"):
            return
        if what == "delete" and summary is not None and summary.id == self.bench.open_talk:
            self._say("This talk is on the Prompt screen; begin a new one there (ctrl+n) first.", error=True)
            return
        self._asking = what
        line = self.query_one("#line", ForeignInput)
        line.display = True
        line.placeholder = "words to find" if what == "filter" else ""
        name = "" if summary is None else f"talk-{summary.id}.md"
        title = "" if summary is None else summary.title
        line.value = {"filter": self._wanted, "rename": title, "export": name}.get(what, "")
        line.cursor_position = len(line.value)
        line.focus()
        if QUESTIONS[what]:
            self._say(QUESTIONS[what])

    @on(Input.Changed, "#line")
    def _typed(self, event: Input.Changed) -> None:
        if self._asking == "filter":
            self._wanted = event.value.strip()
            self._fill()

    @on(Input.Submitted, "#line")
    def _submitted(self, event: Input.Submitted) -> None:
        what, value, summary = self._asking, event.value.strip(), self._highlighted()
        self._end_asking()
        if summary is None or what == "filter":
            return
        if what == "delete" and value.lower() != "yes":
            self._say("Nothing was deleted.")
            return
        self._change(what, summary.id, value)

    def _end_asking(self) -> None:
        self._asking = ""
        self.query_one("#line").display = False
        self.query_one("#list").focus()

    @work(thread=True, group="change-talk", exit_on_error=False)
    def _change(self, what: str, id: str, value: str) -> None:  # noqa: A002
        news = problem = ""
        try:
            if what == "rename":
                news = f"It is called {self.bench.talks.rename(id, value)} now."
            elif what == "delete":
                self.bench.talks.delete(id)
                news = "The talk is deleted."
            else:
                news = self._export(id, value)
        except PLAIN_ERRORS as error:
            problem = sentence(error)
        hand_over(self, self._read, news, problem)

    def _export(self, id: str, value: str) -> str:  # noqa: A002
        from ...core.keeping.handouts import TALK_FORMATS, format_of, talk_as, write_new

        path = Path(value).expanduser()
        form = format_of(path, None)
        write_new(path, talk_as(form if form in TALK_FORMATS else "text", self.bench.talks.open(id)))
        return f"The talk is in {path.absolute()}."

    def action_step(self, step: int) -> None:
        """Another line."""
        listing = self.query_one("#list", OptionList)
        (listing.action_cursor_down if step > 0 else listing.action_cursor_up)()

    def action_leave(self) -> None:
        """Leave the line, then what is filtered, then the list."""
        if self._asking or self._wanted:
            if self._asking in ("", "filter"):
                self._wanted = ""
            self._end_asking()
            self._fill()
        else:
            self.dismiss(None)
