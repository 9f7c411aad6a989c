"""The dialog for a new run: what to train on, how large, how long; it says what that will cost before the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Button, Input, Select, Static

from ...core.described import Choice, choice_of
from ...core.errors import PLAIN_ERRORS, EngineError, SettingsError
from ...core.home import corpora_folder
from ...core.settings import TrainingSettings
from ...data.catalogue import CORPORA, is_present
from ..bindings import key
from ..display import plain_line, sentence
from ..handing_over import hand_over
from ..numbers import count, roughly, short_count
from ..widgets.foreign_input import ForeignInput
from ..widgets.source_suggester import SourceSuggester
from ..workbench import Plan, Workbench

if TYPE_CHECKING:
    from ...core.training.estimation import Estimate

PRESETS = choice_of(TrainingSettings, "preset").allowed
TOKENIZERS = (("the preset's", ""), *((name, name) for name in choice_of(TrainingSettings, "tokenizer").allowed))
CLEANING = (("as they are", ""), ("letters only", "letters"))
"""The second is the tutorial's own suggestion."""
NUMBERS: tuple[Choice, ...] = tuple(
    choice_of(TrainingSettings, name)
    for name in ("max_epochs", "batch_size", "sequence_length", "learning_rate", "seed")
)
"""Numeric settings that have a field."""
ESTIMATE_AFTER = 0.4
"""Seconds without typing before the estimate is made."""


class Field(Horizontal):
    """A label, a control and, where there is room, an explanation."""

    def __init__(self, label: str, control: Input | Select[str], explanation: str) -> None:
        """A field around ``control``."""
        super().__init__(classes="field")
        self.label, self.control, self.explanation = label, control, explanation

    def compose(self) -> ComposeResult:
        """Side by side."""
        yield Static(self.label, markup=False, classes="label")
        yield self.control
        yield Static(self.explanation, markup=False, classes="explanation")


class NewRunDialog(ModalScreen["Plan | None"]):
    """Collects a plan; its result is the plan, or None when it was cancelled. Values are remembered as typed."""

    CSS_PATH = "new_run.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (20, "-medium")]  # noqa: RUF012
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (66, "-normal")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        key("new-run.start", "ctrl+s", "start", "start", "Start the training", first=True),
        key("new-run.cancel", "escape", "cancel", "cancel", "Close the dialog; nothing starts"),
    ]

    def __init__(self, bench: Workbench, corpus: str | None = None) -> None:
        """Start from the remembered values, or from ``corpus``."""
        super().__init__()
        self.bench = bench
        self._values = dict(bench.preferences.new_run)
        if corpus is not None:
            self._values["source"] = corpus
        self._timer: Timer | None = None
        self._estimated: Plan | None = None
        """The plan that the estimate on the screen belongs to."""
        self._starting = False

    def compose(self) -> ComposeResult:
        """Fields, estimate, buttons."""
        values = self._values
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "New run"
            dialog.border_subtitle = "enter starts · tab next field · esc cancels"
            with VerticalScroll(id="fields", can_focus=False):
                yield Field(
                    "texts",
                    ForeignInput(
                        values.get("source", "starter"), id="source", compact=True,
                        suggester=SourceSuggester([entry.name for entry in CORPORA]), select_on_focus=False,
                        placeholder="starter, or the path of a CSV, TSV, JSONL or TXT file",
                    ),
                    "name or path, → completes",
                )  # fmt: skip
                yield Field(
                    "column",
                    ForeignInput(
                        values.get("column", ""), id="column", compact=True, max_length=200,
                        placeholder="found by itself",
                    ),
                    "of a table that holds them",
                )  # fmt: skip
                preset = values.get("preset", "auto")
                yield Field(
                    "size",
                    Select(
                        [(name, name) for name in PRESETS], value=preset if preset in PRESETS else "auto",
                        allow_blank=False, id="preset", compact=True,
                    ),
                    "auto follows the corpus",
                )  # fmt: skip
                tokenizer = values.get("tokenizer", "")
                known = {value for _, value in TOKENIZERS}
                yield Field(
                    "tokens",
                    Select(
                        TOKENIZERS, value=tokenizer if tokenizer in known else "", allow_blank=False,
                        id="tokenizer", compact=True,
                    ),
                    "what it reads at a time",
                )  # fmt: skip
                cleaning = values.get("cleaning", "")
                yield Field(
                    "cleaning",
                    Select(
                        CLEANING, value=cleaning if cleaning in {"", "letters"} else "", allow_blank=False,
                        id="cleaning", compact=True,
                    ),
                    "of the texts, before all",
                )  # fmt: skip
                for choice in NUMBERS:
                    yield Field(
                        choice.label,
                        ForeignInput(
                            values.get(choice.name, ""), id=choice.name, compact=True,
                            restrict=r"[0-9_]*" if choice.kind is int else r"[0-9_.eE+\-]*",
                            placeholder=choice.described.unset or str(choice.default),
                        ),
                        explanation_of(choice),
                    )  # fmt: skip
                yield Field("name", ForeignInput("", id="name", compact=True, placeholder="made up"), "of the run")
            yield Static("", markup=False, id="estimate")
            with Horizontal(classes="buttons"):
                yield Button("Start", variant="primary", id="start", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        """Estimate what is there."""
        self.query_one("#source").focus()
        self._changed()

    @on(Input.Changed)
    @on(Select.Changed)
    def _changed(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(ESTIMATE_AFTER, self._estimate_soon)

    def _typed(self) -> dict[str, str]:
        typed = {name: self.query_one(f"#{name}", Input).value.strip() for name in (choice.name for choice in NUMBERS)}
        for name in ("source", "column"):
            typed[name] = self.query_one(f"#{name}", Input).value.strip()
        for name in ("preset", "tokenizer", "cleaning"):
            typed[name] = str(cast("Select[str]", self.query_one(f"#{name}", Select)).value)
        return typed

    def plan(self) -> Plan:
        """What was typed as a plan; SettingsError in a sentence where a value makes no sense."""
        typed = self._typed()
        if not typed["source"]:
            raise SettingsError("Say what to train on: 'starter' or the path of a file with texts.")
        values: dict[str, Any] = {"preset": typed["preset"]}
        if typed["tokenizer"]:
            values["tokenizer"] = typed["tokenizer"]
        if typed["column"]:
            values["column"] = typed["column"]
        if typed["cleaning"]:
            values["letters_only"] = True
        for choice in NUMBERS:
            text = typed[choice.name]
            if text:
                try:
                    values[choice.name] = choice.kind(text)
                except ValueError as error:
                    wanted = "a whole number" if choice.kind is int else "a number"
                    raise SettingsError(f"The {choice.label} must be {wanted}, not '{text}'.") from error
        return Plan(typed["source"], values, self.query_one("#name", Input).value.strip() or None)

    def _say(self, content: Content | str, style: str = "muted") -> None:
        line = self.query_one("#estimate", Static)
        line.set_classes(style)
        line.update(content)

    def _estimate_soon(self) -> None:
        try:
            plan = self.plan()
        except EngineError as error:
            self._say(plain_line(str(error)), "error")
            return
        if to_be_fetched(plan.source):
            self._say(f"{plan.source} is fetched from its authors when you start.")
        elif self._estimated != plan and not self._starting:
            self._say("loading torch…" if not self.bench.engine_loaded else "reading the texts…")
            self._estimate(plan)

    @work(thread=True, exclusive=True, group="estimate", exit_on_error=False)
    def _estimate(self, plan: Plan) -> None:
        outcome: Estimate | str
        try:
            if plan.name is not None and any(run.name == plan.name for run in self.bench.summaries()):
                raise EngineError(f"There is a run {plan.name} already; choose another name.")  # noqa: TRY301
            outcome = self.bench.estimate(plan)
        except PLAIN_ERRORS as error:
            outcome = sentence(error)
        except Exception as error:  # noqa: BLE001  # shown in words; the dialog stays as it is
            outcome = f"This cannot be estimated: {sentence(error)}."
        hand_over(self, self._show_estimate, plan, outcome)

    def _show_estimate(self, plan: Plan, outcome: Estimate | str) -> None:
        if not self.is_attached:
            return
        starting, self._starting = self._starting, False
        self.query_one("#start", Button).disabled = False
        if isinstance(outcome, str):
            self._estimated = None
            self._say(plain_line(outcome), "error")
            return
        self._estimated = plan
        notices = [Content("\n"), plain_line(" ".join(outcome.notices), "$text-warning")] if outcome.notices else []
        self._say(Content.assemble(Content(estimate_line(outcome)), *notices), "")
        if starting:
            self._leave(plan)

    @on(Input.Submitted)
    @on(Button.Pressed, "#start")
    def action_start(self) -> None:
        """Start if the plan can work; what is wrong is said here and nothing that was typed is lost."""
        try:
            plan = self.plan()
        except EngineError as error:
            self._say(plain_line(str(error)), "error")
            return
        if self._estimated == plan:
            self._leave(plan)
            return
        self._starting = True
        self.query_one("#start", Button).disabled = True
        self._say("fetching the texts…" if to_be_fetched(plan.source) else "reading the texts…")
        self._estimate(plan)

    def _leave(self, plan: Plan) -> None:
        self.bench.preferences.new_run = self._typed()
        problem = self.bench.remember()
        if problem:
            self.notify(problem, severity="warning", markup=False)
        self.dismiss(plan)

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Close without starting; the values are there again next time."""
        self.bench.preferences.new_run = self._typed()
        self.dismiss(None)


def explanation_of(choice: Choice) -> str:
    """A few words about a setting, as far as a line of the dialog has room for them."""
    help_ = choice.described.help.partition(";")[0].rstrip(".")
    return help_[:1].lower() + help_[1:]


def to_be_fetched(source: str) -> bool:
    """Whether the source is a corpus of the catalogue that is not on this machine yet."""
    return any(
        entry.name == source and entry.source == "download" and not is_present(entry, corpora_folder())
        for entry in CORPORA
    )


def estimate_line(estimate: Estimate) -> str:
    """What a training will be: what there is to learn and by whom, and how long that takes."""
    network = f"{estimate.preset}, {short_count(estimate.parameters)} parameters"
    epochs = "1 epoch" if estimate.epochs == 1 else f"{estimate.epochs} epochs"
    what = [
        f"{count(estimate.texts)} texts",
        f"vocabulary {count(estimate.vocabulary)}",
        network if estimate.parameters else estimate.preset,
    ]
    how_long = [epochs, f"about {roughly(estimate.seconds)} on {estimate.device} {estimate.precision}"]
    return "\n".join(" · ".join(parts) for parts in (what, how_long))
