"""The dialog for a new run: what to train on, how it is read, how large, how long; what is shown is what starts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Button, Input, Static

from ...core.errors import PLAIN_ERRORS, EngineError
from ..bindings import key
from ..display import plain_line, sentence
from ..handing_over import app_of, done_telling, hand_over, is_cancelled
from ..widgets.field_line import Field, FieldLine
from ..widgets.preview import Preview
from ..widgets.source_line import SourceLine
from ..workbench import Plan, Workbench
from .buying import estimate_lines
from .new_run_fields import (
    CORRECT,
    EXCLUDE,
    LAST,
    NAME,
    TIME,
    amended_fields,
    as_it_stands,
    as_shown,
    columns_to_step,
    explanation_of,
    fields_of_settings,
    layouts_to_step,
    plan_of,
    restriction,
    shown_by_estimate,
    shown_by_reading,
    stamp_of,
    time_shown,
    to_be_fetched,
    values_to_step,
    without_value,
)
from .texts import Amended, TextsScreen
from .time_dial import TimeDial

if TYPE_CHECKING:
    from ...core.training.estimation import Estimate
    from ...core.training.sweeping import Fitted
    from ...data.interpretation import Reading
    from ...data.reading import Texts

LOOK_AFTER = 0.3
"""Seconds without a change before the texts are read."""
_SOURCE = "source"
_OF_A_SOURCE = ("column", "texts", "where", EXCLUDE, CORRECT)
"""Settings that mean nothing for other texts."""
_EXPLAINED = {
    _SOURCE: "What to train on: a name, a file, a folder or a pattern. ↓ lists what is there.",
    NAME: "What the run is called. Letters, digits and dashes.",
}


class NewRunDialog(ModalScreen["Plan | None"]):
    """Collects a plan; its result is the plan, or None when it was cancelled. Values are remembered as typed."""

    CSS_PATH = "new_run.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (20, "-medium"), (30, "-tall")]  # noqa: RUF012
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (66, "-normal")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        key("new-run.start", "ctrl+s", "start", "start", "Start the training as it is shown", first=True),
        key("new-run.cancel", "escape", "cancel", "cancel", "Close the dialog; nothing starts"),
        key("new-run.columns", "ctrl+o", "change('column')", "columns", "Read other columns of a table"),
        key("new-run.texts", "ctrl+l", "change('texts')", "texts", "Divide plain text in another way"),
        key("new-run.tokenizer", "ctrl+t", "change('tokenizer')", "tokens", "Take other tokens"),
        key("new-run.spacing", "ctrl+b", "change('keep_spacing')", "spacing", "Keep the blanks as they are, or not"),
        key("new-run.data", "ctrl+g", "texts", "data", "Look at the texts, leave some out or correct them", first=True),
        key("new-run.page-up", "pageup", "page(-1)", "scroll", "Scroll what was read", first=True),
        key("new-run.page-down", "pagedown", "page(1)", "scroll", "Scroll what was read down", first=True),
    ]

    def __init__(self, bench: Workbench, corpus: str | None = None) -> None:
        """Start from the remembered values, or from ``corpus``."""
        super().__init__()
        self.bench = bench
        self._values = dict(bench.preferences.new_run)
        if corpus is not None and corpus != self._values.get(_SOURCE):
            self._values = {**self._values, _SOURCE: corpus, **dict.fromkeys(_OF_A_SOURCE, "")}
        self._explained = {**{choice.name: explanation_of(choice) for choice in fields_of_settings()}, **_EXPLAINED}
        self._chosen_for = self._values.get(_SOURCE, "starter")
        """The source that column and numbers of texts were chosen for."""
        self._source = SourceLine(self._chosen_for)
        self._reading = Preview()
        self._timer: Timer | None = None
        self._seen: tuple[Plan, Estimate, Fitted | None] | None = None
        """The plan that the screen shows the reading and the estimate of, and what is to be swept."""
        self._looking: Plan | None = None
        """The plan that a thread looks at."""
        self._awaited: Plan | None = None
        """The plan that is to start as soon as it was looked at."""
        self._texts: tuple[object, Texts] | None = None
        """What was read last, and as what."""

    def compose(self) -> ComposeResult:
        """Fields, reading, estimate, explanation and buttons."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "New run"
            dialog.border_subtitle = "enter starts · tab next field · esc cancels"
            with VerticalScroll(id="fields", can_focus=False):
                with Horizontal(classes="wide"):
                    yield Static("corpus", markup=False, classes="label")
                    yield self._source
                yield TimeDial(self._values.get(TIME, ""))
                with Container(id="settings"):
                    for choice in fields_of_settings()[1:]:
                        if choice.name == LAST[0]:
                            yield Field(NAME, FieldLine("", "made up", id=NAME))
                        line = FieldLine(
                            self._values.get(choice.name, ""), without_value(choice),
                            values=values_to_step(choice), restrict=restriction(choice), id=choice.name,
                        )  # fmt: skip
                        yield Field(choice.label, line)
            yield self._reading
            yield Static("", markup=False, id="estimate")
            with Horizontal(id="bottom"):
                yield Static("", markup=False, id="explanation")
                yield Button("Start", variant="primary", id="start", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        """Look at what is there."""
        self._source.line.focus()  # held: the app may be ended before all of it is there
        self._changed()
        self.call_after_refresh(self._show_keys)
        self.watch(self._reading, "show_vertical_scrollbar", self._show_keys, init=False)

    def _show_keys(self) -> None:
        """Beside the reading stand the keys that correct it, as they are set, and the one that shows the rest of it."""
        shown = [
            f"{app_of(self).get_key_display(active.binding)} {active.binding.description}"
            for active in self.active_bindings.values()
            if active.binding.action.startswith("change(")
        ]
        if self._reading.show_vertical_scrollbar:
            shown += [
                f"{app_of(self).get_key_display(active.binding)} more"
                for active in self.active_bindings.values()
                if active.binding.action == "page(1)"
            ]
        self._reading.border_title = plain_line(" · ".join(["as read", *shown])).markup

    @on(DescendantFocus)
    def _explain(self, event: DescendantFocus) -> None:
        self.query_one("#explanation", Static).update(self._explained.get(event.widget.id or "", ""))
        self.query(".label").remove_class("-current")
        for row in event.widget.ancestors:
            if isinstance(row, Horizontal):
                row.query(".label").add_class("-current")
                break

    @on(Input.Changed, f"#{_SOURCE}")
    def _other_source(self) -> None:
        # Columns belong to a table; those of the one before would be refused. So do conditions and numbers of texts.
        before, self._chosen_for = self._chosen_for, self._typed()[_SOURCE]
        if before != self._chosen_for:
            for name in ("column", "where", EXCLUDE, CORRECT):
                self.query_one(f"#{name}", FieldLine).value = ""

    @on(Input.Changed)
    def _changed(self) -> None:
        self._awaited = None
        self.query_one(TimeDial).show(time_shown(self._typed()))
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(LOOK_AFTER, self._look_soon)

    def _typed(self) -> dict[str, str]:
        names = (_SOURCE, *(choice.name for choice in fields_of_settings()), NAME)
        return {name: self.query_one(f"#{name}", Input).value.strip() for name in names}

    def plan(self) -> Plan:
        """What was typed as a plan; SettingsError in a sentence where a value makes no sense."""
        return plan_of(self._typed())

    def action_change(self, name: str) -> None:
        """Take the next value of a field, wherever the focus is."""
        if not self.query_one(f"#{name}", FieldLine).step(1):
            self._say(f"There is nothing to choose: {self.query_one(f'#{name}', FieldLine).placeholder}.")

    def action_texts(self) -> None:
        """Show the texts as they are read; what is decided there stands in the fields then."""
        try:
            plan = self.plan()
        except EngineError as error:
            self._refuse(str(error))
            return

        def take(amended: Amended | None) -> None:
            for name, value in ({} if amended is None else amended_fields(amended)).items():
                self.query_one(f"#{name}", FieldLine).value = value

        whole, before = as_it_stands(plan)
        screen = TextsScreen(plan.source, lambda: self.bench.read(whole), None, Amended(*before))
        self.app.push_screen(screen, take)  # pyright: ignore[reportUnknownMemberType]

    def action_page(self, direction: int) -> None:
        """Scroll what was read."""
        self._reading.scroll_relative(y=direction * max(1, self._reading.size.height - 1), animate=False)

    def _say(self, content: Content | str, style: str = "muted") -> None:
        line = self.query_one("#estimate", Static)
        line.set_classes(style)
        line.update(content)

    def _refuse(self, said: str) -> None:
        self._seen = self._awaited = None
        self._say(plain_line(said), "error")

    def _look_soon(self) -> None:
        try:
            plan = self.plan()
        except EngineError as error:
            self._looking = None
            self._refuse(str(error))
            return
        if to_be_fetched(plan.source):
            self._looking = None  # what is being read is of other fields
            self._reading.show(None)
            self._say(f"{plan.source} is fetched from its authors when you start.")
        elif self._looking != plan and (self._seen is None or self._seen[0] != plan):
            self._look(plan)

    def _look(self, plan: Plan) -> None:
        self._looking = plan
        self._reading.add_class("-stale")
        waits = " It starts when that is done." if self._awaited else ""
        what = "Fetching" if to_be_fetched(plan.source) else "Reading"
        self._say(f"{what} the texts …{waits}")
        self._read(plan)

    @work(thread=True, exclusive=True, group="look", exit_on_error=False)
    def _read(self, plan: Plan) -> None:
        outcome: Estimate | str
        fitted: Fitted | None = None
        show = partial(self._show_progress, plan)
        try:
            if plan.name is not None and any(run.name == plan.name for run in self.bench.summaries()):
                raise EngineError(f"There is a run {plan.name} already; choose another name.")  # noqa: TRY301
            options = self.bench.settings_of(plan).reading
            read_as = (plan.source, options, stamp_of(plan.source))
            known = self._texts
            is_known = known is not None and known[0] == read_as
            texts = known[1] if known and is_known else done_telling(self, self.bench.reading(plan), show)
            if texts is None or is_cancelled():
                return
            self._texts = (read_as, texts)
            hand_over(self, self._show_reading, plan, texts.reading)
            if is_cancelled():  # estimates of closed dialogs would hold all their widgets
                return
            estimate = done_telling(self, self.bench.estimating(plan, texts), show)
            if estimate is None:
                return
            outcome = estimate
            fitted = self.bench.sweep_of(plan, outcome) if plan.is_sweep else None
        except PLAIN_ERRORS as error:
            outcome = sentence(error)
        except Exception as error:  # noqa: BLE001  # shown in words; the dialog stays as it is
            outcome = f"This cannot be estimated: {sentence(error)}."
        hand_over(self, self._show_outcome, plan, outcome, fitted)

    def _show_progress(self, plan: Plan, said: str) -> None:
        if self.is_attached and self._looking == plan:
            self._say(plain_line(f"{said}. It starts when that is done." if self._awaited else f"{said} …"), "muted")

    def _show_reading(self, plan: Plan, reading: Reading) -> None:
        if not self.is_attached or self._looking != plan:
            return
        self._reading.show(reading, reading.notices)
        self.query_one("#column", FieldLine).query_ancestor(Field).offer(columns_to_step(reading))
        self.query_one("#texts", FieldLine).query_ancestor(Field).offer(layouts_to_step(reading))
        self._show_defaults(shown_by_reading(reading))
        waits = " It starts when that is done." if self._awaited else ""
        self._say(("Measuring the time …" if self.bench.engine_loaded else "Loading torch …") + waits)

    def _show_defaults(self, shown: Mapping[str, str]) -> None:
        for name, text in shown.items():
            self.query_one(f"#{name}", FieldLine).placeholder = plain_line(text).plain

    def _show_outcome(self, plan: Plan, outcome: Estimate | str, fitted: Fitted | None) -> None:
        if not self.is_attached or self._looking != plan:
            return
        self._looking = None
        if isinstance(outcome, str):
            if self._texts is None or self._texts[1].reading.sources != (plan.source,):
                self._reading.show(None)
            self._reading.remove_class("-stale")
            self._refuse(outcome)
            return
        self._seen = (plan, outcome, fitted)
        self._reading.show(outcome.reading, outcome.notices)
        self._show_defaults(shown_by_estimate(outcome))
        self._say(estimate_lines(outcome, plan.values.get(TIME), fitted), "")
        if self._awaited == plan and self._is_still(plan):
            self._leave(*self._seen)

    def _is_still(self, plan: Plan) -> bool:
        """Whether the fields say what they said when ``plan`` was made of them."""
        try:
            return self.plan() == plan
        except EngineError:
            return False

    @on(Input.Submitted)
    @on(Button.Pressed, "#start")
    def action_start(self) -> None:
        """Start what is shown; what is not shown yet is looked at first, and what is wrong is said here."""
        try:
            plan = self.plan()
        except EngineError as error:
            self._refuse(str(error))
            return
        if self._seen is not None and self._seen[0] == plan:
            self._leave(*self._seen)
            return
        self._awaited = plan
        if self._looking == plan:
            self._say("Still looking at the texts; it starts when that is done.")
        else:
            self._look(plan)

    def _leave(self, plan: Plan, estimate: Estimate, fitted: Fitted | None) -> None:
        self.bench.preferences.new_run = self._typed()
        problem = self.bench.remember()
        if problem:
            self.notify(problem, severity="warning", markup=False)
        self.dismiss(as_shown(plan, estimate, fitted))

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Close without starting; the values are there again next time."""
        self.bench.preferences.new_run = self._typed()
        self.dismiss(None)
