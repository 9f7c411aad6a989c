"""Cross-entropy over a large vocabulary whose logits never exist all at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor

_ROWS = 64
"""Rows of logits made at a time: few enough to stay in a processor's cache, enough for a matrix product."""


def chunked_cross_entropy(features: Tensor, targets: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Return the mean cross-entropy of a softmax output, its gradients found on the way, a few rows at a time.

    It is what a linear layer and ``torch.nn.functional.cross_entropy`` give, sooner where the vocabulary is large.
    ``torch.nn.functional.linear_cross_entropy`` works alike, but its first call loads torch's compiler, which takes
    longer than a short training.

    Args:
        features: ``(tokens, features)``.
        targets: ``(tokens,)`` below the vocabulary size.
        weight: ``(vocabulary, features)``.
        bias: ``(vocabulary,)``.

    Returns:
        The mean over the tokens, nats; it can be differentiated once. A token less likely than the smallest normal
        number counts as that likely.
    """
    apply = cast("Callable[..., Tensor]", _ChunkedCrossEntropy.apply)  # pyright: ignore[reportUnknownMemberType]
    return apply(features, targets, weight, bias)


class _ChunkedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, features: Tensor, targets: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        by_features = torch.empty_like(features)
        by_weight, by_bias = torch.zeros_like(weight), torch.zeros_like(bias)
        surprise = features.new_zeros(())
        ones = features.new_ones(_ROWS)
        smallest = torch.finfo(features.dtype).tiny
        for start in range(0, len(features), _ROWS):
            rows = features[start : start + _ROWS]
            wanted = targets[start : start + _ROWS, None]
            chances = torch.addmm(bias, rows, weight.t()).softmax(-1)  # (rows, vocabulary)
            surprise -= chances.gather(-1, wanted).clamp_min(smallest).log().sum()
            by_logits = chances.scatter_add_(-1, wanted, ones[: len(rows), None].neg())
            torch.mm(by_logits, weight, out=by_features[start : start + _ROWS])
            by_weight.addmm_(by_logits.t(), rows)
            by_bias.addmv_(by_logits.t(), ones[: len(rows)])
        ctx.save_for_backward(by_features, by_weight, by_bias)
        return surprise / len(features)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        by_features, by_weight, by_bias = ctx.saved_tensors
        share = gradients[0] / len(by_features)
        return by_features * share, None, by_weight * share, by_bias * share
