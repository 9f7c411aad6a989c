"""Choosing the device, the precision and the threads by what the machine has and how fast it is."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cache

import torch

from ...models.configuration import Cell
from ..errors import SettingsError
from ..settings import TrainingSettings

_FEW_THREADS = 4
"""Up to as many threads all are used without measuring."""
_WORTH_WAITING = 1.05
"""More threads must be faster than fewer by this factor to be chosen: the fewer leave room for everything else."""
_PROBE_TIME, _PROBE_BATCH, _PROBE_SIZE = 24, 16, 256


@dataclass(frozen=True)
class Machine:
    """Where and how a network is computed."""

    device: str
    precision: str
    threads: int
    speeds: tuple[tuple[str, float], ...] = field(default=(), compare=False)
    """Tokens a second of this training on each device that was tried for it; empty where there was no choice."""

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
        wanted = tuple(device for device in wanted if computes_bfloat16(device, settings.cell or "lstm"))
    if not wanted:
        device = "" if settings.device == "auto" else f" on its {settings.device}"
        raise SettingsError(f"This machine cannot train in bfloat16{device}; choose the precision float32 or auto.")
    return [_machine(device, settings.precision, threads) for device in wanted]


def choose_machine(settings: TrainingSettings, *, threads: int | None = None) -> Machine:
    """Return the first of :func:`possible_machines` without trying any; raises as that does."""
    return possible_machines(settings, threads=threads)[0]


def has_native_bfloat16(device: str) -> bool:
    """Return whether the device has the instructions; without them bfloat16 is emulated, slower than float32."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return device == "cpu" and supported is not None and bool(supported())


@cache
def computes_bfloat16(device: str, cell: Cell = "lstm") -> bool:
    """Return whether such cells can be trained in bfloat16 at all, natively or emulated: tried once a process.

    On processors without AVX-512 an LSTM cannot.
    """
    try:
        probe(Machine(device, "bfloat16", torch.get_num_threads()), rounds=2, cell=cell)
    except RuntimeError:
        return False
    return True


def _machine(device: str, precision: str, threads: int | None) -> Machine:
    if precision == "auto":
        precision = "bfloat16" if has_native_bfloat16(device) else "float32"
    if threads is None:
        threads = fastest_threads(torch.get_num_threads()) if device == "cpu" else torch.get_num_threads()
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
