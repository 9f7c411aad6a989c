"""How fast this machine trains, remembered: the same request is then promised the same, whatever else goes on."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...data.corpus import Corpus
from ..errors import RunError
from ..home import cache_folder
from ..recipes import Recipe, network_for
from ..runs.files import write_atomically
from ..settings import TrainingSettings
from .device import Machine
from .preparation import make_trainer

_SPEEDS = "speeds.json"
_STEPS, _ROUNDS = 24, 3
"""Batches have texts of many lengths, so it takes some; the first rounds are slow while kernels are made for them, and
what else the machine does makes a round slower and none faster, so the fastest counts."""
_TWO_DIGITS = ".1e"
_FAR_OFF = 1.3
"""A training that was faster or slower by this factor than was remembered corrects it."""


def seconds_a_token(corpus: Corpus, recipe: Recipe, machine: Machine, settings: TrainingSettings) -> float:
    """Return how long this training takes a token: as remembered, else by timing some of its steps."""
    path, key = cache_folder() / _SPEEDS, _key(corpus, recipe, machine)
    known = _read(path).get(key)
    if known is not None:
        return known
    tried = dict(machine.speeds).get(machine.device)
    if tried is None:
        trainer = make_trainer(corpus, recipe, machine, settings)
        found = min(trainer.time_steps(_STEPS) for _ in range(_ROUNDS))
    else:
        found = 1.0 / tried
    _write(path, key, found)
    return found


def correct_speed(corpus: Corpus, recipe: Recipe, machine: Machine, seconds_an_epoch: float) -> None:
    """Remember what a training has shown an epoch's steps to take, where something else was expected."""
    path, key = cache_folder() / _SPEEDS, _key(corpus, recipe, machine)
    found, known = seconds_an_epoch / max(len(corpus.train.tokens), 1), _read(path).get(key)
    if found > 0 and (known is None or not 1 / _FAR_OFF < found / known < _FAR_OFF):
        _write(path, key, found)


def _key(corpus: Corpus, recipe: Recipe, machine: Machine) -> str:
    """Name all that the time of a step depends on; sizes of texts in two digits, so that an edited file is the same."""
    config = network_for(recipe, corpus.tokenizer.vocabulary_size)
    length = min(len(corpus.train.tokens) / max(len(corpus.train), 1), recipe.sequence_length)
    return (
        f"{machine.device} {machine.precision} {machine.threads} threads, {config.layers} {config.cell} "
        f"{config.embedding_size} {config.hidden_size}, {recipe.layout} {recipe.batch_size} of {length:{_TWO_DIGITS}}, "
        f"vocabulary {config.vocabulary_size:{_TWO_DIGITS}}"
    )


def _read(path: Path) -> dict[str, float]:
    try:
        values: Any = json.loads(path.read_text(encoding="utf-8"))
        return {str(key): float(value) for key, value in values.items() if 0 < float(value) < float("inf")}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}  # what is not known is measured


def _write(path: Path, key: str, seconds: float) -> None:
    with suppress(RunError):  # then it is measured again
        write_atomically(path, json.dumps({**_read(path), key: seconds}, indent=1) + "\n")
