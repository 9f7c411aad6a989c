"""What a place reminds a network of: where the training texts put it into the most similar state.

A state is the last layer's hidden state, which the next word is predicted from, and two are as similar as the cosine of
the angle between them. Every place is looked at, so nothing nearer is ever missed. States are kept in single precision,
and in half precision where only so more of the texts have room.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.batching import evaluation_batches
from ...data.corpus import Split
from ...data.tokenization import Tokenizer
from ...models.inference import InferenceNetwork, State
from ..errors import GenerationError, RunError
from ..runs.checkpoints import load_checkpoint, save_checkpoint
from .changes import hidden_state
from .fingerprints import fingerprint
from .generation import Generator
from .predictors import Floats, MixturePredictor, NetworkPredictor
from .spoken import Position

MOST_BYTES = 300_000_000
"""What the states of one network may take."""
STATES = "states.safetensors"
"""The file in a run's folder that keeps them."""
_ROWS = 8192
"""States that are compared at a time: they stay in the processor's cache."""
_ROUNDING = 1e-6
_LOOKED_AT = 4096
"""Nearest places that are folded into different ones."""


@dataclass(frozen=True)
class Reminder:
    """A place in a training text."""

    before: str
    """The text up to the place."""
    word: str
    """The token read last there."""
    after: str
    """How the text went on."""
    similarity: float
    """The cosine between the two states: 1 is the same direction, 0 has nothing in common."""
    times: int
    """How many of the nearest places begin with exactly the same words."""
    source: int
    """Which training text that is, the first of them."""


class StateIndex:
    """The states of a network after each token of its training texts."""

    def __init__(self, train: Split, tokenizer: Tokenizer, states: Floats, places: NDArray[np.int64]) -> None:
        """Take unit vectors ``(places, hidden)`` and where among the training tokens each stands."""
        self._train = train
        self._tokenizer = tokenizer
        self.states = states
        self.places = places
        self.left_out = len(_places_of(train)) - len(places)
        """Tokens of the training texts for which there was no room."""

    @classmethod
    def build(
        cls, network: InferenceNetwork, train: Split, tokenizer: Tokenizer, most_bytes: int = MOST_BYTES
    ) -> StateIndex:
        """Read the training texts, each from a fresh state, as many of their tokens as have room."""
        places = _places_of(train)
        hidden = network.config.hidden_size
        kind = np.float32 if len(places) * hidden * 4 <= most_bytes else np.float16
        places = places[: most_bytes // (hidden * np.dtype(kind).itemsize)]
        rows = np.full(len(train.tokens), -1, dtype=np.int64)
        rows[places] = np.arange(len(places), dtype=np.int64)
        states = np.empty((len(places), hidden), dtype=kind)
        for found, at in _read(network, train, tokenizer):
            kept = rows[at] >= 0
            states[rows[at[kept]]] = _directions(found[kept])
        return cls(train, tokenizer, states, places)

    def nearest(self, state: State, count: int = 5) -> tuple[Reminder, ...]:
        """Return the ``count`` most similar places, the nearest first; those that begin with the same words are one."""
        similarities = self.similarities(state)
        looked_at = min(_LOOKED_AT, len(similarities))
        likely = np.argpartition(similarities, -looked_at)[-looked_at:] if looked_at else similarities.argsort()
        likely = likely[np.lexsort((self.places[likely], -similarities[likely]))]
        found: dict[tuple[int, ...], tuple[int, int]] = {}
        least = -2.0
        for row in likely.tolist():
            beginning = self._beginning(int(self.places[row]))
            if beginning in found:
                first, times = found[beginning]
                found[beginning] = first, times + 1
            elif len(found) < count:
                found[beginning], least = (row, 1), float(similarities[row])
            elif similarities[row] < least - _ROUNDING:
                break
        return tuple(self._reminder(row, float(similarities[row]), times) for row, times in found.values())

    def similarities(self, state: State) -> NDArray[np.float32]:
        """Return the cosine between a state of one text and each kept one, ``(places,)``."""
        wanted = _directions(state[0][-1])[0]
        found = np.empty(len(self.states), dtype=np.float32)
        for first in range(0, len(found), _ROWS):
            part = slice(first, first + _ROWS)
            found[part] = self.states[part].astype(np.float32, copy=False) @ wanted
        return found

    def _beginning(self, place: int) -> tuple[int, ...]:
        first = int(self._train.offsets[self._source(place)])
        return tuple(self._train.tokens[first : place + 1].tolist())

    def _source(self, place: int) -> int:
        return int(np.searchsorted(self._train.offsets, place, side="right")) - 1

    def _reminder(self, row: int, similarity: float, times: int) -> Reminder:
        place = int(self.places[row])
        source = self._source(place)
        first, last = self._train.offsets[source : source + 2].tolist()
        # A text is decoded as a whole: a token alone may be half a character.
        upto = [self._tokenizer.decode(self._train.tokens[first:edge].tolist()) for edge in (place, place + 1, last)]
        before, word, after = upto[0], upto[1][len(upto[0]) :], upto[2][len(upto[1]) :]
        return Reminder(before, word, after, min(similarity, 1.0), times, source)


def remembering(generator: Generator, folder: Path | None = None, most_bytes: int = MOST_BYTES) -> StateIndex:
    """Return the index of a generator's network, from ``folder`` where it was kept there, else built.

    It is built anew where the weights or the texts are others. A folder that cannot be written keeps nothing.

    Raises:
        GenerationError: the model has no states, or its training texts are not known.
    """
    network, train = _network_and_texts(generator)
    path = None if folder is None else folder / STATES
    about = {"weights": fingerprint(network), "texts": _fingerprint_of(train), "bytes": most_bytes}
    if path is not None:
        kept = _kept(path, about, train, generator.tokenizer, network.network.config.hidden_size)
        if kept is not None:
            return kept
    built = StateIndex.build(network.network, train, generator.tokenizer, most_bytes)
    if path is not None:
        with suppress(RunError):
            save_checkpoint(path, {"states": built.states}, about)
    return built


def reminders_of(generator: Generator, index: StateIndex, position: Position, count: int = 5) -> tuple[Reminder, ...]:
    """Return what ``position`` reminds the generator's network of."""
    state = hidden_state(generator.predictor, position.state)
    return () if state is None else index.nearest(state, count)


def _network_and_texts(generator: Generator) -> tuple[NetworkPredictor, Split]:
    network = generator.predictor
    if isinstance(network, MixturePredictor):
        network = network.parts[0]
    if not isinstance(network, NetworkPredictor):
        raise GenerationError("This model counts n-grams and has no states, so nothing reminds it of anything.")
    if generator.copies is None:
        raise GenerationError("The texts of the training are not at hand, so there is nothing to be reminded of.")
    return network, generator.copies.train


def _kept(path: Path, about: dict[str, Any], train: Split, tokenizer: Tokenizer, hidden: int) -> StateIndex | None:
    try:
        found = load_checkpoint(path)
    except RunError:
        return None
    states = found.arrays.get("states")
    places = _places_of(train)
    if found.values != about or states is None or states.dtype.kind != "f":
        return None
    if states.ndim != 2 or states.shape[1] != hidden or len(states) > len(places):
        return None
    return StateIndex(train, tokenizer, states, places[: len(states)])


def _places_of(train: Split) -> NDArray[np.int64]:
    """Return where all tokens stand but the last of each text, its end: after that nothing more is said."""
    goes_on = np.ones(len(train.tokens), dtype=np.bool_)
    goes_on[train.offsets[1:] - 1] = False
    return np.flatnonzero(goes_on)


def _read(network: InferenceNetwork, train: Split, tokenizer: Tokenizer) -> Iterator[tuple[Floats, NDArray[np.int64]]]:
    """Yield hidden states of the last layer ``(tokens, hidden)`` and where the tokens stand."""
    state = network.initial_state(0)
    start = 0 if tokenizer.end_id is None else tokenizer.end_id
    for batch in evaluation_batches(train):
        if batch.fresh:
            state = network.initial_state(batch.inputs.shape[1])
        _, traced = network.trace(np.where(batch.inputs < 0, start, train.tokens[batch.inputs.clip(min=0)]), state)
        state = tuple(part[-1] for part in traced)
        inputs = batch.inputs.ravel()
        said = batch.predicted[inputs[batch.predicted] >= 0]
        yield traced[0][:, -1].reshape(len(inputs), -1)[said], inputs[said]


def _directions(states: Floats) -> Floats:
    lengths = np.sqrt(np.vecdot(states, states))[:, None]
    return states / np.maximum(lengths, np.finfo(np.float32).tiny)


def _fingerprint_of(train: Split) -> str:
    return hashlib.sha256(train.tokens.tobytes()).hexdigest()[:16]
