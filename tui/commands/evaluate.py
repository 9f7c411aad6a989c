"""``jokegen-tui evaluate``: how well a model predicts texts it has not seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from .options import SPLITS, debug_option, json_option, run_named, run_option
from .output import console_for_people, fields_of, figures_table, plain, write_json
from .program import complain

if TYPE_CHECKING:
    from ...data.splitting import SplitName

_EPILOG = """\b
Examples:
  jokegen-tui evaluate
  jokegen-tui evaluate --run first --split valid --json
  jokegen-tui evaluate other-jokes.txt --run first
"""


@click.command(epilog=_EPILOG, short_help="Measure a model on held-out or other texts.")
@click.argument("corpus", required=False)
@run_option
@click.option("--split", type=click.Choice(SPLITS), help="Which part of the run's own texts.  [default: test]")
@json_option
@debug_option
def evaluate(corpus: str | None, run: str | None, split: SplitName | None, as_json: bool) -> None:
    """Measure a run on the texts held out of its own corpus, or on CORPUS, a name or a file.

    Perplexities compare only on the same texts, tokens and vocabulary; bits per character compare more widely.
    """
    if corpus is not None and split is not None:
        raise click.UsageError("CORPUS is measured as a whole; leave --split out, or leave CORPUS out.")
    from ...core.home import runs_folder
    from ...core.runs.store import RunStore
    from ...core.speaking.loading import evaluate_run

    chosen = run_named(RunStore(runs_folder()), run)
    figures, notice = evaluate_run(chosen, split or "test", corpus)
    if corpus is not None:
        figures = replace(figures, split="all")
    if notice is not None:
        complain(notice)
    if as_json:
        write_json({**fields_of(figures), "run": chosen.name})
        return
    console = console_for_people()
    console.print(plain(f"run {chosen.name} on {corpus or chosen.info.corpus}"), soft_wrap=True)
    console.print(figures_table([figures]))
