"""Planned batches as tensors on the device that computes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...data.arrays_on_disk import let_go
from ...data.batching import Batch
from ...data.corpus import Split
from ...models.networks import Columns
from .tensors import from_array

_LOOKS = 64
"""Looks into a file after which its memory is given back: each may bring as many stretches of it as there are texts."""


@dataclass(frozen=True, eq=False)
class DeviceBatch:
    """What the network reads and what it is asked."""

    inputs: Tensor
    """(time, batch) tokens."""
    predicted: Tensor
    """(predictions,) which of the ``time * batch`` outputs have a token to predict."""
    targets: Tensor
    """(predictions,) those tokens."""
    places: Tensor
    """(predictions,) where in the split each of them stands."""


def part_of(batch: Batch, columns: Columns) -> Batch:
    """Return some of the texts of a batch."""
    own = slice(columns.start, columns.stop)
    return Batch(batch.inputs[:, own], batch.targets[:, own], batch.fresh)


@dataclass(eq=False)
class TokensOnDisk:
    """The tokens of a split that is too large for the device: looked up here, batch by batch."""

    array: NDArray[np.integer]
    """(tokens,)"""
    device: torch.device
    _looks: int = 0

    def at(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the tokens at ``places``; of the file only what the last looks have touched stays in the memory."""
        self._looks += 1
        if self._looks % _LOOKS == 0:
            let_go(self.array)
        return self.array[places].astype(np.int64)


TrainTokens = Tensor | TokensOnDisk


def train_tokens(split: Split, device: str) -> TrainTokens:
    """Return the tokens of ``split`` on the device, or where they are."""
    if split.is_on_disk:
        return TokensOnDisk(split.tokens, torch.device(device))
    return from_array(split.tokens.astype(np.int64)).to(device)


def gather(tokens: TrainTokens, batch: Batch, end_id: int | None) -> DeviceBatch:
    """Return ``batch`` of the split's ``tokens`` ``(tokens,)``; a text begins with the end-of-text token as input."""
    device = tokens.device
    # Elsewhere nothing keeps the array until it is copied.
    ahead = device.type == "cuda"
    wanted = batch.predicted
    places = batch.targets.ravel()[wanted]
    there = from_array(places).to(device, non_blocking=ahead)
    first = 0 if end_id is None else end_id
    if isinstance(tokens, TokensOnDisk):
        read = np.where(batch.inputs < 0, first, tokens.at(np.maximum(batch.inputs, 0)))
        inputs = from_array(read).to(device, non_blocking=ahead)
        targets = from_array(tokens.at(places)).to(device, non_blocking=ahead)
    else:
        at = from_array(batch.inputs).to(device, non_blocking=ahead)
        inputs, targets = tokens[at.clamp(min=0)].masked_fill_(at < 0, first), tokens[there]
    return DeviceBatch(inputs, from_array(wanted).to(device, non_blocking=ahead), targets, there)
