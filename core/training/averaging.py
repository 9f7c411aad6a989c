"""The exponential moving average of the weights."""

from __future__ import annotations

import torch
from torch import nn


@torch.no_grad()
def move_average(averaged: nn.Module, model: nn.Module, decay: float, step: int) -> None:
    """Move ``averaged`` towards the weights of ``model`` after ``step``; the first steps count for more."""
    decay = min(decay, (1 + step) / (10 + step))
    for average, parameter in zip(averaged.parameters(), model.parameters(), strict=True):
        average.lerp_(parameter, 1.0 - decay)
