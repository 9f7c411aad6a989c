"""How a training stands or how it ended: the words and sentences that every face uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["new", "training", "finished", "time", "patience", "stopped", "diverged", "failed"]
"""What ``run.json`` says; a training that was killed could not say so and still reads ``training``."""

State = Literal[
    "preparing", "training", "evaluating", "paused", "stopping", "finished", "stopped", "failed", "interrupted"
]
"""What a person is shown."""


@dataclass(frozen=True)
class Meaning:
    """What a status means."""

    state: State
    sentence: str
    complete: bool = False
    """Whether there is nothing left to train."""


MEANINGS: dict[Status, Meaning] = {
    "new": Meaning("interrupted", "It was interrupted before its first checkpoint."),
    "training": Meaning("interrupted", "It was interrupted."),
    "finished": Meaning("finished", "All epochs are done.", complete=True),
    "time": Meaning("finished", "The time is used up.", complete=True),
    "patience": Meaning("finished", "The validation loss stopped falling.", complete=True),
    "stopped": Meaning("stopped", "Stopped and saved."),
    "diverged": Meaning(
        "failed",
        "The loss ran away, so training stopped; try a lower learning rate, or --on-divergence rollback.",
        complete=True,
    ),
    "failed": Meaning("failed", "It failed; what was saved before is kept."),
}

ONLY_WATCHED = "Runs are only watched here; open JokeGen without 'watch' to train, rename or delete one."
UNFINISHED = ("new", "training")
"""What ``run.json`` says while a training goes on, and after one that was killed."""
IN_TRAINING = Meaning("training", "It is in training; stop it where it was started.")


def meaning(status: str) -> Meaning:
    """Return what a status means; one that a newer version invented stands for itself."""
    known: dict[str, Meaning] = dict(MEANINGS)  # pyright: ignore[reportAssignmentType]
    return known.get(status, Meaning("stopped", ""))


def ending(status: Status, best_epoch: int | None) -> str:
    """Say in one or two sentences how a training ended."""
    best = "" if best_epoch is None or status == "stopped" else f" The best epoch is {best_epoch}."
    return MEANINGS[status].sentence + best
