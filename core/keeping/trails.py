"""All that was said before a place, in plain values that a thread may read or a file may keep."""

from __future__ import annotations

from dataclasses import dataclass

from .tree import Place, Said, Talk


@dataclass(frozen=True)
class Piece:
    """Some words of a trail, as the model that made them numbers them and as text for any other."""

    place: Place
    """The place after them."""
    run: str
    """Whose tokens these are."""
    tokens: tuple[int, ...]
    text: str
    fresh: bool


Trail = tuple[Piece, ...]
"""All that was said up to a place since the state was fresh; plain values that a thread may read."""


def trail_to(talk: Talk, place: Place | None) -> Trail:
    """Return the trail to ``place``; empty before the first word."""
    pieces: list[Piece] = []
    number = None if place is None else place.stretch
    while number is not None:
        stretch = talk.stretches[number]
        upto = place.words if place is not None and place.stretch == number else len(stretch.words)
        words = stretch.words[:upto]
        text = stretch.prompt if stretch.prompt and upto == len(stretch.words) else "".join(w.text for w in words)
        run = stretch.tokens_of
        # A prompt that no model has read yet has no tokens.
        pieces.append(Piece(Place(number, upto), run, tuple(word.token for word in words), text, stretch.fresh))
        if stretch.fresh:
            break
        number = stretch.parent
    return tuple(reversed(pieces))


def drawn_before(talk: Talk, place: Place) -> tuple[Said, ...]:
    """Return the words before ``place`` that were drawn in one go with it; those that a person chose are not drawn."""
    stretch = talk.stretches[place.stretch]
    words = stretch.words[min(stretch.chosen, place.words) : place.words]
    while stretch.goes_on and not stretch.chosen and stretch.parent is not None:
        stretch = talk.stretches[stretch.parent]
        words = stretch.words[stretch.chosen :] + words
    return words
