"""A talk with a model: prompts, answers and the position the talk has reached. Plain Python, no widget, no thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from ...data.cleaning import printable

if TYPE_CHECKING:
    from ...core.speaking.generation import Position, Word

Ending = Literal["", "end of text", "word limit", "stopped", "failed"]


def _no_words() -> list[Word]:
    return []


@dataclass
class Turn:
    """One prompt and what the model answered."""

    prompt: str
    start: Position | None
    """Where the talk stood before the prompt; None: a fresh state."""
    seed: int
    model: str = ""
    """The label of the model that answered."""
    after_prompt: Position | None = None
    """Where it stood after the prompt was read; None until then."""
    words: list[Word] = field(default_factory=_no_words)
    """The words that were shown, the end of the text included."""
    ending: Ending = ""
    """How the answer ended; empty while it goes on."""
    unknown_spans: tuple[tuple[int, int], ...] = ()
    """Where in the prompt (character offsets) stand words that the model does not know."""
    seconds: float = 0.0
    copied: tuple[int, int] | None = None
    """Longest stretch in words copied from the training texts, and the words of the answer."""

    @property
    def position(self) -> Position | None:
        """Where the talk stands after the last word shown."""
        return self.words[-1].position if self.words else self.after_prompt

    @property
    def unknown(self) -> tuple[str, ...]:
        """Words of the prompt that the model does not know, each once."""
        return tuple(dict.fromkeys(self.prompt[start:end].strip() for start, end in self.unknown_spans))

    @property
    def answer(self) -> str:
        """The answer's text."""
        return "".join(word.text for word in self.words).lstrip()

    @property
    def spoken(self) -> int:
        """Words of the answer, separated by white space."""
        return len(self.answer.split())

    @property
    def ended_by_itself(self) -> bool:
        """Whether the model said that the text ends here."""
        return bool(self.words) and self.words[-1].is_end


class Conversation:
    """The turns so far and the state that the next prompt continues."""

    def __init__(self, *, carry: bool = True) -> None:
        """An empty talk."""
        self.turns: list[Turn] = []
        self.carry = carry
        """Whether the state goes on from one prompt to the next."""
        self.position: Position | None = None
        """Where the next prompt starts when the state is carried; None: a fresh state."""

    @property
    def last(self) -> Turn | None:
        """The latest turn."""
        return self.turns[-1] if self.turns else None

    @property
    def start(self) -> Position | None:
        """Where the next prompt will start; None: a fresh state."""
        return self.position if self.carry else None

    def begin(self, prompt: str, seed: int) -> Turn:
        """A new turn from where the talk stands, or from a fresh state when it is not carried."""
        turn = Turn(prompt, self.start, seed)
        self.turns.append(turn)
        return turn

    def again(self) -> Turn | None:
        """Make the latest turn ready for another answer from the same place with the next seed."""
        turn = self.last
        if turn is None:
            return None
        turn.words.clear()
        turn.seed, turn.ending, turn.copied, turn.seconds = turn.seed + 1, "", None, 0.0
        self.position = turn.after_prompt
        return turn

    def say(self, turn: Turn, words: list[Word]) -> None:
        """Words were shown; the talk stands after the last of them."""
        turn.words.extend(words)
        self.position = turn.position

    def rewind(self) -> str | None:
        """Take back the last word; with none left the turn goes and its prompt is returned for editing."""
        turn = self.last
        if turn is None:
            return None
        if turn.ended_by_itself:
            turn.words.pop()
        if not turn.words:
            self.turns.pop()
            self.position = turn.start
            return turn.prompt
        turn.words.pop()
        turn.ending, turn.copied = "stopped", None
        self.position = turn.position
        return None

    def reset(self) -> None:
        """Forget the state; the turns stay on the screen."""
        self.position = None

    def clear(self) -> None:
        """A new talk."""
        self.turns.clear()
        self.position = None

    def transcript(self) -> str:
        """The talk as a text file, without control characters."""
        parts: list[str] = []
        for turn in self.turns:
            state = "carried on" if turn.start is not None else "fresh state"
            parts += [f"you: {turn.prompt}", f"model: {turn.answer}"]
            parts.append(f"  ({turn.model}; seed {turn.seed}; {state}; {turn.ending or 'going on'})\n")
        return printable("\n".join(parts)) + "\n"
