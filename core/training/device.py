"""Choosing the device, the precision and the threads by what the machine has and how fast it is."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache

import torch

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

    def autocast(self) -> AbstractContextManager[object]:
        """Return the context in which the forward pass runs."""
        if self.precision == "bfloat16":
            return torch.autocast(self.device, torch.bfloat16)
        return nullcontext()


def choose_machine(settings: TrainingSettings, *, threads: int | None = None) -> Machine:
    """Return the machine for these settings; ``threads`` is how many a resumed run was begun with.

    Raises:
        SettingsError: the device or the precision asked for is not there.
    """
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if settings.device == "auto":
        device = next(name for name in ("cuda", "mps", "cpu") if available[name])
    elif available[settings.device]:
        device = settings.device
    else:
        found = ", ".join(name for name, there in available.items() if there)
        raise SettingsError(f"This machine has no {settings.device} device; choose one of: {found}.")
    precision = settings.precision
    if precision == "auto":
        precision = "bfloat16" if _has_native_bfloat16(device) else "float32"
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
            seconds[candidate] = _probe(Machine("cpu", "float32", candidate))
    finally:
        torch.set_num_threads(before)
    fastest = min(seconds.values())
    return next(candidate for candidate in candidates if seconds[candidate] <= _WORTH_WAITING * fastest)


def _probe(machine: Machine, rounds: int = 4) -> float:
    """Return the seconds of the fastest of a few forward and backward passes, the first of them left out."""
    layer = torch.nn.LSTM(_PROBE_SIZE, _PROBE_SIZE).to(machine.device)
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


def _has_native_bfloat16(device: str) -> bool:
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    # Without the instructions bfloat16 is emulated, and slower than float32.
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return device == "cpu" and supported is not None and bool(supported())
