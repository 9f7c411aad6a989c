"""What the chart draws and how one looks at it, in plain values. No numpy is imported here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from ...core.runs.series import Thinned
    from .plot_area import Floats, Ints

Metric = Literal["loss", "perplexity", "bits/char"]
METRICS: tuple[Metric, ...] = ("loss", "perplexity", "bits/char")
"""The units of a loss."""
LOSS = "loss"
"""The series that the metrics, the validation and the baseline belong to."""

VALIDATION, GAP, COPIED = "validation", "gap", "copied"
"""Series with a value an epoch or less often: the validation loss, how far it lies above the loss of training texts,
and how much of what the model says stands in the training texts, in per cent."""
LETTERS = "ABCDEFGHJKLM"
"""What the runs are called that are laid over another one; so many can be."""
SMOOTHINGS = (0.0, 1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4)
"""Shares of what is visible that a value is averaged over."""

Axis = Literal["epoch", "step", "time", "tokens"]
AXES: tuple[Axis, ...] = ("epoch", "step", "time", "tokens")


class SeriesSource(Protocol):
    """Where the series of a training come from, thinned to what is asked for."""

    @property
    def names(self) -> tuple[str, ...]:
        """The series there are."""
        ...

    def thinned(self, name: str, left: float, right: float, at_most: int) -> Thinned:
        """Return the stretch of a series from step ``left`` to ``right`` in ``at_most`` buckets."""
        ...


@dataclass(frozen=True, eq=False)
class Curves:
    """The curves of one training; losses in nats per token."""

    source: SeriesSource
    valid_steps: Ints
    valid_losses: Floats
    best_step: int | None = None
    best_loss: float | None = None
    ngram_loss: float | None = None
    steps_per_epoch: int | None = None
    total_steps: int | None = None
    """The planned end of a training that goes on; None fits the axis to what there is."""
    characters_per_token: float = 1.0
    last_step: int = 0
    now_and_then: Mapping[str, tuple[Ints, Floats]] = field(default_factory=dict[str, "tuple[Ints, Floats]"])
    """Steps and values of ``GAP`` and ``COPIED``, as far as there are."""
    held_out: float | None = None
    """Per cent of the held-out texts that stand in the training texts: what ``COPIED`` is compared with."""
    name: str = ""
    """What it is called in the legend, when it is laid over another."""


@dataclass(frozen=True)
class Look:
    """How one looks at curves."""

    series: str = LOSS
    metric: Metric = "loss"
    axis: Axis = "epoch"
    """Where there are too few epochs to count, steps are shown instead."""
    log: bool = False
    zoom: float = 1.0
    """1 shows all steps, 2 half of them."""
    pan: float = 0.0
    """Share of all steps that lie right of the window."""
    smoothing: int = 3
    """Place in ``SMOOTHINGS``."""
    hidden: frozenset[str] = frozenset()
    """Entries of the legend that are not drawn."""
    cursor: int | None = None
    """The column of the plot at which values are read."""

    @property
    def of_loss(self) -> bool:
        """Whether the metrics belong to the series."""
        return self.series in {LOSS, VALIDATION}
