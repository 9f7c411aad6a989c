"""Choosing the device, the precision and the threads by what the machine has."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch

from .errors import SettingsError
from .settings import TrainingSettings


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


def choose_machine(settings: TrainingSettings) -> Machine:
    """Return the machine for these settings.

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
    return Machine(device, precision, torch.get_num_threads())


def _has_native_bfloat16(device: str) -> bool:
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    # Without the instructions bfloat16 is emulated, and slower than float32.
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return device == "cpu" and supported is not None and bool(supported())
