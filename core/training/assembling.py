"""Bringing the processes of a team together: those that this one starts, or those that ``torchrun`` has started."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch.distributed import TCPStore  # pyright: ignore[reportPrivateImportUsage]

from ..errors import EngineError, SettingsError
from ..ranks import launched
from .team import ALONE, Team, TeamError

_PATIENCE = timedelta(days=30)
"""A paused training keeps the others waiting; a process that is gone is noticed at once, by its closed connection."""
FIRST_WAITS = timedelta(minutes=10)
"""No pause keeps the first process waiting: after this something is wrong, though no connection was closed."""
_SECONDS_TO_START = 300.0
_SECONDS_TO_END = 10.0
_PORT = "JOKEGEN_TEAM_PORT"
"""Where a helper finds the first process."""
_HERE = "helper-{}-is-here"


@contextmanager
def assembled(processes: int, device: str) -> Generator[Team, None, None]:
    """Give the first process its team, the others being started where nobody else has; it ends with the block.

    Raises:
        SettingsError: so many cannot train on such a device.
        EngineError: a process could not be started or reached.
    """
    if processes == 1:
        yield ALONE
        return
    _check(processes, device)
    if launched() is not None:
        with _joined() as team:
            yield team
        return
    store = TCPStore("127.0.0.1", 0, processes, is_master=True, wait_for_workers=False, timeout=_PATIENCE)
    helpers: list[subprocess.Popen[bytes]] = []
    try:
        helpers += [_start_helper(rank, processes, store.port) for rank in range(1, processes)]
        _wait_for(helpers, store)
        with _group(store=store, rank=0, world_size=processes) as team:
            yield team
    except BaseException:
        _end(helpers, seconds=0.0)
        raise
    else:
        _end(helpers, seconds=_SECONDS_TO_END)


@contextmanager
def joined_as_helper() -> Generator[Team, None, None]:
    """Join the team that this process was started for."""
    if _PORT not in os.environ:
        with _joined() as team:
            yield team
        return
    rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    store = TCPStore("127.0.0.1", int(os.environ[_PORT]), size, is_master=False, timeout=_PATIENCE)
    store.set(_HERE.format(rank), "")
    _use_gpu(rank)
    with _group(store=store, rank=rank, world_size=size) as team:
        yield team


@contextmanager
def _joined() -> Generator[Team, None, None]:
    """Join the team that the environment names."""
    _use_gpu(int(os.environ.get("LOCAL_RANK", "0")))
    with _group() as team:
        yield team


@contextmanager
def _group(**place: Any) -> Generator[Team, None, None]:
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() and dist.is_nccl_available() else "gloo"
    try:
        is_first = int(place.get("rank", os.environ.get("RANK", "0"))) == 0
        dist.init_process_group(backend, timeout=FIRST_WAITS if is_first else _PATIENCE, **place)
    except RuntimeError as error:
        raise TeamError("The other training processes cannot be reached; start all of them again.") from error
    try:
        yield Team(dist.get_rank(), dist.get_world_size())
    finally:
        dist.destroy_process_group()


def _check(processes: int, device: str) -> None:
    if not dist.is_available() or device == "mps":
        raise SettingsError(
            "Several processes train together on processors or on CUDA GPUs only; choose --device cpu or one process."
        )
    gpus, here = torch.cuda.device_count(), int(os.environ.get("LOCAL_WORLD_SIZE", processes))
    if device == "cuda" and here > gpus:
        raise SettingsError(
            f"Each process needs a GPU of its own, and this machine has {gpus}; choose fewer processes or --device cpu."
        )


def _use_gpu(number: int) -> None:
    if torch.cuda.is_available():
        torch.cuda.set_device(number % torch.cuda.device_count())


def _start_helper(rank: int, size: int, port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "jokegen.core.training.helping"],
        env={**os.environ, "RANK": str(rank), "WORLD_SIZE": str(size), _PORT: str(port)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the first process, which tells the others
    )


def _wait_for(helpers: list[subprocess.Popen[bytes]], store: TCPStore) -> None:
    began = time.monotonic()
    for rank, helper in enumerate(helpers, 1):
        while not store.check([_HERE.format(rank)]):
            if helper.poll() is not None or time.monotonic() - began > _SECONDS_TO_START:
                raise EngineError("A training process could not be started; try it with --processes 1.")
            time.sleep(0.02)


def _end(helpers: list[subprocess.Popen[bytes]], *, seconds: float) -> None:
    """Wait for the helpers, which end with the team, and end those that do not: they have nothing to save."""
    until = time.monotonic() + seconds
    for helper in helpers:
        try:
            helper.wait(max(until - time.monotonic(), 0.0))
        except subprocess.TimeoutExpired:
            helper.kill()
            helper.wait()
