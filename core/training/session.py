"""A training in a thread of its own, which a screen looks at whenever it likes. The only module with threads."""

from __future__ import annotations

import threading
import traceback
from collections import deque
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import asdict, dataclass, replace

from ..errors import PLAIN_ERRORS, EngineError
from ..events import (
    Changed,
    ChangeKind,
    CheckpointSaved,
    Ended,
    EpochDone,
    Event,
    Noticed,
    Preparing,
    Remembered,
    RolledBack,
    SampleMade,
    Started,
    StepDone,
)
from ..pace import Pace
from ..runs.milestones import bounded
from ..runs.series import SeriesBook
from ..runs.status import State
from ..runs.store import RunStore
from ..speaking.generation import Generator
from .shared_book import SharedBook
from .workflow import TrainingJob, TrainingRequest

_IDLE_SECONDS = 0.05


@dataclass(frozen=True)
class Snapshot:
    """Everything a screen shows of a training, at one moment."""

    state: State = "preparing"
    message: str = "starting"
    """What it does now, how it ended or what went wrong: one plain sentence or less."""
    started: Started | None = None
    step: int = 0
    total_steps: int = 0
    epoch: int = 0
    total_epochs: int = 0
    train_loss: float | None = None
    """Smoothed, nats per token."""
    learning_rate: float | None = None
    best_epoch: int | None = None
    best_loss: float | None = None
    tokens_per_second: float | None = None
    seconds: float = 0.0
    """Training time, pauses excluded."""
    seconds_left: float | None = None
    epochs: tuple[EpochDone, ...] = ()
    """The latest, and of long trainings some of the earlier ones; see :func:`bounded`."""
    samples: tuple[SampleMade, ...] = ()
    remembered: tuple[Remembered, ...] = ()
    notices: tuple[str, ...] = ()
    ended: Ended | None = None
    version: int = 0
    """Grows whenever anything changed."""
    traceback: str | None = None
    """For the log, when the failure was a bug."""


class TrainingSession:
    """Runs a training in a thread. Every method may be called from any thread and, but for join, returns at once."""

    def __init__(self, request: TrainingRequest, store: RunStore) -> None:
        """Prepare the thread; :meth:`start` starts it."""
        self.request = request
        self.done = threading.Event()
        """Set when the thread has ended, however it ended."""
        self._stop = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self._job = TrainingJob(request, store, self._stop.is_set)
        self._lock = threading.Lock()
        self._snapshot = Snapshot()
        self._book = SeriesBook()
        self._pace = Pace()
        self._wanted: deque[Future[Generator]] = deque()
        self._store = store
        self._thread = threading.Thread(target=self._work, name="jokegen-training", daemon=True)

    def start(self) -> None:
        """Start training."""
        self._thread.start()

    def pause(self) -> None:
        """Pause after the step in progress."""
        self._running.clear()

    def resume(self) -> None:
        """Go on after a pause."""
        self._running.set()

    def stop(self) -> None:
        """Stop after the step in progress; what was learned is saved."""
        self._stop.set()
        self._running.set()

    def join(self, timeout: float | None = None) -> bool:
        """Wait until the thread has ended; return whether it has."""
        return self.done.wait(timeout)

    def change(self, kind: ChangeKind, value: float = 0.0) -> None:
        """Change the training before its next step; the run notes it, and goes the same way when it is resumed.

        Raises:
            EngineError, SettingsError: there is nothing to change, or not like this.
        """
        if self.done.is_set():
            raise EngineError("The training has ended; there is nothing left to change.")
        self._job.change(kind, value)

    def snapshot(self) -> Snapshot:
        """Return how things stand."""
        with self._lock:
            snapshot = self._snapshot
        if snapshot.state in ("training", "evaluating", "preparing", "paused"):
            if self._stop.is_set():
                return replace(snapshot, state="stopping", message="saving")
            if not self._running.is_set():
                return replace(snapshot, state="paused", message="paused")
        return snapshot

    @property
    def source(self) -> SharedBook:
        """The series of this training, for charts."""
        return SharedBook(self._book, self._lock)

    def live_generator(self, timeout: float = 10.0) -> Generator:
        """Return a generator with the weights as they are now; waits for the end of the step in progress.

        Raises:
            EngineError: there is no model yet, it cannot be copied, or the training did not answer in time.
        """
        if self.done.is_set():
            return self._job.live_generator()
        wanted: Future[Generator] = Future()
        self._wanted.append(wanted)
        if self.done.is_set():
            self._answer()
        try:
            return wanted.result(timeout)
        except FutureTimeout as error:
            wanted.cancel()
            raise EngineError("The training is busy; try again in a moment.") from error
        except PLAIN_ERRORS:
            raise
        except Exception as error:
            reason = type(error).__name__
            raise EngineError(f"The model cannot be copied just now ({reason}); the training goes on.") from error

    def _work(self) -> None:
        try:
            for event in self._job.events():
                self._take(event)
                self._answer()
                while not self._running.wait(_IDLE_SECONDS):
                    self._answer()
        except PLAIN_ERRORS as error:
            self._fail(str(error))
        except MemoryError:
            self._fail("There is not enough memory; choose a smaller preset or batch size.")
        except Exception as error:  # noqa: BLE001  a bug must not take the screen with it
            self._fail(f"Training failed unexpectedly ({type(error).__name__}); what was saved before is untouched.")
            self._change(traceback=traceback.format_exc())
        finally:
            self.done.set()
            self._answer()

    def _answer(self) -> None:
        while True:
            try:
                wanted = self._wanted.popleft()
            except IndexError:  # none is left; at the end the thread that asked may answer too
                return
            if not wanted.set_running_or_notify_cancel():  # nobody waits for it any more
                continue
            try:
                wanted.set_result(self._job.live_generator())
            except Exception as error:  # noqa: BLE001  whatever is wrong with a prompt, the training goes on
                wanted.set_exception(error)

    def _fail(self, message: str) -> None:
        self._change(state="failed", message=message)

    def _change(self, **changes: object) -> None:
        with self._lock:
            self._snapshot = replace(self._snapshot, version=self._snapshot.version + 1, **changes)  # type: ignore[arg-type]

    def _take(self, event: Event) -> None:
        match event:
            case StepDone():
                self._take_step(event)
            case Preparing():
                state = "preparing" if self._snapshot.started is None else "evaluating"
                self._change(state=state, message=event.message)
            case Noticed():
                self._change(notices=(*self._snapshot.notices, event.message))
            case Started():
                self._take_start(event)
            case EpochDone():
                best = {"best_epoch": event.epoch, "best_loss": event.valid_loss} if event.best else {}
                self._change(epochs=bounded((*self._snapshot.epochs, event)), **best)
            case SampleMade():
                self._change(samples=bounded((*self._snapshot.samples, event)))
            case Remembered():
                self._change(remembered=bounded((*self._snapshot.remembered, event)))
            case CheckpointSaved():
                pass
            case Changed():
                self._take_change(event)
            case RolledBack():
                self._take_back(event)
            case Ended():
                state = "failed" if event.reason == "diverged" else "finished"
                self._change(state=state, message=event.message, ended=event, seconds=event.seconds, seconds_left=None)

    def _take_start(self, event: Started) -> None:
        run = self._store.open(event.run)
        self._pace = Pace(max_seconds=run.info.settings.max_seconds)
        earlier: dict[str, object] = {}
        if event.first_step:
            book, epochs = run.book(), run.epochs()
            with self._lock:
                self._book = book
            best = [epoch for epoch in epochs if epoch.best]
            earlier = {
                "epochs": bounded(tuple(epochs)),
                "samples": bounded(tuple(run.samples())),
                "remembered": bounded(tuple(run.remembered())),
                "step": event.first_step,
            }
            if best:
                earlier |= {"best_epoch": best[-1].epoch, "best_loss": best[-1].valid_loss}
        self._change(
            state="training",
            message="training",
            started=event,
            total_steps=event.total_epochs * event.steps_per_epoch,
            total_epochs=event.total_epochs,
            **earlier,
        )

    def _take_change(self, event: Changed) -> None:
        told = () if event.kind in ("planned", "time") else (event.message,)
        self._change(
            total_steps=event.total_steps,
            total_epochs=event.total_epochs,
            notices=(*self._snapshot.notices, *told),
        )

    def _take_back(self, event: RolledBack) -> None:
        started = self._snapshot.started
        if started is None:
            return
        run = self._store.open(started.run)
        book, epochs, samples = run.book(), tuple(run.epochs()), tuple(run.samples())
        self._pace = Pace(max_seconds=run.info.settings.max_seconds)
        with self._lock:
            self._book = book
        self._change(
            step=event.step,
            epoch=event.epoch,
            epochs=bounded(epochs),
            samples=bounded(samples),
            remembered=bounded(tuple(run.remembered())),
        )

    def _take_step(self, event: StepDone) -> None:
        planned = self._job.total_steps or self._snapshot.total_steps
        self._pace.take(event)
        with self._lock:
            self._book.take(event.step, asdict(event))
        self._change(
            state="training",
            message="training",
            step=event.step,
            epoch=event.epoch,
            total_steps=planned,
            train_loss=self._pace.loss,
            learning_rate=event.learning_rate,
            tokens_per_second=self._pace.tokens_per_second,
            seconds=event.seconds,
            seconds_left=self._pace.seconds_left(planned),
        )
