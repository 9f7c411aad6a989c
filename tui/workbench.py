"""What the app is working on: the store of runs, the training in progress, the run on show. It knows no widget.

Methods that say so block (they read files or load torch) and belong in a thread worker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..core.errors import EngineError
from ..core.home import corpora_folder, home, kept_file, runs_folder, sweeps_folder, talks_folder
from ..core.runs.files import write_atomically
from ..core.runs.status import ONLY_WATCHED
from ..core.runs.voice import BUNDLED, has_voice
from .handing_over import is_cancelled
from .numbers import count, perplexity
from .preferences import Preferences, load_preferences, save_preferences
from .view import STATE_MARKS

if TYPE_CHECKING:
    from ..core.keeping.autosaves import Autosave
    from ..core.keeping.collection import Collection
    from ..core.keeping.talks import StoredTalk, TalkStore
    from ..core.runs.comparison import Records, RunRecord
    from ..core.runs.folder import Run
    from ..core.runs.info import RunSummary
    from ..core.runs.store import RunStore
    from ..core.runs.sweeps import SweepPlan
    from ..core.settings import TrainingSettings
    from ..core.speaking.generation import Generator
    from ..core.training.estimation import Estimate
    from ..core.training.session import TrainingSession
    from ..core.training.sweeping import Fitted
    from ..data.advance import Work
    from ..data.reading import Texts

LIVE: Literal["\0live"] = "\0live"
"""The choice of the model in training; no run can have this name."""


@dataclass(frozen=True)
class Plan:
    """A training that was asked for, in values that need no torch."""

    source: str = "starter"
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Fields of TrainingSettings that were chosen."""
    name: str | None = None
    resume: str | None = None
    """The run to go on with; the rest is then taken from it."""
    again: str | None = None
    """The run to repeat as a new one; of ``values`` only ``on_divergence`` counts then."""
    grid: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Settings of which several values are tried against each other, as typed; ``values`` has the first of each."""
    seeds: int = 1
    sweep: SweepPlan | None = None
    """The sweep that ``grid`` and ``seeds`` stand for, once it is known what it takes."""

    @property
    def is_sweep(self) -> bool:
        """Whether it is many trainings rather than one."""
        return bool(self.grid)


@dataclass(frozen=True, eq=False)
class Talker:
    """A model to talk to."""

    choice: str
    """What was chosen: a run's name or ``LIVE``."""
    run: str
    """The run that the hidden state of a talk belongs to."""
    generator: Generator
    valid_loss: float | None


@dataclass(frozen=True, eq=False)
class Reopened:
    """An earlier talk that is taken up again."""

    stored: StoredTalk
    autosave: Autosave
    """What keeps it from now on."""
    run: str
    """The run that spoke last, empty when it is not here."""
    notices: tuple[str, ...]
    """What is to be said about it."""


class Workbench:
    """The app's state beside its widgets, shared by its screens."""

    def __init__(self, store: RunStore | None = None, shown: str | None = None) -> None:
        """Read the preferences; ``shown`` names the run to show first."""
        self._store = store
        self.preferences_path = home() / "preferences.json"
        self.preferences: Preferences = load_preferences(self.preferences_path)
        self.session: TrainingSession | None = None
        self.starting = False
        """A training was asked for and its session is not there yet."""
        self.shown: str | None = shown
        """The run on the Train screen when no session is; None: the newest."""
        self.show_session = True
        """Whether the Train screen shows the session (if there is one) rather than ``shown``."""
        self.marked: tuple[str, ...] = ()
        """The runs that are laid over the one on show, in the order of their letters."""
        self.runs_order: tuple[str, bool] = ("created", True)
        """What the list of runs is sorted by, and whether the largest comes first."""
        self._engine_loaded = False
        self._records: Records | None = None
        self.open_talk = ""
        """The talk on the Prompt screen, by the name of its file; empty before anything was said."""

    @property
    def store(self) -> RunStore:
        """The runs on disk."""
        if self._store is None:
            from ..core.runs.store import RunStore

            self._store = RunStore(runs_folder())
        return self._store

    @property
    def training(self) -> bool:
        """Whether a training goes on, paused or not; only after its end may another one start."""
        return self.starting or (self.session is not None and not self.session.done.is_set())

    @property
    def preparing(self) -> bool:
        """Whether a training goes on that has no weights yet."""
        session = self.session
        if self.starting or session is None:
            return self.starting
        return not session.done.is_set() and session.snapshot().started is None

    @property
    def training_line(self) -> str:
        """The training that goes on in a few words: its state, run and step; nothing when there is none."""
        session = self.session
        if session is None or session.done.is_set():
            return "● starting" if self.starting else ""
        snapshot = session.snapshot()
        run = self.session_run() or snapshot.message
        steps = f" {count(snapshot.step)}/{count(snapshot.total_steps)}" if snapshot.total_steps else ""
        return f"{STATE_MARKS.get(snapshot.state, '●')} {run}{steps}"

    @property
    def training_elsewhere(self) -> str:
        """The training that goes on while another run is on show."""
        return "" if self.show_session else self.training_line

    @property
    def engine_loaded(self) -> bool:
        """Whether torch is in memory."""
        return self._engine_loaded

    def load_engine(self) -> None:
        """Import torch and what trains; blocks for a second or two. Speaking needs none of it."""
        from .preloading import preload_torch

        preload_torch()
        from ..core.training import session, workflow  # noqa: F401  # pyright: ignore[reportUnusedImport]

        self._engine_loaded = True

    @staticmethod
    def load_voice() -> None:
        """Import what speaks, so that the first word need not wait for it; blocks for a part of a second."""
        from ..core.runs import bundled  # noqa: F401  # pyright: ignore[reportUnusedImport]
        from ..core.speaking import loading  # noqa: F401  # pyright: ignore[reportUnusedImport]

    @staticmethod
    def settings_of(plan: Plan) -> TrainingSettings:
        """The settings of a plan; SettingsError in one sentence when a value makes no sense."""
        from ..core.settings import make_settings

        return make_settings(dict(plan.values))

    def read(self, plan: Plan) -> Texts:
        """The texts of the plan, without torch; blocks. A plain error in one sentence when they cannot be read."""
        from ..data.advance import drained

        return drained(self.reading(plan))

    def reading(self, plan: Plan) -> Work[Texts]:
        """What :meth:`read` does, which says how far a large file is read."""
        from ..data.reading import reading_texts

        return reading_texts(plan.source, self.settings_of(plan).reading, cache=corpora_folder())

    def amended(self, run: str) -> tuple[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """The source of a run, and which texts were left out and corrected; RunError when it cannot be read."""
        info = self.store.open(run).info
        return info.corpus, (info.settings.exclude, info.settings.correct)

    def read_again(self, run: str) -> Texts:
        """All texts of a run, also those left out, from where they came; blocks. A plain error when they are gone."""
        from ..data.reading import read_texts

        info = self.store.open(run).info
        reading = info.how_read
        sources = reading.sources if reading is not None and reading.sources else (info.source,)
        options = replace(info.settings.reading, exclude=(), correct=())
        return read_texts(list(sources), options, cache=corpora_folder())

    def amend_next(self, run: str, fields: Mapping[str, str]) -> str:
        """Have the next run on the texts of ``run`` leave out and correct what ``fields`` say; returns a sentence."""
        info = self.store.open(run).info
        settings = info.settings
        columns = (settings.column,) if isinstance(settings.column, str) else settings.column or ()
        reading = {"column": ",".join(columns), "texts": settings.texts or "", "where": "; ".join(settings.where)}
        self.preferences.new_run = {**self.preferences.new_run, "source": info.source, **reading, **fields}
        problem = self.remember()
        return problem or f"The next run on {info.corpus} leaves out and corrects what you chose; n starts it."

    def estimating(self, plan: Plan, texts: Texts) -> Work[Estimate]:
        """What the plan would cost with these texts, and how far a large corpus is prepared for that; blocks.

        A plain error in one sentence when it cannot work.
        """
        self.load_engine()
        from ..core.training.estimation import estimating

        return estimating(texts, self.settings_of(plan))

    def sweep_of(self, plan: Plan, estimate: Estimate) -> Fitted:
        """The sweep that a plan asks for, fitted into its time; blocks. A plain error where it makes no sense."""
        from ..core.runs.sweeps import check_is_new, free_name, make_plan
        from ..core.settings import make_settings
        from ..core.training.sweeping import within_time

        values: dict[str, Any] = {"preset": estimate.preset, "tokenizer": estimate.tokenizer, **plan.values}
        seconds = values.pop("max_seconds", None)
        values = {name: value for name, value in values.items() if name not in plan.grid}
        name = plan.name or free_name(sweeps_folder())
        check_is_new(sweeps_folder(), name)
        sweep = make_plan(name, (plan.source,), make_settings(values), plan.grid, plan.seeds)
        for run in sweep.runs:
            self.store.check_free(run)
        return within_time(sweep, seconds)

    def begin(self, plan: Plan) -> None:
        """Start a training or a sweep; blocks while torch loads. EngineError where one goes on, or all is watched."""
        if self.store.watched:
            raise EngineError(ONLY_WATCHED)
        self.load_engine()
        from ..core.training.session import TrainingSession
        from ..core.training.workflow import TrainingRequest

        if self.session is not None and not self.session.done.is_set():
            raise EngineError("A training is going on; stop it before starting another.")
        request: TrainingRequest | SweepPlan
        if plan.sweep is not None:
            from ..core.runs.sweeps import write_plan

            request = plan.sweep
            write_plan(sweeps_folder(), request)
            self.marked = ()
        else:
            settings = self.settings_of(plan)
            request = TrainingRequest(
                source=plan.source, settings=settings, name=plan.name, resume=plan.resume, again=plan.again
            )
        session = TrainingSession(request, self.store)
        session.start()
        self.session = session
        self.show_session = True

    def summaries(self) -> list[RunSummary]:
        """All runs, newest first; reads the disk."""
        return self.store.list()

    def records(self) -> list[RunRecord]:
        """All runs with their figures and settings, in no order; reads what has changed on the disk."""
        from ..core.runs.comparison import Records

        self._records = self._records or Records()
        return self._records.of(self.store.all())

    def change_run(self, purpose: str, name: str, value: str) -> str:
        """Rename, delete, pin, tag or annotate a run and return its name then; blocks. RunError in a sentence."""
        from ..core.runs.labels import annotate, pin, tag

        if purpose == "delete":
            self.store.delete(name)
        elif purpose == "tag":
            run, wanted = self.store.open(name), [label.strip() for label in value.split(",") if label.strip()]
            kept = {label.casefold() for label in wanted}
            tag(run, wanted, remove=[label for label in run.info.tags if label.casefold() not in kept])
        elif purpose == "pin":
            pin(self.store.open(name))
        elif purpose == "note":
            annotate(self.store.open(name), value)
        return self.store.rename(name, value) if purpose == "rename" and value != name else name

    def follow(self, name: str, now: str | None) -> None:
        """A run has another name, or is no more."""
        if self.shown == name:
            self.shown = now
        self.marked = tuple(now or "" if other == name else other for other in self.marked if now or other != name)

    def run_on_show(self) -> Run | None:
        """The run that the Train screen shows without a session; reads the disk. None when there is no run at all."""
        if self.shown is not None:
            return self.store.open(self.shown)
        usable = (summary.name for summary in self.summaries() if summary.problem is None or summary.resumable)
        newest = next(usable, None)
        return None if newest is None else self.store.open(newest)

    def default_choice(self) -> str | None:
        """The model to talk to when none was chosen: the one on the Train screen; reads the disk."""
        if self.training:
            return LIVE
        if self.session is not None and self.show_session and self.session_run() is not None:
            return self.session_run()
        run = self.run_on_show()
        if run is None:
            return BUNDLED if has_voice() else None
        return run.name

    def talker(self, choice: str, epoch: int | None = None) -> Talker:
        """The model of a run, or a copy of the one in training for ``LIVE``; blocks. EngineError in a sentence.

        With ``epoch`` it speaks as it did after that one.
        """
        if choice == LIVE and epoch is None:
            session = self.session
            run = self.session_run()
            if session is None:
                raise EngineError("No training is going on; choose a saved run instead.")
            if session.done.is_set() and run is not None:
                return self.talker(run)
            generator = session.live_generator(given_up=is_cancelled)
            return Talker(choice, self.session_run() or "", generator, session.snapshot().best_loss)
        from ..core.speaking.loading import load_generator

        run = self.run_of(choice)
        return Talker(choice, run.name, load_generator(run, epoch=epoch), run.info.best_loss)

    def run_of(self, choice: str) -> Run:
        """The run of a model, also of the one in training; RunError when it is not there."""
        return self.store.open((self.session_run() or "") if choice == LIVE else choice)

    def about(self, talker: Talker) -> tuple[str, ...]:
        """A model in a few parts, for the title; the one in training as it is now."""
        label, loss = talker.generator.label, talker.valid_loss
        if talker.choice == LIVE and self.session is not None:
            snapshot = self.session.snapshot()
            label, loss = f"live · epoch {snapshot.epoch:,} of {snapshot.total_epochs:,}", snapshot.best_loss
        valid = "" if loss is None else f"valid ppl {perplexity(loss)}"
        # In a narrow window the run's name gives way: the training that goes on has it beside this.
        return (label, talker.run if talker.choice == LIVE else "", valid)

    @property
    def talks(self) -> TalkStore:
        """The talks on disk."""
        from ..core.keeping.talks import TalkStore

        return TalkStore(talks_folder())

    @property
    def kept(self) -> Collection:
        """The kept texts on disk."""
        from ..core.keeping.collection import Collection

        return Collection(kept_file())

    def new_autosave(self) -> Autosave:
        """What keeps a new talk on the disk."""
        from ..core.keeping.autosaves import Autosave

        return Autosave(self.talks, self._tokenizer_of)

    def reopened(self, id: str) -> Reopened:  # noqa: A002
        """An earlier talk with what keeps it; reads the disk. A plain error when it cannot be read."""
        from ..core.keeping.autosaves import Autosave
        from ..core.keeping.talks import with_tokens_checked

        stored = self.talks.open(id)
        notices = (*stored.notices, *with_tokens_checked(stored, self._tokenizer_of))
        autosave = Autosave(self.talks, self._tokenizer_of, stored)
        if autosave.id != stored.id:
            notices += ("Another JokeGen has this talk open; what is said here goes into a copy of it.",)
        said = [stretch.author.run for stretch in stored.talk.path() if not stretch.author.is_person]
        run = said[-1] if said else ""
        try:
            _ = run and self.store.open(run).info
        except EngineError:
            notices += (f"The run '{run}' is not here any more; another model goes on.",)
            run = ""
        return Reopened(stored, autosave, run, notices)

    def _tokenizer_of(self, run: str) -> str:
        from ..core.keeping.talks import tokenizer_hash

        return tokenizer_hash(self.store, run)

    def session_run(self) -> str | None:
        """The name of the session's run, None before it exists."""
        started = self.session.snapshot().started if self.session else None
        return started.run if started else None

    def remember(self) -> str:
        """Write the preferences; returns a sentence when that fails, else nothing."""
        try:
            save_preferences(self.preferences, self.preferences_path)
        except EngineError as error:
            return str(error)
        return ""

    def save_transcript(self, text: str) -> Path:
        """Write a talk to a text file named after the time; blocks. RunError in a sentence when that fails."""
        path = home() / "transcripts" / f"{datetime.now().astimezone():%Y-%m-%d %H-%M-%S}.txt"
        write_atomically(path, text)
        return path
