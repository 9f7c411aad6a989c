"""A training in a thread of its own, which a screen looks at whenever it likes. The only module with threads."""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import asdict, replace

from ..errors import PLAIN_ERRORS, EngineError
from ..events import (
    Changed,
    ChangeKind,
    CheckpointSaved,
    Ended,
    EpochDone,
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
from ..runs.store import RunStore
from ..runs.sweeps import SweepPlan
from ..speaking.generation import Generator
from .shared_book import SharedBook
from .standing import Snapshot
from .sweeping import Halved, RunBegins, RunDone, Sweep, SweepEnded, SweepEvent
from .workflow import TrainingJob, TrainingRequest

_IDLE_SECONDS, _BETWEEN_QUESTIONS = 0.05, 0.1


class TrainingSession:
    """Runs a training or a sweep in a thread. Every method may be called from any thread; all but join are quick."""

    def __init__(self, request: TrainingRequest | SweepPlan, store: RunStore) -> None:
        """Prepare the thread; :meth:`start` starts it."""
        self.done = threading.Event()
        """Set when the thread has ended, however it ended."""
        self._stop = threading.Event()
        self._running = threading.Event()
        self._running.set()
        stop = self._stop.is_set
        self._job = Sweep(request, store, stop) if isinstance(request, SweepPlan) else TrainingJob(request, store, stop)
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

    def live_generator(self, timeout: float = 10.0, given_up: Callable[[], bool] = lambda: False) -> Generator:
        """Return a generator with the weights as they are now; waits for the end of the step, or until ``given_up``.

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
            return _in_time(wanted, timeout, given_up)
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
            if isinstance(self._job, Sweep) and self._snapshot.state != "finished":
                self._change(state="stopped", message=self._job.how_to_go_on)
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

    def _take(self, event: SweepEvent) -> None:
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
            case RunBegins():
                self._take_run(event)
            case RunDone():
                self._change(seconds_left=None)
            case Halved():
                behind = f"After round {event.round} these were left behind: {'; '.join(event.left_behind)}."
                self._change(notices=(*self._snapshot.notices, behind))
            case SweepEnded():
                self._change(state="finished", message=event.sentence)
            case Ended() if isinstance(self._job, Sweep):
                pass
            case Ended():
                state = "failed" if event.reason == "diverged" else "finished"
                self._change(state=state, message=event.message, ended=event, seconds=event.seconds, seconds_left=None)

    def _take_run(self, event: RunBegins) -> None:
        """Another run of the sweep goes on: all that is shown is its own, but for what was said."""
        before = self._snapshot
        runs = (*before.earlier, before.started.run) if before.started is not None else ()
        where = f"{event.words} · round {event.round} of {event.rounds}"
        with self._lock:
            self._book = SeriesBook()
            self._snapshot = Snapshot(
                sweep=where,
                earlier=tuple(dict.fromkeys(run for run in runs if run != event.run)),
                notices=before.notices,
                version=before.version + 1,
            )

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


def _in_time(wanted: Future[Generator], timeout: float, given_up: Callable[[], bool]) -> Generator:
    left, until = timeout, time.monotonic() + timeout
    while left >= 0 and not given_up():
        with suppress(TimeoutError):
            return wanted.result(min(left, _BETWEEN_QUESTIONS))
        left = until - time.monotonic()
    wanted.cancel()
    raise EngineError("The training is busy; try again in a moment.")
