"""A talk as it is read: what the person said and what was answered, turn by turn, up to where one stands."""

from __future__ import annotations

from dataclasses import dataclass

from ...data.cleaning import printable
from .tree import Ending, Place, Said, Stretch, Talk


@dataclass(frozen=True)
class Turn:
    """A prompt and the answer to it; an answer may have several stretches, where one went on from an earlier word."""

    number: int
    """Of its first stretch: what the turn is known by."""
    asked: Stretch | None
    """None where the model began by itself."""
    said: tuple[Stretch, ...]
    words: tuple[Said, ...]
    """The answer's words, the end of the text included."""
    places: tuple[Place, ...]
    """Where in the talk each of them stands."""
    whole: bool
    """Whether it goes to the end of its last stretch; otherwise one stands at an earlier word."""
    branch: tuple[int, int]
    """Which of how many ways it is to go on from the same place, at its last stretch that has others beside it."""
    parting: int
    """That stretch; its last one where there are no others."""

    @property
    def parts_at_prompt(self) -> bool:
        """Whether ``branch`` is about prompts and not about answers."""
        return self.asked is not None and self.parting == self.asked.number and self.branch[1] > 1

    @property
    def prompt(self) -> str:
        """What the person said."""
        return "" if self.asked is None else self.asked.prompt

    @property
    def answer(self) -> str:
        """The answer's text."""
        return "".join(word.text for word in self.words).lstrip()

    @property
    def spoken(self) -> int:
        """Words of the answer, separated by white space."""
        return len(self.answer.split())

    @property
    def ending(self) -> Ending:
        """How the answer ended; empty while it is being made."""
        if not self.said:
            return "stopped"
        return self.said[-1].ending if self.whole else "stopped"

    @property
    def ended_by_itself(self) -> bool:
        """Whether the model said that the text ends here."""
        return bool(self.words) and self.words[-1].is_end

    @property
    def seed(self) -> int:
        """The seed of the answer's last words."""
        return self.said[-1].author.seed if self.said else 0

    @property
    def seconds(self) -> float:
        """How long the answer took."""
        return sum(stretch.seconds for stretch in self.said)

    @property
    def model(self) -> str:
        """The label of the model that answered."""
        return self.said[-1].author.label if self.said else ""

    @property
    def fresh(self) -> bool:
        """Whether the state began anew before it."""
        first = self.asked or (self.said[0] if self.said else None)
        return first is not None and first.fresh

    @property
    def unknown_spans(self) -> tuple[tuple[int, int], ...]:
        """Where in the prompt stand words that the model does not know."""
        return () if self.asked is None else self.asked.unknown_spans

    @property
    def unknown(self) -> tuple[str, ...]:
        """Words of the prompt that the model does not know, each once."""
        return tuple(dict.fromkeys(self.prompt[start:end].strip() for start, end in self.unknown_spans))


def turns_of(talk: Talk) -> list[Turn]:
    """Return the turns on the path up to the head."""
    groups: list[list[Stretch]] = []
    for stretch in talk.path():
        begins = stretch.author.is_person or stretch.fresh or not groups
        answered = bool(groups) and groups[-1][-1].ended_by_itself
        if begins or answered:
            groups.append([])
        groups[-1].append(stretch)
    return [_turn(talk, group) for group in groups]


def _turn(talk: Talk, group: list[Stretch]) -> Turn:
    asked = group[0] if group[0].author.is_person else None
    said = tuple(group[1:] if asked else group)
    words: list[Said] = []
    places: list[Place] = []
    whole = True
    for stretch in said:
        upto = talk.upto(stretch)
        whole = upto == len(stretch.words)
        words += stretch.words[:upto]
        places += [Place(stretch.number, index) for index in range(upto)]
    ways = {stretch.number: talk.siblings(stretch.number) for stretch in group}
    parting = next((number for number in reversed(ways) if len(ways[number]) > 1), group[-1].number)
    branch = (ways[parting].index(parting) + 1, len(ways[parting]))
    return Turn(group[0].number, asked, said, tuple(words), tuple(places), whole, branch, parting)


def whole_text(opening: str, words: str) -> str:
    """Return a text as it is kept: what the model said after what was given."""
    return printable(opening + words).strip()


def turn_text(turn: Turn) -> str:
    """Return prompt and answer of a turn as one text."""
    return whole_text(turn.prompt, "".join(word.text for word in turn.words))


def text_to(talk: Talk, number: int) -> str:
    """Return prompt and answer of the turn that ends with this stretch."""
    parts: list[str] = []
    at: int | None = number
    while at is not None:
        stretch = talk.stretches[at]
        if parts and stretch.ended_by_itself:
            break
        parts.append(stretch.text)
        at = None if stretch.author.is_person or stretch.fresh else stretch.parent
    return whole_text("", "".join(reversed(parts)))


def fold(text: str) -> str:
    """Return what two texts have in common that are the same but for case and spacing."""
    return " ".join(text.casefold().split())


def transcript(talk: Talk) -> str:
    """Return the talk as a text file, without control characters."""
    parts: list[str] = []
    for turn in turns_of(talk):
        state = "fresh state" if turn.fresh else "carried on"
        parts += [f"you: {turn.prompt}", f"model: {turn.answer}"]
        parts.append(f"  ({turn.model}; seed {turn.seed}; {state}; {turn.ending or 'going on'})\n")
    return printable("\n".join(parts)) + "\n"
