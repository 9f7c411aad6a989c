"""How well the network in training predicts texts, computed where it is trained."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from ...data.batching import evaluation_batches
from ...data.corpus import Split
from ...models.networks import LanguageModel, State
from .gathering import gather
from .team import ALONE, Team
from .tensors import from_array, to_array

_LOGITS_AT_ONCE = 1 << 23
"""Numbers of logits that are held at a time, about: all of a batch would be gigabytes for a large vocabulary."""
_WHOLE_ROWS = 32
"""Rows are taken in multiples of this: each shape of a product in bfloat16 is a kernel of its own."""


def mean_loss(model: LanguageModel, split: Split | None, end_id: int | None, team: Team = ALONE) -> float | None:
    """Return the loss in nats per token of ``split``, of which each of a team reads some; None where there is none."""
    return None if split is None else -float(log_probabilities(model, split, end_id, team).mean())


@torch.inference_mode()
def log_probabilities(
    model: LanguageModel, split: Split, end_id: int | None, team: Team = ALONE
) -> NDArray[np.float64]:
    """Return the natural log-probability of each token of ``split``, each text from a fresh state."""
    model.eval()
    device = model.output_bias.device
    tokens = from_array(split.tokens.astype(np.int64)).to(device)
    found = torch.zeros(len(split.tokens), dtype=torch.float32, device=device)
    rows = max(1, _LOGITS_AT_ONCE // model.config.vocabulary_size // _WHOLE_ROWS) * _WHOLE_ROWS
    state: State | None = None
    texts = -1
    for batch in evaluation_batches(split):
        texts += batch.fresh
        if texts % team.size != team.rank:
            continue
        read = gather(tokens, batch, end_id)
        if batch.fresh or state is None:
            state = model.initial_state(read.inputs.shape[1])
        features, state = model.read(read.inputs, state)
        predicted = features.flatten(0, 1)[read.predicted]
        for first in range(0, len(predicted), rows):
            some = slice(first, first + rows)
            logits = model.predict(predicted[some]).float()
            own = logits.gather(-1, read.targets[some].unsqueeze(-1)).squeeze(-1)
            found[read.places[some]] = own - logits.logsumexp(-1)
    team.add_up([found])
    return to_array(found).astype(np.float64)  # no float64 on the device: Apple's GPUs have none
