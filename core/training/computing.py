"""A step's two passes, shared by all processes of a team, and steps whose figures are still on the device."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ...data.batching import Batch
from ...models.networks import Columns, LanguageModel, State
from ..events import StepDone
from ..recipes import Recipe
from .device import Machine
from .gathering import TrainTokens, gather, part_of
from .objective import next_token_loss, penalties
from .optimizer import AdamW
from .team import Team, TeamError
from .tensors import numbers


@dataclass(frozen=True, eq=False)
class Computed:
    """A step whose figures are still on the device."""

    step: int
    epoch: int
    learning_rate: float
    tokens: int
    loss: Tensor
    gradient_norm: Tensor


def fetched(computed: Sequence[Computed]) -> Iterator[StepDone]:
    """Fetch the figures of some steps, all at once; the time is left to the caller."""
    losses = numbers(torch.stack([step.loss for step in computed]))
    norms = numbers(torch.stack([step.gradient_norm for step in computed]))
    for step, loss, norm in zip(computed, losses, norms, strict=True):
        yield StepDone(step.step, step.epoch, loss, step.learning_rate, step.tokens, 0.0, norm)


@dataclass(frozen=True, eq=False)
class Passes:
    """The forward and the backward pass of a batch; in a team each process makes them for some of its texts."""

    model: LanguageModel
    recipe: Recipe
    machine: Machine
    optimizer: AdamW
    tokens: TrainTokens
    """Those of the training split."""
    end_id: int | None
    generator: torch.Generator
    team: Team

    def make(self, batch: Batch, state: State) -> tuple[Tensor, State]:
        """Return the loss of the whole batch, nats a token, and the state after it, and leave the whole gradient.

        Raises:
            TeamError: another process is gone; no gradient is left, and the random numbers are as they were.
        """
        self.model.train()
        self.model.columns = None
        if self.team.size == 1:
            loss, penalty, after = self._forward(batch, state, batch)
            (loss + penalty).backward()  # pyright: ignore[reportUnknownMemberType]
            return loss.detach(), tuple(part.detach().float() for part in after)
        random = self.generator.get_state()
        try:
            return self._share(batch, state)
        except TeamError:
            self.optimizer.forget()
            self.generator.set_state(random)
            raise

    def _forward(self, mine: Batch, state: State, whole: Batch) -> tuple[Tensor, Tensor | float, State]:
        """Return the loss of the texts ``mine``, their share of the penalties of ``whole`` and the state after them."""
        read = gather(self.tokens, mine, self.end_id)
        with self.machine.autocast():
            outputs, after = self.model.recurrent_outputs(read.inputs, state)  # (time, batch, hidden)
            features = self.model.features(outputs)  # (time, batch, features)
            predicted = features.flatten(0, 1).index_select(0, read.predicted)  # (predictions, features)
            loss = next_token_loss(self.model, self.recipe, predicted, read.targets, self.generator)
        penalty = penalties(self.recipe, outputs.float(), features.float(), read.predicted, mine, whole)
        return loss, penalty, after

    def _share(self, batch: Batch, state: State) -> tuple[Tensor, State]:
        width = batch.inputs.shape[1]
        own = self.team.columns(width)
        # Who has no text reads the first one, which then counts nothing: so that all draw the same random numbers.
        read = own if own.start < own.stop else Columns(0, 1, width)
        mine, places = part_of(batch, read), slice(read.start, read.stop)
        self.model.columns = read
        loss, penalty, after = self._forward(mine, tuple(part[:, places].contiguous() for part in state), batch)
        counts = float(own is read)
        loss = loss * (counts * len(mine.predicted) / len(batch.predicted))
        (loss + penalty * counts).backward()  # pyright: ignore[reportUnknownMemberType]
        whole_loss = loss.detach().float().reshape(1)
        carried: State = ()
        if self.recipe.layout != "texts":
            carried = tuple(torch.zeros_like(part) for part in state)
            for whole, part in zip(carried, after, strict=True):
                whole[:, places] = part.detach().float() * counts
        self.team.add_up([*self.optimizer.gradients(), whole_loss, *carried])
        return whole_loss[0], carried or state
