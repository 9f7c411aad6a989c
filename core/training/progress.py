"""Where a training stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ..events import EndReason
from .course import Course
from .divergence import LOWER, MOST_ROLLBACKS, Watch


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
    course: Course = field(default_factory=Course)
    interventions: int = 0
    """How many were made so far."""
    watch: Watch = field(default_factory=Watch)
    rollbacks: int = 0
    """How often the training was taken back to an earlier state."""

    @property
    def place(self) -> tuple[int, int, int]:
        """What orders the moments of a training: rollbacks, step, epoch."""
        return self.rollbacks, self.step, self.epoch

    @classmethod
    def from_values(cls, values: dict[str, Any]) -> Progress:
        """Take back what ``asdict`` gave; raises ``TypeError`` when it does not fit."""
        course, watch = Course(**values.get("course", {})), Watch(**values.get("watch", {}))
        plain = {name: value for name, value in values.items() if name not in ("course", "watch")}
        return replace(cls(**plain), course=course, watch=watch)

    def back_at(self, good: Progress) -> Progress:
        """Return where the training stands once it was taken back to ``good``, to go on at a lower rate."""
        return replace(
            good,
            course=replace(good.course, rate_factor=self.course.rate_factor * LOWER),
            seconds=self.seconds,
            interventions=self.interventions,
            rollbacks=self.rollbacks + 1,
        )

    @property
    def can_go_back(self) -> bool:
        """Whether the loss has run away, and not too often yet."""
        return self.ended == "diverged" and self.rollbacks < MOST_ROLLBACKS

    def after_seconds(self, seconds: float) -> Progress:
        """Return where the training stands after so much more time."""
        return replace(self, seconds=self.seconds + seconds, epoch_seconds=self.epoch_seconds + seconds)

    def after_epoch(self, watched: float, *, best: bool) -> Progress:
        """Return where the training stands at the start of the next epoch; ``watched`` is the loss of this one."""
        return replace(
            self,
            epoch=self.epoch + 1,
            step_in_epoch=0,
            epoch_tokens=0,
            epoch_seconds=0.0,
            best_loss=watched if best else self.best_loss,
            best_epoch=self.epoch if best else self.best_epoch,
            stale_epochs=0 if best else self.stale_epochs + 1,
        )
