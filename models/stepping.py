"""An LSTM language model that reads one token at a time, in a part of the time that its layers take for it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .networks import LSTMLanguageModel, LSTMState


class Stepper:
    """What a network does in evaluation, from copies of its weights in the order in which single steps read them.

    What each token adds to the gates of the first layer is looked up in a table, which spares half of that layer's
    work, as long as the table is not large.
    """

    @torch.no_grad()
    def __init__(self, model: LSTMLanguageModel, *, largest_table: int) -> None:
        """Copy the weights of ``model``; the table has ``largest_table`` numbers at most."""
        weight, self._output_bias = model.output_layer
        self._output_weight = weight.t().contiguous()  # (features, vocabulary)
        self._embedding = model.embedding.weight
        self._projection = model.projection
        self._layers = [_Layer(layer) for layer in model.recurrent]
        first = self._layers[0]
        small = len(self._embedding) * len(first.bias) <= largest_table
        self._received = first.receive(self._embedding) if small else None  # (vocabulary, 4 · hidden)

    def step(self, tokens: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        """Read one token of each text ``(batch,)``; return logits ``(batch, vocabulary)`` and the new state."""
        hidden: list[Tensor] = []
        cell: list[Tensor] = []
        for index, layer in enumerate(self._layers):
            if index:
                received = layer.receive(hidden[-1])
            elif self._received is None:
                received = layer.receive(F.embedding(tokens, self._embedding))
            else:
                received = self._received[tokens]
            h, c = layer.step(received, state[0][index], state[1][index])
            hidden.append(h)
            cell.append(c)
        features = hidden[-1] if self._projection is None else self._projection(hidden[-1])
        logits = torch.addmm(self._output_bias, features, self._output_weight)
        if len(hidden) == 1:
            return logits, (hidden[0].unsqueeze(0), cell[0].unsqueeze(0))
        return logits, (torch.stack(hidden), torch.stack(cell))


class _Layer:
    def __init__(self, layer: nn.Module) -> None:
        inputs, recurrent, input_bias, recurrent_bias = layer.parameters()
        self._inputs = inputs
        self._recurrent = recurrent.t().contiguous()  # (hidden, 4 · hidden)
        self.bias = input_bias + recurrent_bias

    def receive(self, signal: Tensor) -> Tensor:
        """Return what the gates receive from ``signal`` ``(batch, input)``, both biases included."""
        return F.linear(signal, self._inputs, self.bias)

    def step(self, received: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """Return the new hidden and cell state, ``(batch, hidden)`` each."""
        gates = torch.addmm(received, h, self._recurrent)
        enter, forget, _, leave = gates.sigmoid().chunk(4, -1)
        c = torch.addcmul(enter * gates.chunk(4, -1)[2].tanh(), forget, c)
        return leave * c.tanh(), c
