"""Where a talk stands under a model: read from its words whenever it is asked for, never kept in the talk.

So a state cannot get into another model, and a talk costs what its words cost, however long it is.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ...core.keeping.trails import Piece, Trail
from ...core.keeping.tree import Place

if TYPE_CHECKING:
    from ...core.keeping.tree import Said
    from ...core.speaking.choices import Draw
    from ...core.speaking.generation import Generator
    from ...core.speaking.rivals import Alternatives
    from ...core.speaking.spoken import Position

_KEPT = 256
"""Positions that are kept for each model, the latest ones."""


def _lasts(piece: Piece) -> bool:
    """Whether the place after a piece stays what it is: a prompt without words yet ends where its first one begins."""
    return bool(piece.tokens) or not piece.text


class Positions:
    """The positions of one talk under one model; any thread may ask."""

    def __init__(self, generator: Generator, run: str) -> None:
        """Read with ``generator``, whose tokens are those of ``run``."""
        self._generator = generator
        self._run = run
        self._kept: dict[Place, Position] = {}
        self._lock = threading.Lock()

    def after(self, trail: Trail) -> Position:
        """Return the position after a trail; an empty one leads to a fresh state."""
        with self._lock:
            kept = (index for index, piece in enumerate(trail) if _lasts(piece) and piece.place in self._kept)
            known = max(kept, default=-1)
            position = self._generator.start() if known < 0 else self._kept[trail[known].place]
            for piece in trail[known + 1 :]:
                position = self._read(piece, position)
                if _lasts(piece):
                    self._keep(piece.place, position)
            return position

    def alternatives(self, trail: Trail, drawn: tuple[Said, ...], draw: Draw, count: int, taken: int) -> Alternatives:
        """Return the words that might have come after a trail instead of the token ``taken``.

        ``drawn`` are the last words of the trail that were drawn in one go with it.
        """
        from ...core.speaking.rivals import alternatives_at

        least = self._generator.least_words(draw.end)
        for word in drawn:
            least.sees(word.token)
        return alternatives_at(self._generator, self.after(trail), draw.sampling, count, taken, waits=least.waits)

    def keep(self, place: Place, position: Position) -> None:
        """Keep a position that was reached by streaming."""
        with self._lock:
            self._keep(place, position)

    def _read(self, piece: Piece, position: Position) -> Position:
        if piece.run != self._run:
            return self._generator.read(piece.text, position)
        # Words are read one after the other, the way they were made; an end of text makes the next word a first one.
        return self._generator.after(position, list(piece.tokens)) if piece.tokens else position

    def _keep(self, place: Place, position: Position) -> None:
        self._kept[place] = position
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
