"""The word-level LSTM language model."""

from __future__ import annotations

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .configuration import ModelConfig

LSTMState = tuple[Tensor, Tensor]
"""The hidden and the cell state, each ``(layers, batch, hidden)``."""


class LSTMLanguageModel(nn.Module):
    """Predict each next token from the tokens before it and a state that can be carried on.

    The network is an embedding, one or more LSTM layers (Hochreiter & Schmidhuber 1997) and a linear output
    that may share the embedding's weights. All randomness of training comes from :attr:`dropout_generator`, so
    that nothing else in the process can disturb it.
    """

    def __init__(self, config: ModelConfig, *, generator: torch.Generator | None = None) -> None:
        """Build the network and draw its weights from ``generator``."""
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary_size, config.embedding_size)
        sizes = [config.embedding_size] + [config.hidden_size] * config.layers
        self.recurrent = nn.ModuleList(nn.LSTM(sizes[i], config.hidden_size) for i in range(config.layers))
        self.projection = nn.Linear(config.hidden_size, config.embedding_size) if config.projected else None
        self.output_weight = (
            None if config.tied else nn.Parameter(torch.empty(config.vocabulary_size, config.hidden_size))
        )
        self.output_bias = nn.Parameter(torch.zeros(config.vocabulary_size))
        self.dropout_generator: torch.Generator | None = None
        self.initialise(generator)

    @torch.no_grad()
    def initialise(self, generator: torch.Generator | None = None) -> None:
        """Draw every weight anew.

        ``small`` draws the embedding from ±0.05 and starts the forget gates open; ``pytorch`` repeats PyTorch's own
        defaults: a standard normal embedding and ±1/√hidden everywhere else.
        """
        bound = 1.0 / math.sqrt(self.config.hidden_size)
        small = self.config.initialisation == "small"
        for parameter in self.parameters():
            parameter.uniform_(-bound, bound, generator=generator)
        if small:
            self.embedding.weight.uniform_(-0.05, 0.05, generator=generator)
            self.output_bias.zero_()
        else:
            self.embedding.weight.normal_(generator=generator)

    @torch.no_grad()
    def set_output_bias(self, log_frequencies: Tensor) -> None:
        """Start the output from unigram log-frequencies ``(vocabulary,)`` instead of from a uniform guess."""
        self.output_bias.copy_(log_frequencies)

    @property
    def output_features(self) -> int:
        """Size of what the output layer reads."""
        return self.config.embedding_size if self.config.tied else self.config.hidden_size

    def initial_state(self, batch_size: int) -> LSTMState:
        """Return the zero state for ``batch_size`` texts, each part ``(layers, batch, hidden)``."""
        shape = (self.config.layers, batch_size, self.config.hidden_size)
        return self.output_bias.new_zeros(shape), self.output_bias.new_zeros(shape)

    def forward(self, tokens: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        """Read ``tokens`` ``(time, batch)`` and return logits ``(time, batch, vocabulary)`` and the new state."""
        hidden, state = self.read(tokens, state)
        return self.predict(hidden), state

    def read(self, tokens: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        """Read ``tokens`` ``(time, batch)`` without the output layer: features ``(time, batch, features)``."""
        config = self.config
        signal = self.embedding(tokens)  # (time, batch, embedding)
        if self.training and config.embedding_dropout:
            words = self._mask((config.vocabulary_size,), config.embedding_dropout, signal)
            signal = signal * words[tokens].unsqueeze(-1)
        signal = self._locked_dropout(signal, config.input_dropout)
        hidden: list[Tensor] = []
        cell: list[Tensor] = []
        for index, layer in enumerate(self.recurrent):
            if index:
                signal = self._hidden_dropout(signal)
            signal, (h, c) = self._recur(layer, signal, (state[0][index : index + 1], state[1][index : index + 1]))
            hidden.append(h)
            cell.append(c)
        signal = self._locked_dropout(signal, config.output_dropout)
        if self.projection is not None:
            signal = self.projection(signal)
        if len(hidden) == 1:
            return signal, (hidden[0], cell[0])
        return signal, (torch.cat(hidden), torch.cat(cell))

    def predict(self, features: Tensor) -> Tensor:
        """Turn features ``(…, features)`` into logits ``(…, vocabulary)``."""
        return F.linear(features, *self.output_layer)

    @property
    def output_layer(self) -> tuple[Tensor, Tensor]:
        """The weight ``(vocabulary, features)`` and the bias ``(vocabulary,)`` of the output."""
        return self.embedding.weight if self.output_weight is None else self.output_weight, self.output_bias

    def _recur(self, layer: nn.Module, signal: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        layer = cast("nn.LSTM", layer)
        if not (self.training and self.config.weight_dropout):
            return layer(signal, state)
        inputs, recurrent, input_bias, recurrent_bias = layer.parameters()
        recurrent = recurrent * self._mask(tuple(recurrent.shape), self.config.weight_dropout, recurrent)
        weights = [inputs, recurrent, input_bias, recurrent_bias]
        output, h, c = torch.lstm(signal, state, weights, True, 1, 0.0, True, False, False)
        return output, (h, c)

    def _hidden_dropout(self, signal: Tensor) -> Tensor:
        probability = self.config.hidden_dropout
        if self.config.locked or not self.training or not probability:
            return self._locked_dropout(signal, probability)
        return signal * self._mask(tuple(signal.shape), probability, signal)

    def _locked_dropout(self, signal: Tensor, probability: float) -> Tensor:
        if not self.training or not probability:
            return signal
        return signal * self._mask((1, signal.shape[1], signal.shape[2]), probability, signal)

    def _mask(self, shape: tuple[int, ...], probability: float, like: Tensor) -> Tensor:
        mask = torch.empty(shape, device=like.device, dtype=like.dtype)
        return mask.bernoulli_(1.0 - probability, generator=self.dropout_generator).div_(1.0 - probability)
