"""The networks as torch trains them: :func:`build` makes any of them from its configuration."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .configuration import STATE_PARTS, Cell, ModelConfig

State = tuple[Tensor, ...]
"""What the network carries from token to token, each part ``(layers, batch, hidden)``; its cell says which parts."""

_CELLS: dict[Cell, type[nn.LSTM] | type[nn.GRU]] = {"lstm": nn.LSTM, "gru": nn.GRU}


def build(config: ModelConfig, *, generator: torch.Generator | None = None) -> LanguageModel:
    """Return the network of ``config`` on the CPU, its weights drawn from ``generator``."""
    return LanguageModel(config, generator=generator)


@dataclass(frozen=True)
class Columns:
    """Which texts of a whole batch are read: those from ``start`` up to ``stop`` of ``of``."""

    start: int
    stop: int
    of: int


class LanguageModel(nn.Module):
    """Predict each next token from the tokens before it and a state that can be carried on.

    The network is an embedding, one or more recurrent layers and a linear output that may share the embedding's
    weights. All randomness of training comes from :attr:`dropout_generator`, so that nothing else in the process can
    disturb it.
    """

    def __init__(self, config: ModelConfig, *, generator: torch.Generator | None = None) -> None:
        """Build the network and draw its weights from ``generator``."""
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary_size, config.embedding_size)
        cell = _CELLS[config.cell]
        self.recurrent = nn.ModuleList(cell(size, config.hidden_size) for size in config.input_sizes)
        self.projection = nn.Linear(config.hidden_size, config.embedding_size) if config.projected else None
        self.output_weight = (
            None if config.tied else nn.Parameter(torch.empty(config.vocabulary_size, config.hidden_size))
        )
        self.output_bias = nn.Parameter(torch.zeros(config.vocabulary_size))
        self.dropout_generator: torch.Generator | None = None
        self.stepwise = False
        """Whether an LSTM is computed token by token: slowly, but where torch's kernel for whole sequences cannot."""
        self.columns: Columns | None = None
        """Set where other processes read the rest of a batch: masks are drawn for all of it, everywhere the same."""
        self.initialise(generator)

    @torch.no_grad()
    def initialise(self, generator: torch.Generator | None = None) -> None:
        """Draw every weight anew.

        ``small`` draws the embedding from ±0.05 and the rest from ±1/√hidden; ``pytorch`` repeats PyTorch's own
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

    def initial_state(self, batch_size: int) -> State:
        """Return the zero state for ``batch_size`` texts, each part ``(layers, batch, hidden)``."""
        shape = (self.config.layers, batch_size, self.config.hidden_size)
        return tuple(self.output_bias.new_zeros(shape) for _ in self.state_parts)

    @property
    def state_parts(self) -> tuple[str, ...]:
        """The names of the parts of a state, in their order."""
        return STATE_PARTS[self.config.cell]

    def forward(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """Read ``tokens`` ``(time, batch)`` and return logits ``(time, batch, vocabulary)`` and the new state."""
        hidden, state = self.read(tokens, state)
        return self.predict(hidden), state

    def read(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """Read ``tokens`` ``(time, batch)`` without the output layer: features ``(time, batch, features)``."""
        outputs, state = self.recurrent_outputs(tokens, state)
        return self.features(outputs), state

    def recurrent_outputs(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """Read ``tokens`` ``(time, batch)`` up to the last layer: ``(time, batch, hidden)``, before its dropout."""
        config = self.config
        signal = self.embedding(tokens)  # (time, batch, embedding)
        if self.training and config.embedding_dropout:
            words = self._mask((config.vocabulary_size,), config.embedding_dropout, signal)
            signal = signal * words[tokens].unsqueeze(-1)
        signal = self._locked_dropout(signal, config.input_dropout)
        after: list[State] = []
        for index, layer in enumerate(self.recurrent):
            if index:
                signal = self._hidden_dropout(signal)
            signal, carried = self._recur(layer, signal, tuple(part[index : index + 1] for part in state))
            after.append(carried)
        if len(after) == 1:
            return signal, after[0]
        return signal, tuple(torch.cat(parts) for parts in zip(*after, strict=True))

    def features(self, outputs: Tensor) -> Tensor:
        """Turn ``outputs`` ``(time, batch, hidden)`` into what the output layer reads ``(time, batch, features)``."""
        dropped = self._locked_dropout(outputs, self.config.output_dropout)
        return dropped if self.projection is None else self.projection(dropped)

    def predict(self, features: Tensor) -> Tensor:
        """Turn features ``(…, features)`` into logits ``(…, vocabulary)``."""
        return F.linear(features, *self.output_layer)

    @property
    def output_layer(self) -> tuple[Tensor, Tensor]:
        """The weight ``(vocabulary, features)`` and the bias ``(vocabulary,)`` of the output."""
        return self.embedding.weight if self.output_weight is None else self.output_weight, self.output_bias

    def _recur(self, layer: nn.Module, signal: Tensor, state: State) -> tuple[Tensor, State]:
        """Read ``signal`` ``(time, batch, input)`` with one layer; return what it says and its new state."""
        layer = cast("nn.LSTM | nn.GRU", layer)
        inputs, recurrent, input_bias, recurrent_bias = layer.parameters()
        if self.training and self.config.weight_dropout:
            recurrent = recurrent * self._mask(tuple(recurrent.shape), self.config.weight_dropout, recurrent)
        weights = [inputs, recurrent, input_bias, recurrent_bias]
        if isinstance(layer, nn.LSTM) and self.stepwise:
            return _token_by_token(signal, state, weights)
        if isinstance(layer, nn.LSTM):
            output, *carried = torch.lstm(signal, state, weights, True, 1, 0.0, self.training, False, False)
        else:
            output, *carried = torch.gru(signal, state[0], weights, True, 1, 0.0, self.training, False, False)
        return output, tuple(carried)

    def _hidden_dropout(self, signal: Tensor) -> Tensor:
        probability = self.config.hidden_dropout
        if self.config.locked or not self.training or not probability:
            return self._locked_dropout(signal, probability)
        return signal * self._text_mask(signal.shape[0], probability, signal)

    def _locked_dropout(self, signal: Tensor, probability: float) -> Tensor:
        if not self.training or not probability:
            return signal
        return signal * self._text_mask(1, probability, signal)

    def _text_mask(self, times: int, probability: float, like: Tensor) -> Tensor:
        """Return a mask ``(times, batch, size)`` for the texts that are read."""
        columns = self.columns
        if columns is None:
            return self._mask((times, like.shape[1], like.shape[2]), probability, like)
        whole = self._mask((times, columns.of, like.shape[2]), probability, like)
        return whole[:, columns.start : columns.stop]

    def _mask(self, shape: tuple[int, ...], probability: float, like: Tensor) -> Tensor:
        mask = torch.empty(shape, device=like.device, dtype=like.dtype)
        return mask.bernoulli_(1.0 - probability, generator=self.dropout_generator).div_(1.0 - probability)


def _token_by_token(signal: Tensor, state: State, weights: list[Tensor]) -> tuple[Tensor, State]:
    """Read ``signal`` ``(time, batch, input)`` with an LSTM layer, one token after the other."""
    hidden, cells = (part[0] for part in state)
    said: list[Tensor] = []
    for token in signal:
        hidden, cells = torch.lstm_cell(token, (hidden, cells), *weights)
        said.append(hidden)
    return torch.stack(said), (hidden.unsqueeze(0), cells.unsqueeze(0))
