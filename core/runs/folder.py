"""One run's folder: everything that a training made and needs to go on."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...data.cleaning import one_line
from ..errors import RunError
from ..events import EpochDone, Remembered, SampleMade, StepDone
from .files import folder_size, unwritable, write_atomically
from .info import INFO, RunInfo, RunSummary, read_info, read_values
from .interventions import INTERVENTIONS
from .names import checked_name
from .notes import STEP_COLUMNS, parsed, records_of, steps_of
from .series import SeriesBook
from .snapshots import forget_epochs_after, is_snapshot, kept_epochs, snapshot_file
from .status import IN_TRAINING, UNFINISHED, Meaning, meaning

if TYPE_CHECKING:
    import pandas as pd
    from filelock import FileLock

BEST = "best.safetensors"
LAST = "last.safetensors"
START = "start.safetensors"
GOOD = "good.safetensors"
TRAINER_STATE = "trainer-state.safetensors"
PREVIOUS_TRAINER_STATE = "trainer-state.previous.safetensors"
TOKENIZER = "tokenizer.json"
CORPUS = "corpus.safetensors"
METRICS = "metrics.jsonl"
SAMPLES = "samples.jsonl"
LOCK = "run.lock"
HEART = "remembered"
_STATES = (TRAINER_STATE, PREVIOUS_TRAINER_STATE)
FILES = (INFO, TOKENIZER, CORPUS, METRICS, SAMPLES, INTERVENTIONS, START, BEST, LAST, GOOD, *_STATES)

SECONDS_BETWEEN_CHECKPOINTS = 15.0
"""How often a training saves, at least."""
_SECONDS_FOR_LOCK = 0.2
"""Long enough for another process that only looks whether the lock is held."""


class Run:
    """One run's folder; reading it needs no lock, training it takes :meth:`lock`."""

    def __init__(self, path: Path) -> None:
        """Name the folder; nothing is read yet."""
        self.path = path
        self.name = path.name

    @property
    def info(self) -> RunInfo:
        """Read ``run.json``; raises RunError when it is missing, damaged or newer than this JokeGen."""
        return read_info(self.path, self.name)

    @property
    def scratch(self) -> Path | None:
        """The folder for what takes a while to make of the run and can be made again; None where there is none."""
        return self.path

    def write_info(self, info: RunInfo) -> None:
        """Replace ``run.json``."""
        write_atomically(self.path / INFO, info.model_dump_json(indent=2) + "\n")

    def update_info(self, **changes: Any) -> RunInfo:
        """Replace some values of ``run.json`` and return the whole; what another version wrote there stays."""
        info = self.info.model_copy(update=changes)
        values = read_values(self.path, self.name)
        new = json.loads(info.model_dump_json(include=set(changes)))
        write_atomically(self.path / INFO, json.dumps(values | new, indent=2) + "\n")
        return info

    def lock(self) -> FileLock:
        """Take the run for training; raises RunError when another JokeGen has it. Release it with ``.release()``."""
        from filelock import FileLock, Timeout  # speaking takes no lock

        lock = FileLock(self.path / LOCK, thread_local=False)
        try:
            lock.acquire(timeout=_SECONDS_FOR_LOCK, poll_interval=_SECONDS_FOR_LOCK / 4)
        except Timeout as error:
            raise RunError(
                f"The run '{one_line(self.name)}' is being trained by another JokeGen; stop it there first."
            ) from error
        except OSError as error:
            raise RunError(unwritable(self.path / LOCK, error)) from error
        return lock

    def in_training(self) -> bool:
        """Return whether a JokeGen holds the run's lock."""
        if not (self.path / LOCK).exists():
            return False
        from filelock import FileLock, Timeout

        lock = FileLock(self.path / LOCK, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        except OSError:
            return False
        lock.release()
        return False

    def epochs(self) -> list[EpochDone]:
        """Return the epochs so far; damaged lines are passed over."""
        return list(records_of(EpochDone, (line for line in self._lines(METRICS) if line.get("kind") == "epoch")))

    def book(self) -> SeriesBook:
        """Return the series of every step so far, thinned for screens."""
        book = SeriesBook()
        book.take_all(self._steps())
        return book

    def series(self) -> pd.DataFrame:
        """Return a table with a row a step: its epoch and every series; what a version did not write is empty."""
        import pandas as pd

        steps = list(self._steps())
        frame = pd.DataFrame(steps, columns=pd.Index(["step", "epoch", *STEP_COLUMNS])).set_index("step")
        # A column that holds nothing at all would be one of objects.
        frame = frame.astype({name: float for name in STEP_COLUMNS if frame[name].isna().all()})
        frame["tokens"] = frame["tokens"].cumsum()
        frame["copied"] = pd.Series({one.step: one.copied for one in self.remembered()}, dtype=float)
        return frame

    def samples(self) -> list[SampleMade]:
        """Return what the model said after each epoch."""
        return list(records_of(SampleMade, self._lines(SAMPLES)))

    def remembered(self) -> list[Remembered]:
        """Return what the model had learned by heart after the epochs that were looked into."""
        return list(records_of(Remembered, (line for line in self._lines(METRICS) if line.get("kind") == HEART)))

    def snapshots(self) -> tuple[int, ...]:
        """Return the epochs whose weights were kept, the earliest first: the run can speak as it was after them."""
        return kept_epochs(self.path)

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its files; those that count on others come first."""
        return (*FILES[::-1], *(snapshot_file(epoch) for epoch in self.snapshots()))

    def append(self, file: str, lines: Sequence[dict[str, Any]]) -> None:
        """Add lines to ``metrics.jsonl`` or ``samples.jsonl``."""
        if not lines:
            return
        text = "".join(json.dumps(line) + "\n" for line in lines)
        try:
            with (self.path / file).open("a", encoding="utf-8") as handle:
                handle.write(text)
                handle.flush()
                # A checkpoint that is written next counts on these lines.
                os.fsync(handle.fileno())
        except OSError as error:
            raise RunError(unwritable(self.path / file, error)) from error

    def truncate(self, *, step: int, epoch: int) -> None:
        """Forget what was noted after ``step`` and after ``epoch``, before a training goes on from there.

        What else stands in a line stays as it is, so that a newer version's lines survive an older one.
        """

        def stays(line: dict[str, Any]) -> bool:
            in_time = not isinstance(line.get("step"), int) or line["step"] <= step
            # A step belongs to the epoch in progress; anything else is said of a whole one.
            whole = line.get("kind") != "step" and isinstance(line.get("epoch"), int)
            return in_time and (not whole or line["epoch"] <= epoch)

        for file in (METRICS, SAMPLES):
            lines = [line for line in self._lines(file) if stays(line)]
            write_atomically(self.path / file, "".join(json.dumps(line) + "\n" for line in lines))
        forget_epochs_after(self.path, epoch)

    def remove_leftovers(self) -> None:
        """Delete the half-written files that a killed training left; only for the holder of the lock."""
        for file in self.path.glob(".*.tmp"):
            file.unlink(missing_ok=True)

    def summary(self) -> RunSummary:
        """Return the run's line in the list; never raises for a damaged run."""
        size = folder_size(self.path)
        try:
            checked_name(self.name)
            info = self.info
        except RunError as error:
            return RunSummary(one_line(self.name), problem=str(error), size_bytes=size)
        readable = any((self.path / file).exists() for file in (BEST, LAST))
        training = self.standing is IN_TRAINING
        resumable = self._resumable(info) and not training
        test = info.figures("test")
        return RunSummary(
            name=self.name,
            created=info.created,
            # A training that was killed, or met a full disk, could not say so.
            status="training" if training else "interrupted" if info.status in UNFINISHED else one_line(info.status),
            corpus=one_line(info.corpus),
            preset=one_line(str(info.recipe.get("preset", ""))),
            epochs=info.epochs,
            best_epoch=info.best_epoch,
            valid_loss=info.best_loss,
            valid_perplexity=None if info.best_loss is None else math.exp(min(info.best_loss, 700.0)),
            test_perplexity=None if test is None else test.perplexity,
            tokenizer=info.tokenizer,
            parameters=info.parameters,
            size_bytes=size,
            resumable=resumable,
            problem=None if readable else self.silence,
        )

    @property
    def standing(self) -> Meaning:
        """How the training stands: going on in some JokeGen, or ended in one of the ways there are."""
        status = self.info.status
        return IN_TRAINING if status in UNFINISHED and self.in_training() else meaning(status)

    @property
    def silence(self) -> str:
        """Say why a run without a checkpoint has nothing to speak with, and what to do."""
        shown = one_line(self.name)
        if self.standing is IN_TRAINING:
            return (
                f"The run '{shown}' is in its first epoch and has saved nothing yet; it speaks as soon as that is "
                f"done, or after {SECONDS_BETWEEN_CHECKPOINTS:.0f} seconds of training."
            )
        if self.info.status == "diverged":
            return (
                f"The loss of the run '{shown}' ran away before its first epoch was done, so it has nothing to speak "
                "with; train again with a lower learning rate."
            )
        advice = "resume it" if self.resumable else "restore it from a copy"
        return f"The run '{shown}' has no checkpoint; {advice} or delete it."

    @property
    def resumable(self) -> bool:
        """Whether the training can go on; one without a checkpoint starts again from its own texts."""
        return self._resumable(self.info)

    def _resumable(self, info: RunInfo) -> bool:
        return not meaning(info.status).complete and (self.path / CORPUS).exists()

    @property
    def has_trainer_state(self) -> bool:
        """Whether there is something to resume from."""
        return any((self.path / file).exists() for file in _STATES)

    def _lines(self, file: str) -> Iterator[dict[str, Any]]:
        try:
            text = (self.path / file).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return
        except OSError as error:
            raise RunError(
                f"The {file} of the run '{one_line(self.name)}' cannot be read; check its permissions."
            ) from error
        yield from parsed(text)

    def _steps(self) -> Iterator[dict[str, Any]]:
        return steps_of(self._lines(METRICS))


def belongs(file: str) -> bool:
    """Return whether a file of that name is part of a run."""
    return file in FILES or is_snapshot(file)


def step_line(event: StepDone) -> dict[str, Any]:
    """Return the line that ``metrics.jsonl`` keeps of a step."""
    return {"kind": "step", **asdict(event)}


def epoch_line(event: EpochDone) -> dict[str, Any]:
    """Return the line that ``metrics.jsonl`` keeps of an epoch."""
    return {"kind": "epoch", **asdict(event)}


def remembered_line(found: Remembered) -> dict[str, Any]:
    """Return the line that ``metrics.jsonl`` keeps of what was learned by heart."""
    return {"kind": HEART, **asdict(found)}
