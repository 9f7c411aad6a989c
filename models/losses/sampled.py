"""Cross-entropy over a large vocabulary from its frequent tokens and a sample of the rare ones."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def sampled_cross_entropy(
    features: Tensor, targets: Tensor, weight: Tensor, bias: Tensor, head: int, sample: Tensor
) -> Tensor:
    """Estimate the cross-entropy of a softmax output without computing all of it.

    The first ``head`` tokens, the frequent ones, are computed exactly and each target too; of the tail beyond only
    ``sample`` is, weighted so that the estimate of the normaliser has no bias (importance sampling as in Bengio &
    Senécal 2008, stratified by frequency). A sample of the whole tail gives the exact value.

    Args:
        features: ``(tokens, features)``.
        targets: ``(tokens,)`` below the vocabulary size.
        weight: ``(vocabulary, features)``.
        bias: ``(vocabulary,)``.
        head: number of tokens that are always computed.
        sample: ``(m,)`` different tokens of the tail, at least 2, drawn evenly.

    Returns:
        That of each token ``(tokens,)``, nats, in float32.
    """
    tail = len(weight) - head
    frequent = F.linear(features, weight[:head], bias[:head]).float()  # (tokens, head)
    rare = F.linear(features, weight.index_select(0, sample), bias.index_select(0, sample)).float()  # (tokens, m)
    own = ((features * weight.index_select(0, targets)).sum(-1) + bias.index_select(0, targets)).float()  # (tokens,)
    in_tail = targets >= head
    drawn = sample.unsqueeze(0) == targets.unsqueeze(1)  # (tokens, m): the target itself counts once, and exactly
    others = (tail - in_tail.float()) / (len(sample) - drawn.sum(-1))
    masses = (
        frequent.logsumexp(-1),
        rare.masked_fill(drawn, -math.inf).logsumexp(-1) + others.log(),
        own.masked_fill(~in_tail, -math.inf),
    )
    return torch.stack(masses).logsumexp(0) - own
