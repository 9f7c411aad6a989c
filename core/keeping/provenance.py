"""Where a kept text comes from: all that makes it again, word for word, by the same weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ...data.cleaning import one_line, printable
from ..speaking.choices import Sampling, TextEnd
from .stretches import changed_choices, end_of, mapping, number, sampling_of, share_of, text, whole
from .trails import trail_to
from .tree import Place, Said, Stretch, Talk
from .turns import Turn

if TYPE_CHECKING:
    from ..speaking.generation import Generator

_MOST_DRAWN = 4_000_000
"""Tokens; the longest text that can be asked for has fewer."""


@dataclass(frozen=True)
class Read:
    """Words that the model had read: as tokens where they were its own, else as text."""

    text: str
    tokens: tuple[int, ...] = ()


@dataclass(frozen=True)
class Drawn:
    """Words that a model drew in a row, after those that a person chose."""

    seed: int
    sampling: Sampling | None
    count: int
    """Tokens that were drawn, the end of the text included."""
    chosen: tuple[Said, ...] = ()
    """The words chosen before them, such as a rival."""
    end: TextEnd = field(default_factory=TextEnd)
    """When the text might end."""


@dataclass(frozen=True)
class Origin:
    """Who said a text, after what, and how its words were drawn."""

    run: str
    label: str
    weights: str
    """Hash of the weights."""
    read: tuple[Read, ...]
    """All that the model had read since its state was fresh."""
    opening: str
    """What of the text itself is part of that: the prompt, and words that other weights had said."""
    drawn: tuple[Drawn, ...]
    mixed: bool = False
    """Whether the network was mixed with the n-gram model of its texts."""
    blend: str = ""
    """The run that it was blended with, if any."""
    share: float = 0.5
    """Its own share then."""

    @property
    def seed(self) -> int:
        """The seed of the last words."""
        return self.drawn[-1].seed

    @property
    def place(self) -> int:
        """How many tokens or words stood before the first one that was drawn."""
        return sum(len(read.tokens) or len(read.text.split()) for read in self.read) + len(self.drawn[0].chosen)


def origin_of(talk: Talk, turn: Turn) -> Origin | None:
    """Return where the text of a turn comes from; None where a person wrote all of it."""
    said = [stretch for stretch in turn.said if talk.upto(stretch)]
    if not said:
        return None
    author = said[-1].author
    first = len(said)
    while first and (said[first - 1].author.run, said[first - 1].author.weights) == (author.run, author.weights):
        first -= 1
    trail = trail_to(talk, Place(said[first].number, 0))
    read = tuple(
        Read(piece.text, piece.tokens if piece.run == author.run else ())
        for piece in trail
        if piece.text or piece.tokens
    )
    before = "".join(word.text for stretch in said[:first] for word in stretch.words[: talk.upto(stretch)])
    drawn: list[Drawn] = []
    for stretch in said[first:]:
        piece = _drawn(stretch, talk.upto(stretch))
        if stretch.goes_on and drawn:
            chosen = drawn[-1].chosen + piece.chosen
            drawn[-1] = replace(drawn[-1], count=drawn[-1].count + piece.count, chosen=chosen)
        else:
            drawn.append(piece)
    return Origin(author.run, author.label, author.weights, read, turn.prompt + before, tuple(drawn))


def _drawn(stretch: Stretch, upto: int) -> Drawn:
    chosen = stretch.words[: min(upto, stretch.chosen)]
    return Drawn(stretch.author.seed, stretch.author.sampling, upto - len(chosen), chosen, stretch.author.end)


def origin_of_generated(
    generator: Generator,
    run: str,
    prompt: str,
    drawn: Drawn,
    *,
    mixed: bool = False,
    blend: str = "",
    share: float = 0.5,
) -> Origin:
    """Return where a text comes from that was made after ``prompt`` from a fresh state."""
    tokens = tuple(generator.tokenizer.encode(generator.as_typed(prompt, generator.start())))
    read = (Read(prompt, tokens),) if tokens else ()
    return Origin(run, generator.label, generator.weights, read, prompt, (drawn,), mixed, blend, share)


def copied_share(generator: Generator, text: str) -> float:
    """Return the share of a text's words that stand in stretches of five words of the training texts (0–1)."""
    cleaned = generator.cleaned(text)
    words = sum(any(map(str.isalnum, word)) for word in cleaned.split())
    spans = generator.copied_spans(generator.tokenizer.encode(cleaned))
    return min(1.0, sum(span.words for span in spans) / words) if words else 0.0


def origin_as_values(origin: Origin) -> dict[str, Any]:
    """Return an origin by its fields."""
    return {
        "run": origin.run, "label": origin.label, "weights": origin.weights, "mixed": origin.mixed,
        **({"blend": origin.blend, "share": origin.share} if origin.blend else {}),
        "opening": origin.opening,
        "read": [[read.text, *read.tokens] for read in origin.read],
        "drawn": [
            {
                "seed": drawn.seed,
                "sampling": None if drawn.sampling is None else changed_choices(drawn.sampling),
                "count": drawn.count,
                "chosen": [[word.text, word.token] for word in drawn.chosen],
                "end": changed_choices(drawn.end),
            }
            for drawn in origin.drawn
        ],
    }  # fmt: skip


def origin_from_values(value: object) -> Origin:
    """Return the origin of what :func:`origin_as_values` made; raises ValueError for anything else."""
    fields = mapping(value)
    drawn = tuple(_drawn_of(mapping(each)) for each in _listed(fields, "drawn"))
    if not drawn:
        raise ValueError("nothing was drawn")
    return Origin(
        one_line(text(fields, "run")), one_line(text(fields, "label")), one_line(text(fields, "weights")),
        tuple(_read_of(each) for each in _listed(fields, "read")),
        printable(text(fields, "opening")), drawn, fields.get("mixed") is True,
        one_line(text(fields, "blend")), share_of(fields.get("share", 0.5)),
    )  # fmt: skip


def _drawn_of(fields: Mapping[str, Any]) -> Drawn:
    chosen = [_pair(each) for each in _listed(fields, "chosen")]
    if number(fields, "count") > _MOST_DRAWN:
        raise ValueError("more words than any text has")
    return Drawn(
        number(fields, "seed"), sampling_of(fields.get("sampling")), number(fields, "count"),
        tuple(Said(word, token, 0.0) for word, token in chosen), end_of(fields.get("end")),
    )  # fmt: skip


def _read_of(value: object) -> Read:
    parts = _listed({"parts": value}, "parts")
    if not parts:
        raise ValueError("nothing was read")
    return Read(printable(text({"text": parts[0]}, "text")), tuple(whole(token) for token in parts[1:]))


def _pair(value: object) -> tuple[str, int]:
    parts = _listed({"parts": value}, "parts")
    if len(parts) != 2:
        raise ValueError("no word")
    return printable(text({"text": parts[0]}, "text")), whole(parts[1])


def _listed(fields: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = fields.get(name, [])
    if not isinstance(value, list):
        raise ValueError("no list")  # noqa: TRY004  # all damage is one kind of error
    return value  # pyright: ignore[reportUnknownVariableType]
