"""The name that was probably meant, for sentences about one that is not there."""

from __future__ import annotations

from collections.abc import Iterable


def advice(name: str, names: Iterable[str], otherwise: str) -> str:
    """Return ``did you mean 'NEAREST'?`` for the nearest of ``names``, else ``otherwise``; it ends a sentence."""
    from difflib import get_close_matches  # only when something went wrong

    by_folded = {known.lower(): known for known in names}
    near = get_close_matches(name.lower(), by_folded, 1)
    return f"did you mean '{by_folded[near[0]]}'?" if near else otherwise
