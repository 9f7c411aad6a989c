"""Choosing the device, the precision and the threads by what the machine has and how fast it is."""

from __future__ import annotations

import sys
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cache

import torch

from ...models.configuration import Cell
from ..errors import SettingsError
from ..ranks import launched
from ..settings import TrainingSettings

_FEW_THREADS = 4
"""Up to as many threads all are used without measuring."""
_WORTH_WAITING = 1.05
"""More threads must be faster than fewer by this factor to be chosen: the fewer leave room for everything else."""
_WORTH_LESS_PRECISION = 1.3
"""Products in bfloat16 must be faster than in float32 by this factor to be chosen."""
_PROBE_TIME, _PROBE_BATCH, _PROBE_SIZE = 24, 16, 256


@dataclass(frozen=True)
class Machine:
    """Where and how a network is computed."""

    device: str
    precision: str
    threads: int
    speeds: tuple[tuple[str, float], ...] = field(default=(), compare=False)
    """Tokens a second of this training on each device that was tried for it; empty where there was no choice."""

    @property
    def stepwise(self) -> bool:
        """Whether an LSTM has to be computed token by token, because torch's kernel for whole sequences cannot."""
        return self.device == "cpu" and self.precision == "bfloat16" and not computes_bfloat16("cpu")

    def autocast(self) -> AbstractContextManager[object]:
        """Return the context in which the forward pass runs."""
        if self.precision == "bfloat16":
            return torch.autocast(self.device, torch.bfloat16)
        return nullcontext()


def devices() -> tuple[str, ...]:
    """Return the devices that torch finds, the CPU last."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    return tuple(name for name, found in there.items() if found)


def possible_machines(settings: TrainingSettings, *, threads: int | None = None) -> list[Machine]:
    """Return the machines that these settings allow, the CPU last; ``threads`` is how many a run was begun with.

    Raises:
        SettingsError: the device asked for is not there, or not able to do what is asked for.
    """
    found = devices()
    if settings.device not in ("auto", *found):
        known = ", ".join(found)
        raise SettingsError(f"This machine has no {settings.device} device; choose one of: {known}.")
    wanted = found if settings.device == "auto" else (settings.device,)
    if settings.precision == "bfloat16":
        wanted = tuple(device for device in wanted if trains_bfloat16(device, settings.cell or "lstm"))
    if not wanted:
        device = "" if settings.device == "auto" else f" on its {settings.device}"
        raise SettingsError(f"This machine cannot train in bfloat16{device}; choose the precision float32 or auto.")
    # A launcher has given each process its threads already.
    sharing = 1 if launched() else settings.processes or 1
    return [_machine(device, settings, threads, sharing) for device in wanted]


def choose_machine(settings: TrainingSettings, *, threads: int | None = None) -> Machine:
    """Return the first of :func:`possible_machines` without trying any; raises as that does."""
    return possible_machines(settings, threads=threads)[0]


@cache
def gains_from_bfloat16(device: str) -> bool:
    """Return whether the device is faster in bfloat16.

    A GPU is that has the instructions. Processors that have them differ: some multiply twice as fast with them, others
    half as fast, so a product is timed in both, once a process: on one thread and by its own time, so that what else
    the machine does changes nothing. Without them bfloat16 is emulated and slow.
    """
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    if device != "cpu" or supported is None or not supported():
        return False
    full = torch.ones(_PROBE_TIME * _PROBE_BATCH, _PROBE_SIZE)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        seconds = {kind: _seconds_of_product(full.to(kind)) for kind in (torch.float32, torch.bfloat16)}
    finally:
        torch.set_num_threads(before)
    return seconds[torch.float32] >= _WORTH_LESS_PRECISION * seconds[torch.bfloat16]


def _seconds_of_product(left: torch.Tensor, rounds: int = 12) -> float:
    right = torch.ones(left.shape[1], 4 * left.shape[1], dtype=left.dtype)
    seconds: list[float] = []
    for _ in range(rounds):
        began = time.thread_time()
        torch.mm(left, right)
        seconds.append(time.thread_time() - began)
    return min(seconds)


def trains_bfloat16(device: str, cell: Cell = "lstm") -> bool:
    """Return whether such cells can be trained in bfloat16 at all, natively or emulated: a processor always can."""
    return device == "cpu" or computes_bfloat16(device, cell)


@cache
def computes_bfloat16(device: str, cell: Cell = "lstm") -> bool:
    """Return whether the device's kernel for whole sequences of such cells knows bfloat16: tried once a process.

    On processors without AVX-512 that of an LSTM does not.
    """
    try:
        probe(Machine(device, "bfloat16", torch.get_num_threads()), rounds=2, cell=cell)
    except RuntimeError:
        return False
    return True


def _machine(device: str, settings: TrainingSettings, threads: int | None, sharing: int) -> Machine:
    precision = settings.precision
    if precision == "auto":
        precision = "bfloat16" if gains_from_bfloat16(device) else "float32"
    if threads is None:
        most = max(min(torch.get_num_threads(), settings.cores or sys.maxsize) // sharing, 1)
        threads = fastest_threads(most) if device == "cpu" else most
    return Machine(device, precision, threads)


@cache
def fastest_threads(most: int) -> int:
    """Return with how many threads, at most ``most``, the CPU trains a small LSTM fastest: measured once a process."""
    if most <= _FEW_THREADS:
        return most
    candidates = [2**power for power in range(most.bit_length()) if 2**power < most] + [most]
    before = torch.get_num_threads()
    seconds: dict[int, float] = {}
    try:
        for candidate in candidates:
            torch.set_num_threads(candidate)
            seconds[candidate] = probe(Machine("cpu", "float32", candidate))
    finally:
        torch.set_num_threads(before)
    fastest = min(seconds.values())
    return next(candidate for candidate in candidates if seconds[candidate] <= _WORTH_WAITING * fastest)


def probe(machine: Machine, *, rounds: int = 4, cell: Cell = "lstm") -> float:
    """Return the seconds of the fastest of a few forward and backward passes, the first of them left out."""
    kind = torch.nn.LSTM if cell == "lstm" else torch.nn.GRU
    layer = kind(_PROBE_SIZE, _PROBE_SIZE).to(machine.device)
    weights = list(layer.parameters())
    signal = torch.ones(_PROBE_TIME, _PROBE_BATCH, _PROBE_SIZE, device=machine.device, requires_grad=True)
    seconds: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        with machine.autocast():
            output, _ = layer(signal)
        gradients = torch.autograd.grad(output.float().sum(), [signal, *weights])
        gradients[0].sum().item()  # the device has finished when the number is there
        seconds.append(time.perf_counter() - began)
    return min(seconds[1:])
