"""What a training step makes smaller: the loss of the next tokens, and the penalties of a recipe."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ...data.batching import Batch
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


def penalties(
    recipe: Recipe, outputs: Tensor, features: Tensor, predicted: Tensor, mine: Batch, whole: Batch
) -> Tensor | float:
    """Return what the recipe adds to the loss of the batch ``whole`` for large and for quickly changing activations.

    ``outputs`` and ``features``, both ``(time, batch, …)``, are those of the texts ``mine``, of which ``predicted``
    ``(predictions,)`` have a token to predict. What is found for the parts of a batch adds up to that of all of it.
    """
    if recipe.penalised == "padded":
        return _padded_penalties(recipe, features) * (mine.inputs.shape[1] / whole.inputs.shape[1])
    added: Tensor | float = 0.0
    if recipe.activation_penalty:
        sizes = features.square().mean(-1).flatten().index_select(0, predicted)  # (predictions,)
        added += recipe.activation_penalty * sizes.sum() / len(whole.predicted)
    if recipe.change_penalty and (pairs := len(whole.predicted) - _beginnings(whole)):
        changes = (outputs[1:] - outputs[:-1]).square().mean(-1).flatten()
        later = predicted[_beginnings(mine) :] - mine.inputs.shape[1]
        added += recipe.change_penalty * changes.index_select(0, later).sum() / pairs
    return added


def _beginnings(batch: Batch) -> int:
    """How many texts have a token to predict at the first place, and so at all: texts stand at the top of a batch."""
    return int((batch.targets[0] >= 0).sum())


def _padded_penalties(recipe: Recipe, features: Tensor) -> Tensor | float:
    """The penalties as version 0.1 had them: only runs that began so have them still."""
    added: Tensor | float = 0.0
    if recipe.activation_penalty:
        added += recipe.activation_penalty * features.square().mean()
    if recipe.change_penalty and len(features) > 1:
        added += recipe.change_penalty * (features[1:] - features[:-1]).square().mean()
    return added
