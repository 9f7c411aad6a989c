"""Steps whose figures are still on the device that computed them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..events import StepDone
from .tensors import numbers


@dataclass(frozen=True, eq=False)
class Computed:
    """A step whose figures are still on the device."""

    step: int
    epoch: int
    learning_rate: float
    tokens: int
    loss: Tensor
    gradient_norm: Tensor


def fetched(computed: Sequence[Computed]) -> Iterator[StepDone]:
    """Fetch the figures of some steps, all at once; the time is left to the caller."""
    losses = numbers(torch.stack([step.loss for step in computed]))
    norms = numbers(torch.stack([step.gradient_norm for step in computed]))
    for step, loss, norm in zip(computed, losses, norms, strict=True):
        yield StepDone(step.step, step.epoch, loss, step.learning_rate, step.tokens, 0.0, norm)
