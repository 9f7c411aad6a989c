"""Networks and trainers for benchmarks that need more say than a preset gives them."""

# pyright: reportMissingImports=false

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from jokegen.core.events import EpochDone, StepDone
from jokegen.core.recipes import Recipe
from jokegen.core.settings import TrainingSettings
from jokegen.core.speaking.predictors import NetworkPredictor
from jokegen.core.training.budget import TimeBudget
from jokegen.core.training.device import choose_machine
from jokegen.core.training.tensors import weights_of
from jokegen.core.training.trainer import Trainer
from jokegen.data.corpus import Corpus
from jokegen.data.tokenization import TokenizerKind
from jokegen.models.configuration import ModelConfig
from jokegen.models.inference import InferenceNetwork
from jokegen.models.networks import LanguageModel, build


def make_trainer(
    corpus: Corpus,
    config: ModelConfig,
    recipe: Recipe,
    *,
    seed: int = 0,
    precision: str = "auto",
    max_seconds: float | None = None,
    **more: Any,
) -> Trainer:
    """Return a trainer of a fresh network whose output starts from the unigram frequencies."""
    more["budget"] = None if max_seconds is None else TimeBudget(max_seconds)
    model = build(config, generator=torch.Generator().manual_seed(seed))
    counts = corpus.train.counts(config.vocabulary_size) + 0.5
    model.set_output_bias(torch.from_numpy(np.log(counts / counts.sum())).float())
    machine = choose_machine(TrainingSettings(precision=precision))
    return Trainer(model, corpus, recipe, machine, seed=seed, **more)


def predictor_of(network: LanguageModel, end_id: int | None) -> NetworkPredictor:
    """Return the network as it speaks: its weights in numpy."""
    return NetworkPredictor(InferenceNetwork(network.config, weights_of(network)), end_id)


def stream_recipe(tokenizer: TokenizerKind, args: argparse.Namespace, **more: Any) -> Recipe:
    """Return the recipe for one long text that the options of a command line ask for."""
    return Recipe(
        "small",
        "stream",
        tokenizer,
        args.epochs,
        args.batch_size,
        args.sequence_length,
        args.learning_rate,
        weight_decay=args.weight_decay,
        average=args.average,
        **more,
    )


def training_rate(
    events: Iterator[StepDone | EpochDone], seconds: float, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return the tokens per second of about ``seconds`` of training steps, validation left out."""
    tokens, spent = 0, 0.0
    while spent < seconds:
        began = clock()
        event = next(events)
        if isinstance(event, StepDone):
            spent += clock() - began
            tokens += event.tokens
    return tokens / spent
