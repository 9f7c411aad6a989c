"""A notice on the desktop by way of the terminal, for whoever looks at another window."""

from __future__ import annotations

import os

from ..data.cleaning import one_line

_ESCAPE, _BELL = "\x1b", "\x07"
_URXVT = ("rxvt", "foot")
"""How the names of terminals begin that know the notices of urxvt and no others."""


def desktop_notice(message: str) -> str:
    """Return what makes a terminal ring and show ``message`` as a notice: OSC 777 for those that know it, else OSC 9.

    Terminals that know neither pass it over.
    """
    text = one_line(message)
    if os.environ.get("TERM", "").startswith(_URXVT):
        return f"{_BELL}{_ESCAPE}]777;notify;JokeGen;{text.replace(';', ',')}{_BELL}"
    return f"{_BELL}{_ESCAPE}]9;{text}{_BELL}"
