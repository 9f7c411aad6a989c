"""One way to ask any model for the next token: a network, the n-gram model, or a mixture of both."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...data.batching import evaluation_batches
from ...data.corpus import Split
from ...models.networks import LSTMLanguageModel, LSTMState
from ...models.ngram import KneserNey
from ...models.stepping import Stepper
from ..training.gathering import gather
from ..training.tensors import from_array, integers

_LARGEST_TABLE = 2**23
"""Numbers in the table that spares half of a step."""


class Predictor(Protocol):
    """A language model that is asked, not trained."""

    vocabulary_size: int

    def initial_state(self, batch_size: int) -> Any:
        """Return the state in which no token has been read."""
        ...

    def read(self, tokens: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Read ``tokens`` ``(time, batch)``; return the next token's logits ``(batch, vocabulary)`` and the state."""
        ...

    def log_probabilities(self, split: Split) -> NDArray[np.float64]:
        """Return the natural log-probability of each token of ``split``, each text from a fresh state."""
        ...


class NetworkPredictor:
    """An LSTM in evaluation mode, in float32 and without gradients."""

    def __init__(self, model: LSTMLanguageModel, end_id: int | None) -> None:
        """Wrap ``model``, which is put into evaluation mode; once it has been read with, its weights must stay."""
        self.model = model.eval()
        self.end_id = end_id
        self.vocabulary_size = model.config.vocabulary_size

    def initial_state(self, batch_size: int) -> LSTMState:
        """Return the zero state."""
        return self.model.initial_state(batch_size)

    @torch.inference_mode()
    def read(self, tokens: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        """Read tokens ``(time, batch)``; only the last time step passes the output layer."""
        if not len(tokens):
            last = self.model.embedding.weight.new_zeros(tokens.shape[1], self.model.output_features)
            return self.model.predict(last), state
        if len(tokens) == 1:
            return self._stepper.step(tokens[0], state)
        features, state = self.model.read(tokens, state)
        return self.model.predict(features[-1]), state

    @cached_property
    def _stepper(self) -> Stepper:
        return Stepper(self.model, largest_table=_LARGEST_TABLE)

    @torch.inference_mode()
    def log_probabilities(self, split: Split) -> NDArray[np.float64]:
        """Read the split text by text, many side by side."""
        self.model.eval()
        device = self.model.output_bias.device
        tokens = from_array(split.tokens.astype(np.int64)).to(device)
        found = torch.zeros(len(split.tokens), dtype=torch.float32, device=device)
        state: LSTMState | None = None
        for batch in evaluation_batches(split):
            read = gather(tokens, batch, self.end_id)
            if batch.fresh or state is None:
                state = self.model.initial_state(read.inputs.shape[1])
            features, state = self.model.read(read.inputs, state)
            logits = self.model.predict(features.flatten(0, 1)[read.predicted]).float()
            targets = tokens[read.places]
            found[read.places] = logits.gather(-1, targets.unsqueeze(-1)).squeeze(-1) - logits.logsumexp(-1)
        return found.double().cpu().numpy()


class NGramPredictor:
    """The n-gram model; its state is the tokens read last."""

    def __init__(self, model: KneserNey, end_id: int | None) -> None:
        """Wrap a fitted ``model``."""
        self.model = model
        self.end_id = end_id
        self.vocabulary_size = model.vocabulary_size

    def initial_state(self, batch_size: int) -> list[tuple[int, ...]]:
        """Return empty contexts."""
        return [()] * batch_size

    def read(self, tokens: Tensor, state: list[tuple[int, ...]]) -> tuple[Tensor, list[tuple[int, ...]]]:
        """Append ``tokens`` ``(time, batch)`` to the contexts; the logits are log-probabilities."""
        keep = self.model.order - 1
        columns = [integers(column) for column in tokens.unbind(1)]
        contexts = [(*context, *column)[-keep:] if keep else () for context, column in zip(state, columns, strict=True)]
        rows = np.stack([self.model.distribution(context) for context in contexts])
        return from_array(np.log(rows)).float(), contexts

    def log_probabilities(self, split: Split) -> NDArray[np.float64]:
        """Score the whole split at once."""
        return self.model.log_probabilities(split.tokens, split.offsets)


class MixturePredictor:
    """``weight`` of a network's probability and the rest of the n-gram model's (Jelinek & Mercer 1980)."""

    def __init__(self, network: NetworkPredictor, ngram: NGramPredictor, weight: float) -> None:
        """Mix two predictors over the same vocabulary."""
        self.vocabulary_size = network.vocabulary_size
        self._network = network
        self._ngram = ngram
        self._weight = min(max(weight, 1e-6), 1 - 1e-6)

    def initial_state(self, batch_size: int) -> tuple[Any, Any]:
        """Return both states."""
        return self._network.initial_state(batch_size), self._ngram.initial_state(batch_size)

    def read(self, tokens: Tensor, state: tuple[Any, Any]) -> tuple[Tensor, tuple[Any, Any]]:
        """Read with both and mix what they expect."""
        logits, network = self._network.read(tokens, state[0])
        counted, ngram = self._ngram.read(tokens, state[1])
        own = torch.log_softmax(logits.cpu(), -1) + float(np.log(self._weight))
        return torch.logaddexp(own, counted + float(np.log1p(-self._weight))), (network, ngram)

    def log_probabilities(self, split: Split) -> NDArray[np.float64]:
        """Mix the probabilities of every token."""
        return mix(self._network.log_probabilities(split), self._ngram.log_probabilities(split), self._weight)


def mix(first: NDArray[np.float64], second: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """Return the log of ``weight`` of the first and the rest of the second probability."""
    return np.logaddexp(first + np.log(weight), second + np.log1p(-weight))


def best_mixture_weight(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return the weight of ``first`` under which the mixture is likeliest, by expectation-maximisation."""
    weight = 0.5
    difference = second - first
    for _ in range(60):
        share = 1.0 / (1.0 + np.exp(np.clip(difference, -60, 60)) * (1 - weight) / weight)
        weight = float(np.clip(share.mean(), 1e-4, 1 - 1e-4))
    return weight
