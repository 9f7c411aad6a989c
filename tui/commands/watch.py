"""``jokegen-tui watch``: runs that other processes train, shown as they grow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .launching import open_app
from .options import debug_option
from .suggestions import runs_for

if TYPE_CHECKING:
    from ...core.runs.store import RunStore

_EPILOG = """\b
Examples:
  jokegen-tui watch clever-otter
  jokegen-tui watch /mnt/cluster/runs/big /mnt/cluster/runs/bigger
"""


@click.command(epilog=_EPILOG, short_help="Watch runs that other processes train.")
@click.argument("runs", nargs=-1, required=True, metavar="RUN|PATH...", shell_complete=runs_for)
@debug_option
def watch(runs: tuple[str, ...]) -> int:
    """Open the app on RUN, a name or the folder of a run that any process trains, and show it as it grows.

    Several are laid over the first. They are only read, also from a folder that cannot be written; p prompts the
    newest best weights. The folder may lie on a disk that another machine writes to.
    """
    from ...core.home import runs_folder
    from ...core.runs.store import RunStore
    from ...core.runs.watched import WatchedStore

    own = RunStore(runs_folder())
    store = WatchedStore(own.folder, [_folder(run, own) for run in runs])
    first, *others = store.names()
    return open_app(run=first, store=store, marked=tuple(others))


def _folder(run: str, own: RunStore) -> Path:
    path = Path(run).expanduser()
    return path if path.is_dir() or len(path.parts) != 1 else own.open(run).path
