"""A training in a process of its own, to be killed: at a moment of its choosing, or from outside."""

import multiprocessing
import os
import random
import signal
import threading
from pathlib import Path

import torch
from jokegen.core.events import StepDone
from jokegen.core.runs import store as runs
from jokegen.core.runs.folder import LAST, TRAINER_STATE
from jokegen.core.runs.sweeps import SweepPlan
from jokegen.core.training import recorder as recording
from jokegen.core.training import workflow
from jokegen.core.training.sweeping import Sweep
from trainings import resumed


def train_and_die(request, folder, deaths, save_each_step=False):
    """Train, once or a whole sweep, and kill this process at the first of ``deaths``.

    They are ("steps", how many of this process), ("event", its name), ("write", file, which moment of it, after how
    many writes), ("rollback", which moment of it) and ("seconds", how long after the first step).
    """
    torch.set_num_threads(1)
    if save_each_step or deaths[0][0] == "write":
        recording.SECONDS_BETWEEN_CHECKPOINTS = 0.0
    _watch_writes(deaths)
    _watch_rollbacks(deaths)
    store = runs.RunStore(Path(folder))
    is_sweep = isinstance(request, SweepPlan)
    steps = 0
    for event in Sweep(request, store).events() if is_sweep else workflow.train(request, store):
        if isinstance(event, StepDone):
            steps += 1
            if steps == 1:
                _watch_the_clock(deaths)
            if ("steps", steps) in deaths:
                _die()
        if ("event", type(event).__name__) in deaths:
            _die()


def drawn_deaths(kills, *, by_the_clock):
    """Return that many deaths: in writing, after a few steps, and where it is wanted by the clock too."""
    moments = random.Random(10)
    kinds = ("steps", "write", "seconds") if by_the_clock else ("steps", "write")
    for kill in range(kills):
        kind = kinds[kill % len(kinds)]
        if kind == "write":
            file, moment = moments.choice((LAST, TRAINER_STATE)), moments.choice(("half", "flushed", "between"))
            yield ("write", file, moment, 1)
        else:
            yield (kind, moments.randint(1, 3) if kind == "steps" else moments.uniform(0.0, 0.05))


def killed(request, store, deaths):
    """Train in a process for each death, each going on with what the one before it left; return how to go on."""
    for number, death in enumerate(deaths):
        # By the clock every second one has its last checkpoint at the end of an epoch, the others at the last step.
        each_step = death[0] != "seconds" or number % 2 == 0
        child = multiprocessing.get_context("fork").Process(
            target=train_and_die, args=(request, str(store.folder), (death,), each_step)
        )
        child.start()
        child.join(60)
        assert child.exitcode == -9, (number, death)
        if (store.folder / request.name / TRAINER_STATE).exists():
            request = resumed(request)
    return request


def _die():
    os.kill(os.getpid(), signal.SIGKILL)


def _watch_the_clock(deaths):
    for death in deaths:
        if death[0] == "seconds":
            clock = threading.Timer(death[1], _die)
            clock.daemon = True
            clock.start()


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
