"""A training in a process of its own, to be killed: at a moment of its choosing, or from outside."""

import os
import signal
from pathlib import Path

import torch
from jokegen.core.runs import store as runs
from jokegen.core.runs.sweeps import SweepPlan
from jokegen.core.training import recorder as recording
from jokegen.core.training import workflow
from jokegen.core.training.sweeping import Sweep


def train_and_die(request, folder, deaths, save_each_step=False):
    """Train, once or a whole sweep, and kill this process at the first of ``deaths``.

    They are ("step", n), ("event", its name), ("write", file, which moment of it, after how many writes) and
    ("rollback", which moment of it).
    """
    torch.set_num_threads(1)
    if save_each_step or deaths[0][0] == "write":
        recording.SECONDS_BETWEEN_CHECKPOINTS = 0.0
    _watch_writes(deaths)
    _watch_rollbacks(deaths)
    store = runs.RunStore(Path(folder))
    is_sweep = isinstance(request, SweepPlan)
    for event in Sweep(request, store).events() if is_sweep else workflow.train(request, store):
        if ("step", getattr(event, "step", None)) in deaths:
            _die()
        if ("event", type(event).__name__) in deaths:
            _die()


def _die():
    os.kill(os.getpid(), signal.SIGKILL)


def _watch_writes(deaths):
    wanted = [death for death in deaths if death[0] == "write"]
    if not wanted:
        return
    _, file, moment, after = wanted[0]
    written, synced, replaced = 0, os.fsync, Path.replace

    def fsync(descriptor):
        nonlocal written
        name = str(Path(f"/proc/self/fd/{descriptor}").readlink())
        if f".{file}." in name:
            written += 1
            if written > after and moment == "half":
                os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)
                _die()
            if written > after and moment == "flushed":
                _die()
        synced(descriptor)

    def replace(path, target):
        found = replaced(path, target)
        if written > after and moment == "renamed" and Path(target).name in (file, f"previous-{file}"):
            _die()
        if written > after and moment == "between" and "previous" in Path(target).name:
            _die()
        return found

    os.fsync, Path.replace = fsync, replace


def _watch_rollbacks(deaths):
    moments = [death[1] for death in deaths if death[0] == "rollback"]
    if not moments:
        return
    note = recording.note_rollback

    def noting(run, event):
        if moments[0] == "before":
            _die()
        note(run, event)
        if moments[0] == "noted":
            _die()
        _watch_writes((("write", recording.TRAINER_STATE, moments[0], 0),))

    recording.note_rollback = noting
