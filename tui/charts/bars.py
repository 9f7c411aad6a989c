"""Counts and shares as bars of characters: they need no colour, and stand beside their numbers."""

from __future__ import annotations

from collections.abc import Sequence

_EIGHTHS = " ▁▂▃▄▅▆▇█"


def columns(counts: Sequence[int], width: int, height: int) -> list[str]:
    """Return ``height`` lines in which each count is a column, exact to an eighth of a line; none is too low to see."""
    if not counts or width < 1 or height < 1:
        return []
    wide = max(1, min(3, width // len(counts)))
    shown, most = counts[: width // wide], max(1, *counts)
    eighths = [max(1, round(8 * height * count / most)) if count else 0 for count in shown]
    return [
        "".join(_EIGHTHS[min(8, max(0, filled - 8 * row))] * wide for filled in eighths)
        for row in range(height - 1, -1, -1)
    ]


def bar(share: float, width: int) -> str:
    """Return a bar of ``share`` (0–1) of ``width`` cells, exact to an eighth of a cell."""
    eighths = round(8 * width * min(1.0, max(0.0, share)))
    full, rest = divmod(eighths, 8)
    return "█" * full + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[rest]
