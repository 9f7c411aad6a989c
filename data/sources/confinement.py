"""Where files of texts may be read from: anywhere, or only in the folder that ``$JOKEGEN_TEXTS`` names."""

from __future__ import annotations

import os
from pathlib import Path

from ..cleaning import one_line
from ..faults import CorpusError

VARIABLE = "JOKEGEN_TEXTS"
"""Set for an app that others use; empty: they read no files at all."""


def is_confined() -> bool:
    """Return whether only one folder may be read."""
    return VARIABLE in os.environ


def placed(named: str | Path) -> Path:
    """Return the path that a person names; where only one folder may be read, it is looked for there.

    Raises:
        CorpusError: it may not be read.
    """
    if not is_confined():
        return Path(os.path.expandvars(named)).expanduser()
    return confined(Path(os.environ[VARIABLE], named))


def confined(path: Path) -> Path:
    """Return ``path`` if it may be read, wherever its links lead; raises CorpusError otherwise."""
    if is_confined():
        folder = os.environ[VARIABLE]
        if not folder:
            raise CorpusError("Files cannot be read here; choose a corpus by its name, as in starter.")
        if not path.resolve().is_relative_to(Path(folder).resolve()):
            shown = one_line(path.name)[:200]
            raise CorpusError(f"{shown} is outside of the folder that may be read here; choose a file in it.")
    return path
