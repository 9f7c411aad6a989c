"""``jokegen-tui score``: how surprising a text is to a model, word by word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..numbers import decimal, percent
from .options import debug_option, json_option, mix_option, run_named, run_option
from .output import bare_table, console_for_people, fields_of, plain, write_json
from .program import complain
from .standard_input import typed_or_piped

if TYPE_CHECKING:
    from rich.console import Console

    from ...core.speaking.scoring import TextScore

_WIDEST_BAR = 20
_EPILOG = """\b
Examples:
  jokegen-tui score "Why did the chicken cross the road?"
  jokegen-tui score - --json < jokes.txt
"""


@click.command(epilog=_EPILOG, short_help="Show how surprising a text is, word by word.")
@click.argument("texts", nargs=-1, required=True, metavar="TEXT...")
@run_option
@mix_option
@json_option
@debug_option
def score(texts: tuple[str, ...], run: str | None, mix: bool, as_json: bool) -> None:
    """Show how surprising each word of TEXT is, in bits, and the perplexity of the whole.

    Each TEXT is a text of its own; - reads standard input, a text a line.
    """
    from ...core.home import runs_folder
    from ...core.runs.store import RunStore
    from ...core.speaking.loading import load_generator
    from ...core.speaking.scoring import score as score_text

    generator = load_generator(run_named(RunStore(runs_folder()), run), mixed=mix)
    if generator.notice is not None:
        complain(generator.notice)
    console = console_for_people()
    for text in _each(texts):
        scored = score_text(generator, text)
        if as_json:
            write_json(fields_of(scored))
        else:
            _show(console, scored)


def _each(texts: tuple[str, ...]) -> list[str]:
    if texts != ("-",):
        return list(texts)
    return [line for line in typed_or_piped("-").splitlines() if line.strip()]


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
