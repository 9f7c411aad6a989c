"""From a source of texts to a corpus, a recipe and a trainer that is ready to start."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import torch

from ...data.advance import Work, drained
from ...data.corpus import Corpus
from ...data.interpretation import Reading
from ...data.reading import Texts, reading_texts
from ...models.configuration import ModelConfig
from ...models.networks import build
from ..errors import EngineError
from ..home import corpora_folder
from ..recipes import Recipe, network_for, recipe_for, resolve_preset
from ..runs.info import RunInfo, now
from ..settings import TrainingSettings
from ..speaking.counting import left_out_of
from .budget import TimeBudget
from .device import Machine, possible_machines
from .team import ALONE, Team
from .tensors import from_array
from .token_choice import corpus_of
from .trainer import Trainer
from .trial import fastest


@dataclass(frozen=True, eq=False)
class Prepared:
    """A corpus, how it is trained on, and what is to be said about that."""

    corpus: Corpus
    recipe: Recipe
    notices: tuple[str, ...]


def prepare_corpus(texts: Texts, settings: TrainingSettings) -> Prepared:
    """Split and tokenize ``texts`` as the settings' preset wants them, or as suits them best."""
    return drained(preparing(texts, settings))


def preparing(texts: Texts, settings: TrainingSettings) -> Work[Prepared]:
    """Do what :func:`prepare_corpus` does, and say how far a large corpus has come."""
    whole = texts.layout == "whole"
    corpus, notices = yield from corpus_of(texts, settings, held_out=settings.preset != "tutorial")
    settings = replace(settings, tokenizer=corpus.tokenizer.kind)
    tokens = len(corpus.train.tokens)
    preset = resolve_preset(settings, tokens, corpus.tokenizer.vocabulary_size)
    recipe = recipe_for(settings, preset, tokens, one_long_text=whole)
    if recipe.layout == "windows" and len(corpus.train.tokens) <= recipe.sequence_length + 1:
        raise EngineError(
            f"{corpus.name} has too few words for windows of {recipe.sequence_length}; give it more text."
        )
    return Prepared(corpus, recipe, (*notices, *left_out_of(corpus, recipe.ngram_order)))


def read_source(source: str | tuple[str, ...], settings: TrainingSettings) -> Texts:
    """Read the texts as the settings want them."""
    return drained(reading_source(source, settings))


def reading_source(source: str | tuple[str, ...], settings: TrainingSettings) -> Work[Texts]:
    """Do what :func:`read_source` does, and say how far a large file is read."""
    return reading_texts(source, settings.reading, cache=corpora_folder())


def make_trainer(
    corpus: Corpus,
    recipe: Recipe,
    machine: Machine,
    settings: TrainingSettings,
    should_stop: Callable[[], bool] = lambda: False,
    *,
    config: ModelConfig | None = None,
    team: Team = ALONE,
    budget: TimeBudget | None = None,
) -> Trainer:
    """Return a trainer with freshly drawn weights, of the network that the recipe names or of ``config``."""
    generator = torch.Generator().manual_seed(settings.seed)
    model = build(config or network_for(recipe, corpus.tokenizer.vocabulary_size), generator=generator)
    if recipe.unigram_bias:
        counts = corpus.train.counts(corpus.tokenizer.vocabulary_size) + 0.5
        model.set_output_bias(from_array(np.log(counts / counts.sum())).float())
    return Trainer(
        model,
        corpus,
        recipe,
        machine,
        seed=settings.seed,
        budget=budget,
        should_stop=should_stop,
        rolls_back=settings.on_divergence == "rollback",
        team=team,
    )


def machine_for(corpus: Corpus, recipe: Recipe, settings: TrainingSettings) -> tuple[Machine, tuple[str, ...]]:
    """Return where this training goes: of several devices the one that is faster at it; see :func:`fastest`.

    Raises:
        SettingsError: the device asked for is not there.
    """
    machines = possible_machines(settings)
    if recipe.preset == "ngram":
        return machines[-1], ()
    return fastest(machines, lambda machine, count: make_trainer(corpus, recipe, machine, settings).time_steps(count))


def first_info(
    source: str, settings: TrainingSettings, reading: Reading, corpus: Corpus, recipe: Recipe, machine: Machine
) -> RunInfo:
    """Return what `run.json` says before the first step."""
    model = None if recipe.preset == "ngram" else network_for(recipe, corpus.tokenizer.vocabulary_size)
    tokens = max(len(corpus.train.tokens), 1)
    return RunInfo(
        created=now(),
        source=source,
        corpus=corpus.name,
        fingerprint=corpus.fingerprint,
        reading=reading.to_dict(),
        settings=settings,
        recipe=recipe.to_dict(),
        model=None if model is None else model.to_dict(),
        tokenizer=corpus.tokenizer.kind,
        vocabulary=corpus.tokenizer.vocabulary_size,
        parameters=0 if model is None else model.parameters,
        train_tokens=tokens,
        characters_per_token=corpus.train.characters / tokens,
        words_per_token=corpus.train.words / tokens,
        device=machine.device,
        precision=machine.precision,
        threads=machine.threads,
        versions=_versions(),
    )


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in ("jokegen", "torch", "tokenizers", "numpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "unknown"
    return found
