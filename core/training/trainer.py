"""Training as an iterator of events, exact to the bit when it is interrupted and resumed."""

from __future__ import annotations

import copy
import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace

import numpy as np
import torch

from ...data.batching import Batch, Plan
from ...data.corpus import Corpus
from ...models.networks import LanguageModel, State
from ..errors import RunError
from ..events import Changed, EndReason, EpochDone, RolledBack, StepDone
from ..recipes import Recipe
from ..runs.checkpoints import Checkpoint
from .averaging import move_average
from .budget import TimeBudget
from .computing import Computed, Passes, fetched
from .device import Machine
from .gathering import train_tokens
from .optimizer import AdamW
from .planning import planned_batches
from .progress import Progress
from .randomness import random_state, restore_random
from .schedule import Schedule
from .steering import changed, ending_after_epoch, told
from .team import ALONE, WISHES_AT_ONCE, Team
from .tensors import by_part, to_array, weights_of
from .validation import mean_loss
from .wishes import Wishes

_LOSSES_READ_AT_ONCE = 16
"""Steps after which an accelerator is asked for their losses: it would wait for each one."""
_READ_EACH_LOSS = ("cpu",)


class Trainer:
    """Train a network on a corpus by a recipe, one event at a time.

    Pausing is not asking for the next event. ``should_stop`` is asked before every step. The trainer writes nothing;
    :meth:`checkpoint` gives its whole state between two events, and :meth:`restore` takes it back.
    """

    def __init__(
        self,
        model: LanguageModel,
        corpus: Corpus,
        recipe: Recipe,
        machine: Machine,
        *,
        seed: int,
        budget: TimeBudget | None = None,
        should_stop: Callable[[], bool] = lambda: False,
        rolls_back: bool = False,
        team: Team = ALONE,
    ) -> None:
        """Put the network and the training tokens on the device; nothing is trained yet.

        A ``budget`` fits the schedule to its time. With ``rolls_back`` a loss that runs away does not end the training,
        but takes it back to :attr:`good`. All of a ``team`` make the same steps, each with its share of every batch.
        """
        self.corpus = corpus
        self.recipe = recipe
        self.machine = machine
        self.model = model.to(machine.device)
        self.model.stepwise = machine.stepwise
        self.averaged = copy.deepcopy(self.model) if recipe.average else self.model
        """The network to evaluate, prompt and save: with averaged weights where the recipe averages."""
        self._seed = seed
        self._budget = budget
        self._should_stop = should_stop
        self._team = team
        self._told_to_stop = False
        end_id, tokens = corpus.tokenizer.end_id, train_tokens(corpus.train, machine.device)
        self._generator = self.model.dropout_generator = random = torch.Generator(machine.device).manual_seed(seed)
        self._parameters = list(self.model.parameters())
        self._optimizer = AdamW(self._parameters, betas=recipe.betas, weight_decay=recipe.weight_decay)
        self._passes = Passes(self.model, recipe, machine, self._optimizer, tokens, end_id, random, team)
        self._loss_sum = 0.0
        self._state: State | None = None
        self.unreported: deque[StepDone] = deque()
        """Steps that are done and have not been yielded yet; a checkpoint counts them."""
        self.steps_per_epoch = len(self._batches(1))
        self._schedule = Schedule(recipe, self.steps_per_epoch)
        self.progress = Progress(total_steps=self._schedule.full_steps)
        self._config = self.model.config
        self.wishes = Wishes()
        """What is to be changed between two steps."""
        self.rolls_back = rolls_back
        self.good: Checkpoint | None = None
        """The last state in which nothing was wrong: the beginning, the end of an epoch, or after a change."""

    def events(self) -> Iterator[StepDone | EpochDone | Changed | RolledBack]:
        """Train to the end of the recipe, or until the time, the patience or the caller stops it.

        Afterwards ``progress.ended`` says why.
        """
        self._set_progress(self.progress)
        if self.good is None:
            self._keep_good()
        self._plan_for_time()
        yield from self._intervene()
        while self.progress.ended is None:
            yield from self._steps_of_epoch()
            if self.progress.ended is None:
                done = self._finish_epoch()
                self._keep_good()
                yield done
                yield from self._intervene()
            if self.good is not None and self.progress.can_go_back:
                yield self._roll_back(self.good)

    def _keep_good(self) -> None:
        if self.rolls_back and self.progress.ended is None and not self.progress.watch.high:
            self.good = self.checkpoint()

    def _roll_back(self, good: Checkpoint) -> RolledBack:
        before = self.progress
        self.restore(good)
        self._set_progress(before.back_at(self.progress))
        now = self.progress
        return RolledBack(now.rollbacks, before.step, now.step, now.epoch, now.course.rate_factor)

    def _intervene(self) -> Iterator[Changed]:
        """Make the changes that are due where the training stands: before a step, or after an epoch."""
        while self._change_is_due():
            change, again = self.wishes.take(self.progress)
            self._set_progress(changed(self.progress, change, self._schedule))
            self._keep_good()
            yield told(self.progress, change, self._schedule, again=again)

    def _change_is_due(self) -> bool:
        progress, wishes = self.progress, self.wishes
        late = self._budget is not None and self._budget.is_over
        going_on = progress.ended is None and 0 < progress.step < progress.total_steps
        if late and going_on and not wishes.expects("time"):
            wishes.ask("time")
        asked = wishes.arrived(WISHES_AT_ONCE)
        if self._team.size > 1:  # all do the same after the same step, whatever was asked for where
            self._told_to_stop, asked = self._team.hear(self._should_stop(), asked)
        wishes.accept(asked)
        return wishes.due(progress)

    def _set_progress(self, progress: Progress) -> None:
        self.progress = progress
        self.model.config = progress.course.network(self._config)
        torch.set_num_threads(progress.course.threads(self.machine.threads, self._team.size))

    def _steps_of_epoch(self) -> Iterator[StepDone | Changed]:
        """Do the steps that are left of the epoch; a step is yielded once its loss is known."""
        batches = self._batches(self.progress.epoch)
        at_once = 1 if self.machine.device in _READ_EACH_LOSS else _LOSSES_READ_AT_ONCE
        computed: list[Computed] = []
        while self.progress.ended is None and self._has_step(batches):
            if self._change_is_due():
                self._read(computed, time.perf_counter())
                computed = []
                yield from self._report()
                yield from self._intervene()
                continue
            if self._told_to_stop if self._team.size > 1 else self._should_stop():
                self._end("stopped")
                break
            began = time.perf_counter()
            computed.append(self._step(batches[self.progress.step_in_epoch]))
            if len(computed) == at_once:
                self._read(computed, began)
                computed = []
            else:
                self._add_time(time.perf_counter() - began)
            self._plan_for_time()
            yield from self._report()
        self._read(computed, time.perf_counter())
        yield from self._report()

    def time_steps(self, count: int) -> float:
        """Do ``count`` steps from all over an epoch, after one more that does not count; return the seconds a token."""
        batches = self._batches(self.progress.epoch)
        wanted = [batches[place * len(batches) // (count + 1)] for place in range(count + 1)]
        float(self._step(wanted[0]).loss)
        began = time.perf_counter()
        done = [self._step(batch) for batch in wanted[1:]]
        float(done[-1].loss)
        return (time.perf_counter() - began) / max(sum(step.tokens for step in done), 1)

    def _has_step(self, batches: Plan) -> bool:
        return self.progress.step_in_epoch < len(batches) and self.progress.step < self.progress.total_steps

    def _read(self, computed: list[Computed], began: float) -> None:
        """Fetch the figures of ``computed`` steps from the device; a loss that has run away ends the training."""
        if not computed:
            return
        steps = list(fetched(computed))
        self._add_time(time.perf_counter() - began)
        for step in steps:
            self.unreported.append(replace(step, seconds=self.progress.seconds))
            self._loss_sum += step.loss * step.tokens
            self.progress = replace(self.progress, watch=self.progress.watch.after(step.loss))
            if self.progress.watch.diverged:
                self._end("diverged")

    def _report(self) -> Iterator[StepDone]:
        while self.unreported:
            yield self.unreported.popleft()

    def _step(self, batch: Batch) -> Computed:
        progress = self.progress
        rate = progress.course.rate(self._schedule, progress.step, progress.total_steps, planned=progress.planned)
        if batch.fresh or self._state is None:
            self._state = self.model.initial_state(batch.inputs.shape[1])
        loss, self._state = self._passes.make(batch, self._state)
        norm = self._optimizer.clip(self.recipe.clip)
        self._optimizer.step(rate)
        tokens = len(batch.predicted)
        step = progress.step + 1
        if self.averaged is not self.model:
            move_average(self.averaged, self.model, self.recipe.average, step)
        done, counted = progress.step_in_epoch + 1, progress.epoch_tokens + tokens
        self.progress = replace(progress, step=step, step_in_epoch=done, epoch_tokens=counted)
        return Computed(step, progress.epoch, rate, tokens, loss, norm)

    def _finish_epoch(self) -> EpochDone:
        began = time.perf_counter()
        before = self.progress
        valid_loss = self.validate()
        train_loss = self._loss_sum / max(before.epoch_tokens, 1)
        self._loss_sum = 0.0
        watched = train_loss if valid_loss is None else valid_loss
        best = math.isfinite(watched) and (before.best_loss is None or watched < before.best_loss)
        self._add_time(time.perf_counter() - began)
        event = EpochDone(
            epoch=before.epoch,
            step=before.step,
            train_loss=train_loss,
            valid_loss=valid_loss,
            tokens_per_second=before.epoch_tokens / max(before.epoch_seconds, 1e-9),
            seconds=self.progress.seconds,
            best=best,
        )
        after = self.progress.after_epoch(watched, best=best)
        self.progress = replace(after, ended=ending_after_epoch(after, watched, self._schedule))
        return event

    def validate(self) -> float | None:
        """Return the validation loss in nats per token, or None without a validation split."""
        self._team.check_same(self._parameters)
        with self.machine.autocast():
            return mean_loss(self.averaged, self.corpus.valid, self.corpus.tokenizer.end_id, self._team)

    def checkpoint(self) -> Checkpoint:
        """Return copies of everything that resuming needs."""
        arrays = {f"weights.{name}": array for name, array in weights_of(self.model).items()}
        if self.averaged is not self.model:
            arrays |= {f"averaged.{name}": array for name, array in weights_of(self.averaged).items()}
        arrays |= {f"optimizer.{name}": to_array(tensor) for name, tensor in self._optimizer.state().items()}
        arrays |= random_state(self._generator) | {"loss_sum": np.array(self._loss_sum)}
        if self._state is not None:
            parts = zip(self.model.state_parts, self._state, strict=True)
            arrays |= {f"state.{name}": to_array(tensor) for name, tensor in parts}
        return Checkpoint(arrays, asdict(self.progress))

    def restore(self, checkpoint: Checkpoint) -> None:
        """Continue from ``checkpoint``; raises RunError when it does not fit this trainer."""
        parts = by_part(checkpoint.arrays)
        try:
            self.model.load_state_dict(parts["weights"])
            if self.averaged is not self.model:
                self.averaged.load_state_dict(parts["averaged"])
            self._set_progress(Progress.from_values(checkpoint.values))
            self._optimizer.restore(parts["optimizer"])
            restore_random(self._generator, parts["random"], (self._seed, self.progress.step))
            self._loss_sum = float(parts["loss_sum"][""])
            state, device = parts.get("state"), self.machine.device
            self._state = None if state is None else tuple(state[name].to(device) for name in self.model.state_parts)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise RunError("The trainer state does not fit this run; restore it from a copy.") from error
        if self.progress.ended == "stopped":
            self.progress = replace(self.progress, ended=None)

    def _plan_for_time(self) -> None:
        """Fit the schedule to the time budget, so that warm-up and decay end within it."""
        if self._budget is None or self.wishes.expects("planned"):
            return
        if (total := self._budget.plan(self.progress, self._schedule)) is not None:
            self.wishes.ask("planned", total)

    def _batches(self, epoch: int) -> Plan:
        return planned_batches(self.recipe, self.corpus.train, seed=self._seed, epoch=epoch)

    def _add_time(self, seconds: float) -> None:
        self.progress = self.progress.after_seconds(seconds)

    def _end(self, reason: EndReason) -> None:
        self.progress = replace(self.progress, ended=reason)
