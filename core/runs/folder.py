"""One run's folder: everything that a training made and needs to go on. No torch here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, cast

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from ...data.cleaning import one_line
from ..errors import RunError
from ..events import EpochDone, SampleMade
from .files import unwritable, write_atomically
from .info import COMPLETE, INFO, RunInfo, RunSummary, read_info
from .names import checked_name

BEST = "best.safetensors"
LAST = "last.safetensors"
TRAINER_STATE = "trainer-state.safetensors"
PREVIOUS_TRAINER_STATE = "trainer-state.previous.safetensors"
TOKENIZER = "tokenizer.json"
CORPUS = "corpus.safetensors"
METRICS = "metrics.jsonl"
SAMPLES = "samples.jsonl"
LOCK = "run.lock"
FILES = (INFO, TOKENIZER, CORPUS, METRICS, SAMPLES, BEST, LAST, TRAINER_STATE, PREVIOUS_TRAINER_STATE)

_SECONDS_FOR_LOCK = 0.2
"""Long enough for another process that only looks whether the lock is held."""

_EPOCH = TypeAdapter(EpochDone)
_SAMPLE = TypeAdapter(SampleMade)


@dataclass(frozen=True, eq=False)
class Curve:
    """Training loss step by step."""

    steps: NDArray[np.int64]
    losses: NDArray[np.float64]
    """Nats per token."""


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

    def write_info(self, info: RunInfo) -> None:
        """Replace ``run.json``."""
        write_atomically(self.path / INFO, info.model_dump_json(indent=2) + "\n")

    def update_info(self, **changes: Any) -> RunInfo:
        """Replace some values of ``run.json`` and return the whole."""
        info = self.info.model_copy(update=changes)
        self.write_info(info)
        return info

    def lock(self) -> FileLock:
        """Take the run for training; raises RunError when another JokeGen has it. Release it with ``.release()``."""
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
        return [_EPOCH.validate_python(_without_kind(line)) for line in self._lines(METRICS) if line["kind"] == "epoch"]

    def curve(self) -> Curve:
        """Return the training loss of every step so far."""
        steps = [line for line in self._lines(METRICS) if line["kind"] == "step"]
        return Curve(
            np.array([line["step"] for line in steps], dtype=np.int64),
            np.array([line["loss"] for line in steps], dtype=np.float64),
        )

    def samples(self) -> list[SampleMade]:
        """Return what the model said after each epoch."""
        return [_SAMPLE.validate_python(line) for line in self._lines(SAMPLES)]

    def append(self, file: str, lines: Sequence[dict[str, Any]]) -> None:
        """Add lines to ``metrics.jsonl`` or ``samples.jsonl``."""
        if not lines:
            return
        text = "".join(json.dumps(line) + "\n" for line in lines)
        try:
            with (self.path / file).open("a", encoding="utf-8") as handle:
                handle.write(text)
        except OSError as error:
            raise RunError(unwritable(self.path / file, error)) from error

    def truncate(self, *, step: int, epoch: int) -> None:
        """Forget what was noted after ``step`` and after ``epoch``, before a training goes on from there."""
        metrics = [
            line
            for line in self._lines(METRICS)
            if line["step"] <= step and (line["kind"] == "step" or line["epoch"] <= epoch)
        ]
        samples = [line for line in self._lines(SAMPLES) if line["epoch"] <= epoch]
        for file, lines in ((METRICS, metrics), (SAMPLES, samples)):
            write_atomically(self.path / file, "".join(json.dumps(line) + "\n" for line in lines))

    def remove_leftovers(self) -> None:
        """Delete the half-written files that a killed training left; only for the holder of the lock."""
        for file in self.path.glob(".*.tmp"):
            file.unlink(missing_ok=True)

    def summary(self) -> RunSummary:
        """Return the run's line in the list; never raises for a damaged run."""
        size = _size(self.path)
        try:
            checked_name(self.name)
            info = self.info
        except RunError as error:
            return RunSummary(one_line(self.name), problem=str(error), size_bytes=size)
        readable = any((self.path / file).exists() for file in (BEST, LAST))
        resumable = self._resumable(info)
        what_now = "resume it or delete it" if resumable else "delete it"
        # A training that was killed, or met a full disk, could not say so.
        interrupted = info.status in ("new", "training") and not self.in_training()
        test = info.figures("test")
        return RunSummary(
            name=self.name,
            created=info.created,
            status="interrupted" if interrupted else info.status,
            corpus=one_line(info.corpus),
            preset=one_line(str(info.recipe.get("preset", ""))),
            epochs=info.epochs,
            best_epoch=info.best_epoch,
            valid_loss=info.best_loss,
            valid_perplexity=None if info.best_loss is None else float(np.exp(min(info.best_loss, 700.0))),
            test_perplexity=None if test is None else test.perplexity,
            tokenizer=info.tokenizer,
            parameters=info.parameters,
            size_bytes=size,
            resumable=resumable,
            problem=None if readable else f"The run '{self.name}' has no checkpoint; {what_now}.",
        )

    @property
    def resumable(self) -> bool:
        """Whether the training can go on; one without a checkpoint starts again from its own texts."""
        return self._resumable(self.info)

    def _resumable(self, info: RunInfo) -> bool:
        return info.status not in COMPLETE and (self.path / CORPUS).exists()

    @property
    def has_trainer_state(self) -> bool:
        """Whether there is something to resume from."""
        return any((self.path / file).exists() for file in (TRAINER_STATE, PREVIOUS_TRAINER_STATE))

    def _lines(self, file: str) -> Iterator[dict[str, Any]]:
        try:
            text = (self.path / file).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return
        except OSError as error:
            raise RunError(
                f"The {file} of the run '{one_line(self.name)}' cannot be read; check its permissions."
            ) from error
        for line in text.splitlines():
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                continue  # the last line of a killed training
            if isinstance(value, dict):
                entry = cast("dict[str, Any]", value)
                if _is_sound(entry):
                    yield entry


_KEYS = {
    "step": {"kind", "step", "epoch", "loss", "learning_rate"},
    "epoch": {"kind", *(field.name for field in fields(EpochDone))},
    "None": {field.name for field in fields(SampleMade)},
}
"""What a line has, by its kind; a sample has none."""


def _is_sound(entry: dict[str, Any]) -> bool:
    kind = str(entry.get("kind"))
    if entry.keys() != _KEYS.get(kind):
        return False
    if kind == "step":
        return all(isinstance(entry[name], int) for name in ("step", "epoch")) and all(
            isinstance(entry[name], int | float) for name in ("loss", "learning_rate")
        )
    try:
        (_EPOCH if kind == "epoch" else _SAMPLE).validate_python(_without_kind(entry))
    except ValidationError:
        return False
    return True


def _size(folder: Path) -> int:
    size = 0
    try:
        for file in folder.iterdir():
            size += file.stat().st_size if file.is_file() else 0
    except OSError:  # being trained or deleted at this moment
        return size
    return size


def _without_kind(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != "kind"}


def epoch_line(event: EpochDone) -> dict[str, Any]:
    """Return the line that ``metrics.jsonl`` keeps of an epoch."""
    return {"kind": "epoch", **asdict(event)}
