"""What the chart draws, as plain arrays, and how one looks at it. No numpy is imported here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .plot_area import Floats, Ints

Metric = Literal["loss", "perplexity", "bits/char"]
METRICS: tuple[Metric, ...] = ("loss", "perplexity", "bits/char")


@dataclass(frozen=True, eq=False)
class Curves:
    """The curves of one training; losses in nats per token."""

    steps: Ints
    losses: Floats
    """The training loss of each step in ``steps``."""
    valid_steps: Ints
    valid_losses: Floats
    best_step: int | None = None
    best_loss: float | None = None
    ngram_loss: float | None = None
    steps_per_epoch: int | None = None
    total_steps: int | None = None
    """The planned end of a training that goes on; None fits the axis to what there is."""
    characters_per_token: float = 1.0


@dataclass(frozen=True)
class Look:
    """How one looks at curves."""

    metric: Metric = "loss"
    log: bool = False
    zoom: float = 1.0
    """1 shows all steps, 2 half of them."""
    pan: float = 0.0
    """Share of all steps that lie right of the window."""
