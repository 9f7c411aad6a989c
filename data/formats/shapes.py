"""What a format makes of a file: a table of cells, passages that are texts already, or prose to be divided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of cells with a label for each column."""

    labels: Sequence[str]
    sample: pd.DataFrame
    """Some of the rows as strings, one column a label by its place: what columns are judged by."""
    rows: Callable[[Sequence[int], int], pd.DataFrame]
    """``rows(places, main)`` reads the columns at these places, all rows; surplus fields go to the column ``main``."""
    separator: str | None = None
    records: bool = False
    """Whether the columns are fields of JSON rather than of a table."""
    format: str | None = None
    """What the file is, where the format reads more than one kind."""
    joined_lists: frozenset[str] = frozenset()
    """Fields whose lists were joined into one text, by line breaks."""
    quote: str | None = None
    """What a row may end its line within."""
    piece: Callable[[str, Sequence[int], int], pd.DataFrame] | None = None
    """``piece(text, places, main)`` reads the same columns of a later piece of the file; None where all of it is one.
    """


@dataclass(frozen=True, eq=False)
class Passages:
    """Texts that the format itself keeps apart: the lines of a film, the messages of a talk."""

    texts: Sequence[str]


@dataclass(frozen=True, eq=False)
class Prose:
    """Text without a structure of its own."""

    text: str


Content = Table | Passages | Prose
