"""What the verbs write: JSON lines, consoles for people, and the tables and numbers they share."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

import click

from ...data.cleaning import printable
from ..numbers import count, decimal, percent

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ...core.events import Figures
    from ...core.speaking.rivals import Rivals


def write_json(record: Mapping[str, object]) -> None:
    """Write one object as one line of ASCII on stdout, at once; NaN and infinities become null."""
    sys.stdout.write(json.dumps(_plain(record), allow_nan=False) + "\n")
    sys.stdout.flush()


def fields_of(record: Any) -> dict[str, object]:
    """Return a dataclass's fields by name, ready for :func:`write_json`."""
    return dataclasses.asdict(record)


def rivals_record(found: Rivals, *, drawn: bool = True) -> dict[str, object]:
    """Return what JSON says of a word beside others; without ``drawn`` where nothing was drawn."""
    rivals = [
        {"text": word.text, "probability": word.probability, **({"drawn": word.drawn} if drawn else {})}
        for word in found.rivals
    ]
    record: dict[str, object] = {"rank": found.rank, "rivals": rivals, "others": found.others}
    if drawn:
        record |= {"drawn": found.taken.drawn, "others_drawn": found.others_drawn, "ruled_out": found.ruled_out}
    return record


def _plain(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in cast("Iterable[object]", value)]
    return value


def console_for_people(*, stderr: bool = False) -> Console:
    """Return a console that takes no text for markup, and colours only what the program colours."""
    from rich.console import Console

    class PlainConsole(Console):
        def on_broken_pipe(self) -> None:
            raise  # noqa: PLE0704 - rich would exit at once, with what was trained not yet saved

    file = sys.stderr if stderr else sys.stdout
    console = PlainConsole(file=file, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        # A file or a pipe gets whole lines: a reader or a script wraps them itself.
        console = PlainConsole(
            file=file, markup=False, highlight=False, emoji=False, width=10_000, no_color=True, color_system=None
        )
    return console


def notice(sentence: str) -> None:
    """Tell the person at the terminal something that is not the result: one line on stderr."""
    click.echo(printable(sentence).replace("\n", " "), err=True)


def plain(text: str, style: str = "") -> Text:
    """Return foreign text as something rich shows literally."""
    from rich.text import Text

    return Text(printable(text), style=style)


def shortened(text: str, longest: int = 100) -> str:
    """Return a text on one line, cut where it is long; line breaks show as ⏎."""
    line = " ⏎ ".join(part.strip() for part in text.split("\n") if part.strip())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def bare_table(*columns: str, right: Iterable[str] = ()) -> Table:
    """Return a table without frame lines; the columns named in ``right`` are aligned to the right."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    aligned = set(right)
    for column in columns:
        table.add_column(plain(column), justify="right" if column in aligned else "left", no_wrap=column in aligned)
    return table


def figures_table(figures: Iterable[Figures]) -> Table:
    """Return how well a model predicts one or more splits, one row each."""
    rows = tuple(figures)
    table = bare_table("figure", *(row.split for row in rows), right=[row.split for row in rows])
    table.add_row("perplexity", *(decimal(row.perplexity, 2) for row in rows))
    for label, values in (
        ("n-gram perplexity", [row.ngram_perplexity for row in rows]),
        ("mixed with n-grams", [row.mixed_perplexity for row in rows]),
    ):
        if any(value is not None for value in values):
            table.add_row(label, *(decimal(value, 2) for value in values))
    table.add_row("bits per character", *(decimal(row.bits_per_character) for row in rows))
    if any(row.spelled_bits_per_character is not None and row.unknown_rate for row in rows):
        table.add_row("… unknown words spelled", *(decimal(row.spelled_bits_per_character) for row in rows))
    table.add_row("loss (nats per token)", *(decimal(row.loss, 4) for row in rows))
    table.add_row("unknown tokens", *(percent(row.unknown_rate) for row in rows))
    table.add_row("tokens", *(count(row.tokens) for row in rows))
    table.add_row("words", *(count(row.words) for row in rows))
    table.add_row("characters", *(count(row.characters) for row in rows))
    return table
