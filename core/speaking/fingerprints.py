"""Knowing a model again by its weights."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .predictors import MixturePredictor, NetworkPredictor, NGramPredictor, Predictor

_LENGTH = 16
"""Hexadecimal digits: enough to tell apart all models that anybody trains."""


def fingerprint(predictor: Predictor) -> str:
    """Return a hash of a model's weights in 16 hexadecimal digits; empty for a kind of model that is not known."""
    if isinstance(predictor, MixturePredictor):
        parts = [fingerprint(part) for part in predictor.parts]
        return _hashed([np.frombuffer("".join(parts).encode(), dtype=np.uint8), np.array([predictor.weight])])
    if isinstance(predictor, NetworkPredictor):
        return _hashed(predictor.network.arrays())
    if isinstance(predictor, NGramPredictor):
        arrays = predictor.model.to_arrays()
        return _hashed(arrays[name] for name in sorted(arrays))
    return ""


def _hashed(arrays: Iterator[NDArray[Any]] | list[NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).view(np.uint8).data if array.size else b"")
    return digest.hexdigest()[:_LENGTH]
