"""``jokegen-tui talks``: what was said on the Prompt screen, listed, shown, renamed, exported, deleted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...core.keeping.handouts import TALK_FORMATS
from ...data.cleaning import one_line, printable
from ..numbers import NOTHING, count
from .options import debug_option, json_option
from .output import bare_table, console_for_people, fields_of, plain, shortened, write_json
from .program import complain
from .runs import age
from .suggestions import talks_for

if TYPE_CHECKING:
    from ...core.keeping.talks import StoredTalk, TalkStore

_ID = click.argument("talk", metavar="ID", shell_complete=talks_for)
_EPILOG = """\b
Examples:
  jokegen-tui talks
  jokegen-tui talks show 3fa2
  jokegen-tui talks export 3fa2 talk.md
An ID may be cut short where it stays the only one.
"""


def _store() -> TalkStore:
    from ...core.home import talks_folder
    from ...core.keeping.talks import TalkStore

    return TalkStore(talks_folder())


def _open(talk: str) -> StoredTalk:
    stored = _store().open(talk)
    for notice in stored.notices:
        complain(notice)
    return stored


@click.group(invoke_without_command=True, epilog=_EPILOG)
@json_option
@debug_option
@click.pass_context
def talks(context: click.Context, as_json: bool) -> None:
    """List, show, rename, export or delete talks; the app saves them by itself."""
    if context.invoked_subcommand is None:
        _list(as_json=as_json)
    elif as_json:
        raise click.UsageError(f"Put --json after '{context.invoked_subcommand}'.")


@talks.command("list")
@json_option
@debug_option
def list_talks(as_json: bool) -> None:
    """List all talks, the latest first."""
    _list(as_json=as_json)


def _list(*, as_json: bool) -> None:
    summaries = _store().list()
    if as_json:
        for summary in summaries:
            write_json(fields_of(summary))
        return
    console = console_for_people()
    if not summaries:
        console.print("No talks yet; open the app with 'jokegen-tui' and press p: every talk is saved by itself.")
        return
    table = bare_table("id", "title", "answers", "words", "models", "age", right=("answers", "words"))
    for summary in summaries:
        table.add_row(
            plain(summary.id, "bold"),
            plain(shortened(summary.title, 50) or NOTHING),
            count(summary.answers),
            count(summary.words),
            plain(", ".join(summary.models) or NOTHING),
            age(summary.changed),
        )
    console.print(table)
    for summary in summaries:
        if summary.problem:
            console.print(plain(summary.problem, "yellow"), soft_wrap=True)


@talks.command()
@_ID
@json_option
@debug_option
def show(talk: str, as_json: bool) -> None:
    """Show the talk ID; --json has every branch of it."""
    from ...core.keeping.handouts import talk_as, talk_as_values

    stored = _open(talk)
    if as_json:
        write_json(talk_as_values(stored))
        return
    console = console_for_people()
    console.print(plain(f"{stored.title}\n", "bold"), soft_wrap=True)
    console.print(plain(talk_as("text", stored).rstrip("\n")), soft_wrap=True)


@talks.command()
@_ID
@click.argument("title")
@debug_option
def rename(talk: str, title: str) -> None:
    """Give the talk ID another TITLE."""
    store = _store()
    _say(f"{store.find(talk)} is now called {store.rename(talk, title)}")


@talks.command()
@_ID
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(TALK_FORMATS), help="JSON holds every branch.  [default: from FILE, or text]"
)
@debug_option
def export(talk: str, file: Path | None, form: str | None) -> None:
    """Write the talk ID into FILE, or to standard output."""
    from ...core.keeping.handouts import format_of, talk_as, write_new

    stored = _open(talk)
    chosen = format_of(file, form)
    content = talk_as(chosen if chosen in TALK_FORMATS else "text", stored)
    if file is None:
        sys.stdout.write(content)
        return
    write_new(file, content)
    _say(f"{stored.id} is in {file}")


@talks.command()
@_ID
@click.option("--yes", is_flag=True, help="Do not ask.")
@debug_option
def delete(talk: str, yes: bool) -> None:
    """Delete the talk ID for good."""
    store = _store()
    found = store.find(talk)
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("Without a terminal nobody can be asked; add --yes to delete the talk.")
        if not click.confirm(f"Delete the talk {found} for good?", err=True):
            _say("nothing was deleted")
            return
    store.delete(found)
    _say(f"{found} is deleted")


def _say(text: str) -> None:
    console_for_people().print(plain(one_line(printable(text))), soft_wrap=True)
