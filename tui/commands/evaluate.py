"""``jokegen-tui evaluate``: how well a model predicts texts it has not seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from ...core.settings import TrainingSettings
from .options import (
    READING,
    SPLITS,
    debug_option,
    epoch_option,
    given,
    json_option,
    options_of,
    refuse_tokenizer,
    run_named,
    run_option,
)
from .output import console_for_people, fields_of, figures_table, plain, write_json
from .program import complain
from .suggestions import corpora_for

if TYPE_CHECKING:
    from ...data.splitting import SplitName

_EPILOG = """\b
Examples:
  jokegen-tui evaluate
  jokegen-tui evaluate --run first --split valid --json
  jokegen-tui evaluate other-jokes.txt --run first
  jokegen-tui evaluate chat.csv --column message --where "user != bot"
"""


@click.command(epilog=_EPILOG, short_help="Measure a model on held-out or other texts.")
@click.argument("corpus", nargs=-1, shell_complete=corpora_for)
@run_option
@epoch_option
@click.option("--split", type=click.Choice(SPLITS), help="Which part of the run's own texts.  [default: test]")
@options_of(TrainingSettings, only=READING)
@json_option
@debug_option
def evaluate(
    corpus: tuple[str, ...],
    run: str | None,
    epoch: int | None,
    split: SplitName | None,
    as_json: bool,
    **flags: Any,
) -> None:
    """Measure a run on the texts held out of its own corpus, or on CORPUS: names, files, folders or patterns.

    Other files are read as the run's own texts were, as far as that fits them. Perplexities compare only on the same
    texts, tokens and vocabulary. Bits per character compare more widely, between tokenizers too where unknown words are
    spelled: then each costs what a model of the characters of the known words needs for its letters.
    """
    chosen = given(flags)
    if corpus and split is not None:
        raise click.UsageError("CORPUS is measured as a whole; leave --split out, or leave CORPUS out.")
    if not corpus and set(chosen) - {"tokenizer"}:
        raise click.UsageError("A run's own texts were read when it was trained; name the CORPUS that is to be read.")
    from ...core.home import runs_folder
    from ...core.runs.store import RunStore
    from ...core.settings import make_settings
    from ...core.speaking.loading import evaluate_run

    asked = make_settings(chosen)
    store_run = run_named(RunStore(runs_folder()), run)
    refuse_tokenizer(store_run, asked.tokenizer)
    figures, notices = evaluate_run(store_run, split or "test", corpus or None, asked.reading, epoch=epoch)
    if corpus:
        figures = replace(figures, split="all")
    for notice in notices:
        complain(notice)
    if as_json:
        write_json({**fields_of(figures), "run": store_run.name, "notices": notices})
        return
    console = console_for_people()
    console.print(plain(f"run {store_run.name} on {' '.join(corpus) or store_run.info.corpus}"), soft_wrap=True)
    console.print(figures_table([figures]))
