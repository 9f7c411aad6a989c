"""``jokegen-tui runs compare``: runs side by side."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ..numbers import NOTHING, clock, decimal, percent, short_count
from ..seeds import LABELS, of_seeds
from .options import debug_option, json_option
from .output import bare_table, console_for_people, fields_of, plain, write_json
from .suggestions import runs_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

    from ...core.runs.comparison import RunRecord

_EPILOG = """\b
Examples:
  jokegen-tui runs compare first second third
  jokegen-tui runs compare first second --csv > runs.csv
"""


@click.command(epilog=_EPILOG, no_args_is_help=True)
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=runs_for)
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Write a table for a spreadsheet, a row a run.")
@debug_option
def compare(names: tuple[str, ...], as_json: bool, as_csv: bool) -> None:
    """Compare the runs NAME...: figures, the settings that differ, and mean ± spread where only the seed does."""
    from ...core.home import runs_folder
    from ...core.runs.comparison import record
    from ...core.runs.store import RunStore

    if as_json and as_csv:
        raise click.UsageError("Choose one of --json and --csv.")
    store = RunStore(runs_folder())
    records = [record(store.open(name)) for name in dict.fromkeys(names)]
    if as_csv:
        from ...core.runs.comparison import table

        sys.stdout.write(table(records).to_csv(lineterminator="\n"))
        return
    if as_json:
        write_comparison(records)
        return
    print_comparison(console_for_people(), records)


def write_comparison(records: Sequence[RunRecord]) -> None:
    """Write runs side by side as JSON."""
    from ...core.runs.comparison import differences, repeats

    found = differences(records)
    for place, one in enumerate(records):
        own = {name: values[place] for name, values in found.items()}
        write_json({"run": one.name, **fields_of(one), "differs": own})
    for group in repeats(records):
        spread = {name: {"mean": mean, "spread": sd} for name, (mean, sd) in group.figures.items()}
        write_json({"runs": group.runs, "differ_in": "seed", **spread})


def print_comparison(console: Console, records: Sequence[RunRecord]) -> None:
    """Print runs side by side, the settings that differ, and the spread over seeds."""
    from ...core.runs.comparison import differences, repeats

    found = differences(records)
    console.print(_figures(records))
    if len(records) > 1:
        console.print()
        console.print(_settings(records, found) if found else plain("All settings are the same."))
    for group in repeats(records):
        console.print()
        console.print(plain(of_seeds(group)), soft_wrap=True)


def _figures(records: Sequence[RunRecord]) -> Table:
    numbers = ("size", "time", "epochs", *LABELS.values())
    labels = ("tags", "note") if any(one.tags or one.note for one in records) else ()
    table = bare_table(
        "run", "texts", "size", "time", "epochs", "valid ppl", "test ppl", "×n-gram", "new", "copied", "held out",
        "state", *labels, right=numbers,
    )  # fmt: skip
    for one in records:
        table.add_row(
            plain(one.name, "bold"),
            plain(one.corpus or NOTHING),
            NOTHING if one.parameters is None else short_count(one.parameters),
            clock(one.seconds),
            NOTHING if one.epochs is None else str(one.epochs),
            decimal(one.valid_perplexity, 1),
            decimal(one.test_perplexity, 1),
            decimal(one.times_ngram, 2),
            percent(one.newness),
            percent(one.copied),
            percent(one.held_out),
            plain(one.problem or one.state),
            *((plain(", ".join(one.tags)), plain(one.note)) if labels else ()),
        )
    return table


def _settings(records: Sequence[RunRecord], found: dict[str, tuple[object, ...]]) -> Table:
    from ...core.runs.comparison import shown

    table = bare_table("differs in", *(one.name for one in records))
    for name, values in found.items():
        table.add_row(plain(name), *(plain(shown(value)) for value in values))
    return table
