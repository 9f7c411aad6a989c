"""What the shell offers while a word is typed: names of runs and corpora."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...data.cleaning import one_line

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


def talks_for(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the talks whose names begin as typed, with their titles."""
    from click.shell_completion import CompletionItem

    from ...core.home import talks_folder
    from ...core.keeping.talks import TalkStore

    talks = TalkStore(talks_folder()).list()
    return [CompletionItem(talk.id, help=talk.title) for talk in talks if talk.id.startswith(begun)]


def kept_for(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the kept texts whose names begin as typed, with their words."""
    from click.shell_completion import CompletionItem

    from ...core.home import kept_file
    from ...core.keeping.collection import Collection

    texts = Collection(kept_file()).read().texts
    return [CompletionItem(kept.id, help=one_line(kept.text)[:60]) for kept in texts if kept.id.startswith(begun)]


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
