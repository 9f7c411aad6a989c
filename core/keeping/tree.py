"""A talk as a tree of words: what was said, by whom, and every way it might have gone on. Plain Python.

A stretch is some words in a row with one author. Nothing is ever taken away: another answer is a sibling, going back is
standing at an earlier word, and going on from there parts the stretch in two and adds a branch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from ..speaking.choices import Sampling, TextEnd

Ending = Literal["", "end of text", "stop text", "word limit", "stopped", "failed"]


@dataclass(frozen=True)
class Author:
    """Who said something: a model with all that makes its words again, or the person."""

    run: str = ""
    """The run whose weights spoke; empty: the person."""
    label: str = ""
    """The model in words, such as ``clever-otter · epoch 6``."""
    weights: str = ""
    """Hash of the weights: two epochs of one run are two authors."""
    seed: int = 0
    sampling: Sampling | None = None
    """How the words were drawn, where that is known."""
    end: TextEnd = field(default_factory=TextEnd)
    """When the text might end."""

    @property
    def is_person(self) -> bool:
        """Whether a person typed or chose it."""
        return not self.run


PERSON = Author()


@dataclass(frozen=True)
class Said:
    """One token of a talk."""

    text: str
    """What it adds, its leading space included; the end of a text adds nothing."""
    token: int
    probability: float
    """The model's own; 0 where a person typed it and no model was asked yet."""
    is_end: bool = False


def _nobody() -> list[int]:
    return []


@dataclass
class Stretch:
    """Words in a row with one author, and the stretches that may follow them."""

    number: int
    parent: int | None
    author: Author
    words: tuple[Said, ...] = ()
    prompt: str = ""
    """The text as a person typed it; a model's stretch has none."""
    fresh: bool = False
    """Whether the state begins anew before it."""
    ending: Ending = ""
    """How a model's stretch ended; empty while it goes on, and where it only leads on to the next one."""
    children: list[int] = field(default_factory=_nobody)
    chosen: int = 0
    """How many of its first words the person chose instead of drawing them."""
    tokens_of: str = ""
    """The run whose tokens the words are; empty until a model has read a prompt."""
    unknown_spans: tuple[tuple[int, int], ...] = ()
    """Where in the prompt (character offsets) stand words that the model does not know."""
    seconds: float = 0.0
    goes_on: bool = False
    """Whether it was one stretch with its parent until a branch parted them: its words were drawn in one go."""

    @property
    def text(self) -> str:
        """All of it."""
        return self.prompt or "".join(word.text for word in self.words)

    @property
    def ended_by_itself(self) -> bool:
        """Whether the model said that the text ends here."""
        return bool(self.words) and self.words[-1].is_end


@dataclass(frozen=True)
class Place:
    """A place in a talk: after so many words of a stretch."""

    stretch: int
    words: int


class Talk:
    """The tree, and the place in it where one stands. The line shown is the path to the head's last descendant."""

    def __init__(self) -> None:
        """An empty talk."""
        self.stretches: dict[int, Stretch] = {}
        self.roots: list[int] = []
        self.head: Place | None = None
        """Where the next words go; None: before the first ones."""

    def path(self) -> list[Stretch]:
        """Return the stretches from the first to the head's."""
        found: list[Stretch] = []
        number = None if self.head is None else self.head.stretch
        while number is not None:
            found.append(self.stretches[number])
            number = self.stretches[number].parent
        return found[::-1]

    def words(self) -> Iterator[tuple[Place, Said]]:
        """Yield the words of the path up to the head, each with the place before it."""
        for stretch in self.path():
            upto = self.upto(stretch)
            for index, word in enumerate(stretch.words[:upto]):
                yield Place(stretch.number, index), word

    def text(self) -> str:
        """Return what stands on the path up to the head."""
        return "".join(
            stretch.prompt
            if stretch.prompt and self.upto(stretch) == len(stretch.words)
            else "".join(word.text for word in stretch.words[: self.upto(stretch)])
            for stretch in self.path()
        )

    def say(self, author: Author, words: tuple[Said, ...] = (), *, prompt: str = "", fresh: bool = False) -> Stretch:
        """Add a stretch at the head and stand at its end; what followed the head before becomes its sibling."""
        parent = None if self.head is None else self._parted(self.head)
        number = self._next_number()
        stretch = Stretch(number, parent, author, words, prompt=prompt, fresh=fresh or parent is None)
        self.stretches[number] = stretch
        self._followers(parent).append(number)
        self.head = Place(number, len(words))
        return stretch

    def add(self, number: int, words: tuple[Said, ...]) -> None:
        """Add words to the end of a stretch that is being made; the head moves along if it stood there."""
        stretch = self.stretches[number]
        at_end = self.head == Place(number, len(stretch.words))
        stretch.words += words
        if at_end:
            self.head = Place(number, len(stretch.words))

    def stand(self, place: Place | None) -> None:
        """Stand somewhere else."""
        self.head = place

    def back(self) -> bool:
        """Stand a word earlier; a prompt and the end of a text go whole. Returns False at the beginning."""
        if self.head is None:
            return False
        stretch, words = self.stretches[self.head.stretch], self.head.words
        if words > 0 and not stretch.prompt:
            steps = 2 if stretch.words[words - 1].is_end and words > 1 else 1
            self.head = Place(stretch.number, words - steps)
            return True
        if stretch.parent is None:
            self.head = None
            return True
        parent = self.stretches[stretch.parent]
        self.head = Place(parent.number, len(parent.words))
        # A model's stretch of which nothing is left is no place of its own.
        return True if stretch.prompt else self.back()

    def siblings(self, number: int) -> tuple[int, ...]:
        """Return all stretches that part where this one does, itself among them, in the order they were made."""
        return tuple(sorted(self._followers(self.stretches[number].parent)))

    def turn_to(self, number: int) -> None:
        """Stand at the end of a stretch and of what was last said after it."""
        while self.stretches[number].children:
            number = self.stretches[number].children[-1]
        self.head = Place(number, len(self.stretches[number].words))

    def sibling(self, number: int, step: int) -> int:
        """Return the sibling ``step`` further, around the ends; the branch is the one that is followed from now on."""
        all_of_them = self.siblings(number)
        found = all_of_them[(all_of_them.index(number) + step) % len(all_of_them)]
        followers = self._followers(self.stretches[number].parent)
        followers.remove(found)
        followers.append(found)
        return found

    def fork(self, place: Place) -> None:
        """Stand before the word at ``place``, ready to go on with another one."""
        self.head = place

    def part(self, place: Place) -> Place | None:
        """Make ``place`` the end of a stretch and return that end, None before all words; one stands where one stood.

        Of a prompt another one is made that has only its first words.
        """
        stretch, head = self.stretches[place.stretch], self.head
        number = self._parted(place)
        parted = number == place.stretch and not stretch.prompt
        if parted and head is not None and head.stretch == number and head.words > place.words:
            self.head = Place(stretch.children[0], head.words - place.words)
        return None if number is None else Place(number, len(self.stretches[number].words))

    def upto(self, stretch: Stretch) -> int:
        """Return how many words of a stretch of the path lie before the head."""
        at_head = self.head is not None and self.head.stretch == stretch.number
        return self.head.words if at_head and self.head is not None else len(stretch.words)

    def _parted(self, place: Place) -> int | None:
        """Make ``place`` the end of a stretch and return that stretch's number."""
        stretch = self.stretches[place.stretch]
        if place.words == len(stretch.words):
            return stretch.number
        if place.words == 0:
            return stretch.parent
        if stretch.prompt:
            return self._asked_less(stretch, place.words)
        rest = replace(stretch, number=self._next_number(), parent=stretch.number, fresh=False, prompt="", goes_on=True)
        rest.words, stretch.words = stretch.words[place.words :], stretch.words[: place.words]
        rest.chosen = max(0, stretch.chosen - place.words)
        stretch.children, stretch.ending, stretch.seconds = [rest.number], "", 0.0
        self.stretches[rest.number] = rest
        for child in rest.children:
            self.stretches[child].parent = rest.number
        return stretch.number

    def _asked_less(self, stretch: Stretch, count: int) -> int:
        """Add a prompt beside another one that has only its first words, and return its number."""
        words = stretch.words[:count]
        prompt = "".join(word.text for word in words).strip()
        spans = tuple(span for span in stretch.unknown_spans if span[1] <= len(prompt))
        number = self._next_number()
        self.stretches[number] = replace(
            stretch, number=number, words=words, prompt=prompt, children=[], unknown_spans=spans, seconds=0.0
        )
        self._followers(stretch.parent).append(number)
        return number

    def _next_number(self) -> int:
        # They stand in order; a talk that was read from a damaged file may lack some.
        return next(reversed(self.stretches), -1) + 1

    def _followers(self, parent: int | None) -> list[int]:
        return self.roots if parent is None else self.stretches[parent].children
