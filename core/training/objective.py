"""What a training step makes smaller: the loss of the next tokens, and the penalties of a recipe."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ...models.losses.chunked import chunked_cross_entropy
from ...models.losses.sampled import sampled_cross_entropy
from ...models.networks import LanguageModel
from ..recipes import Recipe

_WORTH_SAMPLING = 2
"""The output is sampled where that leaves at most one in so many of its tokens."""
_WORTH_CHUNKING = 32
"""Tokens of the vocabulary for each output feature, from which on a processor is faster with logits in chunks."""
_ROWS = 32
"""Rows of the output's products in bfloat16 are filled up to a multiple of this.

A processor's library compiles and keeps a kernel for each shape it meets, and hardly two batches have as many tokens.
"""


def next_token_loss(
    model: LanguageModel, recipe: Recipe, features: Tensor, targets: Tensor, generator: torch.Generator
) -> Tensor:
    """Return the mean cross-entropy of ``targets`` ``(tokens,)`` after ``features`` ``(tokens, features)``, nats.

    ``generator`` draws the tokens of a sampled output.
    """
    tokens = len(targets)
    if features.device.type == "cpu" and features.dtype == torch.bfloat16:
        features, targets = F.pad(features, (0, 0, 0, -tokens % _ROWS)), F.pad(targets, (0, -tokens % _ROWS))
    head, sampled = recipe.frequent_tokens, recipe.sampled_tokens
    vocabulary = model.config.vocabulary_size
    if not head or vocabulary < _WORTH_SAMPLING * (head + sampled):
        chunks = features.device.type == "cpu" and features.dtype == torch.float32
        if chunks and vocabulary >= _WORTH_CHUNKING * features.shape[-1]:
            return chunked_cross_entropy(features, targets, *model.output_layer)
        logits = model.predict(features)
        if len(logits) > tokens:
            logits, targets = logits[:tokens], targets[:tokens]
        return F.cross_entropy(logits.float(), targets)
    order = torch.randperm(vocabulary - head, generator=generator, device=features.device)
    surprise = sampled_cross_entropy(features, targets, *model.output_layer, head, head + order[:sampled])
    return surprise[:tokens].mean()


def penalties(recipe: Recipe, features: Tensor) -> Tensor | float:
    """Return what the recipe adds to the loss for large and for quickly changing ``features`` ``(time, batch, …)``."""
    added: Tensor | float = 0.0
    if recipe.activation_penalty:
        added += recipe.activation_penalty * features.square().mean()
    if recipe.change_penalty and len(features) > 1:
        added += recipe.change_penalty * (features[1:] - features[:-1]).square().mean()
    return added
