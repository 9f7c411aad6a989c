"""What the shell offers while a word is typed: names of runs and corpora."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def runs_for(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the names of all runs that begin as typed."""
    from click.shell_completion import CompletionItem

    from ...core.home import runs_folder
    from ...core.runs.store import RunStore
    from ...core.runs.voice import BUNDLED, has_voice

    names = [*RunStore(runs_folder()).names(), *([BUNDLED] if has_voice() else [])]
    return [CompletionItem(name) for name in sorted(names) if name.startswith(begun)]


def catalogue_for(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the corpora of the catalogue that begin as typed."""
    from click.shell_completion import CompletionItem

    from ...data.catalogue import CORPORA

    return [CompletionItem(entry.name, help=entry.description) for entry in CORPORA if entry.name.startswith(begun)]


def corpora_for(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the corpora of the catalogue that begin as typed; files are offered as well."""
    from click.shell_completion import CompletionItem

    # Of both bash takes the files only where no name fits, if they come first.
    return [CompletionItem(begun, type="file"), *catalogue_for(context, parameter, begun)]
