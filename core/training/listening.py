"""A model in training as it speaks: a copy of its weights, and the text it says after each epoch."""

from __future__ import annotations

from functools import partial

from ...data.cleaning import one_line
from ...data.corpus import first_texts
from ...models.inference import InferenceNetwork
from ..events import SampleMade
from ..speaking.choices import Sampling
from ..speaking.generation import Generator
from ..speaking.memorization import CopyDetector
from ..speaking.predictors import NetworkPredictor, NGramPredictor, best_mixture
from ..speaking.side_by_side import generate_batch
from .tensors import weights_of
from .trainer import Trainer

_SAMPLE_WORDS = 40
_SAMPLE_SEED = 1
_JUDGED_BY = 4096
"""Held-out tokens that say how much of a mixture the n-gram model is: the weights are others at every step."""


def make_sample(generator: Generator, epoch: int) -> SampleMade:
    """Let the model say one text, always from the same seed."""
    text = generate_batch(generator, "", Sampling(), _SAMPLE_SEED, 1, _SAMPLE_WORDS)[0].text
    copied, words = generator.copied(text)
    return SampleMade(epoch, one_line(text), copied, words)


def speaking_copy(
    trainer: Trainer,
    copies: CopyDetector,
    label: str,
    baseline: NGramPredictor | None = None,
    *,
    keeps_spacing: bool = False,
) -> Generator:
    """Return a generator with a copy of the weights as they are now; mixed with ``baseline`` it judges what it says."""
    network = InferenceNetwork(trainer.model.config, weights_of(trainer.averaged))
    tokenizer, valid = trainer.corpus.tokenizer, trainer.corpus.valid
    predictor = NetworkPredictor(network, tokenizer.end_id)
    judge = None
    if baseline is not None and valid is not None:
        judge = partial(best_mixture, predictor, baseline, first_texts(valid, _JUDGED_BY))
    return Generator(predictor, tokenizer, label=label, copies=copies, judge=judge, keeps_spacing=keeps_spacing)
