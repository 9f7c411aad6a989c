"""Where one sits while talking: the talk, the model talked to, and everything that can be done next. No widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.keeping.trails import Trail, trail_to
from ...core.keeping.tree import PERSON, Author, Place, Said, Talk
from ...core.keeping.turns import Turn, turns_of
from ...core.speaking.choices import Draw, Selection
from .answering import Request
from .dials import Dials
from .positions import Positions

if TYPE_CHECKING:
    from ...core.speaking.choices import Sampling
    from ...core.speaking.spoken import Candidate
    from ..workbench import Talker

END = "(end)"
"""The end of the text, as candidates call it."""


@dataclass(frozen=True, eq=False)
class Task:
    """An answer to be made: what to ask for, and the stretches of the talk that it fills."""

    request: Request
    number: int
    prompt: int | None


@dataclass(frozen=True)
class Fork:
    """Where several answers begin."""

    place: Place | None
    prompt: str
    """What is asked there; empty to go on."""
    asked: int | None
    """The stretch of the prompt."""
    fresh: bool
    before: Place | None
    """Where one stood."""
    cursor: Place | None
    """The word that was looked at."""


def chosen_word(candidate: Candidate) -> Said:
    """A candidate as a word that was said."""
    ended = candidate.text == END
    return Said("" if ended else candidate.text, candidate.token, candidate.probability, ended)


class Desk:
    """The state of the Prompt screen beside its widgets."""

    def __init__(self, *, carry: bool) -> None:
        """An empty talk, without a model."""
        self.talk = Talk()
        self.talker: Talker | None = None
        self.positions: Positions | None = None
        """The positions of the talk under the model."""
        self.carry = carry
        """Whether the state goes on from one prompt to the next."""
        self.dials = Dials({})
        """What is set about the next answer; when it may end and which of many it is are asked of them."""
        self._reset = False
        self.cursor: Place | None = None
        """The word that is looked at; None: what comes next."""

    def take(self, talker: Talker, positions: Positions | None = None) -> None:
        """Talk to a model from now on; the talk stays, and is read anew by it."""
        self.talker = talker
        self.positions = positions or Positions(talker.generator, talker.run)

    @property
    def turns(self) -> list[Turn]:
        """The turns up to where one stands."""
        return turns_of(self.talk)

    @property
    def last(self) -> Turn | None:
        """The latest turn."""
        turns = self.turns
        return turns[-1] if turns else None

    @property
    def next_is_fresh(self) -> bool:
        """Whether the next prompt begins from a fresh state."""
        return self._reset or not self.carry or self.talk.head is None

    @property
    def trail(self) -> Trail:
        """What the next prompt goes on from."""
        return () if self.next_is_fresh else trail_to(self.talk, self.talk.head)

    @property
    def count(self) -> int | None:
        """Tokens in the state that the next prompt goes on from; None: a fresh one."""
        return None if self.next_is_fresh else sum(len(piece.tokens) for piece in self.trail)

    def ask(self, prompt: str, seed: int, sampling: Sampling, words: int) -> Task:
        """Say something, an empty prompt too, and have it answered."""
        trail, fresh = self.trail, self.next_is_fresh
        self._reset = False
        number = None
        if prompt:
            number = self.talk.say(PERSON, prompt=prompt, fresh=fresh).number
        answer = self.talk.say(self._author(seed), fresh=fresh and number is None)
        return self._task(trail, prompt, seed, sampling, words, answer.number, number)

    def fork(self, prompt: str) -> Fork:
        """Get ready for several answers: instead of the word looked at, else to ``prompt``, which is said."""
        if self.cursor is not None:
            stretch = self.talk.stretches[self.cursor.stretch]
            place = self.talk.part(self.cursor)
            parted = place == self.cursor and not stretch.prompt
            cursor = Place(stretch.children[0], 0) if parted else self.cursor
            return Fork(place, "", None, place is None, self.talk.head, cursor)
        fresh, before = self.next_is_fresh, self.talk.head
        number = self.talk.say(PERSON, prompt=prompt, fresh=fresh).number if prompt else None
        return Fork(self.talk.head, prompt, number, fresh, before, None)

    def leave(self, fork: Fork) -> None:
        """Take none of the answers: stand where one stood and look at what one looked at."""
        self.talk.stand(fork.before)
        self.cursor = fork.cursor

    def answer_from(self, fork: Fork, seed: int, sampling: Sampling, words: int) -> Task:
        """Another answer at ``fork``; the answers made there before stay beside it."""
        asked = None if fork.asked is None else self.talk.stretches[fork.asked]
        before = fork.place if asked is None else None if asked.parent is None else self._end_of(asked.parent)
        trail = () if fork.fresh else trail_to(self.talk, before)
        # A prompt that a model has read since has got its words.
        self.talk.stand(fork.place if asked is None else self._end_of(asked.number))
        answer = self.talk.say(self._author(seed), fresh=fork.fresh and asked is None)
        # Answers side by side are told apart by what is asked of each, so none of them is chosen among others.
        return self._task(trail, fork.prompt, seed, sampling, words, answer.number, None, selected=False)

    def turn_of(self, number: int) -> Turn | None:
        """Return the turn that ends with an answer, wherever one stands."""
        head = self.talk.head
        self.talk.stand(self._end_of(number))
        turn = self.last
        self.talk.stand(head)
        return turn

    def take_answer(self, number: int) -> None:
        """Stand at the end of an answer."""
        self._reset, self.cursor = False, None
        self.talk.stand(self._end_of(number))

    def go_on(self, sampling: Sampling, words: int) -> Task | None:
        """Go on from where one stands: to the words that were there already, else to new ones. None: it has ended."""
        last = self.last
        if last is None or self.talk.head is None or self._reset:
            return None
        if not last.whole or self.talk.stretches[self.talk.head.stretch].children:
            self.talk.turn_to(self.talk.head.stretch)
            return None
        if last.ended_by_itself or not last.said:
            return None
        return self._continue(last.seed, sampling, max(1, words - last.spoken))

    @property
    def unfinished(self) -> bool:
        """Whether an empty line means going on with the last answer."""
        last = self.last
        return last is not None and not self._reset and bool(last.said) and not last.ended_by_itself

    def again(self, sampling: Sampling, words: int) -> Task | None:
        """Another answer: from the word where one stands, or from the beginning of the last answer."""
        last = self.last
        if last is None:
            return None
        if not last.said:
            seed = 0
        elif last.whole:
            first = last.said[-1]
            seed = self._next_seed(first.number)
            self.talk.fork(Place(first.number, first.chosen))
        else:
            seed = self._next_seed(last.said[-1].number)
        return self._continue(seed, sampling, words)

    def choose(self, place: Place, words: tuple[Said, ...], seed: int, sampling: Sampling, count: int) -> Task:
        """Go on with ``words`` instead of the word at ``place``: a new branch; then up to ``count`` words are drawn."""
        self.talk.fork(place)
        run = "" if self.talker is None else self.talker.run
        stretch = self.talk.say(self._author(seed), words)
        stretch.chosen, stretch.tokens_of = len(words), run
        trail = trail_to(self.talk, self.talk.head)
        self.cursor = None
        return self._task(trail, "", seed, sampling, 0 if words[-1].is_end else count, stretch.number, None)

    def step(self, sampling: Sampling) -> Task | None:
        """Go on by a single word: to the one that was there already, else to a new one. None: it has ended."""
        last, head = self.last, self.talk.head
        self.cursor = None
        if last is None or head is None or self._reset or last.ended_by_itself:
            return None
        if not last.whole:
            self.talk.stand(Place(head.stretch, head.words + 1))
            return None
        if self.talk.stretches[head.stretch].children:
            self.talk.stand(Place(self.talk.stretches[head.stretch].children[-1], 1))
            return None
        return self._continue(last.seed, sampling, 1)

    def turn_branch(self, step: int) -> bool:
        """Show the next or the previous way to go on, where the turn looked at parts; returns whether there is one."""
        turn = self.turn_looked_at
        if turn is None:
            return False
        parting = turn.parting
        if self.cursor is not None:
            # Above the word looked at first: on a prompt one turns between prompts.
            group = [stretch.number for stretch in (turn.asked, *turn.said) if stretch is not None]
            above = group[: group.index(self.cursor.stretch) + 1]
            parting = next((each for each in reversed(above) if len(self.talk.siblings(each)) > 1), parting)
        if len(self.talk.siblings(parting)) < 2:
            return False
        self.talk.turn_to(self.talk.sibling(parting, step))
        self.cursor = None
        return True

    @property
    def turn_looked_at(self) -> Turn | None:
        """The turn whose prompt or answer the cursor stands in, else the last one."""
        if self.cursor is None:
            return self.last
        for turn in self.turns:
            if self.cursor in turn.places or (turn.asked is not None and turn.asked.number == self.cursor.stretch):
                return turn
        return None

    def back(self) -> str | None:
        """Stand a word earlier; returns a prompt that was taken back with it."""
        last = self.last
        self.cursor = None
        if not self.talk.back():
            return None
        now = self.last
        taken = last is not None and (now is None or now.number != last.number)
        return last.prompt if taken and last is not None else None

    def reset(self) -> None:
        """Begin the next prompt from a fresh state."""
        self._reset = True

    def clear(self) -> None:
        """A new talk."""
        self.talk, self._reset, self.cursor = Talk(), False, None
        if self.talker is not None:
            self.take(self.talker)

    def open(self, talk: Talk) -> None:
        """Another talk, which is read anew."""
        self.clear()
        self.talk = talk

    def walk(self, step: int) -> None:
        """Look at the word ``step`` further; past the last one, at what comes next."""
        places = [place for place, _ in self.talk.words()]
        if not places:
            return
        index = len(places) if self.cursor not in places else places.index(self.cursor)
        index = min(len(places), max(0, index + step))
        self.cursor = places[index] if index < len(places) else None

    def walk_to(self, edge: int) -> None:
        """Look at the first word of the talk (0) or at the last one (-1)."""
        places = [place for place, _ in self.talk.words()]
        self.cursor = places[edge] if places else None

    def walk_turn(self, step: int) -> None:
        """Look at the first word of the answer ``step`` turns further."""
        firsts = [turn.places[0] for turn in self.turns if turn.places]
        if not firsts:
            return
        order = {place: index for index, (place, _) in enumerate(self.talk.words())}
        here = len(order) if self.cursor is None else order.get(self.cursor, len(order))
        before = [place for place in firsts if order[place] < here]
        after = [place for place in firsts if order[place] > here]
        self.cursor = (before[-1] if before else firsts[0]) if step < 0 else (after[0] if after else None)

    def looked_at(self) -> Said | None:
        """The word under the cursor."""
        if self.cursor is None:
            return None
        words = self.talk.stretches[self.cursor.stretch].words
        return words[self.cursor.words] if self.cursor.words < len(words) else None

    def _end_of(self, number: int) -> Place:
        return Place(number, len(self.talk.stretches[number].words))

    def _continue(self, seed: int, sampling: Sampling, words: int) -> Task:
        stretch = self.talk.say(self._author(seed))
        before = self.talk.stretches[stretch.parent] if stretch.parent is not None else None
        trail = () if before is None else trail_to(self.talk, Place(before.number, len(before.words)))
        return self._task(trail, "", seed, sampling, words, stretch.number, None)

    def _task(
        self,
        trail: Trail,
        prompt: str,
        seed: int,
        sampling: Sampling,
        words: int,
        number: int,
        asked: int | None,
        *,
        selected: bool = True,
    ) -> Task:
        """Return what fills stretch ``number``, the answer to stretch ``asked`` where that is new."""
        others = (self.talk.stretches[each] for each in self.talk.siblings(number) if each != number)
        said = tuple("".join(word.text for word in other.words) for other in others)
        selection = self.dials.selection() if selected else Selection()
        draw = Draw(sampling, seed, words, self.dials.text_end())
        return Task(Request(trail, prompt, draw, selection, said), number, asked)

    def _author(self, seed: int) -> Author:
        talker, end = self.talker, self.dials.text_end()
        if talker is None:
            return Author("?", "", "", seed, end=end)
        return Author(talker.run, talker.generator.label, "", seed, end=end)

    def _next_seed(self, number: int) -> int:
        return max(self.talk.stretches[each].author.seed for each in self.talk.siblings(number)) + 1
