"""What a run may be called, and names for those who do not care."""

from __future__ import annotations

import re
import unicodedata
from random import SystemRandom

from ...data.cleaning import one_line
from ..errors import RunError

LONGEST_NAME = 64
_LONGEST_BYTES = 200
"""Of a name in UTF-8; file systems take 255, and files are written beside their place under longer names."""
_KINDS = re.compile(r"[LN_](?:[LMN_. -]*[LMN_-])?")
"""The kinds of characters of a name: letters of any script, marks on them, digits; inside also a few others."""
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
    """Return ``name``, composed, if it can be a run's; raises RunError for what could leave the runs folder."""
    composed = unicodedata.normalize("NFC", name)
    if not _is_name(composed) or _RESERVED.fullmatch(composed):
        shown = one_line(name)[:40]
        raise RunError(
            f"'{shown}' cannot be a run's name; use up to {LONGEST_NAME} letters, digits, spaces, dots, dashes or "
            "underscores."
        )
    return composed


def _is_name(name: str) -> bool:
    if not 1 <= len(name) <= LONGEST_NAME or len(name.encode("utf-8", "replace")) > _LONGEST_BYTES:
        return False
    kinds = "".join(
        "_" if char == "_" else unicodedata.category(char)[0] if char not in ". -" else char for char in name
    )
    return _KINDS.fullmatch(kinds) is not None


def some_name() -> str:
    """Return a name drawn at random, such as ``witty-otter``; it may be in use."""
    chance = SystemRandom()
    return f"{chance.choice(_ADJECTIVES)}-{chance.choice(_ANIMALS)}"
