"""What all tests start from."""

from __future__ import annotations

import gc
import signal

import pytest
from hypothesis import HealthCheck, settings

# A shell's background jobs ignore Ctrl-C, and so would every program that the tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# As the program does: torch and the tests' own tools make so many objects that a collection takes a fifth of a second.
gc.set_threshold(50_000)

# The same examples in every run, however busy the machine: a suite fails only for what was changed.
# `--hypothesis-profile=searching` looks for new ones.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", _PATIENT, derandomize=True)
settings.register_profile("searching", _PATIENT)
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--kills 20``: how often the tests that end a training with SIGKILL do so, where the few are not enough."""
    parser.addoption(
        "--kills", type=int, default=None, metavar="N", help="end trainings N times in tests/core/training"
    )


def pytest_sessionfinish() -> None:
    """What is left is not collected five times over, as pytest does it: half a second each, in every worker."""
    gc.freeze()
