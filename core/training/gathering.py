"""Planned batches as tensors on the device that computes them."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ...data.batching import Batch
from ...models.networks import Columns
from .tensors import from_array


@dataclass(frozen=True, eq=False)
class DeviceBatch:
    """What the network reads and what it is asked."""

    inputs: Tensor
    """(time, batch) tokens."""
    predicted: Tensor
    """(predictions,) which of the ``time * batch`` outputs have a token to predict."""
    places: Tensor
    """(predictions,) where in the split each of those tokens stands."""


def part_of(batch: Batch, columns: Columns) -> Batch:
    """Return some of the texts of a batch."""
    own = slice(columns.start, columns.stop)
    return Batch(batch.inputs[:, own], batch.targets[:, own], batch.fresh)


def gather(tokens: Tensor, batch: Batch, end_id: int | None) -> DeviceBatch:
    """Return ``batch`` of the split's ``tokens`` ``(tokens,)``; a text begins with the end-of-text token as input."""
    device = tokens.device
    # Elsewhere nothing keeps the array until it is copied.
    ahead = device.type == "cuda"
    inputs = from_array(batch.inputs).to(device, non_blocking=ahead)
    wanted = batch.predicted
    return DeviceBatch(
        tokens[inputs.clamp(min=0)].masked_fill_(inputs < 0, 0 if end_id is None else end_id),
        from_array(wanted).to(device, non_blocking=ahead),
        from_array(batch.targets.ravel()[wanted]).to(device, non_blocking=ahead),
    )
