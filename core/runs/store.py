"""The folder of all runs."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from ...data.cleaning import one_line
from ...data.nearness import advice
from ..errors import NameTakenError, RunError
from .archives import opened, pack
from .bundled import bundled_run
from .files import unwritable
from .folder import Run, belongs
from .info import INFO, RunSummary, read_info
from .names import checked_name, some_name
from .voice import BUNDLED

if TYPE_CHECKING:
    import pandas as pd

_HIDDEN = ".jokegen-"
"""How a folder begins that is being filled or deleted; no run's name does."""
_SECONDS_TO_KEEP_HIDDEN = 86_400


class RunStore:
    """The folder of all runs."""

    watched = False
    """Whether the runs are other processes' and only read."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when the first run is."""
        self.folder = folder

    def all(self) -> list[Run]:
        """Return all runs in no order, damaged ones and those with impossible names included."""
        return [Run(self.folder / name) for name in self.names()]

    def list(self) -> list[RunSummary]:
        """Return all runs, the newest first, damaged ones included."""
        return sorted((run.summary() for run in self.all()), key=lambda run: run.created, reverse=True)

    def names(self) -> Sequence[str]:
        """Return the names of all runs in no order; raises RunError when the folder cannot be read."""
        try:
            return [path.name for path in self.folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise RunError(
                f"The runs in {one_line(str(self.folder))} cannot be read; check its permissions."
            ) from error

    def open(self, name: str) -> Run:
        """Return the run of that name, or the one that comes with JokeGen; raises RunError when there is none."""
        if name == BUNDLED and (bundled := bundled_run()) is not None:
            return bundled
        path = self.folder / checked_name(name)
        if not path.is_dir():
            near = advice(name, self.names(), "see 'jokegen-tui runs' for the names.")
            raise RunError(f"There is no run named '{one_line(name)}'; {near}")
        return Run(path)

    def newest(self) -> Run:
        """Return the newest run with a checkpoint, else the one that comes with JokeGen.

        Raises:
            RunError: there is neither.
        """
        for summary in self.list():
            if summary.problem is None:
                return self.open(summary.name)
        bundled = bundled_run()
        if bundled is None:
            raise RunError("There is no trained run yet; train one with 'jokegen-tui train starter'.")
        return bundled

    def table(self) -> pd.DataFrame:
        """Return the list of runs as a table, a row a run, the newest first."""
        import pandas as pd

        columns = pd.Index([field.name for field in fields(RunSummary)])
        return pd.DataFrame([asdict(summary) for summary in self.list()], columns=columns)

    def check_free(self, name: str, *, overwrite: bool = False) -> None:
        """Raise NameTakenError unless a run can have this name; ``overwrite`` allows that of one not in training."""
        path = self.folder / _own_name(name)
        if not path.exists():
            return
        if not overwrite:
            raise NameTakenError(f"There is already a run named '{name}'; choose another name.")
        Run(path).lock().release()

    def create(
        self, name: str | None = None, *, overwrite: bool = False, fill: Callable[[Run], None] | None = None
    ) -> Run:
        """Make a run folder, ``fill`` it out of sight and then give it its name: a crash leaves no half run.

        Raises:
            RunError: the name is bad or in use, or the folder cannot be written. A run to overwrite is still there.
        """
        chosen = self._free_name() if name is None else _own_name(name)
        self.check_free(chosen, overwrite=overwrite)
        path = self.folder / chosen
        hidden = self.folder / f"{_HIDDEN}new-{uuid4().hex[:8]}"
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

    def rename(self, old: str, new: str) -> str:
        """Give a run another name and return it; raises RunError when that is taken or the run is in training."""
        run = self.open(old)
        target = self.folder / _own_name(new)
        with _locked(run):
            _rename(run.path, target)
        return target.name

    def delete(self, name: str) -> None:
        """Delete a run; raises RunError when it is in training."""
        run = self.open(name)
        # Renamed first, so that a crash half-way leaves no half run in the list.
        doomed = self.folder / f"{_HIDDEN}deleted-{uuid4().hex[:8]}"
        with _locked(run):
            _rename(run.path, doomed)
        shutil.rmtree(doomed, ignore_errors=True)

    def export(self, name: str, path: Path) -> None:
        """Write a run as one ZIP file; raises RunError when the file exists or cannot be written."""
        # The trainer state first: a training that goes on meanwhile only adds to what the others hold.
        run = self.open(name)
        pack(run.path, run.files, path)

    def import_(self, path: Path, name: str | None = None) -> str:
        """Add an exported run and return its name; only the files of a run are taken, whatever else the ZIP holds.

        Raises:
            RunError: the file is no exported run, or the name is bad or in use; nothing is left behind.
        """
        with opened(path, belongs, INFO) as (own_name, copy_into):
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
            name = some_name()
            if not (self.folder / name).exists():
                return name
        return f"run-{uuid4().hex[:8]}"


def _own_name(name: str) -> str:
    """Return ``name`` if a person's own run can have it; raises RunError otherwise."""
    if name.lower() == BUNDLED:
        raise RunError(f"'{BUNDLED}' is the name of the model that comes with JokeGen; choose another one.")
    return checked_name(name)


@contextmanager
def _locked(run: Run) -> Generator[None, None, None]:
    """Keep every training off ``run`` while its folder moves; raises RunError when one has it."""
    lock = run.lock()
    try:
        if os.name != "posix":  # Windows moves no folder with an open file in it
            lock.release()
        yield
    finally:
        lock.release()


def _rename(old: Path, new: Path) -> None:
    if new.exists():
        raise RunError(f"There is already a run named '{new.name}'; choose another name.")
    try:
        old.rename(new)
    except OSError as error:
        if new.exists():
            raise RunError(f"There is already a run named '{new.name}'; choose another name.") from error
        run = new if old.name.startswith(_HIDDEN) else old
        if isinstance(error, PermissionError) and os.access(run.parent, os.W_OK):
            raise RunError(
                f"The run '{one_line(run.name)}' is in use by another program; close what has its files open, and try "
                "again."
            ) from error
        raise RunError(unwritable(run, error)) from error
