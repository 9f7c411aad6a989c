"""The Train screen: the loss as it falls, the figures, and what the model says after each epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.timer import Timer
from textual.widgets import Static

from ...core.durations import seconds_of
from ...core.errors import PLAIN_ERRORS
from ...core.runs.voice import BUNDLED, has_voice
from ..bindings import key
from ..charts.curves import Curves
from ..display import plain, plain_line, sentence
from ..handing_over import hand_over
from ..requests import ModelChosen, TrainingRequested
from ..view import RunView, view_of_run, view_of_session
from ..widgets.chart import RunChart
from ..widgets.figures import RunNumbers
from ..widgets.key_line import KeyLine
from ..widgets.sample_list import SampleList
from ..widgets.title_line import TitleLine
from ..widgets.welcome import Welcome
from ..workbench import LIVE, Plan, Workbench
from .charting import CHART_KEYS, Charting
from .new_run_fields import TIME, USUAL_TIME
from .steer import SteerDialog

if TYPE_CHECKING:
    from ...core.training.session import TrainingSession

NUMBERS_EVERY, CHART_EVERY, FOLLOW_EVERY = 0.5, 1.0, 2.0
"""Seconds between two looks at the session: what changes faster is not read, and the training pays for each paint."""


class TrainScreen(Charting):
    """Watches the session of the workbench, or shows a run that is on disk."""

    CSS_PATH = "train.tcss"
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-slim"), (80, "-normal"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (11, "-flat"), (16, "-medium"), (32, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        key("train.start", "enter", "train_starter", "train on jokes", "Train on the jokes that come with it"),
        key("train.pause", "space", "pause", "pause", "Pause the training, or go on with it"),
        key("train.pause", "space", "unpause", "go on", "Go on with the training"),
        key("train.stop", "s", "stop", "stop", "Stop the training and save it; r goes on later"),
        key("train.tune", "t", "steer", "tune", "Change the training: rate, dropout, epochs, or finish it"),
        key("train.watch", "w", "watch", "watch", "Back to the run in training"),
        key("train.go-on", "r", "resume_run", "go on", "Go on with this run"),
        key(
            "train.back",
            "h",
            "go_back",
            "go back",
            "Train again what ran away, going back to half the rate where it does",
        ),
        key("train.new", "n", "new_run", "new", "A new run: texts, size, epochs …"),
        # While a training goes on the key is not offered, but it still says why nothing happens.
        key("train.new", "n", "app.new_run", "new", "A new run: texts, size, epochs …", shown=False),
        key("train.prompt", "p", "prompt", "prompt", "Prompt the model on show, also while it trains"),
        key("train.runs", "o", "app.runs", "runs", "Open a run, rename or delete it"),
        key("train.texts", "d", "app.texts", "data", "The texts it learns from; leave some out", shown=False),
        *CHART_KEYS,
        key("train.help", "question_mark", "app.help", "help", "This help"),
        key("train.quit", "q", "app.quit", "quit", "Quit"),
    ]

    numbers = query_one(RunNumbers)
    title_line = query_one(TitleLine)

    def __init__(self, bench: Workbench) -> None:
        """A screen that watches ``bench``."""
        super().__init__(bench)
        self._shown: tuple[object, ...] = ()
        """Version and state of the snapshot on the screen; a pause changes the state alone."""
        self._drawn: tuple[object, ...] = ()
        self._looks: list[Timer] = []

    def compose(self) -> ComposeResult:
        """Title, chart beside figures, samples, keys; or the welcome."""
        yield TitleLine("train")
        yield Welcome(id="welcome")
        yield Static("", markup=False, id="preparing")
        with Horizontal(id="curves"):
            with Vertical(id="panes"):
                yield RunChart(id="chart")
                yield RunChart(id="below")
            yield RunNumbers(id="numbers")
        yield SampleList(id="samples")
        yield KeyLine()

    def on_mount(self) -> None:
        """Start looking at the session."""
        self.numbers.border_title = "numbers"
        self.title_chart()
        self.set_interval(FOLLOW_EVERY, self._follow_run)
        self._looks = [
            self.set_interval(NUMBERS_EVERY, self.refresh_numbers),
            self.set_interval(CHART_EVERY, self.refresh_chart),
        ]
        self.call_after_refresh(self.show_run)

    def on_screen_suspend(self, _event: events.ScreenSuspend) -> None:
        """Nobody looks: stop drawing."""
        for timer in self._looks:
            timer.pause()

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        """Catch up and go on drawing."""
        for timer in self._looks:
            timer.resume()
        if self.is_mounted:
            self.refresh_numbers()
            self.refresh_chart()
            self.lay_over()

    @property
    def session(self) -> TrainingSession | None:
        """The session on show."""
        return self.bench.session if self.bench.show_session else None

    def show_again(self) -> None:
        """Another run is to be shown, or the session again."""
        self._shown, self._drawn = (), ()
        self.show_run()
        self.refresh_numbers()
        self.refresh_chart()

    @work(thread=True, exclusive=True, group="show-run", exit_on_error=False)
    def show_run(self) -> None:
        """Read the run to show from disk and show it, unless a session is on show."""
        if self.session is not None or self.bench.starting:
            return
        problem = ""
        try:
            try:
                view, curves = self._read_run()
            except PLAIN_ERRORS as error:
                problem, self.bench.shown = sentence(error), None
                view, curves = self._read_run()
        except PLAIN_ERRORS as error:
            problem = problem or sentence(error)
            view, curves = None, None
        hand_over(self, self._show_saved, view, curves, problem)

    def _read_run(self) -> tuple[RunView | None, Curves | None]:
        run = self.bench.run_on_show()
        if run is None:
            return None, None
        view = view_of_run(run)
        return view, view.curves(run.book())

    def _show_saved(self, view: RunView | None, curves: Curves | None, problem: str) -> None:
        if self.session is not None or self.bench.starting:
            return
        if problem:
            self.notify(problem, severity="error", markup=False, timeout=10)
        self.set_class(view is None, "-welcome")
        if view is not None:
            self._show(view)
            if curves is not None:
                self.draw(curves)
        else:
            self.view = None
            self.remove_class("-preparing")
            self.title_line.tell("no run yet" if not problem else "")
        self.refresh_bindings()

    def _follow_run(self) -> None:
        """A run that another JokeGen trains grows on the disk, on show or laid over."""
        if self.growing & set(self.bench.marked):
            self.lay_over()
        if self.session is not None or self.view is None or self.view.live:
            return
        watched = self.bench.store.watched
        if watched or self.view.state == "training":
            self.show_run()

    def refresh_numbers(self) -> None:
        """Pull the session's figures; nothing happens when nothing changed."""
        if self.bench.starting and not self.bench.engine_loaded:
            self._say_preparing("loading torch…")
            return
        session = self.session
        if session is None:
            if self.bench.starting:
                self._say_preparing("starting…")
            return
        snapshot = session.snapshot()
        if snapshot.state == "failed" and snapshot.started is None and session.done.is_set():
            # It never got as far as a run; the app says why, and what was on the screen before comes back.
            self.bench.show_session = False
            self.show_again()
            return
        shown = (id(session), snapshot.version, snapshot.state)
        if shown != self._shown:
            self._shown = shown
            self._show(view_of_session(snapshot))
            self.lay_over_swept(snapshot.earlier)

    def _say_preparing(self, message: str) -> None:
        self.set_class(False, "-welcome")
        self.set_class(True, "-preparing")
        self.query_one("#preparing", Static).update(plain_line(message))
        self.title_line.tell(message)

    def _show(self, view: RunView) -> None:
        before, self.view = self.view, view
        self.remove_class("-welcome")
        waiting = view.live and not view.step and not view.epochs and view.state in {"preparing", "stopping", "failed"}
        self.set_class(waiting, "-preparing")
        if waiting:
            style = "bold $text-error" if view.state == "failed" else ""
            self.query_one("#preparing", Static).update(plain(view.message or "preparing…", style))
        self.numbers.show(view)
        self.samples.show(view.name, view.samples)
        self.title_line.tell(view.name, view.corpus, view.preset, view.device)
        if before is None or (before.state, before.live, before.name) != (view.state, view.live, view.name):
            self.refresh_bindings()

    def refresh_chart(self) -> None:
        """Draw the session's curve when it is visible and has changed."""
        session, view = self.session, self.view
        if session is None or view is None or not view.live or not self.chart.display:
            return
        drawn = (id(session), view.step, len(view.epochs), view.state, view.name)
        if drawn != self._drawn:
            self._drawn = drawn
            self.draw(view.curves(session.source))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Only keys that do something now are shown and work."""
        working = self.bench.training
        view = self.view
        if action in {"pause", "unpause", "stop", "steer"}:
            # They mean the training, whatever run is on show.
            session = self.bench.session if working else None
            paused = session is not None and session.snapshot().state == "paused"
            return session is not None and (action in {"stop", "steer"} or paused == (action == "unpause"))
        if action == "watch":
            return working and self.session is None and not self.bench.starting
        if action == "train_starter":
            return not working and view is None
        if action == "resume_run":
            return not working and view is not None and view.resumable
        if action == "go_back":
            return not working and view is not None and view.diverged
        if action == "prompt":
            return working or view is not None or has_voice()
        if action in {"metric", "log", "series", "axis", "cursor", "smooth", "hide_line", "panes"}:
            return view is not None
        if action == "unmark":
            return bool(self.bench.marked)
        if action == "new_run":
            return not working
        return True

    def action_train_starter(self) -> None:
        """Train on the jokes that come with the app."""
        self.post_message(TrainingRequested(Plan(values={TIME: seconds_of(USUAL_TIME)})))

    async def action_new_run(self) -> None:
        """Open the dialog for a new run."""
        await self.run_action("app.new_run")

    def action_resume_run(self) -> None:
        """Go on with the interrupted run on show."""
        if self.view is not None and self.view.resumable:
            self.post_message(TrainingRequested(Plan(resume=self.view.name)))

    def action_go_back(self) -> None:
        """Train the run on show again, but go back where the loss runs away."""
        view = self.view
        if view is None or not view.diverged:
            return
        if self.bench.store.open(view.name).info.settings.on_divergence == "rollback":
            self.notify("It went back as often as it may; press n and choose a lower learning rate.", markup=False)
            return
        self.post_message(TrainingRequested(Plan(values={"on_divergence": "rollback"}, again=view.name)))

    def action_pause(self) -> None:
        """Pause the training."""
        if self.bench.session is not None:
            self.bench.session.pause()
            self._changed()

    def action_unpause(self) -> None:
        """Go on with the training."""
        if self.bench.session is not None:
            self.bench.session.resume()
            self._changed()

    def action_stop(self) -> None:
        """Stop the training; everything so far is kept."""
        if self.bench.session is not None:
            self.bench.session.stop()
            self._changed()

    def _changed(self) -> None:
        self.refresh_numbers()
        self.title_line.tell_training(self.bench.training_elsewhere)
        self.refresh_bindings()

    def action_watch(self) -> None:
        """Show the run in training again."""
        self.bench.show_session = True
        self.show_again()
        self._changed()

    def action_steer(self) -> None:
        """Choose what to change while it trains."""
        if self.bench.session is not None:
            self.app.push_screen(SteerDialog(self.bench.session))  # pyright: ignore[reportUnknownMemberType]

    def action_prompt(self) -> None:
        """Talk to the model on show."""
        view = self.view
        live = self.bench.starting or (self.session is not None and (view is None or view.live))
        if live:
            self.post_message(ModelChosen(LIVE))
        else:
            self.post_message(ModelChosen(BUNDLED if view is None else view.name))
