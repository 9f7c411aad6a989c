"""Letting each device train the network for a moment: ``auto`` takes the one that is faster at this very training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ...data.cleaning import one_line
from .device import Machine

_STEPS = 8
_WORTH_THE_PROCESSOR = 1.1
"""The CPU must be faster by this factor to be taken: it has other things to do."""
_LONGEST_REASON = 100


def fastest(
    machines: Sequence[Machine], seconds_a_token: Callable[[Machine, int], float]
) -> tuple[Machine, tuple[str, ...]]:
    """Return the machine that trains fastest, with the speeds of all, and a sentence for each that cannot.

    Args:
        machines: what there is to choose from, the CPU last; a single one is taken without a trial.
        seconds_a_token: trains on a machine for that many steps; whatever it raises says that this one cannot.
    """
    if len(machines) == 1:
        return machines[0], ()
    speeds: dict[str, float] = {}
    notices: list[str] = []
    for machine in machines:
        try:
            speeds[machine.device] = 1.0 / seconds_a_token(machine, _STEPS)
        except Exception as error:  # noqa: BLE001  drivers fail in ways of their own
            reason = one_line(str(error))[:_LONGEST_REASON].removesuffix(".") or type(error).__name__
            notices.append(f"The {machine.device} device cannot train this network ({reason}), so it is left out.")
    chosen = max(machines, key=lambda machine: _worth(machine, speeds))
    return replace(chosen, speeds=tuple(speeds.items())), tuple(notices)


def _worth(machine: Machine, speeds: dict[str, float]) -> float:
    # Where none can be tried the CPU stays, and says what is wrong when it trains.
    fallback = 0.0 if machine.device == "cpu" else -1.0
    return speeds.get(machine.device, fallback) / (_WORTH_THE_PROCESSOR if machine.device == "cpu" else 1.0)
