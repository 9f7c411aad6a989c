"""What can be chosen about a text that a model makes: how its words are drawn, how many, and which draw it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le, Lt

from ..described import Described, check


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen; the defaults keep it lively and sane.

    Raises:
        SettingsError: a value makes no sense.
    """

    temperature: Annotated[
        float,
        Ge(0.01),
        Le(100),
        Described("Above 1 bolder, below 1 safer.", "", "X", step=0.05, otherwise="for the likeliest word use greedy"),
    ] = 0.8
    top_k: Annotated[int, Ge(0), Described("Keep the K likeliest words; 0 keeps all.", "top-k", "K", step=5)] = 0
    top_p: Annotated[
        float, Gt(0), Le(1), Described("Keep the likeliest words up to this probability.", "top-p", "X", step=0.05)
    ] = 0.95
    min_p: Annotated[
        float, Ge(0), Le(1), Described("Drop words below this share of the likeliest one.", "min-p", "X", step=0.01)
    ] = 0.0
    repetition_penalty: Annotated[
        float,
        Ge(0.1),
        Le(100),
        Described("Above 1: rather not what was just said (Keskar et al. 2019).", "repetition", "X", step=0.05),
    ] = 1.0
    greedy: Annotated[bool, Described("Always the likeliest word.")] = False
    only_new: Annotated[
        int,
        Ge(0),
        Le(100),
        Described("Never copy more than N words in a row from the training texts; 0 does not look.", "copied ≤", "N"),
    ] = 0

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class TextEnd:
    """When a text may end, and what ends it.

    Raises:
        SettingsError: a value makes no sense.
    """

    least_words: Annotated[
        int, Ge(0), Le(100_000), Described("Not before this many new words.", "words ≥", "N", step=5)
    ] = 0
    stop: Annotated[str, Described("End a text with this, such as '?', once it was said.", "end with", "TEXT")] = ""

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class Draw:
    """How a text is drawn from where it begins: with the place, all that its words depend on."""

    sampling: Sampling
    seed: int
    words: int = 100
    """At most so many."""
    end: TextEnd = TextEnd()


@dataclass(frozen=True)
class Selection:
    """Which of the texts that a model makes are taken.

    Raises:
        SettingsError: a value makes no sense.
    """

    best_of: Annotated[
        int,
        Ge(1),
        Le(1000),
        Described("Make N and take the least surprising one that ends by itself and is new.", "best of", "N"),
    ] = 1
    must_end: Annotated[bool, Described("Only texts that end by themselves.", "must end")] = False
    unique: Annotated[bool, Described("No text twice.", "no repeats")] = False

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class TextChoices:
    """How long a text may get, and which of all texts it is.

    Raises:
        SettingsError: a value makes no sense.
    """

    words: Annotated[int, Ge(1), Le(100_000), Described("At most this many new words.", "words ≤", "N", step=10)] = 100
    seed: Annotated[
        int, Ge(0), Lt(2**63), Described("Repeats a text: the same seed draws the same words.", "seed", "N")
    ] = 7

    def __post_init__(self) -> None:
        check(self)
