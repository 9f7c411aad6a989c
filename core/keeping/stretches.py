"""Stretches of a talk as plain JSON values, and back: what a stranger wrote is checked and made safe to show."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast, get_args

from ...data.cleaning import one_line, printable
from ..errors import SettingsError
from ..speaking.choices import Sampling, TextEnd
from .tree import PERSON, Author, Ending, Said, Stretch

_ENDINGS = frozenset(get_args(Ending))


def words_as_values(words: Sequence[Said]) -> list[list[Any]]:
    """Return words as lists of text, token and probability, with a 1 behind the end of a text."""
    return [[word.text, word.token, word.probability, *([1] if word.is_end else [])] for word in words]


def words_of(value: object) -> tuple[Said, ...]:
    """Return the words of what :func:`words_as_values` made; raises ValueError for anything else."""
    return tuple(_word(each) for each in _list(value))


def author_as_values(author: Author) -> dict[str, Any] | None:
    """Return an author by its fields; None for the person."""
    if author.is_person:
        return None
    values = asdict(author)
    values["sampling"] = None if author.sampling is None else changed_choices(author.sampling)
    values["end"] = changed_choices(author.end)
    return values


def author_of(value: object) -> Author:
    """Return the author of what :func:`author_as_values` made; raises ValueError for anything else."""
    if value is None:
        return PERSON
    fields = mapping(value)
    return Author(
        one_line(text(fields, "run")) or "?",
        one_line(text(fields, "label")),
        one_line(text(fields, "weights")),
        number(fields, "seed"),
        sampling_of(fields.get("sampling")),
        end_of(fields.get("end")),
    )


def changed_choices(choices: Sampling | TextEnd) -> dict[str, Any]:
    """Return those choices that are not the usual ones."""
    usual = asdict(type(choices)())
    return {name: value for name, value in asdict(choices).items() if value != usual[name]}


def end_of(value: object) -> TextEnd:
    """Return when a text might end; raises ValueError where that is nothing this JokeGen knows."""
    try:
        return TextEnd(**mapping({} if value is None else value))
    except (TypeError, SettingsError) as error:
        raise ValueError("no end") from error


def sampling_of(value: object) -> Sampling | None:
    """Return how words were drawn; None where that is not known, or this JokeGen cannot do it."""
    if value is None:
        return None
    try:
        return Sampling(**mapping(value))
    except (TypeError, SettingsError):
        return None


def stretch_as_values(stretch: Stretch) -> dict[str, Any]:
    """Return a stretch by its fields; what is as usual is left out."""
    values: dict[str, Any] = {
        "stretch": stretch.number, "parent": stretch.parent, "author": author_as_values(stretch.author),
        "words": words_as_values(stretch.words), "prompt": stretch.prompt, "fresh": stretch.fresh,
        "ending": stretch.ending, "children": stretch.children, "chosen": stretch.chosen,
        "tokens_of": stretch.tokens_of, "unknown": [list(span) for span in stretch.unknown_spans],
        "seconds": round(stretch.seconds, 3), "goes_on": stretch.goes_on,
    }  # fmt: skip
    return {name: value for name, value in values.items() if value or name in ("stretch", "parent")}


def stretch_of(values: Mapping[str, Any]) -> Stretch:
    """Return the stretch of what :func:`stretch_as_values` made; raises ValueError for anything else."""
    parent = values.get("parent")
    ending = values.get("ending", "")
    prompt = printable(text(values, "prompt"))
    spans = [(whole(first), whole(end)) for first, end in map(_list, _list(values.get("unknown", [])))]
    if ending not in _ENDINGS or any(not first < end <= len(prompt) for first, end in spans):
        raise ValueError("no stretch")
    stretch = Stretch(
        number(values, "stretch"),
        None if parent is None else whole(parent),
        author_of(values.get("author")),
        words_of(values.get("words", [])),
        prompt=prompt,
        fresh=values.get("fresh") is True,
        ending=ending,
        children=[whole(child) for child in _list(values.get("children", []))],
        chosen=number(values, "chosen") if "chosen" in values else 0,
        tokens_of=one_line(text(values, "tokens_of")),
        unknown_spans=tuple(spans),
        seconds=_amount(values.get("seconds", 0.0)),
        goes_on=values.get("goes_on") is True,
    )
    stretch.chosen = min(stretch.chosen, len(stretch.words))
    return stretch


def mapping(value: object) -> Mapping[str, Any]:
    """Return ``value`` where it is an object; raises ValueError otherwise."""
    if not isinstance(value, dict):
        raise ValueError("no object")  # noqa: TRY004  # all damage is one kind of error
    return cast("Mapping[str, Any]", value)


def text(values: Mapping[str, Any], name: str) -> str:
    """Return a text of an object, empty where there is none; raises ValueError for anything else."""
    value = values.get(name, "")
    if not isinstance(value, str):
        raise ValueError("no text")  # noqa: TRY004
    return value


def number(values: Mapping[str, Any], name: str) -> int:
    """Return a whole number of an object, not below 0; raises ValueError for anything else."""
    return whole(values.get(name))


def whole(value: object) -> int:
    """Return ``value`` where it is a whole number from 0 to 2^63; raises ValueError otherwise."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise ValueError("no whole number")
    return value


def _word(value: object) -> Said:
    parts = _list(value)
    if not 3 <= len(parts) <= 4 or not isinstance(parts[0], str):
        raise ValueError("no word")
    return Said(printable(parts[0]), whole(parts[1]), share_of(parts[2]), len(parts) == 4)


def share_of(value: object) -> float:
    """Return ``value`` where it is a number from 0 to 1; raises ValueError otherwise."""
    share = _amount(value)
    if share > 1:
        raise ValueError("no share")
    return share


def _amount(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value) or value < 0:
        raise ValueError("no amount")
    return float(value)


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("no list")  # noqa: TRY004
    return cast("list[Any]", value)
