"""What a training would make and about how long it would take, before it starts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...data.corpus import Corpus
from ...data.interpretation import Reading
from ...data.reading import Texts
from ..recipes import Recipe, network_for
from ..settings import TrainingSettings
from .device import Machine
from .preparation import machine_for, make_trainer, prepare_corpus, read_source

_STEPS = 4
_SECONDS_TO_COUNT_A_TOKEN = 2e-6
_BESIDE_THE_STEPS = 1.1
"""What validation and saving add to the time of the steps."""


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
    tokenizer: str
    reading: Reading
    recipe: Recipe
    """Every number that the training goes by."""


def measure_seconds(corpus: Corpus, recipe: Recipe, machine: Machine, settings: TrainingSettings) -> float:
    """Return about how long the training takes, by timing a few of its steps."""
    if recipe.preset == "ngram":
        return len(corpus.train.tokens) * _SECONDS_TO_COUNT_A_TOKEN
    tried = dict(machine.speeds).get(machine.device)
    if tried is None:
        trainer = make_trainer(corpus, recipe, machine, replace(settings, max_seconds=None))
        spent = trainer.time_steps(_STEPS)
    else:
        spent = 1.0 / tried
    whole = spent * len(corpus.train.tokens) * recipe.epochs * _BESIDE_THE_STEPS
    return whole if settings.max_seconds is None else min(whole, settings.max_seconds)


def estimate(source: str | tuple[str, ...], settings: TrainingSettings) -> Estimate:
    """Read a corpus and say what training on it would make and cost; about a second's work for a small one."""
    return estimate_texts(read_source(source, settings), settings)


def estimate_texts(texts: Texts, settings: TrainingSettings) -> Estimate:
    """Say what training on texts that are read would make and cost."""
    settings = replace(settings, processes=None)  # one process with all threads is about as fast as several with a few
    prepared = prepare_corpus(texts, settings)
    corpus, recipe = prepared.corpus, prepared.recipe
    machine, notices = machine_for(corpus, recipe, settings)
    parameters = 0 if recipe.preset == "ngram" else network_for(recipe, corpus.tokenizer.vocabulary_size).parameters
    return Estimate(
        corpus.name,
        len(texts.texts),
        len(corpus.train.tokens),
        corpus.tokenizer.vocabulary_size,
        parameters,
        recipe.preset,
        recipe.epochs,
        measure_seconds(corpus, recipe, machine, settings),
        machine.device,
        machine.precision,
        (*texts.notices, *prepared.notices, *notices),
        corpus.tokenizer.kind,
        texts.reading,
        recipe,
    )
