"""One way to ask any model for the next token: a network, the n-gram model, or a mixture of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...data.batching import evaluation_batches
from ...data.corpus import Split
from ...models.inference import InferenceNetwork, State
from ...models.ngram import KneserNey

Floats = NDArray[np.floating[Any]]
Tokens = NDArray[np.integer[Any]] | Sequence[Sequence[int]]
"""``(time, batch)``, as an array or as rows."""

_LOGITS_AT_ONCE = 4_000_000
"""Numbers of logits that an evaluation holds at a time, at most."""


class Predictor(Protocol):
    """A language model that is asked, not trained. Its states are values: none is ever changed."""

    vocabulary_size: int

    def initial_state(self, batch_size: int) -> Any:
        """Return the state in which no token has been read."""
        ...

    def read(self, tokens: Tokens, state: Any) -> Any:
        """Read ``tokens`` ``(time, batch)`` after ``state``; return the state after them."""
        ...

    def logits(self, state: Any) -> Floats:
        """Return the logits of the next token after ``state``: ``(batch, vocabulary)``, float32."""
        ...

    def repeat(self, state: Any, count: int) -> Any:
        """Return the state of ``count`` texts that all stand where the single text of ``state`` stands."""
        ...

    def select(self, state: Any, rows: NDArray[np.bool_]) -> Any:
        """Return the state of those texts of a batch that are marked in ``rows`` ``(batch,)``."""
        ...

    def log_probabilities(self, split: Split) -> NDArray[np.float64]:
        """Return the natural log-probability of each token of ``split``, each text from a fresh state."""
        ...


class NetworkPredictor:
    """A network whose weights do not change any more."""

    def __init__(self, network: InferenceNetwork, end_id: int | None) -> None:
        """Wrap ``network``; ``end_id`` is what it reads before a text."""
        self.network = network
        self.end_id = end_id
        self.vocabulary_size = network.config.vocabulary_size

    def initial_state(self, batch_size: int) -> State:
        """Return the zero state."""
        return self.network.initial_state(batch_size)

    def read(self, tokens: Tokens, state: State) -> State:
        """Read tokens one after the other."""
        for row in tokens:
            state = self.network.step(row, state)
        return state

    def logits(self, state: State) -> Floats:
        """What the output layer makes of the last layer's hidden state."""
        return self.network.logits(state)

    def repeat(self, state: State, count: int) -> State:
        """The same rows ``count`` times."""
        return tuple(np.repeat(part, count, axis=1) for part in state)

    def select(self, state: State, rows: NDArray[np.bool_]) -> State:
        """The marked rows."""
        return tuple(part[:, rows] for part in state)

    def log_probabilities(self, split: Split) -> NDArray[np.float64]:
        """Read the split text by text, many side by side."""
        found = np.zeros(len(split.tokens))
        state = self.initial_state(0)
        first_token = 0 if self.end_id is None else self.end_id
        for batch in evaluation_batches(split):
            if batch.fresh:
                state = self.initial_state(batch.inputs.shape[1])
            tokens = np.where(batch.inputs < 0, first_token, split.tokens[batch.inputs.clip(min=0)])
            features, state = self.network.read(tokens, state)
            features = features.reshape(-1, features.shape[-1])[batch.predicted]
            places = batch.targets.ravel()[batch.predicted]
            found[places] = self._log_probabilities(features, split.tokens[places])
        return found

    def _log_probabilities(self, features: Floats, targets: NDArray[np.integer[Any]]) -> Floats:
        """Return the log-probability of each of ``targets`` ``(tokens,)`` after ``features`` ``(tokens, features)``."""
        found = np.empty(len(targets))
        rows = max(1, _LOGITS_AT_ONCE // self.vocabulary_size)
        for first in range(0, len(targets), rows):
            logits = self.network.predict(features[first : first + rows])
            logits -= logits.max(-1, keepdims=True)
            own = logits[np.arange(len(logits)), targets[first : first + rows]]
            found[first : first + rows] = own - np.log(np.exp(logits, out=logits).sum(-1))
        return found


class NGramPredictor:
    """The n-gram model; its state is the tokens read last, a context for each text."""

    def __init__(self, model: KneserNey, end_id: int | None) -> None:
        """Wrap a fitted ``model``."""
        self.model = model
        self.end_id = end_id
        self.vocabulary_size = model.vocabulary_size

    def initial_state(self, batch_size: int) -> list[tuple[int, ...]]:
        """Return empty contexts."""
        return [()] * batch_size

    def read(self, tokens: Tokens, state: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
        """Append ``tokens`` ``(time, batch)`` to the contexts."""
        keep = self.model.order - 1
        columns: list[list[int]] = np.asarray(tokens).T.tolist()
        return [(*context, *column)[-keep:] if keep else () for context, column in zip(state, columns, strict=True)]

    def logits(self, state: list[tuple[int, ...]]) -> Floats:
        """The logarithms of the distributions after the contexts."""
        return np.log(np.stack([self.model.distribution(context) for context in state])).astype(np.float32)

    def repeat(self, state: list[tuple[int, ...]], count: int) -> list[tuple[int, ...]]:
        """The same context ``count`` times."""
        return state * count

    def select(self, state: list[tuple[int, ...]], rows: NDArray[np.bool_]) -> list[tuple[int, ...]]:
        """The marked contexts."""
        return [context for context, marked in zip(state, rows, strict=True) if marked]

    def log_probabilities(self, split: Split) -> NDArray[np.float64]:
        """Score the whole split at once."""
        return self.model.log_probabilities(split.tokens, split.offsets)


class MixturePredictor:
    """``weight`` of one model's probability and the rest of another's (Jelinek & Mercer 1980)."""

    def __init__(self, first: Predictor, second: Predictor, weight: float) -> None:
        """Mix two predictors over the same vocabulary."""
        self.vocabulary_size = first.vocabulary_size
        self._first = first
        self._second = second
        self._weight = min(max(weight, 1e-6), 1 - 1e-6)

    @property
    def parts(self) -> tuple[Predictor, Predictor]:
        """What is mixed."""
        return self._first, self._second

    @property
    def weight(self) -> float:
        """The first one's share."""
        return self._weight

    def initial_state(self, batch_size: int) -> tuple[Any, Any]:
        """Return both states."""
        return self._first.initial_state(batch_size), self._second.initial_state(batch_size)

    def read(self, tokens: Tokens, state: tuple[Any, Any]) -> tuple[Any, Any]:
        """Read with both."""
        return self._first.read(tokens, state[0]), self._second.read(tokens, state[1])

    def logits(self, state: tuple[Any, Any]) -> Floats:
        """The logarithm of the mixed probabilities."""
        return np.logaddexp(
            _normalised(self._first.logits(state[0])) + np.float32(np.log(self._weight)),
            _normalised(self._second.logits(state[1])) + np.float32(np.log1p(-self._weight)),
        )

    def repeat(self, state: tuple[Any, Any], count: int) -> tuple[Any, Any]:
        """Both states, repeated."""
        return self._first.repeat(state[0], count), self._second.repeat(state[1], count)

    def select(self, state: tuple[Any, Any], rows: NDArray[np.bool_]) -> tuple[Any, Any]:
        """The marked texts of both states."""
        return self._first.select(state[0], rows), self._second.select(state[1], rows)

    def log_probabilities(self, split: Split) -> NDArray[np.float64]:
        """Mix the probabilities of every token."""
        return mix(self._first.log_probabilities(split), self._second.log_probabilities(split), self._weight)


def best_mixture(first: Predictor, second: Predictor, held_out: Split) -> MixturePredictor:
    """Return the mixture of two predictors that makes ``held_out`` likeliest."""
    shares = first.log_probabilities(held_out), second.log_probabilities(held_out)
    return MixturePredictor(first, second, best_mixture_weight(*shares))


def _normalised(logits: Floats) -> Floats:
    """Return log-probabilities; ``logits`` are changed."""
    logits -= logits.max(-1, keepdims=True)
    logits -= np.log(np.exp(logits).sum(-1, keepdims=True))
    return logits


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
