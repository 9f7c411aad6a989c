"""A model in training as it speaks: a copy of its weights, and the text it says after each epoch."""

from __future__ import annotations

from ...data.cleaning import one_line
from ...models.inference import InferenceNetwork
from ..events import SampleMade
from ..speaking.choices import Sampling
from ..speaking.generation import Generator
from ..speaking.memorization import CopyDetector
from ..speaking.predictors import NetworkPredictor
from ..speaking.side_by_side import generate_batch
from .tensors import weights_of
from .trainer import Trainer

_SAMPLE_WORDS = 40
_SAMPLE_SEED = 1


def make_sample(generator: Generator, epoch: int) -> SampleMade:
    """Let the model say one text, always from the same seed."""
    text = generate_batch(generator, "", Sampling(), _SAMPLE_SEED, 1, _SAMPLE_WORDS)[0].text
    copied, words = generator.copied(text)
    return SampleMade(epoch, one_line(text), copied, words)


def speaking_copy(trainer: Trainer, copies: CopyDetector, label: str, *, keeps_spacing: bool = False) -> Generator:
    """Return a generator with a copy of the weights as they are now."""
    network = InferenceNetwork(trainer.model.config, weights_of(trainer.averaged))
    tokenizer = trainer.corpus.tokenizer
    return Generator(
        NetworkPredictor(network, tokenizer.end_id), tokenizer, label=label, copies=copies, keeps_spacing=keeps_spacing
    )
