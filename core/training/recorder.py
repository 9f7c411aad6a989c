"""Writing down what a trainer does, so that it can be resumed from any moment and looked at tomorrow."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from ...models.inference import InferenceNetwork
from ..errors import RunError
from ..events import (
    Changed,
    CheckpointSaved,
    Ended,
    EndReason,
    EpochDone,
    Event,
    Figures,
    Noticed,
    Preparing,
    Remembered,
    RolledBack,
    Started,
    StepDone,
)
from ..runs.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from ..runs.folder import (
    BEST,
    GOOD,
    LAST,
    METRICS,
    PREVIOUS_TRAINER_STATE,
    SAMPLES,
    SECONDS_BETWEEN_CHECKPOINTS,
    TRAINER_STATE,
    Run,
    epoch_line,
    remembered_line,
    step_line,
)
from ..runs.info import RunInfo
from ..runs.interventions import Intervention, note_intervention
from ..runs.rollbacks import note_rollback
from ..runs.snapshots import keep_epoch
from ..runs.status import ending
from ..speaking.evaluation import figures
from ..speaking.generation import Generator
from ..speaking.memorization import CopyDetector
from ..speaking.predictors import NetworkPredictor, NGramPredictor, best_mixture_weight
from ..speaking.remembering import Memory
from .device import Machine
from .listening import make_sample, speaking_copy
from .tensors import weights_of
from .trainer import Trainer
from .transfer import forgetting

_TIMES_FASTER = 10
"""How much faster an accelerator trains, about, than the processor beside it looks into the result."""


class Recorder:
    """Writes down what a trainer does, so that it can be resumed from any moment."""

    def __init__(self, run: Run, trainer: Trainer, copies: CopyDetector, baseline: NGramPredictor | None) -> None:
        """Watch ``trainer`` for ``run``; ``baseline`` is what its figures are compared with."""
        self._run = run
        self._trainer = trainer
        self._copies = copies
        self._baseline = baseline
        self._memory = Memory(replace(trainer.corpus, train=copies.train), trainer.model.config.multiply_adds)
        self._lines: list[dict[str, Any]] = []
        self._best: Checkpoint | None = None
        self._good: Checkpoint | None = trainer.good
        self._saved_at = time.monotonic()

    def events(self) -> Iterator[Event]:
        """Train, save now and then and at the end, and measure; see :meth:`TrainingJob.events`."""
        trainer, run = self._trainer, self._run
        info = run.update_info(status="training", ngram_loss=self._baseline_loss())
        saved = False
        try:
            yield started(run.name, info, trainer.machine, trainer.steps_per_epoch, trainer.progress.step)
            planned = trainer.progress.planned
            for event in trainer.events():
                yield from self._note(event)
                if trainer.progress.planned and not planned:
                    planned = True
                    yield from self._say_shortened()
                # A checkpoint claims every step that was computed, so all of them must have been noted.
                due = time.monotonic() - self._saved_at > SECONDS_BETWEEN_CHECKPOINTS
                if due and not trainer.unreported:
                    yield from self._save()
            yield from self._save()
            saved = True
        finally:
            if not saved and trainer.progress.ended != "diverged":
                self._lines += [step_line(step) for step in trainer.unreported]
                for _ in self._save(status="stopped"):
                    pass
        yield from self._finish()

    def _baseline_loss(self) -> float | None:
        valid = self._trainer.corpus.valid
        if self._baseline is None or valid is None:
            return None
        return -float(self._baseline.log_probabilities(valid).mean())

    def _say_shortened(self) -> Iterator[Event]:
        trainer = self._trainer
        epochs = trainer.recipe.epochs
        if trainer.progress.total_steps < (epochs - 1) * trainer.steps_per_epoch:
            allowed = trainer.progress.total_steps / trainer.steps_per_epoch
            yield Noticed(f"The time allows about {allowed:.1f} of {epochs} epochs; the schedule was shortened.")

    def _note(self, event: StepDone | EpochDone | Changed | RolledBack) -> Iterator[Event]:
        if isinstance(event, RolledBack):
            yield from self._note_rollback(event)
            return
        if isinstance(event, Changed):
            if not event.again:
                rollbacks = self._trainer.progress.rollbacks
                change = Intervention(event.step, event.epoch, event.kind, event.value, rollbacks)
                note_intervention(self._run.path, change)
            yield event
            return
        if isinstance(event, StepDone):
            self._lines.append(step_line(event))
            yield event
            return
        self._lines.append(epoch_line(event))
        weights = weights_of(self._trainer.averaged)
        if event.best:
            self._best = Checkpoint(weights, {"epoch": event.epoch, "step": event.step, "loss": event.valid_loss})
        sound = self._trainer.progress.ended != "diverged"
        if sound:
            keep_epoch(self._run.path, event.epoch, weights)
        yield event
        if not sound:  # it has nothing to say
            return
        generator = speaking_copy(self._trainer, self._copies, "")
        sample = make_sample(generator, event.epoch)
        self._run.append(SAMPLES, [asdict(sample)])
        yield sample
        if self._memory.has_time(event.seconds, self._trained, event.step / self._trainer.progress.total_steps):
            found = self._memory.look(generator, event.epoch, event.step)
            self._lines.append(remembered_line(found))
            yield found

    def _note_rollback(self, event: RolledBack) -> Iterator[Event]:
        self._run.append(METRICS, self._lines)
        self._lines = []
        note_rollback(self._run, event)
        yield from self._save()
        yield event
        yield Noticed(
            f"The loss ran away at step {event.from_step}, so training went back to step {event.step} and goes on at "
            f"{event.rate_factor:g} times the learning rate."
        )

    def _save(self, status: str = "training") -> Iterator[Event]:
        """Write best, last, good and trainer state, in this order: the state never claims more than the others hold."""
        trainer, run = self._trainer, self._run
        progress = trainer.progress
        if progress.ended == "diverged":
            return
        run.append(METRICS, self._lines)
        self._lines = []
        if self._best is not None:
            save_checkpoint(run.path / BEST, self._best.arrays, self._best.values)
            yield CheckpointSaved("best", int(self._best.values["step"]))
            self._best = None
        save_checkpoint(run.path / LAST, weights_of(trainer.averaged), {"epoch": progress.epoch, "step": progress.step})
        if trainer.good is not None and trainer.good is not self._good:
            save_checkpoint(run.path / GOOD, trainer.good.arrays, trainer.good.values)
            self._good = trainer.good
        state = trainer.checkpoint()
        save_checkpoint(
            run.path / TRAINER_STATE, state.arrays, state.values, keep_previous=run.path / PREVIOUS_TRAINER_STATE
        )
        # Only a run that has been measured is complete: one killed before that still resumes, and measures.
        self._update_info("stopped" if progress.ended == "stopped" else status)
        self._saved_at = time.monotonic()
        yield CheckpointSaved("last", progress.step)

    def _update_info(self, status: str, **measured: Any) -> None:
        progress = self._trainer.progress
        self._run.update_info(
            status=status,
            epochs=progress.epoch - 1,
            seconds=progress.seconds,
            best_epoch=progress.best_epoch,
            best_loss=progress.best_loss,
            planned_epochs=progress.course.epochs,
            **measured,
        )

    def _finish(self) -> Iterator[Event]:
        progress = self._trainer.progress
        reason: EndReason = progress.ended or "stopped"
        valid = test = transfer = remembered = None
        if reason == "diverged":
            if self._best is not None:
                save_checkpoint(self._run.path / BEST, self._best.arrays, self._best.values)
            self._run.append(METRICS, [line for line in self._lines if math.isfinite(line.get("loss", 0.0))])
            self._update_info("diverged")
        elif reason != "stopped":
            yield Preparing("measuring the best epoch")
            predictor, notice = self._best_predictor()
            if notice is not None:
                yield Noticed(notice)
            valid, test, weight = self._measure(predictor)
            transfer = forgetting(self._run, predictor)
            remembered = self._remembered(predictor)
            self._update_info(
                reason,
                valid=asdict(valid) if valid else None,
                test=asdict(test) if test else None,
                mixture_weight=weight,
                transfer=asdict(transfer) if transfer else None,
                remembered=asdict(remembered),
            )
        yield Ended(
            run=self._run.name,
            reason=reason,
            message=ending(reason, progress.best_epoch),
            epochs=progress.epoch - 1,
            seconds=progress.seconds,
            best_epoch=progress.best_epoch,
            valid=valid,
            test=test,
            transfer=transfer,
            remembered=remembered,
        )

    @property
    def _trained(self) -> int:
        """Tokens trained so far, about."""
        trainer = self._trainer
        return trainer.progress.step * len(trainer.corpus.train.tokens) // trainer.steps_per_epoch

    def _remembered(self, predictor: NetworkPredictor) -> Remembered:
        generator = Generator(predictor, self._trainer.corpus.tokenizer, label="", copies=self._copies)
        trainer = self._trainer
        epoch = trainer.progress.best_epoch or trainer.progress.epoch
        worth = self._trained // (1 if trainer.machine.device == "cpu" else _TIMES_FASTER)
        return self._memory.last_look(generator, epoch, epoch * trainer.steps_per_epoch, worth)

    def _best_predictor(self) -> tuple[NetworkPredictor, str | None]:
        """Return the model of the best epoch, or the last one and a sentence where the best cannot be read."""
        config, end_id = self._trainer.model.config, self._trainer.corpus.tokenizer.end_id
        try:
            weights = load_checkpoint(self._run.path / BEST).arrays
            return NetworkPredictor(InferenceNetwork(config, weights), end_id), None
        except (RunError, ValueError) as error:
            notice = f"{str(error).removesuffix('.')}, so the last weights are measured instead."
            weights = weights_of(self._trainer.averaged)
            return NetworkPredictor(InferenceNetwork(config, weights), end_id), notice

    def _measure(self, predictor: NetworkPredictor) -> tuple[Figures | None, Figures | None, float | None]:
        """Return the figures of the validation and the test split, and the share of the network in a mixture."""
        corpus = self._trainer.corpus
        if corpus.valid is None:
            return None, None, None
        own = predictor.log_probabilities(corpus.valid)
        counted = None if self._baseline is None else self._baseline.log_probabilities(corpus.valid)
        weight = None if counted is None else best_mixture_weight(own, counted)
        valid = figures(corpus.valid, own, ngram=counted, mixture_weight=weight)
        if corpus.test is None:
            return valid, None, weight
        counted = None if self._baseline is None else self._baseline.log_probabilities(corpus.test)
        own = predictor.log_probabilities(corpus.test)
        return valid, figures(corpus.test, own, ngram=counted, mixture_weight=weight), weight


def started(name: str, info: RunInfo, machine: Machine, steps_per_epoch: int, first_step: int) -> Started:
    """Return the event that opens a training of the run ``name``."""
    return Started(
        run=name,
        corpus=info.corpus,
        tokenizer=info.tokenizer,
        preset=str(info.recipe["preset"]),
        vocabulary=info.vocabulary,
        train_tokens=info.train_tokens,
        parameters=info.parameters,
        device=machine.device,
        precision=machine.precision,
        threads=machine.threads,
        seed=info.settings.seed,
        steps_per_epoch=steps_per_epoch,
        total_epochs=info.total_epochs or 0,
        first_step=first_step,
        characters_per_token=info.characters_per_token,
        words_per_token=info.words_per_token,
        ngram_loss=info.ngram_loss,
        reading=info.how_read,
        speeds=dict(machine.speeds),
        transfer=info.started_from,
    )
