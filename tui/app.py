"""The Textual app: two modes, one training at a time, and a way out that loses nothing."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.css.query import NoMatches
from textual.notifications import SeverityLevel
from textual.theme import Theme
from textual.worker import WorkerFailed

from ..core.errors import PLAIN_ERRORS
from ..core.home import home
from ..data.cleaning import one_line
from .bindings import key
from .desktop import desktop_notice
from .display import sentence
from .handing_over import hand_over
from .keymap import read_keymap
from .palette import JokegenCommands
from .places import PLACES
from .queueing import InputInOrder
from .requests import ModelChosen, RunChosen, TalkChosen, TrainingRequested
from .screens.help import HelpScreen
from .screens.kept import KeptScreen
from .screens.leave import LeaveScreen
from .screens.new_run import NewRunDialog
from .screens.new_run_fields import amended_fields
from .screens.prompt import PromptScreen
from .screens.runs import RunsScreen
from .screens.talks import TalksScreen
from .screens.texts import Amended, TextsScreen
from .screens.train import TrainScreen
from .stylesheet import ParsedStylesheet
from .widgets.title_line import TitleLine
from .workbench import LIVE, Plan, Workbench

if TYPE_CHECKING:
    from ..core.runs.store import RunStore

JOIN_SECONDS = 20.0
"""How long an app that is closed for another reason than the quit dialog waits for a training to save."""
KEYS = "keys.toml"
"""The file with the keys that a person set."""
PALETTE = Binding("ctrl+p", "command_palette", "palette", tooltip="All commands, themes and runs, by name")
"""As textual has it."""
SIGNALS = ("SIGTERM", "SIGHUP")
"""What a system or a closed terminal sends; a platform may lack some."""


class JokegenApp(InputInOrder):
    """Train a small LSTM on jokes, watch it learn, and talk to it.

    Args:
        run: the saved run to show and talk to; None: the newest.
        corpus: a corpus to open the new-run dialog with.
        store: the runs; None: those of the user.
    """

    TITLE = "JokeGen"
    CSS_PATH = "app.tcss"
    DEFAULT_MODE = "train"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {JokegenCommands}
    BINDINGS: ClassVar[list[BindingType]] = [
        key(
            "app.help", "f1", "help", "help", "This help (also ? where nothing is being typed)", shown=False, first=True
        ),
        key("app.train", "f2", "switch_mode('train')", "train", "The Train screen", shown=False),
        key("app.prompt", "f3", "switch_mode('prompt')", "prompt", "The Prompt screen", shown=False),
        key("app.kept", "f8", "kept", "kept", "The kept texts: find, edit, tag, drop, copy, export", shown=False),
        key("app.talks", "f9", "talks", "talks", "The talks so far: take one up, rename, export, delete", shown=False),
        key("app.quit", "ctrl+q", "quit", "quit", "Quit; a training is asked about and saved", shown=False, first=True),
        key("app.interrupt", "ctrl+c", "quit", "quit", "Quit", shown=False),
    ]

    PLACES: ClassVar[Mapping[str, Sequence[BindingType]]] = {"Everywhere": [*BINDINGS, PALETTE], **PLACES}
    """All keys, by where they count."""

    def __init__(self, run: str | None = None, corpus: str | None = None, store: RunStore | None = None) -> None:
        """Nothing is loaded before the first paint."""
        super().__init__()
        self.stylesheet = ParsedStylesheet(self.get_css_variables())
        self.bench = Workbench(store, run)
        self._corpus = corpus
        self._ended_session: object = None
        self._notices_shown = 0
        self._patience = JOIN_SECONDS
        self.add_mode("train", lambda: TrainScreen(self.bench))  # pyright: ignore[reportUnknownMemberType]
        self.add_mode("prompt", lambda: PromptScreen(self.bench))  # pyright: ignore[reportUnknownMemberType]
        self.keymap = read_keymap(home() / KEYS, [*self.PLACES.values()])
        self.set_keymap(self.keymap.keys)
        if self.bench.preferences.theme in self.available_themes:
            self.theme = self.bench.preferences.theme

    def on_mount(self) -> None:
        """Paint first."""
        self.theme_changed_signal.subscribe(self, self._remember_theme)
        self.set_interval(0.5, self._watch_session)
        self._heed_signals()
        for problem in self.keymap.problems:
            self.notify(problem, severity="warning")
        if self._corpus is not None:
            self.call_after_refresh(self.action_new_run, self._corpus)
        self.call_after_refresh(self._load_voice)

    @work(thread=True, group="voice", exit_on_error=False)
    def _load_voice(self) -> None:
        self.bench.load_voice()

    def _heed_signals(self) -> None:
        """Being told to end is a way out like any other: the training is saved and the terminal is put back."""
        for name in SIGNALS:
            try:
                asyncio.get_running_loop().add_signal_handler(getattr(signal, name), self.exit)
            except (AttributeError, NotImplementedError, RuntimeError, ValueError):
                # Not on this platform, or not in the main thread, as in some tests and when served in a browser.
                continue

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,  # noqa: ARG002
    ) -> None:
        """Show a notification of any widget; its text is never markup and holds nothing a terminal would obey."""
        super().notify(one_line(message), title=one_line(title), severity=severity, timeout=timeout, markup=False)

    def report(self, message: str) -> None:
        """Show one sentence about something that went wrong."""
        self.notify(message, severity="error", timeout=12)

    def _remember_theme(self, theme: Theme) -> None:
        if theme.name != self.bench.preferences.theme:
            self.bench.preferences.theme = theme.name
            problem = self.bench.remember()
            if problem:
                self.report(problem)

    def _watch_session(self) -> None:
        """Say once what a training has to say and how it ended, on whatever screen one is, and that it goes on."""
        bench = self.bench
        if not self.screen_stack:  # the app is closing
            return
        for title in self.screen.query_children(TitleLine):
            title.tell_training(bench.training_elsewhere if title.mode == "train" else bench.training_line)
        session = bench.session
        if session is None or session is self._ended_session:
            return
        snapshot = session.snapshot()
        for notice in snapshot.notices[self._notices_shown :]:
            self.notify(notice, severity="warning")
        self._notices_shown = len(snapshot.notices)
        if not session.done.is_set():
            return
        self._ended_session, self._notices_shown = session, 0
        run = bench.session_run() or "The training"
        if snapshot.state == "failed":
            self.report(snapshot.message)
        elif not (isinstance(self.screen, TrainScreen) and bench.show_session):  # there it stands beside the figures
            self.notify(f"{run}: {snapshot.message}")
        if not self.app_focus:
            self._call_back(f"JokeGen: {run} – {snapshot.message}")
        self.screen.refresh_bindings()

    def _call_back(self, message: str) -> None:
        """Ring, and have the terminal show a notice, for whoever looks at another window."""
        if self._driver is not None:
            self._driver.write(desktop_notice(message))

    @on(TrainingRequested)
    def start_training(self, message: TrainingRequested) -> None:
        """Start a training and show it."""
        if self.bench.training:
            self.report("A training is going on; stop it before starting another.")
            return
        self.bench.starting = True
        self.bench.show_session = True
        self.switch_mode("train")
        self.screen.refresh_bindings()
        self._begin(message.plan)

    @work(thread=True, group="begin", exit_on_error=False)
    def _begin(self, plan: Plan) -> None:
        problem = ""
        try:
            self.bench.begin(plan)
        except PLAIN_ERRORS as error:
            problem = sentence(error)
        except Exception as error:  # noqa: BLE001  # shown in words; the app stays
            problem = f"The training did not start: {sentence(error)}."
        hand_over(self, self._begun, problem)

    def _begun(self, problem: str) -> None:
        self.bench.starting = False
        if problem:
            self.report(problem)
        for screen in self.screen_stack:
            if isinstance(screen, TrainScreen):
                screen.remove_class("-preparing")
                screen.show_run()
                screen.refresh_numbers()
        self.screen.refresh_bindings()

    @on(RunChosen)
    def show_run(self, message: RunChosen) -> None:
        """Show a saved run, or the session when it is that run."""
        bench = self.bench
        bench.shown = message.name
        bench.show_session = bench.session is not None and bench.session_run() == message.name
        self.switch_mode("train")
        screen = self.screen
        if isinstance(screen, TrainScreen):
            screen.show_again()

    @on(ModelChosen)
    async def talk(self, message: ModelChosen) -> None:
        """Go to the Prompt screen with a model."""
        await self.switch_mode("prompt")
        if isinstance(self.screen, PromptScreen) and message.choice is not None:
            self.screen.use_model(message.choice)

    @on(TalkChosen)
    async def go_on_talking(self, message: TalkChosen) -> None:
        """Go to the Prompt screen with an earlier talk."""
        await self.switch_mode("prompt")
        if isinstance(self.screen, PromptScreen):
            self.screen.open_talk(message.id)

    def action_new_run(self, corpus: str | None = None) -> None:
        """Open the dialog for a new run."""
        if isinstance(self.screen, NewRunDialog):
            return
        if self.bench.training:
            self.report("A training is going on; stop it (s) before starting another.")
            return

        def start(plan: Plan | None) -> None:
            if plan is not None:
                self.post_message(TrainingRequested(plan))

        self.push_screen(NewRunDialog(self.bench, corpus), start)

    def action_texts(self) -> None:
        """Show the texts of the run on show; what is decided about them holds for the next run."""
        view = self.screen.view if isinstance(self.screen, TrainScreen) else None
        if view is None:
            return
        bench, run = self.bench, view.name
        try:
            source, before = bench.amended(run)
        except PLAIN_ERRORS as error:
            self.report(sentence(error))
            return

        def take(amended: Amended | None) -> None:
            if amended is not None:
                self.notify(bench.amend_next(run, amended_fields(amended)))

        speaker = lambda: bench.talker(LIVE if view.live and bench.training else run).generator  # noqa: E731
        self.push_screen(TextsScreen(source, lambda: bench.read_again(run), speaker, Amended(*before)), take)

    def action_runs(self) -> None:
        """Open the list of runs."""
        if isinstance(self.screen, RunsScreen):
            return

        def show(name: str | None) -> None:
            if name is not None:
                self.post_message(RunChosen(name))

        self.push_screen(RunsScreen(self.bench), show)

    def action_kept(self) -> None:
        """Open the list of kept texts."""
        if not isinstance(self.screen, KeptScreen):
            self.push_screen(KeptScreen(self.bench))

    def action_talks(self) -> None:
        """Open the list of talks."""
        if isinstance(self.screen, TalksScreen):
            return

        def go_on(id: str | None) -> None:  # noqa: A002
            if id is not None:
                self.post_message(TalkChosen(id))

        self.push_screen(TalksScreen(self.bench), go_on)

    def action_help(self) -> None:
        """Show all keys, those that count on this screen first; again closes them."""
        if isinstance(self.screen, HelpScreen):
            self.screen.dismiss()
        else:
            own = type(self.screen).BINDINGS
            here = [title for title, bindings in self.PLACES.items() if any(each in own for each in bindings)]
            first = [
                title for title in self.PLACES if any(title == each or title.startswith(f"{each}, ") for each in here)
            ]
            places = {title: self.PLACES[title] for title in (*first, *self.PLACES)}
            self.push_screen(HelpScreen(places, self.keymap.keys))

    async def action_quit(self) -> None:
        """Leave; a training in progress is asked about and saved first."""
        if isinstance(self.screen, LeaveScreen):
            return
        session = self.bench.session
        if session is None or session.done.is_set():
            self.exit()
            return

        def leave(saved: bool | None) -> None:
            if saved is not None:
                self._patience = JOIN_SECONDS if saved else 0.0
                self.exit()

        self.push_screen(LeaveScreen(session), leave)

    def _handle_exception(self, error: Exception) -> None:
        """While the app ends, Textual takes widgets away one by one and makes new ones without their parts.

        Whoever looks for one of them then, Textual's own palette too, has nothing to show to anybody.
        """
        cause = error.error if isinstance(error, WorkerFailed) else error
        if not (self._exit and isinstance(cause, NoMatches)):
            super()._handle_exception(error)

    async def on_unmount(self) -> None:
        """Whatever ended the app, the training is stopped and saved."""
        session = self.bench.session
        if session is not None and not session.done.is_set():
            session.stop()
            await asyncio.to_thread(session.join, self._patience)
