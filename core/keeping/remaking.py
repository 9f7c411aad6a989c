"""Making a kept text anew from where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from ...data.cleaning import one_line
from ..errors import RunError
from ..runs.voice import BUNDLED
from .journals import KeepingError
from .provenance import Origin
from .turns import whole_text

if TYPE_CHECKING:
    from ..runs.folder import Run
    from ..runs.store import RunStore
    from ..speaking.generation import Generator


def remade(origin: Origin, store: RunStore) -> str:
    """Return the text that the weights of ``origin`` say from there: word for word the one that was kept.

    Raises:
        KeepingError: these weights are nowhere any more, or how the words were drawn is not known.
    """
    generator = _speaker(origin, store)
    vocabulary = generator.predictor.vocabulary_size
    tokens = [token for read in origin.read for token in read.tokens]
    tokens += [word.token for drawn in origin.drawn for word in drawn.chosen]
    if any(token >= vocabulary for token in tokens):
        raise KeepingError("What was noted about this text is damaged, so it cannot be made again.")
    position = generator.start()
    for read in origin.read:
        own = list(read.tokens)
        position = generator.after(position, own) if own else generator.read(read.text, position)
    words: list[str] = []
    for drawn in origin.drawn:
        if drawn.sampling is None:
            raise KeepingError("How the words of this text were drawn is not known, so it cannot be made again.")
        for word in drawn.chosen:
            position = generator.after(position, [word.token])
            words.append(word.text)
        stream = generator.stream(position, drawn.sampling, drawn.seed, max(1, drawn.count), drawn.end)
        for word in islice(stream, drawn.count):
            words.append(word.text)
            position = word.position
    return whole_text(origin.opening, "".join(words))


def _speaker(origin: Origin, store: RunStore) -> Generator:
    """Return the model with these weights, under whatever name it goes by now."""
    if origin.weights:
        for generator in _models(origin, store):
            if generator.weights == origin.weights:
                return generator
    who = one_line(origin.label or origin.run)
    raise KeepingError(
        f"The weights that said this are gone: '{who}' has learned on, was trained anew or deleted since."
        if origin.weights
        else f"Which weights of '{who}' said this is not known, so it cannot be made again."
    )


def _models(origin: Origin, store: RunStore) -> Iterator[Generator]:
    if origin.blend:
        yield from _blends(origin, store)
        return
    from ..speaking.loading import load_generator

    for run in _runs(origin.run, store):
        for checkpoint in ("best", "last"):
            with suppress(RunError):
                yield load_generator(run, checkpoint, mixed=origin.mixed)
        for epoch in run.snapshots() if run.name == origin.run else ():
            with suppress(RunError):
                yield load_generator(run, epoch=epoch, mixed=origin.mixed)


def _blends(origin: Origin, store: RunStore) -> Iterator[Generator]:
    from ..speaking.blending import blended

    with suppress(RunError):
        first, second = store.open(origin.run), store.open(origin.blend)
        for epoch in (None, *first.snapshots()):
            with suppress(RunError):
                yield blended(first, second, origin.share, epoch=epoch)


def _runs(first: str, store: RunStore) -> Iterator[Run]:
    """Yield the run of this name and then all others: it may have another name now."""
    others = [summary.name for summary in store.list() if summary.problem is None]
    for name in dict.fromkeys((first, *others, BUNDLED)):
        try:
            yield store.open(name)
        except RunError:
            continue
