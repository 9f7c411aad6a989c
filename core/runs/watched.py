"""Runs that some other process trains, wherever their folders lie: read as they grow, and never changed."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, NoReturn

from ...data.cleaning import one_line
from ..errors import RunError
from ..events import EpochDone, Remembered, SampleMade
from .bundled import bundled_run
from .folder import HEART, METRICS, SAMPLES, Run
from .info import INFO, RunInfo
from .notes import parsed, records_of, steps_of
from .series import SeriesBook
from .status import IN_TRAINING, ONLY_WATCHED, UNFINISHED, Meaning, meaning
from .store import RunStore
from .voice import BUNDLED

SECONDS_ALIVE = 120.0
"""A training that has written nothing for longer does not go on."""
_GONE = "Its folder is not there any more; what was seen of it stays here."


class _Tail:
    """A file of lines that grows: each look reads what came since the one before."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self._file: tuple[int, int] | None = None

    def new_lines(self) -> tuple[str, bool]:
        """Return the whole lines that came, and whether they are all there are, because the file is another one."""
        try:
            with self._path.open("rb") as file:
                found = self._path.stat()
                again = self._file != (found.st_dev, found.st_ino) or found.st_size < self._read
                self._file = found.st_dev, found.st_ino
                self._read = 0 if again else self._read
                file.seek(self._read)
                data = file.read()
        except FileNotFoundError:
            return "", False
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        return whole.decode("utf-8", errors="replace"), again


class WatchedRun(Run):
    """A run of another process. What was read once is kept, also where the folder vanishes."""

    def __init__(self, path: Path, name: str) -> None:
        """Name the folder, and the run as it is called here; nothing is read yet."""
        super().__init__(path)
        self.name = name
        self._looking = Lock()
        self._tails = {file: _Tail(path / file) for file in (METRICS, SAMPLES)}
        self._book = SeriesBook()
        self._epochs: list[EpochDone] = []
        self._samples: list[SampleMade] = []
        self._remembered: list[Remembered] = []
        self._info: RunInfo | None = None

    @property
    def scratch(self) -> None:
        """None: a folder of another process is only read."""

    @property
    def info(self) -> RunInfo:
        """What ``run.json`` says, or said last; raises RunError when it could never be read."""
        try:
            self._info = super().info
        except RunError:
            if self._info is None or (self.path / INFO).exists():
                raise
        return self._info

    @property
    def standing(self) -> Meaning:
        """How the training stands, as far as can be told from what it writes."""
        status = self.info.status
        if not self.path.is_dir():
            return Meaning("interrupted", _GONE)
        return IN_TRAINING if status in UNFINISHED and self.in_training() else meaning(status)

    def in_training(self) -> bool:
        """Return whether it was written to lately: a lock tells nothing across machines, and taking it is a change."""
        newest = 0.0
        for file in (METRICS, INFO):
            try:
                newest = max(newest, (self.path / file).stat().st_mtime)
            except OSError:
                continue
        return time.time() - newest < SECONDS_ALIVE

    @property
    def resumable(self) -> bool:
        """Never here."""
        return False

    def epochs(self) -> list[EpochDone]:
        """Return the epochs so far."""
        with self._looking:
            self._look()
            return [*self._epochs]

    def remembered(self) -> list[Remembered]:
        """Return what the model had learned by heart after the epochs that were looked into."""
        with self._looking:
            self._look()
            return [*self._remembered]

    def book(self) -> SeriesBook:
        """Return the series as they are now."""
        with self._looking:
            self._look()
            # Whoever draws it does so in another thread, while this one goes on.
            return copy.deepcopy(self._book)

    def samples(self) -> list[SampleMade]:
        """Return what the model said after each epoch."""
        with self._looking:
            text, again = self._new_lines(SAMPLES)
            if again:
                self._samples = []
            self._samples += records_of(SampleMade, parsed(text))
            return [*self._samples]

    def _look(self) -> None:
        text, again = self._new_lines(METRICS)
        if again:
            self._book, self._epochs, self._remembered = SeriesBook(), [], []
        lines = [*parsed(text)]
        self._book.take_all(steps_of(lines))
        self._epochs += records_of(EpochDone, (line for line in lines if line.get("kind") == "epoch"))
        self._remembered += records_of(Remembered, (line for line in lines if line.get("kind") == HEART))

    def _new_lines(self, file: str) -> tuple[str, bool]:
        try:
            return self._tails[file].new_lines()
        except OSError as error:
            raise RunError(
                f"The {file} of the run '{one_line(self.name)}' cannot be read; check its permissions."
            ) from error

    def lock(self) -> NoReturn:
        """It is not trained here."""
        raise RunError(ONLY_WATCHED)

    def write_info(self, info: RunInfo) -> NoReturn:  # noqa: ARG002
        """It is not changed."""
        self.lock()

    def update_info(self, **changes: Any) -> NoReturn:  # noqa: ARG002
        """It is not changed."""
        self.lock()

    def append(self, file: str, lines: Sequence[dict[str, Any]]) -> NoReturn:  # noqa: ARG002
        """It is not changed."""
        self.lock()


class WatchedStore(RunStore):
    """Some folders of runs, under names of their own; nothing is made, renamed or deleted."""

    watched = True

    def __init__(self, folder: Path, paths: Iterable[Path]) -> None:
        """Watch the runs at ``paths``; ``folder`` is where a person's own runs are.

        Raises:
            RunError: a path is not the folder of a run.
        """
        super().__init__(folder)
        self._runs: dict[str, WatchedRun] = {}
        for path in paths:
            if not (path / INFO).is_file():
                shown = one_line(str(path))
                raise RunError(f"{shown} is no folder of a run: there is no {INFO} in it; check the path.")
            whole = path.resolve()
            if any(run.path == whole for run in self._runs.values()):
                continue
            taken, name = 1, whole.name
            while name in self._runs:
                taken += 1
                name = f"{whole.name} {taken}"
            self._runs[name] = WatchedRun(whole, name)

    def all(self) -> list[Run]:
        """Return the runs."""
        return [*self._runs.values()]

    def names(self) -> Sequence[str]:
        """Return the names that the runs have here, in the order in which they were named."""
        return [*self._runs]

    def open(self, name: str) -> Run:
        """Return a watched run, or the one that comes with JokeGen; raises RunError when there is none."""
        if name in self._runs:
            return self._runs[name]
        if name == BUNDLED and (bundled := bundled_run()) is not None:
            return bundled
        raise RunError(f"There is no run named '{one_line(name)}' among those that are watched.")

    def check_free(self, name: str, *, overwrite: bool = False) -> NoReturn:  # noqa: ARG002
        """Nothing is trained while runs are watched."""
        raise RunError(ONLY_WATCHED)

    def create(self, name: str | None = None, **_how: Any) -> NoReturn:
        """Nothing is made."""
        self.check_free(name or "")

    def rename(self, old: str, new: str) -> NoReturn:  # noqa: ARG002
        """Nothing is renamed."""
        self.check_free(new)

    def delete(self, name: str) -> NoReturn:
        """Nothing is deleted."""
        self.check_free(name)
