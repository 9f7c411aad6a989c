"""What is said in the shell after the app was left: which run was saved, and how to go on with it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ..core.errors import PLAIN_ERRORS

if TYPE_CHECKING:
    from .workbench import Workbench


def farewell(bench: Workbench) -> str:
    """Say which run this app trained last and how to go on; nothing where it trained none."""
    name = bench.session_run()
    if bench.session is None or name is None:
        return ""
    try:
        run = bench.store.open(name)
        resumable, epochs = run.resumable, run.info.epochs
    except PLAIN_ERRORS:  # deleted since, by whoever trained it
        return ""
    shown = shlex.quote(name)
    if not bench.session.done.is_set():
        return f"{name} was not waited for; its last checkpoint goes on with: jokegen-tui train --resume {shown}"
    after = f" after {epochs} epoch{'' if epochs == 1 else 's'}"
    if resumable:
        return f"{name} is saved{after}; go on with: jokegen-tui train --resume {shown}"
    return f"{name} is saved{after}; talk to it with: jokegen-tui --run {shown}"
