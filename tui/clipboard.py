"""Copying through the terminal (OSC 52), which works over SSH and in tmux."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..data.cleaning import printable

if TYPE_CHECKING:
    from textual.app import App

LONGEST = 50_000
"""Characters; terminals drop more than about 75,000 bytes of Base64."""
UNABLE = "This terminal takes no copies from programs; hold shift and select the text with the mouse instead."


def copy(app: App[object], text: str, environment: Mapping[str, str] = os.environ) -> str:
    """Copy a text, and return a sentence about it."""
    taken = printable(text)
    if not can_copy(environment):
        return UNABLE
    if len(taken) > LONGEST:
        return f"{len(taken):,} characters are too many for a terminal's clipboard; export them into a file instead."
    app.copy_to_clipboard(taken)
    words = len(taken.split())
    return f"Copied {words:,} word{'s' * (words != 1)}, where the terminal allows it."


def can_copy(environment: Mapping[str, str]) -> bool:
    """Return whether the terminal may take a copy; these are known not to."""
    unable = environment.get("TERM", "") in ("linux", "dumb", "vt100")
    return not unable and environment.get("TERM_PROGRAM") != "Apple_Terminal"
