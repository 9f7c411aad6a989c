"""What there is to choose, written down once: a field's help, label, limits and choices, for every face.

A choice is a field of a frozen dataclass whose annotation carries a :class:`Described` and limits of
``annotated_types``, which pydantic reads too. Options, dialogs and dials are made from :func:`choices_of`.
"""

from __future__ import annotations

import math
from dataclasses import MISSING, dataclass, fields
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt

from .errors import SettingsError


@dataclass(frozen=True)
class Described:
    """What the faces say of a field; it stands in the field's annotation."""

    help: str
    """One sentence, as in ``--help``."""
    label: str = ""
    """A word or two before a field of a dialog; else the field's name."""
    metavar: str = ""
    """What stands for the value in ``--help``."""
    step: float = 1
    """How far an arrow key moves it."""
    otherwise: str = ""
    """What else to do when a value is out of range."""
    unset: str = ""
    """What happens without a value, where that is not the default itself."""


@dataclass(frozen=True)
class Choice:
    """One thing that can be chosen, as every face needs it."""

    name: str
    described: Described
    kind: type
    """``int``, ``float``, ``str`` or ``bool``."""
    default: Any
    allowed: tuple[str, ...] = ()
    """The values of a choice among names; empty for anything else."""
    least: float = -math.inf
    most: float = math.inf
    open_below: bool = False
    """Whether ``least`` itself is too little."""
    open_above: bool = False
    many: bool = False
    """Whether it can be given several times."""

    @property
    def flag(self) -> str:
        """The name as an option has it, without its dashes in front."""
        return self.name.replace("_", "-")

    @property
    def label(self) -> str:
        """The name as a dialog has it."""
        return self.described.label or self.name.replace("_", " ")

    @property
    def limits(self) -> str:
        """The range in words, such as ``between 0 and 1``; nothing where there is none."""
        least, most = _number(self.least), _number(self.most)
        if self.least == -math.inf and self.most == math.inf:
            return ""
        if self.most == math.inf:
            return f"above {least}" if self.open_below else f"{least} or more"
        if self.least == -math.inf:
            return f"below {most}" if self.open_above else f"at most {most}"
        if self.open_below or self.open_above:
            below = f"above {least}" if self.open_below else f"at least {least}"
            return f"{below} and {'below' if self.open_above else 'at most'} {most}"
        return f"between {least} and {most}"

    def fits(self, value: float) -> bool:
        """Return whether a number is within the limits."""
        above = value > self.least if self.open_below else value >= self.least
        below = value < self.most if self.open_above else value <= self.most
        return above and below and (self.kind is not int or value == math.floor(value))

    def complaint(self, value: object) -> str:
        """Say in one sentence what is wrong with a value that does not fit."""
        otherwise = f"; {self.described.otherwise}" if self.described.otherwise else ""
        whole = "a whole number " if self.kind is int and not isinstance(value, int) else ""
        return f"{self.flag} must be {whole}{self.limits}{otherwise}, but is {value}."


@cache
def choices_of(described: type) -> tuple[Choice, ...]:
    """Return what there is to choose in a dataclass, in the order of its fields; one without a description is none."""
    hints = get_type_hints(described, include_extras=True)
    return tuple(
        choice
        for field in fields(described)
        if (choice := _choice(field.name, hints[field.name], None if field.default is MISSING else field.default))
    )


def choice_of(described: type, name: str) -> Choice:
    """Return one of :func:`choices_of`; raises KeyError when there is none of that name."""
    for choice in choices_of(described):
        if choice.name == name:
            return choice
    raise KeyError(name)


def check(chosen: object) -> None:
    """Raise SettingsError, naming the first value of a dataclass that is out of its limits."""
    for choice in choices_of(type(chosen)):
        value = getattr(chosen, choice.name)
        if value is not None and choice.limits and not choice.fits(value):
            raise SettingsError(choice.complaint(value))


def _choice(name: str, hint: Any, default: Any) -> Choice | None:
    kinds, marks = _taken_apart(hint)
    described = next((mark for mark in marks if isinstance(mark, Described)), None)
    if described is None:
        return None
    names = tuple(str(value) for kind in kinds if get_origin(kind) is Literal for value in get_args(kind))
    many = any(get_origin(kind) is tuple for kind in kinds)
    plain = [kind for kind in kinds if kind is not NoneType and get_origin(kind) not in (Literal, tuple)]
    choice = Choice(name, described, cast("type", plain[0]) if plain else str, default, names, many=many)
    limits: dict[str, Any] = {}
    for mark in marks:
        if isinstance(mark, Ge | Gt):
            limits |= {"least": mark.ge if isinstance(mark, Ge) else mark.gt, "open_below": isinstance(mark, Gt)}
        elif isinstance(mark, Le | Lt):
            limits |= {"most": mark.le if isinstance(mark, Le) else mark.lt, "open_above": isinstance(mark, Lt)}
    return Choice(**{**choice.__dict__, **limits})


def _taken_apart(hint: Any) -> tuple[list[Any], list[Any]]:
    """Return the plain types that a hint allows, and all that is annotated to them."""
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        kinds, more = _taken_apart(inner)
        return kinds, [*marks, *more]
    if get_origin(hint) in (Union, UnionType):
        parts = [_taken_apart(part) for part in get_args(hint)]
        return [kind for kinds, _ in parts for kind in kinds], [mark for _, marks in parts for mark in marks]
    return [hint], []


def _number(value: float) -> str:
    return f"{value:,.0f}" if math.isfinite(value) and value == math.floor(value) else f"{value:g}"
