"""Tiny texts, and ways to compare two trainings."""

from dataclasses import replace

import numpy as np
from jokegen.core.runs.checkpoints import load_checkpoint
from jokegen.core.runs.folder import BEST, LAST, TRAINER_STATE

ANIMALS = ("duck", "cow", "cat", "dog", "hen", "pig", "owl", "fox", "bee", "ant")
PLACES = ("bar", "shop", "bank", "park", "zoo", "pool")


def jokes(count=60):
    """Return that many different short texts in a handful of words."""
    walks = (f"Why did the {ANIMALS[i % 10]} walk into the {PLACES[i // 10 % 6]}?" for i in range(count))
    return [f"{walk} It saw {i % 7 + 2} {ANIMALS[i * 3 % 10]}s!" for i, walk in enumerate(walks)]


def resumed(request, name="run"):
    return replace(request, resume=name)


def tensors_of(run, files=(BEST, LAST, TRAINER_STATE)):
    return {
        f"{file}/{name}": tensor for file in files for name, tensor in load_checkpoint(run.path / file).arrays.items()
    }


def assert_same_training(run, expected):
    """Assert that two runs hold the same numbers, to the last bit."""
    mine, theirs = tensors_of(run), tensors_of(expected)
    assert mine.keys() == theirs.keys()
    different = [name for name, tensor in mine.items() if not np.array_equal(tensor, theirs[name])]
    assert different == []
    for file in (BEST, LAST):  # `sha256sum` says the same of them
        assert (run.path / file).read_bytes() == (expected.path / file).read_bytes()
    assert [epoch.valid_loss for epoch in run.epochs()] == [epoch.valid_loss for epoch in expected.epochs()]
    assert run.series()["loss"].tolist() == expected.series()["loss"].tolist()
