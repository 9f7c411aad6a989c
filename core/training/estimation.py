"""What a training would make and about how long it would take, before it starts."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

from ...data.advance import Work, drained
from ...data.corpus import Corpus, first_texts
from ...data.interpretation import Reading
from ...data.reading import Texts
from ...models.inference import InferenceNetwork
from ..expectation import expected_times_ngram, is_like_measured
from ..recipes import Recipe, most_epochs, network_for
from ..settings import TrainingSettings
from ..speaking.counting import COUNTED_TOKENS, count_ngrams
from ..speaking.predictors import NetworkPredictor, NGramPredictor
from .budget import Stopwatch, TimeBudget
from .device import Machine
from .planning import planned_batches
from .preparation import machine_for, preparing, read_source
from .speeds import seconds_a_token
from .tensors import weights_of
from .trainer import Trainer

_SECONDS_TO_COUNT_A_TOKEN = 2e-6
_BESIDE_THE_STEPS = 1.1
"""What validation, samples and saving add to the time of the steps."""
_TOKENS_TO_TIME = 2048
_TOKENS_OF_MEMORY = 4096
"""About what looking for what was learned by heart costs at the end."""
_NOT_WORTH_AN_EPOCH = 0.05
"""Share of an epoch that time is left for, and that is left out."""
_BYTES_OF_THE_PROGRAM, _BYTES_A_PARAMETER, _BYTES_A_TOKEN, _BYTES_OF_ANY_SIZE = 4.5e8, 40, 900, 2.5e8
"""Peaks of resident memory, measured: torch and the screen; weights, gradients, moments and copies; the n-grams; what
is held of a corpus that stays on the disk."""
_LEAST_SHARE_TO_TRAIN = 0.1
_SECONDS_BESIDE = 3.0
_SECONDS_BESIDE_A_TOKEN = 1e-5
"""What preparing and measuring take, and how much of that grows with the texts."""


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
    epochs_in_time: float
    """How many of them the time asked for pays for."""
    seconds: float
    """Time on this machine, from the first byte read to the last figure."""
    device: str
    precision: str
    notices: tuple[str, ...]
    tokenizer: str
    reading: Reading
    recipe: Recipe
    """Every number that the training goes by."""
    times_ngram: float | None = None
    """The validation perplexity to expect as a multiple of the n-gram model's; None where that is not known."""
    memory_bytes: float = 0.0
    """What all of the program takes at most, about."""


def fitted_to_time(corpus: Corpus, recipe: Recipe, machine: Machine, settings: TrainingSettings) -> Recipe:
    """Return the recipe with the epochs that the time asked for pays for on this machine, where none were chosen."""
    if settings.max_seconds is None or settings.max_epochs is not None or recipe.preset == "ngram":
        return recipe
    paid = _epochs_paid(corpus, recipe, machine, settings)
    most = most_epochs(recipe, settings, len(corpus.train.tokens))
    return replace(recipe, epochs=min(max(math.ceil(paid - _NOT_WORTH_AN_EPOCH), 1), most))


def measure_seconds(corpus: Corpus, recipe: Recipe, machine: Machine, settings: TrainingSettings) -> float:
    """Return about how long a training takes in all its epochs, all that goes before and comes after included."""
    if recipe.preset == "ngram":
        return len(corpus.train.tokens) * _SECONDS_TO_COUNT_A_TOKEN
    an_epoch = _seconds_an_epoch(corpus, recipe, machine, settings)
    return _seconds_beside(corpus) + recipe.epochs * an_epoch


def epochs_in_time(corpus: Corpus, recipe: Recipe, machine: Machine, settings: TrainingSettings) -> float:
    """Return how many of the recipe's epochs the time asked for pays for: all where none was asked for."""
    if settings.max_seconds is None or recipe.preset == "ngram":
        return recipe.epochs
    return min(recipe.epochs, _epochs_paid(corpus, recipe, machine, settings))


def time_budget(
    corpus: Corpus, recipe: Recipe, machine: Machine, settings: TrainingSettings, watch: Stopwatch
) -> TimeBudget | None:
    """Return what a training has of the time asked for, at the speed that is known of the machine; None without one."""
    if settings.max_seconds is None:
        return None
    tokens = len(corpus.train.tokens)
    held_out = 0 if corpus.valid is None else len(corpus.valid.tokens)
    most = max(recipe.epochs, most_epochs(recipe, settings, tokens))
    budget = TimeBudget(settings.max_seconds, watch, most_epochs=most, held_out_share=held_out / max(tokens, 1))
    steps = len(planned_batches(recipe, corpus.train, seed=settings.seed, epoch=1))
    budget.expect(seconds_a_token(corpus, recipe, machine, settings) * tokens / max(steps, 1))
    return budget


def seconds_to_measure(trainer: Trainer) -> float:
    """Return about how long the figures of the best epoch take at the end, by timing a part of it."""
    corpus = trainer.corpus
    if corpus.valid is None:
        return 0.0
    piece = first_texts(corpus.valid, _TOKENS_TO_TIME)
    predictor = NetworkPredictor(
        InferenceNetwork(trainer.model.config, weights_of(trainer.model)), corpus.tokenizer.end_id
    )
    began = time.perf_counter()  # not before: what is done once must not count as often as there are pieces
    predictor.log_probabilities(piece)
    spent = (time.perf_counter() - began) / max(len(piece.tokens), 1)
    tokens = sum(len(split.tokens) for split in (corpus.valid, corpus.test) if split is not None)
    return spent * (tokens + _TOKENS_OF_MEMORY)


def times_ngram_of(corpus: Corpus, recipe: Recipe, epochs: float) -> float | None:
    """Return what to expect of so many epochs beside the n-gram model; see :func:`expected_times_ngram`."""
    texts, vocabulary = len(corpus.train), corpus.tokenizer.vocabulary_size
    if corpus.valid is None or not len(corpus.valid.tokens) or not is_like_measured(recipe, texts, vocabulary, epochs):
        return None
    losses = [
        -float(
            NGramPredictor(count_ngrams(corpus, order), corpus.tokenizer.end_id).log_probabilities(corpus.valid).mean()
        )
        for order in (1, recipe.ngram_order)
    ]
    return expected_times_ngram(recipe, texts, len(corpus.train.tokens), vocabulary, epochs, losses[0] - losses[1])


def _memory(corpus: Corpus, parameters: int) -> float:
    tokens = sum(len(split.tokens) for split in (corpus.train, corpus.valid, corpus.test) if split is not None)
    texts = _BYTES_OF_ANY_SIZE if corpus.train.is_on_disk else _BYTES_A_TOKEN * tokens
    return _BYTES_OF_THE_PROGRAM + _BYTES_A_PARAMETER * parameters + texts


def _epochs_paid(corpus: Corpus, recipe: Recipe, machine: Machine, settings: TrainingSettings) -> float:
    limit = settings.max_seconds or 0.0
    left = max(limit - _seconds_beside(corpus), _LEAST_SHARE_TO_TRAIN * limit)
    return left / _seconds_an_epoch(corpus, recipe, machine, settings)


def _seconds_an_epoch(corpus: Corpus, recipe: Recipe, machine: Machine, settings: TrainingSettings) -> float:
    a_token = seconds_a_token(corpus, recipe, machine, settings)
    return max(a_token * len(corpus.train.tokens) * _BESIDE_THE_STEPS, 1e-9)


def _seconds_beside(corpus: Corpus) -> float:
    tokens = len(corpus.train.tokens)
    if corpus.train.is_on_disk:  # which has been read, and of which only a part is counted
        tokens = min(tokens, COUNTED_TOKENS)
    return _SECONDS_BESIDE + _SECONDS_BESIDE_A_TOKEN * tokens


def estimate(source: str | tuple[str, ...], settings: TrainingSettings) -> Estimate:
    """Read a corpus and say what training on it would make and cost; about a second's work for a small one."""
    return estimate_texts(read_source(source, settings), settings)


def estimate_texts(texts: Texts, settings: TrainingSettings) -> Estimate:
    """Say what training on texts that are read would make and cost."""
    return drained(estimating(texts, settings))


def estimating(texts: Texts, settings: TrainingSettings) -> Work[Estimate]:
    """Do what :func:`estimate_texts` does, and say how far a large corpus has come."""
    settings = replace(settings, processes=None)  # one process with all threads is about as fast as several with a few
    prepared = yield from preparing(texts, settings)
    corpus = prepared.corpus
    machine, notices = machine_for(corpus, prepared.recipe, settings)
    recipe = fitted_to_time(corpus, prepared.recipe, machine, settings)
    whole = measure_seconds(corpus, recipe, machine, settings)
    paid = epochs_in_time(corpus, recipe, machine, settings)
    parameters = 0 if recipe.preset == "ngram" else network_for(recipe, corpus.tokenizer.vocabulary_size).parameters
    return Estimate(
        corpus.name,
        texts.count,
        len(corpus.train.tokens),
        corpus.tokenizer.vocabulary_size,
        parameters,
        recipe.preset,
        recipe.epochs,
        paid,
        whole if settings.max_seconds is None else min(whole, settings.max_seconds),
        machine.device,
        machine.precision,
        (*texts.notices, *prepared.notices, *notices),
        corpus.tokenizer.kind,
        texts.reading,
        recipe,
        times_ngram_of(corpus, recipe, paid),
        _memory(corpus, parameters),
    )
