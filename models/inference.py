"""The networks as they speak: plain numpy on arrays of weights, for one token or many, one text or a thousand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .configuration import GATES, STATE_PARTS, ModelConfig

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.integer[Any]]
State = tuple[Floats, ...]
"""What a network carries from token to token, each part ``(layers, batch, hidden)``."""

_LARGEST_TABLE = 2**23
"""Numbers in the table of what each token adds to the gates of the first layer; it spares half of a step."""


class InferenceNetwork:
    """A trained network that is only asked; it says what :class:`~jokegen.models.networks.LanguageModel` says."""

    def __init__(self, config: ModelConfig, weights: Mapping[str, NDArray[Any]]) -> None:
        """Take the weights of a checkpoint, in whatever precision, as float32.

        Raises:
            ValueError: a weight is missing, has another shape than ``config`` says, or is not a finite number.
        """
        self.config = config
        for name, shape in config.weight_shapes.items():
            if name not in weights or weights[name].shape != shape:
                raise ValueError(f"the weight {name} is missing or has another shape")
            if not np.isfinite(weights[name].sum(dtype=np.float64)):
                raise ValueError(f"the weight {name} holds numbers that are not finite")
        self._embedding = _float32(weights["embedding.weight"])  # (vocabulary, embedding)
        self._output_weight = self._embedding if config.tied else _float32(weights["output_weight"])
        self._output_bias = _float32(weights["output_bias"])
        self._projection: tuple[Floats, Floats] | None = None
        if config.projected:
            self._projection = _float32(weights["projection.weight"]), _float32(weights["projection.bias"])
        layer = {"lstm": _LSTMLayer, "gru": _GRULayer}[config.cell]
        self._layers = [
            layer({name: _float32(weights[f"recurrent.{index}.{name}_l0"]) for name in _LAYER_WEIGHTS})
            for index in range(config.layers)
        ]

    def arrays(self) -> Iterator[Floats]:
        """Yield the weights as they are computed with, always in the same order."""
        yield self._embedding
        yield self._output_weight
        yield self._output_bias
        yield from self._projection or ()
        for layer in self._layers:
            yield from (value for value in vars(layer).values() if isinstance(value, np.ndarray))

    def initial_state(self, batch_size: int) -> State:
        """Return the zero state for ``batch_size`` texts."""
        shape = (self.config.layers, batch_size, self.config.hidden_size)
        return tuple(np.zeros(shape, dtype=np.float32) for _ in STATE_PARTS[self.config.cell])

    def read(self, tokens: Integers, state: State) -> tuple[Floats, State]:
        """Read ``tokens`` ``(time, batch)``; return features ``(time, batch, features)`` and the new state."""
        features, states = self._trace(tokens, state)
        return features, tuple(part[-1] for part in states) if len(tokens) else state

    def trace(self, tokens: Integers, state: State) -> tuple[Floats, State]:
        """Read like :meth:`read`, but return the state after every token: parts ``(time, layers, batch, hidden)``."""
        return self._trace(tokens, state)

    def step(self, tokens: Integers | Sequence[int], state: State) -> State:
        """Read one token of each text ``(batch,)`` and return the new state."""
        if len(tokens) == 1:
            # Vectors instead of matrices of one row: a third of the time.
            after = self._step(int(tokens[0]), [part[:, 0] for part in state])
            return tuple(part[:, None] for part in after)
        return self._step(tokens, state)

    def logits(self, state: State) -> Floats:
        """Return the logits of the next token after ``state``: ``(batch, vocabulary)``."""
        features = self._projected(state[0][-1])  # (batch, features)
        if len(features) > 1:
            return self.predict(features)
        logits = self._output_weight.dot(features[0])
        logits += self._output_bias
        return logits[None]

    def predict(self, features: Floats) -> Floats:
        """Turn features ``(…, features)`` into logits ``(…, vocabulary)``."""
        logits = features @ self._output_weight.T
        logits += self._output_bias
        return logits

    def _step(self, tokens: Any, state: Sequence[Floats]) -> State:
        """Step with one text (a token, parts ``(layers, hidden)``) or with many (tokens, parts with a batch axis)."""
        first, *others = self._layers
        received = first.receive(self._embedding[tokens]) if self._received is None else self._received[tokens]
        after = first.step(received, [part[0] for part in state])
        if not others:
            return tuple(part[None] for part in after)
        layers = [after]
        for index, layer in enumerate(others, start=1):
            after = layer.step(layer.receive(after[0]), [part[index] for part in state])
            layers.append(after)
        return tuple(np.stack(parts) for parts in zip(*layers, strict=True))

    def _trace(self, tokens: Integers, state: State) -> tuple[Floats, State]:
        signal = self._embedding[tokens]  # (time, batch, embedding)
        traces: list[list[Floats]] = [[] for _ in state]
        for index, layer in enumerate(self._layers):
            carried = tuple(part[index] for part in state)
            received = layer.receive(signal)
            places: list[State] = []
            for at_once in received:
                carried = layer.step(at_once, carried)
                places.append(carried)
            for part, trace in enumerate(traces):
                trace.append(np.stack([place[part] for place in places]) if places else state[part][index][None][:0])
            signal = traces[0][-1]
        return self._projected(signal), tuple(np.stack(trace, axis=1) for trace in traces)

    def _projected(self, hidden: Floats) -> Floats:
        if self._projection is None:
            return hidden
        weight, bias = self._projection
        return hidden @ weight.T + bias

    @cached_property
    def _received(self) -> Floats | None:
        """What the first layer receives from each token ``(vocabulary, gates · hidden)``; None where that is large."""
        first = self._layers[0]
        small = self.config.vocabulary_size * GATES[self.config.cell] * self.config.hidden_size <= _LARGEST_TABLE
        return first.receive(self._embedding) if small else None


_LAYER_WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class _LSTMLayer:
    """One LSTM layer; its gates stand in the order enter, forget, leave, candidate: the first three are sigmoids.

    A sigmoid is half a hyperbolic tangent of half its argument, so that one call computes all four.
    """

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._hidden = len(weights["bias_hh"]) // 4
        halves = np.repeat(np.array([0.5, 0.5, 0.5, 1.0], dtype=np.float32), self._hidden)
        order = np.arange(4 * self._hidden).reshape(4, self._hidden)[[0, 1, 3, 2]].ravel()
        self._inputs = (weights["weight_ih"][order] * halves[:, None]).T.copy()  # (input, 4 · hidden)
        self._recurrent = (weights["weight_hh"][order] * halves[:, None]).T.copy()  # (hidden, 4 · hidden)
        self._bias = (weights["bias_ih"] + weights["bias_hh"])[order] * halves

    def receive(self, signal: Floats) -> Floats:
        """Return what the gates receive from ``signal`` ``(…, input)``, both biases included."""
        return signal @ self._inputs + self._bias

    def step(self, received: Floats, state: Sequence[Floats]) -> State:
        """Return the new hidden and cell state, ``(…, hidden)`` each."""
        hidden, cell = state
        size = self._hidden
        gates = hidden.dot(self._recurrent)
        gates += received
        np.tanh(gates, out=gates)
        sigmoids = gates[..., : 3 * size]
        sigmoids *= 0.5
        sigmoids += 0.5
        cell = gates[..., size : 2 * size] * cell
        cell += gates[..., :size] * gates[..., 3 * size :]
        hidden = np.tanh(cell)
        hidden *= gates[..., 2 * size : 3 * size]
        return hidden, cell


class _GRULayer:
    """One GRU layer; its gates stand in torch's order reset, update, candidate."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._hidden = len(weights["bias_hh"]) // 3
        halves = np.repeat(np.array([0.5, 0.5, 1.0], dtype=np.float32), self._hidden)
        self._inputs = (weights["weight_ih"] * halves[:, None]).T.copy()  # (input, 3 · hidden)
        self._recurrent = (weights["weight_hh"] * halves[:, None]).T.copy()  # (hidden, 3 · hidden)
        self._input_bias = weights["bias_ih"] * halves
        self._recurrent_bias = weights["bias_hh"] * halves

    def receive(self, signal: Floats) -> Floats:
        """Return what the gates receive from ``signal`` ``(…, input)``."""
        return signal @ self._inputs + self._input_bias

    def step(self, received: Floats, state: Sequence[Floats]) -> State:
        """Return the new hidden state ``(…, hidden)``."""
        (hidden,) = state
        size = self._hidden
        recurred = hidden.dot(self._recurrent)
        recurred += self._recurrent_bias
        gates = np.tanh(received[..., : 2 * size] + recurred[..., : 2 * size])
        gates *= 0.5
        gates += 0.5
        candidate = np.tanh(received[..., 2 * size :] + gates[..., :size] * recurred[..., 2 * size :])
        return (candidate + gates[..., size:] * (hidden - candidate),)


def _float32(array: NDArray[Any]) -> Floats:
    return np.ascontiguousarray(array, dtype=np.float32)
