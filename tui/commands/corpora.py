"""``jokegen-tui corpora``: the texts that JokeGen knows by name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

import click

from .options import debug_option, json_option
from .output import bare_table, console_for_people, fields_of, plain, write_json
from .suggestions import catalogue_for

_WHERE = {
    "bundled": ("bundled", "bundled"),
    "download": ("to be fetched", "fetched"),
    "own": ("nothing yet", "yours"),
}
"""Where a corpus is, when it is not here and when it is."""


@click.group(invoke_without_command=True)
@json_option
@debug_option
@click.pass_context
def corpora(context: click.Context, as_json: bool) -> None:
    """List the texts that come by name, or fetch one."""
    if context.invoked_subcommand is None:
        _list(as_json=as_json)
    elif as_json:
        raise click.UsageError(f"Put --json after '{context.invoked_subcommand}'.")


@corpora.command("list")
@json_option
@debug_option
def list_corpora(as_json: bool) -> None:
    """List the corpora and whether they are here."""
    _list(as_json=as_json)


def _list(*, as_json: bool) -> None:
    from ...core.home import corpora_folder
    from ...data.catalogue import CORPORA, is_present

    table = bare_table("name", "where", "licence", "what")
    for entry in CORPORA:
        here = is_present(entry, corpora_folder())
        where = _WHERE[entry.source][here]
        if as_json:
            write_json({**fields_of(entry), "present": here})
        table.add_row(plain(entry.name), where, plain(entry.licence), plain(entry.description))
    if not as_json:
        console_for_people().print(table)


@corpora.command()
@click.argument("name", shell_complete=catalogue_for)
@json_option
@debug_option
def fetch(name: str, as_json: bool) -> None:
    """Fetch the corpus NAME, check it and keep it."""
    from ...core.home import corpora_folder
    from ...data.catalogue import locate

    with _download_bar(name) as progress:
        path = locate(name, corpora_folder(), progress)
    if as_json:
        write_json({"name": name, "path": str(path), "bytes": path.stat().st_size})
    else:
        console_for_people().print(plain(f"{name} is in {path}"), soft_wrap=True)


@contextmanager
def _download_bar(name: str) -> Generator[Callable[[int, int], None] | None]:
    """Draw the download on stderr where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console_for_people(stderr=True), transient=True) as bar:
        task = bar.add_task(plain(name).plain, total=None)
        yield lambda read, expected: bar.update(task, completed=read, total=expected or None)
