"""``jokegen-tui score``: how surprising texts are to a model: word by word, or a row a text of a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...core.settings import TrainingSettings
from ...data.findings import counted
from ..numbers import decimal, percent
from .options import (
    READING,
    debug_option,
    epoch_option,
    given,
    json_option,
    mix_option,
    options_of,
    refuse_tokenizer,
    run_named,
    run_option,
)
from .output import bare_table, console_for_people, fields_of, plain, rivals_record, write_json
from .program import complain
from .prompts import TextCommand, as_read
from .ranking import FIGURES, Ranked, rank, show_ranking, write_csv

if TYPE_CHECKING:
    from rich.console import Console

    from ...core.runs.folder import Run
    from ...core.speaking.generation import Generator
    from ...core.speaking.scoring import TextScore
    from ...data.interpretation import ReadingOptions

_WIDEST_BAR = 20
_EPILOG = """\b
Examples:
  jokegen-tui score "Why did the chicken cross the road?"
  jokegen-tui score candidates.csv --column joke --sort surprise
  jokegen-tui score - --json < jokes.txt
"""


@click.command(cls=TextCommand, epilog=_EPILOG, short_help="Show how surprising texts are, word by word or ranked.")
@click.argument("given_texts", nargs=-1, required=True, metavar="TEXT...|FILE...")
@run_option
@epoch_option
@mix_option
@options_of(TrainingSettings, only=READING)
@click.option("--sort", type=click.Choice(FIGURES), help="Order the texts of a FILE, the largest first.")
@click.option("--least-first", is_flag=True, help="Turn the order of --sort around.")
@click.option("--csv", "as_csv", is_flag=True, help="Write the rows of a FILE as CSV.")
@click.option("--rivals", type=click.IntRange(1, 1000), metavar="K", help="With --json: what each word stood against.")
@click.option(
    "--reminders", type=click.IntRange(1, 1000), metavar="K", help="With --json: what each word reminds the network of."
)
@json_option
@debug_option
def score(
    given_texts: tuple[str, ...],
    run: str | None,
    epoch: int | None,
    mix: bool,
    sort: str | None,
    least_first: bool,
    as_csv: bool,
    rivals: int | None,
    reminders: int | None,
    as_json: bool,
    **flags: Any,
) -> None:
    """Show how surprising each word of TEXT is, in bits, and the perplexity of the whole.

    Each TEXT is a text of its own. The texts of a FILE (a path that is there, or - for standard input) get a row each:
    surprise in bits, bits per character, perplexity, and how much stands word for word in the texts of the training.
    """
    if as_csv and as_json:
        raise click.UsageError("Choose --csv or --json.")
    about_words = [name for name, asked in (("--rivals", rivals), ("--reminders", reminders)) if asked is not None]
    if about_words and not as_json:
        raise click.UsageError(f"{about_words[0]} are written as JSON; add --json.")
    from ...core.home import runs_folder
    from ...core.runs.store import RunStore
    from ...core.settings import make_settings
    from ...core.speaking.loading import load_generator
    from ...core.speaking.scoring import score as score_text

    chosen = given(flags)
    asked = make_settings(chosen)
    files = _files(given_texts)
    if not files and (chosen or sort or as_csv or least_first):
        raise click.UsageError(f"There is no file '{given_texts[0]}'; these options are for the texts of a FILE.")
    if files and about_words:
        raise click.UsageError(f"A FILE has a row a text; give {about_words[0]} with texts.")
    model = run_named(RunStore(runs_folder()), run)
    refuse_tokenizer(model, asked.tokenizer)
    generator = load_generator(model, epoch=epoch, mixed=mix)
    if generator.notice is not None:
        complain(generator.notice)
    console = console_for_people()
    if files:
        rows = _ranked(generator, model, files, asked.reading)
        if sort is not None:
            rows = iter(sorted(rows, key=lambda row: row.figure(sort), reverse=not least_first))
        if as_json:
            for row in rows:
                write_json(row.record())
        elif as_csv:
            write_csv(rows)
        else:
            show_ranking(console, list(rows))
        return
    for text in given_texts:
        scored = score_text(generator, as_read(text, model, generator, "text"))
        if as_json:
            records = [fields_of(token) for token in scored.tokens]
            for more in _about_words(generator, model, scored, rivals, reminders):
                records = [record | found for record, found in zip(records, more, strict=True)]
            write_json({**fields_of(scored), "tokens": records})
        else:
            _show(console, scored)


def _about_words(
    generator: Generator, run: Run, scored: TextScore, rivals: int | None, reminders: int | None
) -> Iterator[list[dict[str, object]]]:
    """Yield what else JSON says of each token of a text, a record each."""
    end = generator.tokenizer.end_id
    tokens = [*generator.tokenizer.encode(scored.text), *([] if end is None else [end])]
    if rivals is not None:
        from ...core.speaking.rivals import expected_instead

        yield [rivals_record(found, drawn=False) for found in expected_instead(generator, tokens, rivals)]
    if reminders is not None:
        from ...core.speaking.reminders import remembering, reminders_of

        index = remembering(generator, run.scratch)
        if index.left_out:
            without = counted(index.left_out, "word")
            complain(f"There was no room for {without} of the training texts, so none reminds of them.")
        position, records = generator.start(), list[dict[str, object]]()
        for token in tokens:
            position = generator.after(position, [token])
            found = () if token == end else reminders_of(generator, index, position, reminders)
            records.append({"reminds_of": [fields_of(reminder) for reminder in found]})
        yield records


def _files(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the arguments where all are files; a usage error where some are."""
    if texts == ("-",):
        return texts
    there = [_is_there(text) for text in texts]
    if any(there) and not all(there):
        missing = texts[there.index(False)]
        raise click.UsageError(f"There is no file '{missing}'; give files or texts, not both.")
    return texts if all(there) else ()


def _is_there(text: str) -> bool:
    try:
        return Path(text).expanduser().exists()
    except (OSError, ValueError, RuntimeError):
        return False


def _ranked(generator: Generator, run: Run, files: tuple[str, ...], options: ReadingOptions) -> Iterator[Ranked]:
    from ...core.speaking.loading import read_foreign

    read = read_foreign(run.info, files, replace(options, keep_repeats=True))
    for sentence in read.notices:
        complain(sentence)
    return rank(generator, read.texts.tolist())


def _show(console: Console, scored: TextScore) -> None:
    table = bare_table("word", "bits", "probability", "", right=("bits", "probability"))
    most = max((token.surprisal for token in scored.tokens), default=1.0)
    for token in scored.tokens:
        width = round(_WIDEST_BAR * token.surprisal / most) if 0 < most < float("inf") else 0
        table.add_row(
            plain(token.text.strip() or repr(token.text)),
            decimal(token.surprisal, 1),
            percent(token.probability),
            "▇" * width if console.is_terminal else "",
        )
    console.print(table)
    console.print(
        f"perplexity {decimal(scored.perplexity, 2)}, {decimal(scored.bits_per_character)} bits per character\n",
        soft_wrap=True,
    )
