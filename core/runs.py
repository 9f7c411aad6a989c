"""Runs on disk: one folder holds everything a training made and needs to go on. No torch here."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ..data.cleaning import one_line
from .archives import opened, pack
from .errors import RunError
from .events import EpochDone, Figures, SampleMade
from .files import unwritable, write_atomically
from .settings import TrainingSettings

FORMAT = 1
"""Version of the run folder; a larger one was written by a newer JokeGen."""

BEST = "best.safetensors"
LAST = "last.safetensors"
TRAINER_STATE = "trainer-state.safetensors"
PREVIOUS_TRAINER_STATE = "trainer-state.previous.safetensors"
TOKENIZER = "tokenizer.json"
CORPUS = "corpus.safetensors"
METRICS = "metrics.jsonl"
SAMPLES = "samples.jsonl"
INFO = "run.json"
LOCK = "run.lock"
FILES = (INFO, TOKENIZER, CORPUS, METRICS, SAMPLES, BEST, LAST, TRAINER_STATE, PREVIOUS_TRAINER_STATE)

Status = Literal["new", "training", "finished", "time", "patience", "stopped", "diverged", "failed"]

COMPLETE: tuple[Status, ...] = ("finished", "time", "patience", "diverged")
"""What a run is that has nothing left to train."""

_HIDDEN = ".jokegen-"
"""How a folder begins that is being filled or deleted; no run's name does."""
_SECONDS_TO_KEEP_HIDDEN = 86_400
_SECONDS_FOR_LOCK = 0.2
"""Long enough for another process that only looks whether the lock is held."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._ -]{0,62}[A-Za-z0-9_-]|[A-Za-z0-9_]")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_ADJECTIVES = (
    "clever",
    "witty",
    "merry",
    "sunny",
    "silly",
    "jolly",
    "quick",
    "brave",
    "calm",
    "lucky",
    "happy",
    "bright",
)
_ANIMALS = ("otter", "duck", "heron", "badger", "panda", "lemur", "walrus", "gecko", "puffin", "moose", "robin", "hare")


class RunInfo(BaseModel):
    """What ``run.json`` says about a run."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="null")

    format: int = FORMAT
    created: str
    status: Status = "new"
    source: str
    corpus: str
    fingerprint: str
    settings: TrainingSettings
    recipe: dict[str, Any]
    model: dict[str, Any] | None
    """The network's configuration; None for an n-gram run."""
    tokenizer: str
    vocabulary: int
    parameters: int
    train_tokens: int
    characters_per_token: float
    words_per_token: float
    device: str
    precision: str
    threads: int
    versions: dict[str, str] = {}
    ngram_loss: float | None = None
    epochs: int = 0
    seconds: float = 0.0
    best_epoch: int | None = None
    best_loss: float | None = None
    mixture_weight: float | None = None
    """The network's share when it is mixed with the n-gram model, chosen on the validation split."""
    valid: dict[str, Any] | None = None
    test: dict[str, Any] | None = None

    def figures(self, split: Literal["valid", "test"]) -> Figures | None:
        """Return the figures measured at the end of the training, if it reached it."""
        values = self.valid if split == "valid" else self.test
        try:
            return None if values is None else _FIGURES.validate_python(values)
        except ValidationError:  # edited by hand, or by a JokeGen that measures something else
            return None


@dataclass(frozen=True)
class RunSummary:
    """One line of the list of runs; a damaged run has a ``problem`` and empty figures."""

    name: str
    created: str = ""
    status: str = "damaged"
    corpus: str = ""
    preset: str = ""
    epochs: int = 0
    best_epoch: int | None = None
    valid_loss: float | None = None
    valid_perplexity: float | None = None
    test_perplexity: float | None = None
    tokenizer: str = ""
    parameters: int = 0
    size_bytes: int = 0
    resumable: bool = False
    problem: str | None = None


@dataclass(frozen=True, eq=False)
class Curve:
    """Training loss step by step."""

    steps: NDArray[np.int64]
    losses: NDArray[np.float64]
    """Nats per token."""


_FIGURES = TypeAdapter(Figures)
_EPOCH = TypeAdapter(EpochDone)
_SAMPLE = TypeAdapter(SampleMade)


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


def read_info(folder: Path, name: str) -> RunInfo:
    """Read the ``run.json`` of a folder; raises RunError, under ``name``, when it is missing, damaged or newer."""
    shown = one_line(name)
    try:
        values = json.loads((folder / INFO).read_text(encoding="utf-8"))
        version = values.get("format", 0)
        if isinstance(version, int) and version > FORMAT:
            raise RunError(f"The run '{shown}' was made by a newer JokeGen; update JokeGen to open it.")
        return RunInfo.model_validate(values)
    except FileNotFoundError as error:
        raise RunError(f"The run '{shown}' has no {INFO}; restore that file from a copy, or delete the run.") from error
    except OSError as error:
        raise RunError(f"The run '{shown}' cannot be read; check the permissions of its folder.") from error
    except (ValueError, AttributeError, RecursionError) as error:
        raise RunError(
            f"The {INFO} of the run '{shown}' is damaged; restore it from a copy, or delete the run."
        ) from error


def _rename(old: Path, new: Path) -> None:
    if new.exists():
        raise RunError(f"There is already a run named '{new.name}'; choose another name.")
    try:
        old.rename(new)
    except OSError as error:
        if new.exists():
            raise RunError(f"There is already a run named '{new.name}'; choose another name.") from error
        raise RunError(unwritable(new, error)) from error


class RunStore:
    """The folder of all runs."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when the first run is."""
        self.folder = folder

    def list(self) -> list[RunSummary]:
        """Return all runs, the newest first, damaged ones included."""
        try:
            folders = [path for path in self.folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise RunError(
                f"The runs in {one_line(str(self.folder))} cannot be read; check its permissions."
            ) from error
        return sorted((Run(path).summary() for path in folders), key=lambda run: run.created, reverse=True)

    def open(self, name: str) -> Run:
        """Return the run of that name; raises RunError when there is none."""
        path = self.folder / checked_name(name)
        if not path.is_dir():
            raise RunError(f"There is no run named '{one_line(name)}'; see 'jokegen-tui runs' for the names.")
        return Run(path)

    def newest(self) -> Run:
        """Return the newest run with a checkpoint; raises RunError when there is none."""
        for summary in self.list():
            if summary.problem is None:
                return self.open(summary.name)
        raise RunError("There is no trained run yet; train one with 'jokegen-tui train starter'.")

    def check_free(self, name: str, *, overwrite: bool = False) -> None:
        """Raise RunError unless a run of this name can be made; ``overwrite`` allows one that is not in training."""
        path = self.folder / checked_name(name)
        if not path.exists():
            return
        if not overwrite:
            raise RunError(f"There is already a run named '{name}'; choose another name or pass --overwrite.")
        Run(path).lock().release()

    def create(
        self, name: str | None = None, *, overwrite: bool = False, fill: Callable[[Run], None] | None = None
    ) -> Run:
        """Make a run folder, ``fill`` it out of sight and then give it its name: a crash leaves no half run.

        Raises:
            RunError: the name is bad or in use, or the folder cannot be written. A run to overwrite is still there.
        """
        chosen = self._free_name() if name is None else name
        self.check_free(chosen, overwrite=overwrite)
        path = self.folder / chosen
        hidden = self.folder / f"{_HIDDEN}new-{secrets.token_hex(4)}"
        try:
            hidden.mkdir(parents=True)
        except OSError as error:
            raise RunError(unwritable(path, error)) from error
        try:
            if fill is not None:
                fill(Run(hidden))
            if path.exists() and overwrite:
                self.delete(chosen)
            _rename(hidden, path)
        finally:
            shutil.rmtree(hidden, ignore_errors=True)
            self._sweep()
        return Run(path)

    def rename(self, old: str, new: str) -> None:
        """Give a run another name; raises RunError when that is taken or the run is in training."""
        run = self.open(old)
        target = self.folder / checked_name(new)
        run.lock().release()
        _rename(run.path, target)

    def delete(self, name: str) -> None:
        """Delete a run; raises RunError when it is in training."""
        run = self.open(name)
        run.lock().release()
        # Renamed first, so that a crash half-way leaves no half run in the list.
        doomed = self.folder / f"{_HIDDEN}deleted-{secrets.token_hex(4)}"
        try:
            run.path.rename(doomed)
        except OSError as error:
            raise RunError(unwritable(run.path, error)) from error
        shutil.rmtree(doomed, ignore_errors=True)

    def export(self, name: str, path: Path) -> None:
        """Write a run as one ZIP file; raises RunError when the file exists or cannot be written."""
        # The trainer state first: a training that goes on meanwhile only adds to what the others hold.
        pack(self.open(name).path, FILES[::-1], path)

    def import_(self, path: Path, name: str | None = None) -> str:
        """Add an exported run and return its name; only the files of a run are taken, whatever else the ZIP holds.

        Raises:
            RunError: the file is no exported run, or the name is bad or in use; nothing is left behind.
        """
        with opened(path, FILES, INFO) as (own_name, copy_into):
            chosen = name or own_name or self._free_name()

            def fill(run: Run) -> None:
                copy_into(run.path)
                _ = read_info(run.path, chosen)

            return self.create(chosen, fill=fill).name

    def _sweep(self) -> None:
        """Delete what a killed JokeGen left out of sight."""
        for path in self.folder.glob(f"{_HIDDEN}*"):
            try:
                old = time.time() - path.stat().st_mtime > _SECONDS_TO_KEEP_HIDDEN
            except OSError:
                continue
            if old:
                shutil.rmtree(path, ignore_errors=True)

    def _free_name(self) -> str:
        for _ in range(100):
            name = f"{secrets.choice(_ADJECTIVES)}-{secrets.choice(_ANIMALS)}"
            if not (self.folder / name).exists():
                return name
        return f"run-{secrets.token_hex(4)}"


def checked_name(name: str) -> str:
    """Return ``name`` if it can be a run's; raises RunError for anything that could leave the runs folder."""
    if _NAME.fullmatch(name) is None or _RESERVED.fullmatch(name):
        shown = one_line(name)[:40]
        raise RunError(
            f"'{shown}' cannot be a run's name; use up to 64 letters, digits, spaces, dots, dashes or underscores."
        )
    return name


def now() -> str:
    """Return the time as ``run.json`` notes it (ISO 8601, UTC)."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
