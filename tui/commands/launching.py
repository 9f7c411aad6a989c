"""Opening the app from the command line."""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING

import click

from .program import FAILED

if TYPE_CHECKING:
    from ...core.runs.store import RunStore


def open_app(
    *, run: str | None = None, corpus: str | None = None, store: RunStore | None = None, marked: tuple[str, ...] = ()
) -> int:
    """Run the app until it is left and return its exit status.

    ``marked`` are runs of ``store`` that are laid over the one on show.

    Raises:
        UsageError: there is no terminal that could show it.
        RunError: the run cannot be read.
    """
    # Served in a browser the app has another driver, and no terminal.
    if "TEXTUAL_DRIVER" not in os.environ and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError("The app needs a terminal; without one use a verb, such as 'train' or 'generate'.")
    if os.environ.get("TERM") == "dumb":
        click.echo(click.get_current_context().find_root().get_help())
        raise click.UsageError(
            "The app needs a terminal that can place its words (TERM is 'dumb'); use one of the verbs."
        )
    from ...data.cleaning import printable
    from ..app import JokegenApp
    from ..farewell import farewell

    if run is not None:
        from ...core.home import runs_folder
        from ...core.runs.store import RunStore

        _ = (store or RunStore(runs_folder())).open(run).info
    # A thread may keep the interpreter for 5 ms, and a training step would wait as long whenever the screen paints.
    sys.setswitchinterval(0.001)
    # What was to complete a line when the app was ended has not begun; Python would say so in the shell.
    warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
    app = JokegenApp(run=run, corpus=corpus, store=store)
    app.bench.marked = marked
    app.run()
    if "TEXTUAL_DRIVER" not in os.environ and (last_word := farewell(app.bench)):
        click.echo(printable(last_word))
    return app.return_code if app.return_code is not None else FAILED
