"""What a training would make and about how long it would take, before it starts."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch

from ...data.corpus import Corpus
from ...models.networks import LSTMLanguageModel
from ..recipes import Recipe, network_for
from ..settings import TrainingSettings
from .device import Machine, choose_machine
from .preparation import prepare_corpus, read_source
from .trainer import Trainer

_STEPS = 4


@dataclass(frozen=True)
class Estimate:
    """One line's worth of what to expect."""

    corpus: str
    texts: int
    train_tokens: int
    vocabulary: int
    parameters: int
    preset: str
    epochs: int
    seconds: float
    """Training time on this machine, from steps of this very training."""
    device: str
    precision: str
    notices: tuple[str, ...]


def measure_seconds(corpus: Corpus, recipe: Recipe, machine: Machine, max_seconds: float | None) -> float:
    """Return about how long the training takes, by timing a few of its steps."""
    if recipe.preset == "ngram":
        return len(corpus.train.tokens) * 2e-6
    model = LSTMLanguageModel(network_for(recipe, corpus.tokenizer.vocabulary_size), generator=torch.Generator())
    trainer = Trainer(model, corpus, recipe, machine, seed=0)
    steps = trainer.events()
    next(steps)
    began = time.perf_counter()
    tokens = sum(getattr(next(steps), "tokens", 0) for _ in range(min(_STEPS, trainer.steps_per_epoch - 1)))
    seconds = time.perf_counter() - began
    whole = seconds / max(tokens, 1) * len(corpus.train.tokens) * recipe.epochs * 1.1
    return whole if max_seconds is None else min(whole, max_seconds)


def estimate(source: str, settings: TrainingSettings) -> Estimate:
    """Read a corpus and say what training on it would make and cost; about a second's work for a small one."""
    texts = read_source(source, settings)
    corpus, recipe = prepare_corpus(texts, settings)
    machine = choose_machine(settings)
    parameters = 0 if recipe.preset == "ngram" else network_for(recipe, corpus.tokenizer.vocabulary_size).parameters
    return Estimate(
        corpus.name,
        len(texts.texts),
        len(corpus.train.tokens),
        corpus.tokenizer.vocabulary_size,
        parameters,
        recipe.preset,
        recipe.epochs,
        measure_seconds(corpus, recipe, machine, settings.max_seconds),
        machine.device,
        machine.precision,
        texts.notices,
    )
