"""Dynamic evaluation: the network goes on learning from what it has just been measured on (Krause et al. 2018)."""

# pyright: reportMissingImports=false

from __future__ import annotations

import copy

import numpy as np
import torch
import torch.nn.functional as F
from jokegen.data.corpus import Split
from jokegen.models.networks import LanguageModel

SEGMENT = 20


def adapted_log_probabilities(network: LanguageModel, split: Split, end_id: int, rate: float) -> np.ndarray:
    """Return the natural log-probability of each token of ``split``, read once from start to end.

    After each segment a copy of the network takes one step of plain gradient descent on it, at ``rate``; every token
    is measured before anything is learned from it.
    """
    model = copy.deepcopy(network).eval()
    weights = [parameter for parameter in model.parameters() if parameter.requires_grad]
    tokens = torch.from_numpy(split.tokens.astype(np.int64))
    inputs = torch.cat([torch.tensor([end_id]), tokens[:-1]])
    state = model.initial_state(1)
    found: list[torch.Tensor] = []
    for begin in range(0, len(tokens), SEGMENT):
        place = slice(begin, begin + SEGMENT)
        logits, state = model(inputs[place].unsqueeze(1), state)
        losses = F.cross_entropy(logits.squeeze(1), tokens[place], reduction="none")
        found.append(-losses.detach())
        gradients = torch.autograd.grad(losses.mean(), weights)
        with torch.no_grad():
            norm = torch.linalg.vector_norm(torch.stack([gradient.norm() for gradient in gradients]))
            scale = rate / max(1.0, float(norm))
            for weight, gradient in zip(weights, gradients, strict=True):
                weight.sub_(gradient, alpha=scale)
        state = state[0].detach(), state[1].detach()
    return torch.cat(found).double().numpy()
