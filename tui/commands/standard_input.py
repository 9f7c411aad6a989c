"""Reading a text that was piped in instead of typed."""

from __future__ import annotations

import sys


def typed_or_piped(typed: str) -> str:
    """Return ``typed``, or everything on standard input where it is ``-``; wrong bytes are replaced, never an error."""
    if typed != "-":
        return typed
    return sys.stdin.buffer.read().decode("utf-8", errors="replace")
