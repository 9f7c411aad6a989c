"""The chooser of the model to talk to: the one in training, the saved runs, the one that comes along."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
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
from ..workbench import LIVE, Workbench

if TYPE_CHECKING:
    from ...core.runs.info import RunSummary

COLUMNS = (("", 2), ("run", 19), ("texts", 13), ("size", 9), ("epochs", 7), ("valid ppl", 10), ("test ppl", 9))
"""Headings and widths in cells."""


def cell(text: str, width: int, style: str = "") -> Content:
    """Foreign text in a column of a fixed width."""
    content = plain_line(text, style).truncate(width - 1, ellipsis=True)
    return content.pad_right(max(0, width - content.cell_length))


class ModelDialog(ModalScreen["str | None"]):
    """Lists models, the newest run first; its result is a run's name or ``LIVE``, None when nothing was chosen."""

    CSS_PATH = "models.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("models.leave", "escape", "close", "close", "Close the list"),
    ]

    def __init__(self, bench: Workbench) -> None:
        """List the models of ``bench``."""
        super().__init__()
        self.bench = bench
        self._summaries: list[RunSummary] = []
        self._problem = ""
        """A sentence that the next highlighted run must not push off the screen."""

    def compose(self) -> ComposeResult:
        """Headings, list, what is known of the highlighted run."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Which model?"
            dialog.border_subtitle = "enter choose · esc close"
            yield Static(Content("").join(cell(name, width) for name, width in COLUMNS), classes="headings")
            yield OptionList(id="list", markup=False)
            yield Static("", markup=False, id="detail")

    def on_mount(self) -> None:
        """Read the runs."""
        self._say("reading the runs…")
        self._read()

    def _say(self, text: str | Content, *, error: bool = False) -> None:
        detail = self.query_one("#detail", Static)
        detail.set_class(error, "error")
        detail.update(text if isinstance(text, Content) else plain_line(text))

    @work(thread=True, exclusive=True, group="runs", exit_on_error=False)
    def _read(self) -> None:
        problem = ""
        summaries: list[RunSummary] = []
        try:
            summaries = self.bench.summaries()
        except PLAIN_ERRORS as error:
            problem = sentence(error)
        hand_over(self, self._show, summaries, problem)

    def _show(self, summaries: list[RunSummary], problem: str) -> None:
        self._summaries = summaries
        options: list[Option] = []
        if self.bench.session is not None and self.bench.training:
            live = cell("● in training", COLUMNS[0][1] + COLUMNS[1][1], "bold $text-success")
            name = plain_line(f"a copy of {self.bench.session_run() or 'the model'} as it is now")
            options.append(Option(live + name, id=LIVE))
        options += [Option(self._row(summary), id=f"run:{summary.name}") for summary in summaries]
        if has_voice():
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
        state = "training" if summary.status == "training" else meaning(summary.status).state
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
        if summary is not None and summary.problem is None:
            self.dismiss(summary.name)

    def action_close(self) -> None:
        """Leave without a choice."""
        self.dismiss(None)
