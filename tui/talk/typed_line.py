"""What a model makes of a line while it is being typed. These functions compute and belong in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...core.speaking.choices import Sampling
    from ...core.speaking.generation import Generator
    from ...core.speaking.rivals import Alternatives
    from ...core.speaking.spoken import Position

CANDIDATES = 24
"""Next words that are computed; the panel shows as many as fit."""
LINE_BREAK = "⏎"
"""Stands for a line break in a line."""


@dataclass(frozen=True)
class Outlook:
    """What may follow a typed line."""

    typed: str
    unknown_spans: tuple[tuple[int, int], ...]
    """Where (character offsets) stand words that the model does not know."""
    alternatives: Alternatives

    @property
    def unknown(self) -> tuple[str, ...]:
        """The unknown words, each once."""
        return tuple(dict.fromkeys(self.typed[start:end].strip() for start, end in self.unknown_spans))


def as_text(line: str, generator: Generator) -> str:
    """What a line says: with its line breaks, or with blanks for them where the model's texts have none."""
    return line.replace(LINE_BREAK, "\n" if generator.knows_line_breaks else " ")


def look_ahead(
    generator: Generator, typed: str, start: Position, sampling: Sampling, *, waits: bool = False
) -> Outlook:
    """The unknown words of a line that begins at ``start``, and the words that may follow it.

    ``waits``: the answer must not end before its first word.
    """
    from ...core.speaking.rivals import alternatives_at

    text = as_text(typed, generator)
    spans = generator.unknown_spans(text)
    if not typed[-1:].isspace():
        # The last word may still become a known one.
        spans = [span for span in spans if span[1] < len(typed)]
    position = generator.read(text.rstrip(), start) if text.strip() else start
    return Outlook(typed, tuple(spans), alternatives_at(generator, position, sampling, CANDIDATES, waits=waits))


def complete_line(generator: Generator, typed: str, start: Position) -> str | None:
    """The typed line with its last word completed, None when nothing fits; the line begins at ``start``."""
    if not typed or typed[-1].isspace():
        return None
    head, partial = split_last_word(as_text(typed, generator))
    position = generator.read(head, start) if head else start
    rest = generator.complete(partial, position)
    return typed + rest if rest else None


def split_last_word(typed: str) -> tuple[str, str]:
    """A line without its last word, and that word."""
    words = typed.rsplit(maxsplit=1)
    return (words[0], words[1]) if len(words) == 2 else ("", typed.strip())
