"""Writing down what a trainer does, so that it can be resumed from any moment and looked at tomorrow."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import torch

from ...data.cleaning import one_line
from ...data.corpus import Corpus
from ...models.networks import LSTMLanguageModel
from ..errors import RunError
from ..events import (
    CheckpointSaved,
    Ended,
    EndReason,
    EpochDone,
    Event,
    Figures,
    Noticed,
    Preparing,
    SampleMade,
    Started,
    StepDone,
)
from ..recipes import Recipe
from ..runs.checkpoints import Checkpoint, load_checkpoint, load_weights, save_checkpoint
from ..runs.folder import BEST, LAST, METRICS, PREVIOUS_TRAINER_STATE, SAMPLES, TRAINER_STATE, Run, epoch_line
from ..speaking.evaluation import figures
from ..speaking.generation import Generator
from ..speaking.memorization import CopyDetector
from ..speaking.predictors import NetworkPredictor, NGramPredictor, best_mixture_weight
from ..speaking.sampling import Sampling
from .device import Machine
from .trainer import Trainer

SECONDS_BETWEEN_CHECKPOINTS = 15.0
_SAMPLE_WORDS = 40
_SAMPLE_SEED = 1


class Recorder:
    """Writes down what a trainer does, so that it can be resumed from any moment."""

    def __init__(self, run: Run, trainer: Trainer, copies: CopyDetector, baseline: NGramPredictor | None) -> None:
        """Watch ``trainer`` for ``run``; ``baseline`` is what its figures are compared with."""
        self._run = run
        self._trainer = trainer
        self._copies = copies
        self._baseline = baseline
        self._lines: list[dict[str, Any]] = []
        self._best: Checkpoint | None = None
        self._saved_at = time.monotonic()

    def events(self, seed: int, recipe: Recipe) -> Iterator[Event]:
        """Train, save now and then and at the end, and measure; see :meth:`TrainingJob.events`."""
        trainer, run = self._trainer, self._run
        corpus = trainer.corpus
        loss = None
        if self._baseline is not None and corpus.valid is not None:
            loss = -float(self._baseline.log_probabilities(corpus.valid).mean())
        run.update_info(status="training", ngram_loss=loss)
        saved = False
        try:
            yield started(
                run,
                corpus,
                recipe,
                trainer.machine,
                seed,
                trainer.model.config.parameters,
                trainer.steps_per_epoch,
                trainer.progress.step,
                loss,
            )
            planned = trainer.progress.planned
            for event in trainer.events():
                yield from self._note(event)
                if trainer.progress.planned and not planned:
                    planned = True
                    full = recipe.epochs * trainer.steps_per_epoch
                    if trainer.progress.total_steps < full:
                        epochs = trainer.progress.total_steps / trainer.steps_per_epoch
                        yield Noticed(
                            f"The time allows about {epochs:.1f} of {recipe.epochs} epochs; the schedule was shortened."
                        )
                if time.monotonic() - self._saved_at > SECONDS_BETWEEN_CHECKPOINTS:
                    yield from self._save()
            yield from self._save()
            saved = True
        finally:
            if not saved and trainer.progress.ended != "diverged":
                for _ in self._save(status="stopped"):
                    pass
        yield from self._finish()

    def _note(self, event: StepDone | EpochDone) -> Iterator[Event]:
        if isinstance(event, StepDone):
            self._lines.append(
                {
                    "kind": "step",
                    "step": event.step,
                    "epoch": event.epoch,
                    "loss": event.loss,
                    "learning_rate": event.learning_rate,
                }
            )
            yield event
            return
        self._lines.append(epoch_line(event))
        if event.best:
            weights = {name: tensor.detach().clone() for name, tensor in self._trainer.averaged.state_dict().items()}
            self._best = Checkpoint(weights, {"epoch": event.epoch, "step": event.step, "loss": event.valid_loss})
        yield event
        sample = make_sample(copy_generator(self._trainer, self._copies, ""), event.epoch)
        self._run.append(SAMPLES, [asdict(sample)])
        yield sample

    def _save(self, status: str = "training") -> Iterator[Event]:
        """Write best, last and trainer state, in this order: the state never claims more than the others hold."""
        trainer, run = self._trainer, self._run
        progress = trainer.progress
        if progress.ended == "diverged":
            return
        run.append(METRICS, self._lines)
        self._lines = []
        if self._best is not None:
            save_checkpoint(run.path / BEST, self._best.tensors, self._best.values)
            yield CheckpointSaved("best", int(self._best.values["step"]))
            self._best = None
        save_checkpoint(
            run.path / LAST, trainer.averaged.state_dict(), {"epoch": progress.epoch, "step": progress.step}
        )
        state = trainer.checkpoint()
        save_checkpoint(
            run.path / TRAINER_STATE, state.tensors, state.values, keep_previous=run.path / PREVIOUS_TRAINER_STATE
        )
        run.update_info(
            # Only a run that has been measured is complete: one killed before that still resumes, and measures.
            status="stopped" if progress.ended == "stopped" else status,
            epochs=progress.epoch - 1,
            seconds=progress.seconds,
            best_epoch=progress.best_epoch,
            best_loss=progress.best_loss,
        )
        self._saved_at = time.monotonic()
        yield CheckpointSaved("last", progress.step)

    def _finish(self) -> Iterator[Event]:
        trainer, run = self._trainer, self._run
        progress = trainer.progress
        reason: EndReason = progress.ended or "stopped"
        valid = test = None
        weight = None
        if reason == "diverged":
            if self._best is not None:
                save_checkpoint(run.path / BEST, self._best.tensors, self._best.values)
            run.append(METRICS, [line for line in self._lines if np.isfinite(line.get("loss", 0.0))])
            run.update_info(
                status="diverged",
                epochs=progress.epoch - 1,
                seconds=progress.seconds,
                best_epoch=progress.best_epoch,
                best_loss=progress.best_loss,
            )
        elif reason != "stopped":
            yield Preparing("measuring the best epoch")
            network, notice = self._best_network()
            if notice is not None:
                yield Noticed(notice)
            valid, test, weight = self._measure(network)
            run.update_info(
                status=reason,
                valid=asdict(valid) if valid else None,
                test=asdict(test) if test else None,
                mixture_weight=weight,
            )
        yield Ended(
            run.name,
            reason,
            _ending(reason, progress.best_epoch),
            progress.epoch - 1,
            progress.seconds,
            progress.best_epoch,
            valid,
            test,
        )

    def _best_network(self) -> tuple[LSTMLanguageModel, str | None]:
        """Return the network of the best epoch, or the last one and a sentence where the best cannot be read."""
        trainer = self._trainer
        network = LSTMLanguageModel(trainer.model.config).to(trainer.machine.device)
        try:
            load_weights(network, load_checkpoint(self._run.path / BEST).tensors, "The best checkpoint")
        except RunError as error:
            return trainer.averaged, f"{str(error).removesuffix('.')}, so the last weights are measured instead."
        return network, None

    def _measure(self, network: LSTMLanguageModel) -> tuple[Figures | None, Figures | None, float | None]:
        corpus = self._trainer.corpus
        if corpus.valid is None:
            return None, None, None
        predictor = NetworkPredictor(network, corpus.tokenizer.end_id)
        own = predictor.log_probabilities(corpus.valid)
        counted = None if self._baseline is None else self._baseline.log_probabilities(corpus.valid)
        weight = None if counted is None else best_mixture_weight(own, counted)
        valid = figures(corpus.valid, own, ngram=counted, mixture_weight=weight)
        if corpus.test is None:
            return valid, None, weight
        counted = None if self._baseline is None else self._baseline.log_probabilities(corpus.test)
        own = predictor.log_probabilities(corpus.test)
        return valid, figures(corpus.test, own, ngram=counted, mixture_weight=weight), weight


def make_sample(generator: Generator, epoch: int) -> SampleMade:
    """Let the model say one text, always from the same seed."""
    text = generator.generate_batch("", Sampling(), _SAMPLE_SEED, 1, _SAMPLE_WORDS)[0].text
    copied, words = generator.copied(text)
    return SampleMade(epoch, one_line(text), copied, words)


def started(
    run: Run,
    corpus: Corpus,
    recipe: Recipe,
    machine: Machine,
    seed: int,
    parameters: int,
    steps: int,
    first: int,
    ngram: float | None,
) -> Started:
    """Return the event that opens a training."""
    tokens = max(len(corpus.train.tokens), 1)
    return Started(
        run.name,
        corpus.name,
        corpus.tokenizer.kind,
        recipe.preset,
        corpus.tokenizer.vocabulary_size,
        tokens,
        parameters,
        machine.device,
        machine.precision,
        machine.threads,
        seed,
        steps,
        recipe.epochs,
        first,
        corpus.train.characters / tokens,
        corpus.train.words / tokens,
        ngram,
    )


def _ending(reason: EndReason, best_epoch: int | None) -> str:
    best = "" if best_epoch is None else f" The best epoch is {best_epoch}."
    return {
        "finished": "All epochs are done.",
        "time": "The time is used up.",
        "patience": "The validation loss stopped falling.",
        "stopped": "Stopped and saved; resume it whenever you like.",
        "diverged": "The loss is no longer a number, so training stopped; try a lower learning rate.",
    }[reason] + (best if reason != "stopped" else "")


def restore(run: Run, trainer: Trainer) -> str | None:
    """Put the trainer where the run was saved last; returns a notice when that is not its newest state.

    Raises:
        RunError: there is a trainer state, but none that can be read.
    """
    if not run.has_trainer_state:
        run.truncate(step=0, epoch=0)
        return f"The run '{run.name}' ended before its first checkpoint, so it starts again from the beginning."
    notice = None
    for file in (TRAINER_STATE, PREVIOUS_TRAINER_STATE):
        try:
            trainer.restore(load_checkpoint(run.path / file))
        except RunError as error:
            notice = notice or f"{str(error).removesuffix('.')}, so training goes on from the checkpoint before it."
            continue
        progress = trainer.progress
        run.truncate(step=progress.step, epoch=progress.epoch - 1)
        return notice
    raise RunError(
        f"The run '{run.name}' cannot be resumed: its trainer state is missing or damaged; its checkpoints still open."
    )


def copy_generator(trainer: Trainer, copies: CopyDetector, label: str) -> Generator:
    """Return a generator with a copy of the weights as they are now."""
    model = LSTMLanguageModel(trainer.model.config, generator=torch.Generator())
    model.load_state_dict({name: tensor.cpu() for name, tensor in trainer.averaged.state_dict().items()})
    tokenizer = trainer.corpus.tokenizer
    return Generator(NetworkPredictor(model, tokenizer.end_id), tokenizer, label=label, copies=copies)
