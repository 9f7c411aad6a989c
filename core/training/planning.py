"""Which batches an epoch is made of, by the recipe."""

from __future__ import annotations

from ...data.batching import Plan, stream_batches, text_batches, window_batches
from ...data.corpus import Split
from ..recipes import Recipe


def planned_batches(recipe: Recipe, train: Split, *, seed: int, epoch: int) -> Plan:
    """Return the batches of ``epoch``, in their order."""
    if recipe.layout == "windows":
        return window_batches(train, recipe.batch_size, recipe.sequence_length)
    plan = text_batches if recipe.layout == "texts" else stream_batches
    return plan(train, recipe.batch_size, recipe.sequence_length, seed=seed, epoch=epoch)
