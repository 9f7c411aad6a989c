"""Training as an iterator of events, exact to the bit when it is interrupted and resumed."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ...data.batching import Batch, stream_batches, text_batches, window_batches
from ...data.corpus import Corpus
from ...models.losses.chunked import chunked_cross_entropy
from ...models.losses.sampled import sampled_cross_entropy
from ...models.networks import LSTMLanguageModel, LSTMState
from ..errors import RunError
from ..events import EndReason, EpochDone, StepDone
from ..recipes import Recipe
from ..runs.checkpoints import Checkpoint, load_weights
from ..speaking.predictors import NetworkPredictor
from .device import Machine
from .gathering import gather
from .optimizer import AdamW
from .tensors import from_array, numbers

STEPS_TO_MEASURE = 30
"""Steps after which the speed can be known well enough to plan for a time budget."""
_SHARE_TO_MEASURE = 0.03
"""Share of a time budget that is measured before it is planned: the first steps are not typical."""
_SHARE_FOR_STEPS = 0.92
_SHARE_TO_GIVE_UP = 0.1
_LOSSES_READ_AT_ONCE = 16
_WORTH_SAMPLING = 2
"""The output is sampled where that leaves at most one in so many of its tokens."""
_WORTH_CHUNKING = 32
"""Tokens of the vocabulary for each output feature, from which on a processor is faster with logits in chunks."""


@dataclass(frozen=True)
class Progress:
    """Where a training stands; with the weights, the optimizer and the random state it is all that resuming needs."""

    epoch: int = 1
    step_in_epoch: int = 0
    step: int = 0
    total_steps: int = 0
    planned: bool = False
    """Whether the schedule has been fitted to the time budget."""
    seconds: float = 0.0
    epoch_seconds: float = 0.0
    epoch_tokens: int = 0
    best_loss: float | None = None
    best_epoch: int | None = None
    stale_epochs: int = 0
    ended: EndReason | None = None


class Trainer:
    """Train a network on a corpus by a recipe, one event at a time.

    Pausing is not asking for the next event. ``should_stop`` is asked before every step. The trainer writes nothing;
    :meth:`checkpoint` gives its whole state between two events, and :meth:`restore` takes it back.
    """

    def __init__(
        self,
        model: LSTMLanguageModel,
        corpus: Corpus,
        recipe: Recipe,
        machine: Machine,
        *,
        seed: int,
        max_seconds: float | None = None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Put the network and the training tokens on the device; nothing is trained yet."""
        self.corpus = corpus
        self.recipe = recipe
        self.machine = machine
        self.model = model.to(machine.device)
        self.averaged = copy.deepcopy(self.model) if recipe.average else self.model
        """The network to evaluate, prompt and save: with averaged weights where the recipe averages."""
        self._seed = seed
        self._max_seconds = max_seconds
        self._should_stop = should_stop
        self._generator = torch.Generator(machine.device).manual_seed(seed)
        self.model.dropout_generator = self._generator
        self._tokens = from_array(corpus.train.tokens.astype(np.int64)).to(machine.device)
        self._parameters = list(self.model.parameters())
        self._optimizer = AdamW(self._parameters, betas=recipe.betas, weight_decay=recipe.weight_decay)
        self._loss_sum = torch.zeros(
            (), dtype=torch.float64, device=machine.device if machine.device != "mps" else "cpu"
        )
        self._state: LSTMState | None = None
        self.steps_per_epoch = len(self._plan(1))
        self.progress = Progress(total_steps=recipe.epochs * self.steps_per_epoch)

    def events(self) -> Iterator[StepDone | EpochDone]:
        """Train to the end of the recipe, or until the time, the patience or the caller stops it.

        Afterwards ``progress.ended`` says why.
        """
        torch.set_num_threads(self.machine.threads)
        while self.progress.ended is None:
            yield from self._steps_of_epoch()
            if self.progress.ended is None:
                yield self._finish_epoch()

    def _steps_of_epoch(self) -> Iterator[StepDone]:
        batches = self._plan(self.progress.epoch)
        unread: list[tuple[StepDone, Tensor]] = []
        while self.progress.step_in_epoch < len(batches) and self.progress.step < self.progress.total_steps:
            if self._should_stop():
                yield from self._read_losses(unread)
                self._end("stopped")
                return
            began = time.perf_counter()
            unread.append(self._step(batches[self.progress.step_in_epoch]))
            if self.machine.device == "cpu" or len(unread) >= _LOSSES_READ_AT_ONCE:
                done = self._read_losses(unread)
                unread = []
            else:
                done = []
            self._add_time(time.perf_counter() - began)
            self._plan_for_time()
            for event in done:
                if not math.isfinite(event.loss):
                    self._end("diverged")
                yield replace(event, seconds=self.progress.seconds)
                if self.progress.ended is not None:
                    return
            if self._max_seconds is not None and self.progress.seconds >= self._max_seconds:
                break
        yield from self._read_losses(unread)

    def _step(self, batch: Batch) -> tuple[StepDone, Tensor]:
        rate = self._learning_rate(self.progress.step)
        read = gather(self._tokens, batch, self.corpus.tokenizer.end_id)
        if batch.fresh or self._state is None:
            self._state = self.model.initial_state(read.inputs.shape[1])
        self.model.train()
        with self.machine.autocast():
            features, state = self.model.read(read.inputs, self._state)  # (time, batch, features)
            loss = self._loss(features.flatten(0, 1).index_select(0, read.predicted), self._tokens[read.places])
        (loss + self._penalties(features.float())).backward()  # pyright: ignore[reportUnknownMemberType]
        if self.recipe.clip is not None:
            torch.nn.utils.clip_grad_norm_(self._parameters, self.recipe.clip, foreach=True)
        self._optimizer.step(rate)
        self._state = (state[0].detach().float(), state[1].detach().float())
        tokens = len(read.places)
        self._loss_sum += loss.detach().to(self._loss_sum.device).double() * tokens
        step = self.progress.step + 1
        self._average(step)
        self.progress = replace(
            self.progress,
            step=step,
            step_in_epoch=self.progress.step_in_epoch + 1,
            epoch_tokens=self.progress.epoch_tokens + tokens,
        )
        return StepDone(step, self.progress.epoch, math.nan, rate, tokens, 0.0), loss.detach()

    def _penalties(self, features: Tensor) -> Tensor | float:
        """Return what the recipe adds to the loss for large and for quickly changing ``features`` (time, batch, …)."""
        penalties: Tensor | float = 0.0
        if self.recipe.activation_penalty:
            penalties += self.recipe.activation_penalty * features.square().mean()
        if self.recipe.change_penalty and len(features) > 1:
            penalties += self.recipe.change_penalty * (features[1:] - features[:-1]).square().mean()
        return penalties

    def _loss(self, features: Tensor, targets: Tensor) -> Tensor:
        """Return the mean cross-entropy of ``targets`` ``(tokens,)`` after ``features`` ``(tokens, features)``."""
        head, sampled = self.recipe.frequent_tokens, self.recipe.sampled_tokens
        vocabulary = self.model.config.vocabulary_size
        if not head or vocabulary < _WORTH_SAMPLING * (head + sampled):
            chunks = self.machine.device == "cpu" and features.dtype == torch.float32
            if chunks and vocabulary >= _WORTH_CHUNKING * features.shape[-1]:
                return chunked_cross_entropy(features, targets, *self.model.output_layer)
            return F.cross_entropy(self.model.predict(features).float(), targets)
        order = torch.randperm(vocabulary - head, generator=self._generator, device=features.device)
        return sampled_cross_entropy(features, targets, *self.model.output_layer, head, head + order[:sampled])

    def _finish_epoch(self) -> EpochDone:
        began = time.perf_counter()
        before = self.progress
        train_loss = float(self._loss_sum) / max(before.epoch_tokens, 1)
        self._loss_sum.zero_()
        valid_loss = self.validate()
        watched = train_loss if valid_loss is None else valid_loss
        best = before.best_loss is None or watched < before.best_loss
        self._add_time(time.perf_counter() - began)
        event = EpochDone(
            before.epoch,
            before.step,
            train_loss,
            valid_loss,
            before.epoch_tokens / max(before.epoch_seconds, 1e-9),
            self.progress.seconds,
            best,
        )
        stale = 0 if best else before.stale_epochs + 1
        self.progress = replace(
            self.progress,
            epoch=before.epoch + 1,
            step_in_epoch=0,
            epoch_tokens=0,
            epoch_seconds=0.0,
            best_loss=watched if best else before.best_loss,
            best_epoch=before.epoch if best else before.best_epoch,
            stale_epochs=stale,
        )
        if not math.isfinite(watched):
            self._end("diverged")
        elif self.recipe.patience is not None and stale >= self.recipe.patience:
            self._end("patience")
        elif self.progress.step >= self.progress.total_steps:
            full = self.recipe.epochs * self.steps_per_epoch
            self._end("finished" if self.progress.total_steps >= full else "time")
        elif self._max_seconds is not None and self.progress.seconds >= self._max_seconds:
            self._end("time")
        return event

    def validate(self) -> float | None:
        """Return the validation loss in nats per token, or None without a validation split."""
        if self.corpus.valid is None:
            return None
        with self.machine.autocast():
            predictor = NetworkPredictor(self.averaged, self.corpus.tokenizer.end_id)
            return -float(predictor.log_probabilities(self.corpus.valid).mean())

    def checkpoint(self) -> Checkpoint:
        """Return copies of everything that resuming needs."""
        tensors = {f"weights.{name}": tensor.clone() for name, tensor in self.model.state_dict().items()}
        if self.averaged is not self.model:
            tensors |= {f"averaged.{name}": tensor.clone() for name, tensor in self.averaged.state_dict().items()}
        tensors |= {f"optimizer.{name}": tensor.clone() for name, tensor in self._optimizer.state().items()}
        tensors |= {"random": self._generator.get_state(), "loss_sum": self._loss_sum.clone()}
        if self._state is not None:
            tensors |= {"state.h": self._state[0].clone(), "state.c": self._state[1].clone()}
        return Checkpoint(tensors, asdict(self.progress))

    def restore(self, checkpoint: Checkpoint) -> None:
        """Continue from ``checkpoint``; raises RunError when it does not fit this trainer."""
        parts: dict[str, dict[str, Tensor]] = {}
        for name, tensor in checkpoint.tensors.items():
            part, _, rest = name.partition(".")
            parts.setdefault(part, {})[rest] = tensor
        try:
            load_weights(self.model, parts["weights"], "The trainer state")
            if self.averaged is not self.model:
                load_weights(self.averaged, parts["averaged"], "The trainer state")
            self.progress = Progress(**checkpoint.values)
            self._optimizer.restore(parts["optimizer"])
            self._generator.set_state(parts["random"][""])
            self._loss_sum.copy_(parts["loss_sum"][""])
            state = parts.get("state")
            device = self.machine.device
            self._state = None if state is None else (state["h"].to(device), state["c"].to(device))
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise RunError("The trainer state does not fit this run; restore it from a copy.") from error
        if self.progress.ended == "stopped":
            self.progress = replace(self.progress, ended=None)

    def _plan(self, epoch: int) -> list[Batch]:
        recipe, train = self.recipe, self.corpus.train
        if recipe.layout == "windows":
            return window_batches(train, recipe.batch_size, recipe.sequence_length)
        plan = text_batches if recipe.layout == "texts" else stream_batches
        return plan(train, recipe.batch_size, recipe.sequence_length, seed=self._seed, epoch=epoch)

    def _learning_rate(self, step: int) -> float:
        recipe = self.recipe
        warm_up = max(1.0, recipe.warm_up * recipe.epochs * self.steps_per_epoch)
        if self.progress.planned:
            warm_up = max(min(warm_up, recipe.warm_up * self.progress.total_steps), min(warm_up, STEPS_TO_MEASURE))
        if recipe.warm_up and step < warm_up:
            return recipe.learning_rate * min((step + 1) / warm_up, 1.0)
        if recipe.schedule == "constant":
            return recipe.learning_rate
        share = (step - warm_up) / max(self.progress.total_steps - warm_up, 1.0)
        return recipe.learning_rate * 0.5 * (1.0 + math.cos(math.pi * min(max(share, 0.0), 1.0)))

    def _plan_for_time(self) -> None:
        """Shorten the schedule once, so that warm-up and decay end within the time budget."""
        progress = self.progress
        if self._max_seconds is None or progress.planned or progress.step < STEPS_TO_MEASURE:
            return
        if progress.seconds < _SHARE_TO_MEASURE * self._max_seconds:
            return
        affordable = int(self._max_seconds * _SHARE_FOR_STEPS * progress.step / progress.seconds)
        total = min(progress.total_steps, max(affordable, progress.step + 1))
        unfinished = total % self.steps_per_epoch
        if total < progress.total_steps and unfinished < _SHARE_TO_GIVE_UP * total:
            total -= unfinished  # so that the last epoch is a whole one
        self.progress = replace(progress, total_steps=total, planned=True)

    @torch.no_grad()
    def _average(self, step: int) -> None:
        if self.averaged is self.model:
            return
        decay = min(self.recipe.average, (1 + step) / (10 + step))
        for average, parameter in zip(self.averaged.parameters(), self._parameters, strict=True):
            average.lerp_(parameter, 1.0 - decay)

    def _read_losses(self, unread: list[tuple[StepDone, Tensor]]) -> list[StepDone]:
        if not unread:
            return []
        losses = numbers(torch.stack([loss for _, loss in unread]))
        return [
            replace(event, loss=loss, seconds=self.progress.seconds)
            for (event, _), loss in zip(unread, losses, strict=True)
        ]

    def _add_time(self, seconds: float) -> None:
        self.progress = replace(
            self.progress,
            seconds=self.progress.seconds + seconds,
            epoch_seconds=self.progress.epoch_seconds + seconds,
        )

    def _end(self, reason: EndReason) -> None:
        self.progress = replace(self.progress, ended=reason)
