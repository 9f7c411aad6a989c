"""What a run may be called, and names for those who do not care."""

from __future__ import annotations

import re
from random import SystemRandom

from ...data.cleaning import one_line
from ..errors import RunError

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._ -]{0,62}[A-Za-z0-9_-]|[A-Za-z0-9_]")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_ADJECTIVES = (
    "clever",
    "witty",
    "merry",
    "sunny",
    "silly",
    "jolly",
    "quick",
    "brave",
    "calm",
    "lucky",
    "happy",
    "bright",
)
_ANIMALS = ("otter", "duck", "heron", "badger", "panda", "lemur", "walrus", "gecko", "puffin", "moose", "robin", "hare")


def checked_name(name: str) -> str:
    """Return ``name`` if it can be a run's; raises RunError for anything that could leave the runs folder."""
    if _NAME.fullmatch(name) is None or _RESERVED.fullmatch(name):
        shown = one_line(name)[:40]
        raise RunError(
            f"'{shown}' cannot be a run's name; use up to 64 letters, digits, spaces, dots, dashes or underscores."
        )
    return name


def some_name() -> str:
    """Return a name drawn at random, such as ``witty-otter``; it may be in use."""
    chance = SystemRandom()
    return f"{chance.choice(_ADJECTIVES)}-{chance.choice(_ANIMALS)}"
