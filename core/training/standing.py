"""Everything that a screen shows of a training, at one moment."""

from __future__ import annotations

from dataclasses import dataclass

from ..events import Ended, EpochDone, Remembered, SampleMade, Started
from ..runs.status import State


@dataclass(frozen=True)
class Snapshot:
    """How a training stands; of a sweep, the one of its trainings that goes on."""

    state: State = "preparing"
    message: str = "starting"
    """What it does now, how it ended or what went wrong: one plain sentence or less."""
    started: Started | None = None
    step: int = 0
    total_steps: int = 0
    epoch: int = 0
    total_epochs: int = 0
    train_loss: float | None = None
    """Smoothed, nats per token."""
    learning_rate: float | None = None
    best_epoch: int | None = None
    best_loss: float | None = None
    tokens_per_second: float | None = None
    seconds: float = 0.0
    """Training time, pauses excluded."""
    seconds_left: float | None = None
    epochs: tuple[EpochDone, ...] = ()
    """The latest, and of long trainings some of the earlier ones; see :func:`bounded`."""
    samples: tuple[SampleMade, ...] = ()
    remembered: tuple[Remembered, ...] = ()
    notices: tuple[str, ...] = ()
    ended: Ended | None = None
    version: int = 0
    """Grows whenever anything changed."""
    sweep: str = ""
    """Where a sweep stands, in a few words; empty for a single training."""
    earlier: tuple[str, ...] = ()
    """The runs of a sweep before this one."""
    traceback: str | None = None
    """For the log, when the failure was a bug."""
