"""What is found out while texts are read, gathered as sentences for the person who gave them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["notice", "repaired", "left out"]


@dataclass
class _Finding:
    kind: Kind
    sentence: str
    number: int = 0


class Findings:
    """Sentences about a reading in the order in which they came up; the same sentence is kept once."""

    def __init__(self) -> None:
        """Nothing was found yet."""
        self._found: dict[str, _Finding] = {}

    def notice(self, sentence: str) -> None:
        """Keep what was guessed, joined or chosen."""
        self._keep("notice", sentence)

    def repair(self, sentence: str) -> None:
        """Keep what was changed for the better."""
        self._keep("repaired", sentence)

    def omit(self, sentence: str) -> None:
        """Keep what the model will not see."""
        self._keep("left out", sentence)

    def count(self, kind: Kind, number: int, tell: Callable[[int], str]) -> None:
        """Keep what ``tell`` says about a number of things; of the same things in several pieces it says the sum."""
        if number:
            found = self._found.setdefault(f"{kind} {tell(0)}", _Finding(kind, ""))
            found.number += number
            found.sentence = tell(found.number)

    @property
    def notices(self) -> list[str]:
        """All sentences."""
        return list(dict.fromkeys(found.sentence for found in self._found.values()))

    @property
    def repaired(self) -> list[str]:
        """What was changed for the better."""
        return self._of("repaired")

    @property
    def left_out(self) -> list[str]:
        """What the model will not see."""
        return self._of("left out")

    def to_values(self) -> list[list[str | int]]:
        """Return everything found as JSON-ready values."""
        return [[key, found.kind, found.sentence, found.number] for key, found in self._found.items()]

    def take_values(self, values: list[list[str | int]]) -> None:
        """Go on from what :meth:`to_values` gave."""
        kinds: dict[str, Kind] = {"notice": "notice", "repaired": "repaired", "left out": "left out"}
        self._found = {
            str(key): _Finding(kinds[str(kind)], str(sentence), int(number)) for key, kind, sentence, number in values
        }

    def _keep(self, kind: Kind, sentence: str) -> None:
        self._found.setdefault(f"{kind} {sentence}", _Finding(kind, sentence))

    def _of(self, kind: Kind) -> list[str]:
        return [found.sentence for found in self._found.values() if found.kind == kind]


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """Return ``1 row`` or ``2,000 rows``."""
    return f"1 {singular}" if number == 1 else f"{number:,} {plural or singular + 's'}"


def were_left_out(number: int, what: str) -> str:
    """Say how many of something were left out."""
    return f"{counted(number, what)} {'was' if number == 1 else 'were'} left out."


def tell_repeats(number: int) -> str:
    """Say how many texts had stood there before."""
    return were_left_out(number, "repeated text")
