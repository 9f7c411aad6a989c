"""The first line of a chart: what each line is, and its value where the cursor stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from ...data.cleaning import one_line

_LENGTHS = ((24, 24, 3), (12, 12, 3), (12, 12, 2), (7, 7, 2), (12, 0, 2), (5, 5, 2), (7, 0, 2), (4, 0, 2), (0, 0, 2))
"""How many cells of a label are shown, of other runs and of this one's lines, and the cells between two.

As many as there is room for. A mark of one's own lines says what it is in every chart, a letter does not.
"""


@dataclass(frozen=True)
class Entry:
    """One line of the chart."""

    name: str
    """What it is hidden by."""
    mark: str
    label: str
    style: str
    value: str = ""
    """Its value at the cursor."""

    @property
    def of_other_run(self) -> bool:
        """Whether it is the line of another run, which is known by its letter."""
        return self.name == self.mark


@dataclass(frozen=True)
class Legend:
    """The legend as it is drawn, and where its entries stand."""

    strip: Strip
    spans: tuple[tuple[int, int, str], ...] = ()
    """First and last cell and the name of each entry."""


def legend(
    entries: Sequence[Entry], hidden: Collection[str], width: int, lead: str, styles: Mapping[str, Style]
) -> Legend:
    """Return ``entries`` at the right of ``width`` cells after ``lead``; those that are hidden stand in brackets."""
    texts: list[tuple[str, str, str]] = []
    taken, gap = width, 2
    compared = any(entry.of_other_run for entry in entries)
    for of_others, of_own, gap in _LENGTHS:
        if of_others != of_own and not compared:
            continue
        texts = [
            _text(entry, of_others if entry.of_other_run else of_own, hidden=entry.name in hidden) for entry in entries
        ]
        taken = sum(sum(map(cell_len, text)) + gap for text in texts) + len(lead)
        if taken <= width:
            break
    blank = max(1 if lead else 0, width - taken)
    segments = [Segment(lead + " " * blank, styles["label"])]
    spans: list[tuple[int, int, str]] = []
    column = len(lead) + blank
    for entry, (before, mark, after) in zip(entries, texts, strict=True):
        segments += [
            Segment(before, styles["label"]),
            Segment(mark, styles["label" if entry.name in hidden else entry.style]),
            Segment(after + " " * gap, styles["label"]),
        ]
        stop = column + cell_len(before + mark + after)
        spans.append((column, stop, entry.name))
        column = stop + gap
    return Legend(Strip(segments).simplify().crop(0, width), tuple(spans))


def _text(entry: Entry, length: int, *, hidden: bool) -> tuple[str, str, str]:
    """What stands before the mark of an entry, the mark, and what follows."""
    label = one_line(entry.label)
    if cell_len(label) > length:
        label = f"{set_cell_size(label, length - 1).rstrip()}…" if length else ""
    after = "".join(f" {part}" for part in (label, entry.value) if part)
    return ("(", entry.mark, after + ")") if hidden else ("", entry.mark, after)
