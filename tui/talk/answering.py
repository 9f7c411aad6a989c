"""Making an answer in a thread and showing it at a pace: the request, what comes back, and how it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.errors import GenerationError
from ...core.keeping.tree import Author, Ending, Place, Said, Talk
from ...core.speaking.choices import Draw, Selection
from .positions import Positions, Trail
from .typed_line import CANDIDATES
from .word_stream import WordStream

if TYPE_CHECKING:
    from ...core.speaking.generation import Generator
    from ...core.speaking.rivals import Alternatives
    from ...core.speaking.spoken import Position, Word
    from ...core.speaking.stopping import LeastWords
    from ..workbench import Talker

AT_ONCE = 10_000
"""Words shown in one go when the speed is 0."""


@dataclass(frozen=True, eq=False)
class Request:
    """What is asked of a model, in plain values that a thread may read."""

    trail: Trail
    """What was said before."""
    prompt: str
    """What the person typed after it; empty to go on."""
    draw: Draw
    selection: Selection
    said: tuple[str, ...] = ()
    """The answers that are there already."""


@dataclass(frozen=True, eq=False)
class Began:
    """The model has read the request; its words follow."""

    talker: Talker
    positions: Positions
    prompt_words: tuple[Said, ...]
    """The prompt's words as the model reads them, each with the probability it gave it."""
    unknown_spans: tuple[tuple[int, int], ...]
    seed: int
    """That of the answer that was taken."""
    weights: str = ""
    """Hash of the model's weights."""


def answer(request: Request, talker: Callable[[], tuple[Talker, Positions]]) -> Iterator[Began | Word]:
    """Read and go on; runs in a thread, writes nothing that anybody else sees. ``talker`` loads the model."""
    speaking, positions = talker()
    generator = speaking.generator
    position = positions.after(request.trail)
    prompt_words: tuple[Said, ...] = ()
    if request.prompt:
        spelled = generator.spell(request.prompt, position)
        if not spelled and not request.trail:
            position = generator.start()
        prompt_words = tuple(Said(text, token, chance) for text, token, chance, _ in spelled)
        position = spelled[-1][3] if spelled else position
    seed = _seed_of(request, generator, position)
    unknown = tuple(generator.unknown_spans(request.prompt))
    yield Began(speaking, positions, prompt_words, unknown, seed, generator.weights)
    draw = request.draw
    yield from generator.stream(position, draw.sampling, seed, draw.words, draw.end)


def _seed_of(request: Request, generator: Generator, position: Position) -> int:
    """Return the seed of the answer that is wanted; a single word is not chosen among texts."""
    wanted, draw = request.selection, request.draw
    if wanted == Selection() or draw.words <= 1:
        return draw.seed
    from ...core.speaking.selection import select

    found = select(generator, position, "", draw, 1, wanted, said=request.said)
    taken = next(found, None)
    if taken is None:
        raise GenerationError("No answer came that ends by itself and is new here; another temperature may have one.")
    return taken.text.seed


class Speaker:
    """Takes what a stream makes at a pace and adds it to a talk."""

    def __init__(
        self, talk: Talk, number: int, prompt: int | None, stream: WordStream[Began | Word], draw: Draw
    ) -> None:
        """Speak stretch ``number`` of ``talk``, after the person's stretch ``prompt`` where there is a new one."""
        self.number = number
        self.stream = stream
        self.draw = draw
        self.began: Began | None = None
        self._talk = talk
        self._prompt = prompt
        self._since = time.monotonic()
        self._shown = 0
        self._said_stop = False
        self._least: LeastWords | None = None
        self._last_waited = False
        """Whether the text had to go on where the last word was said."""

    def say_due(self, speed: float) -> list[Word]:
        """Add the words whose time has come at ``speed`` words a second (0: all there are) and return them."""
        due = AT_ONCE if speed <= 0 else int((time.monotonic() - self._since) * speed) + 1 - self._shown
        if self.began is None:
            for made in self.stream.take(1):
                if isinstance(made, Began):
                    self._begin(made)
        least = self._least
        if self.began is None or least is None:
            return []
        words = [made for made in self.stream.take(max(0, due)) if not isinstance(made, Began)]
        if words:
            self._shown += len(words)
            self._said_stop = words[-1].is_stop
            for word in words:
                self._last_waited = least.waits
                least.sees(word.token)
            before = len(self._talk.stretches[self.number].words)
            self._talk.add(
                self.number, tuple(Said(word.text, word.token, word.probability, word.is_end) for word in words)
            )
            self.began.positions.keep(Place(self.number, before + len(words)), words[-1].position)
        return words

    def _begin(self, began: Began) -> None:
        self.began = began
        self._least = began.talker.generator.least_words(self.draw.end)
        stretch = self._talk.stretches[self.number]
        run, label = began.talker.run, began.talker.generator.label
        stretch.author = Author(run, label, began.weights, began.seed, self.draw.sampling, stretch.author.end)
        stretch.tokens_of = run
        if self._prompt is not None:
            asked = self._talk.stretches[self._prompt]
            asked.words, asked.tokens_of, asked.unknown_spans = began.prompt_words, run, began.unknown_spans

    def alternatives(self, generator: Generator, word: Word) -> Alternatives:
        """What might have been said instead of a word."""
        from ...core.speaking.rivals import alternatives_at

        return alternatives_at(
            generator, word.before, self.draw.sampling, CANDIDATES, word.token, waits=self._last_waited
        )

    @property
    def done(self) -> bool:
        """Whether all words have been said."""
        return self.stream.done

    def finish(self, *, stopped: bool = False) -> None:
        """End the answer where it is."""
        self.stream.stop()
        stretch = self._talk.stretches[self.number]
        stretch.seconds += time.monotonic() - self._since
        ending: Ending = "end of text" if stretch.ended_by_itself else "stop text" if self._said_stop else "word limit"
        if self.stream.problem:
            ending = "failed"
        elif stopped and not stretch.ended_by_itself:
            ending = "stopped"
        stretch.ending = ending
