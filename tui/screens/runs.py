"""The list of saved runs: open one, rename it, delete it; also the chooser of the model to talk to."""

from __future__ import annotations

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
from ...core.runs.status import meaning
from ...core.runs.voice import BUNDLED, WHAT_IT_IS, has_voice
from ...data.cleaning import one_line
from ..bindings import key
from ..display import plain_line, sentence
from ..handing_over import hand_over
from ..numbers import decimal, size
from ..view import STATE_MARKS
from ..widgets.foreign_input import ForeignInput
from ..workbench import LIVE, Workbench

if TYPE_CHECKING:
    from ...core.runs.info import RunSummary

COLUMNS = (("", 2), ("run", 19), ("texts", 13), ("size", 9), ("epochs", 7), ("valid ppl", 10), ("test ppl", 9))
"""Headings and widths in cells."""


def cell(text: str, width: int, style: str = "") -> Content:
    """Foreign text in a column of a fixed width."""
    content = plain_line(text, style).truncate(width - 1, ellipsis=True)
    return content.pad_right(max(0, width - content.cell_length))


class RunsDialog(ModalScreen["str | None"]):
    """Lists runs, newest first; its result is the chosen name (or ``LIVE``), None when nothing was chosen."""

    CSS_PATH = "runs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("runs.rename", "r", "rename", "rename", "Rename the run"),
        key("runs.delete", "d", "delete", "delete", "Delete the run, after a question"),
        key("runs.leave", "escape", "close", "close", "Close the list"),
    ]

    def __init__(self, bench: Workbench, *, choose_model: bool = False) -> None:
        """List the runs of ``bench``; ``choose_model`` adds the model in training and leaves out changes."""
        super().__init__()
        self.bench = bench
        self.choose_model = choose_model
        self._summaries: list[RunSummary] = []
        self._problem = ""
        """A sentence that the next highlighted run must not push off the screen."""
        self._editing: tuple[str, str] | None = None
        """What the input line is for (``rename`` or ``delete``) and the run's name."""

    def compose(self) -> ComposeResult:
        """Headings, list, what is known of the highlighted run."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Which model?" if self.choose_model else "Runs"
            keys = "enter choose" if self.choose_model else "enter open · r rename · d delete"
            dialog.border_subtitle = f"{keys} · esc close"
            yield Static(Content("").join(cell(name, width) for name, width in COLUMNS), classes="headings")
            yield OptionList(id="list", markup=False)
            yield Static("", markup=False, id="detail")
            yield ForeignInput(id="line", compact=True, max_length=64)

    def on_mount(self) -> None:
        """Read the runs."""
        self.query_one("#line").display = False
        self._say("reading the runs…")
        self._read()

    def _say(self, text: str | Content, *, error: bool = False) -> None:
        detail = self.query_one("#detail", Static)
        detail.set_class(error, "error")
        detail.update(text if isinstance(text, Content) else plain_line(text))

    @work(thread=True, exclusive=True, group="runs", exit_on_error=False)
    def _read(self, problem: str = "") -> None:
        summaries: list[RunSummary] = []
        try:
            summaries = self.bench.summaries()
        except PLAIN_ERRORS as error:
            problem = sentence(error)
        hand_over(self, self._show, summaries, problem)

    def _show(self, summaries: list[RunSummary], problem: str) -> None:
        self._summaries = summaries
        options: list[Option] = []
        if self.choose_model and self.bench.session is not None and self.bench.training:
            live = cell("● in training", COLUMNS[0][1] + COLUMNS[1][1], "bold $text-success")
            name = plain_line(f"a copy of {self.bench.session_run() or 'the model'} as it is now")
            options.append(Option(live + name, id=LIVE))
        options += [Option(self._row(summary), id=f"run:{summary.name}") for summary in summaries]
        if self.choose_model and has_voice():
            row = cell("○ bundled", COLUMNS[0][1] + COLUMNS[1][1]) + plain_line("the model that comes with JokeGen")
            options.append(Option(row, id=f"run:{BUNDLED}"))
        listing = self.query_one("#list", OptionList)
        listing.set_options(options)
        listing.highlighted = 0 if options else None
        listing.focus()
        if problem:
            self._problem = problem if options else ""
            self._say(problem, error=True)
        elif not options:
            self._say("No run yet: close this with esc and press n to train one.")

    @staticmethod
    def _row(summary: RunSummary) -> Content:
        if summary.problem:
            name = cell("✗", COLUMNS[0][1], "$text-error") + cell(summary.name, COLUMNS[1][1], "$text-error")
            return name + plain_line(summary.problem, "$text-error")
        state = meaning(summary.status).state
        values = (
            STATE_MARKS.get(state, ""), summary.name, summary.corpus, summary.preset, str(summary.epochs),
            decimal(summary.valid_perplexity, 1), decimal(summary.test_perplexity, 1),
        )  # fmt: skip
        return Content("").join(cell(value, width) for value, (_, width) in zip(values, COLUMNS, strict=True))

    def _highlighted(self) -> RunSummary | None:
        option = self.query_one("#list", OptionList).highlighted_option
        if option is None or option.id is None or option.id == LIVE:
            return None
        name = option.id.removeprefix("run:")
        return next((summary for summary in self._summaries if summary.name == name), None)

    @on(OptionList.OptionHighlighted)
    def _detail(self) -> None:
        if self._problem:
            self._problem = ""
            return
        summary = self._highlighted()
        if summary is None:
            option = self.query_one("#list", OptionList).highlighted_option
            live = option is not None and option.id == LIVE
            self._say("A copy of the weights is taken between two steps; the training goes on." if live else WHAT_IT_IS)
            return
        if summary.problem:
            self._say(summary.problem, error=True)
            return
        created = one_line(summary.created)[:16].replace("T", " ")
        parts = [
            created,
            summary.status,
            f"tokens: {summary.tokenizer}",
            f"{summary.parameters:,} parameters",
            size(summary.size_bytes),
        ]
        parts.append("can go on" if summary.resumable else "")
        self._say(" · ".join(part for part in parts if part))

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        if event.option.id in {LIVE, f"run:{BUNDLED}"}:
            self.dismiss(event.option.id.removeprefix("run:"))
            return
        summary = self._highlighted()
        if summary is not None and (summary.problem is None or (summary.resumable and not self.choose_model)):
            self.dismiss(summary.name)

    def action_close(self) -> None:
        """Leave the line, then the list."""
        if self._editing is not None:
            self._end_editing()
        else:
            self.dismiss(None)

    def _end_editing(self) -> None:
        self._editing = None
        self.query_one("#line").display = False
        self.query_one("#list").focus()

    def _edit(self, purpose: str, question: str, value: str) -> None:
        summary = self._highlighted()
        if summary is None or self.choose_model or self._editing is not None:
            return
        if self.bench.training and summary.name == self.bench.session_run():
            self._say("This run is in training; stop it first.", error=True)
            return
        self._editing = (purpose, summary.name)
        line = self.query_one("#line", Input)
        line.display = True
        line.value = value and summary.name
        line.focus()
        self._say(f"{question} {summary.name}?")

    def action_rename(self) -> None:
        """Give the highlighted run another name."""
        self._edit("rename", "Another name for", "name")

    def action_delete(self) -> None:
        """Delete the highlighted run, after its name was typed."""
        self._edit("delete", "Nothing brings a deleted run back. Type yes to delete", "")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if self._editing is None:
            return
        purpose, name = self._editing
        if purpose == "delete" and event.value.strip().lower() != "yes":
            self._say("Nothing was deleted.")
            self._end_editing()
            return
        self._end_editing()
        self._change(purpose, name, event.value.strip())

    @work(thread=True, group="change-run", exit_on_error=False)
    def _change(self, purpose: str, name: str, value: str) -> None:
        problem = ""
        try:
            if purpose == "rename":
                self.bench.store.rename(name, value)
            else:
                self.bench.store.delete(name)
        except PLAIN_ERRORS as error:
            problem = sentence(error)
        hand_over(self, self._changed, name, value if purpose == "rename" else None, problem)

    def _changed(self, name: str, new_name: str | None, problem: str) -> None:
        if not problem and self.bench.shown == name:
            self.bench.shown = new_name
        self._read(problem)
