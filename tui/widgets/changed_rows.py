"""Painting only what looks different: a training on few cores pays for every row that is painted."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


def repaint_changed(widget: Widget, before: Sequence[Strip], after: Sequence[Strip]) -> None:
    """Have those rows of ``widget`` painted again in which ``after`` differs from ``before``, what is painted now."""
    if len(before) != len(after):
        widget.refresh()
        return
    width = widget.content_size.width
    rows = [Region(0, row, width, 1) for row in range(len(after)) if after[row] != before[row]]
    if rows:
        widget.refresh(*rows)
