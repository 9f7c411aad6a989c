"""What else a model had in mind at each word of a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .choices import Draw, Sampling
from .generation import Generator
from .predictors import Floats
from .sampling import softmax
from .spoken import Candidate, Position


@dataclass(frozen=True)
class Rivals:
    """One word of a text among those that might have stood in its place."""

    taken: Candidate
    rank: int
    """1: the model found no other word likelier."""
    rivals: tuple[Candidate, ...]
    """The likeliest others, the best first; one that the sampler ruled out has ``drawn`` 0."""
    others: float
    """The model's probability of all the rest."""
    others_drawn: float
    """The same after temperature and filters."""
    ruled_out: float
    """The model's probability of everything that could not be drawn."""


@dataclass(frozen=True)
class Alternatives:
    """The words that may come at a place."""

    candidates: tuple[Candidate, ...]
    """The likeliest, the best first; one that the sampler ruled out has ``drawn`` 0."""
    possible: int
    """How many words of the vocabulary can be drawn."""
    rank: int | None = None
    """Of the word that came, among all words by the model's own probabilities; None where none came yet."""


def alternatives_at(
    generator: Generator,
    position: Position,
    sampling: Sampling,
    count: int,
    taken: int | None = None,
    *,
    waits: bool = False,
) -> Alternatives:
    """Return the ``count`` likeliest words at ``position`` under ``sampling``.

    ``taken``: the token that came there; ``waits``: the text must not end there.
    """
    own, drawn = generator.distributions(position, sampling, waits=waits)
    rank = None if taken is None else 1 + int((own > own[taken]).sum())
    return Alternatives(tuple(generator.likeliest(own, drawn, count)), int((drawn > 0).sum()), rank)


def rivals_of(
    generator: Generator, position: Position, tokens: Sequence[int], draw: Draw, count: int
) -> Iterator[Rivals]:
    """Yield the ``count`` likeliest rivals of each of ``tokens``, the text that ``draw`` made after ``position``."""
    least = generator.least_words(draw.end)
    for token in tokens:
        own, drawn = generator.distributions(position, draw.sampling, waits=least.waits)
        yield _among(generator, token, own, drawn, count)
        least.sees(token)
        position = generator.after(position, [token])


def expected_instead(generator: Generator, tokens: Sequence[int], count: int) -> Iterator[Rivals]:
    """Yield the ``count`` likeliest rivals of each token of a text as it is scored: unknown words count too."""
    position = generator.start()
    for token in tokens:
        own = softmax(generator.predictor.logits(position.state)[0])
        yield _among(generator, token, own, own, count)
        position = generator.after(position, [token])


def _among(generator: Generator, token: int, own: Floats, drawn: Floats, count: int) -> Rivals:
    taken = Candidate(generator.shown(token), float(own[token]), float(drawn[token]), token)
    rivals = [other for other in generator.likeliest(own, drawn, count + 1) if other.token != token][:count]
    shown = [taken, *rivals]
    return Rivals(
        taken,
        1 + int((own > own[token]).sum()),
        tuple(rivals),
        max(0.0, 1.0 - sum(word.probability for word in shown)),
        max(0.0, 1.0 - sum(word.drawn for word in shown)),
        float(own[drawn == 0].sum()),
    )
