"""Where a training stands."""

from __future__ import annotations

from dataclasses import dataclass

from ..events import EndReason


@dataclass(frozen=True)
class Progress:
    """Where a training stands; with the weights, the optimizer and the random state it is all that resuming needs."""

    epoch: int = 1
    step_in_epoch: int = 0
    step: int = 0
    total_steps: int = 0
    planned: bool = False
    """Whether the schedule has been fitted to the time budget."""
    seconds: float = 0.0
    epoch_seconds: float = 0.0
    epoch_tokens: int = 0
    best_loss: float | None = None
    best_epoch: int | None = None
    stale_epochs: int = 0
    ended: EndReason | None = None
