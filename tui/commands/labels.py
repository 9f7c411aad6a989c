"""``jokegen-tui runs tag`` and ``runs note``: what a person says about a run."""

from __future__ import annotations

import click

from .options import debug_option
from .output import console_for_people, plain
from .suggestions import runs_for


@click.command(no_args_is_help=True)
@click.argument("name", shell_complete=runs_for)
@click.argument("tags", nargs=-1, metavar="[TAG]...")
@click.option("--remove", is_flag=True, help="Take the tags away.")
@debug_option
def tag(name: str, tags: tuple[str, ...], remove: bool) -> None:
    """Give the run NAME tags; without a TAG say which it has."""
    from ...core.home import runs_folder
    from ...core.runs.labels import tag as change
    from ...core.runs.store import RunStore

    run = RunStore(runs_folder()).open(name)
    if remove and not tags:
        raise click.UsageError("Say which tags to take away.")
    now = run.info.tags if not tags else change(run, remove=tags) if remove else change(run, tags)
    _say(f"{run.name}: {', '.join(now)}" if now else f"{run.name} has no tags")


@click.command(no_args_is_help=True)
@click.argument("name", shell_complete=runs_for)
@click.argument("text", required=False)
@debug_option
def note(name: str, text: str | None) -> None:
    """Give the run NAME a note, in place of the one that it has; without TEXT say it. An empty TEXT takes it away."""
    from ...core.home import runs_folder
    from ...core.runs.labels import annotate
    from ...core.runs.store import RunStore

    run = RunStore(runs_folder()).open(name)
    now = run.info.note if text is None else annotate(run, text)
    _say(f"{run.name}: {now}" if now else f"{run.name} has no note")


def _say(sentence: str) -> None:
    console_for_people().print(plain(sentence), soft_wrap=True)
