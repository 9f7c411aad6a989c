"""The texts of a file in rows with how surprising they are: as a table, as CSV, as JSON."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..numbers import count, decimal
from .output import bare_table, fields_of, plain, shortened

if TYPE_CHECKING:
    from rich.console import Console

    from ...core.speaking.generation import Generator
    from ...core.speaking.scoring import TextScore

FIGURES = ("surprise", "bits", "perplexity", "copied", "words")
"""What texts can be ordered by."""
_LONGEST_TEXT = 120


@dataclass(frozen=True)
class Ranked:
    """One text of a file; without a ``score`` the model knows none of its tokens."""

    number: int
    """Its place in the file, from 1."""
    text: str
    score: TextScore | None
    copied: int
    """Words of the longest stretch that stands word for word in the training texts."""
    words: int

    def figure(self, name: str) -> float:
        """Return what ``--sort`` compares."""
        if name in ("copied", "words"):
            return self.copied if name == "copied" else self.words
        score = self.score
        if score is None:
            return -1.0
        return {"surprise": self.surprise, "bits": score.bits_per_character, "perplexity": score.perplexity}[name]

    @property
    def surprise(self) -> float:
        """Bits of the whole text."""
        return 0.0 if self.score is None else sum(token.surprisal for token in self.score.tokens)

    def record(self) -> dict[str, Any]:
        """Return the row as JSON has it: the keys of a scored text, and what a row of a file has beside."""
        about = {"number": self.number, "surprise": self.surprise, "copied": self.copied, "words": self.words}
        if self.score is None:
            empty = {"tokens": (), "loss": None, "perplexity": None, "bits_per_character": None}
            return {"text": self.text, **empty, **about, "surprise": None}
        return {**fields_of(self.score), **about}


def rank(generator: Generator, texts: Sequence[str]) -> Iterator[Ranked]:
    """Score each text from a fresh state."""
    from ...core.errors import GenerationError
    from ...core.speaking.scoring import score

    for number, text in enumerate(texts, 1):
        try:
            scored = score(generator, text)
        except GenerationError:
            scored = None
        copied, words = generator.copied(text)
        yield Ranked(number, text, scored, copied, words)


def show_ranking(console: Console, rows: Sequence[Ranked]) -> None:
    """Print a table, a row a text."""
    numbers = ("row", "surprise", "bits/char", "perplexity", "copied")
    table = bare_table(*numbers, "text", right=numbers)
    for row in rows:
        score = row.score
        table.add_row(
            count(row.number),
            decimal(None if score is None else row.surprise, 1),
            decimal(None if score is None else score.bits_per_character),
            decimal(None if score is None else score.perplexity, 1),
            f"{row.copied}/{row.words}",
            plain(shortened(row.text, _LONGEST_TEXT)),
        )
    console.print(table)


def write_csv(rows: Iterable[Ranked]) -> None:
    """Write a table with a header on standard output."""
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(["row", "surprise", "bits_per_character", "perplexity", "copied", "words", "text"])
    for row in rows:
        score = row.score
        figures = ("", "", "") if score is None else (row.surprise, score.bits_per_character, score.perplexity)
        table.writerow([row.number, *figures, row.copied, row.words, row.text])
