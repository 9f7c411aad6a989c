"""Two runs with one vocabulary that speak as one: a share of the probability from each."""

from __future__ import annotations

import numpy as np

from ...data.corpus import Split
from ..errors import RunError
from ..runs.folder import Run
from .counting import known_texts
from .generation import Generator
from .loading import load_run
from .memorization import CopyDetector
from .predictors import MixturePredictor


def blended(first: Run, second: Run, weight: float = 0.5, *, epoch: int | None = None) -> Generator:
    """Return a generator of ``weight`` of the first run's probabilities and the rest of the second's.

    ``epoch`` is the first run's. What is copied is looked for in the training texts of both.

    Raises:
        RunError: a run cannot be loaded, or their vocabularies differ.
    """
    one, other = load_run(first, epoch=epoch), load_run(second)
    if one.tokenizer.fingerprint != other.tokenizer.fingerprint:
        raise RunError(
            f"The runs '{first.name}' and '{second.name}' have different vocabularies, so their words cannot be "
            "blended; train both on the same texts with the same tokens."
        )
    texts = known_texts(one.corpus.train)
    if one.corpus.fingerprint != other.corpus.fingerprint:
        texts = _joined(texts, known_texts(other.corpus.train))
    notices = [loaded.notice for loaded in (one, other) if loaded.notice is not None]
    return Generator(
        MixturePredictor(one.predictor, other.predictor, weight),
        one.tokenizer,
        label=f"{weight:g} {first.name} + {1 - weight:g} {second.name}",
        copies=CopyDetector(texts, one.tokenizer),
        notice=" ".join(dict.fromkeys(notices)) or None,
        keeps_spacing=one.info.keeps_spacing,
    )


def _joined(first: Split, second: Split) -> Split:
    return Split(
        first.name,
        np.concatenate([first.tokens, second.tokens]),
        np.concatenate([first.offsets, second.offsets[1:] + first.offsets[-1]]),
        first.words + second.words,
        first.characters + second.characters,
        first.unknown + second.unknown,
        ends=first.ends,
    )
