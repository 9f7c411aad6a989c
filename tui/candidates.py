"""What may be meant by the beginning of a source: names of the catalogue, then files that can be read and folders."""

from __future__ import annotations

import os
from pathlib import Path

from ..data.catalogue import CORPORA
from ..data.cleaning import printable
from ..data.faults import CorpusError
from ..data.sources.confinement import placed

MOST = 50
"""Candidates that are offered."""
LARGEST_FOLDER = 5000
"""Entries of a folder that are looked at."""
SEPARATORS = "".join(dict.fromkeys(os.sep + (os.altsep or "")))
"""What parts the folders of a path on this system."""


def split_path(typed: str, separators: str = SEPARATORS) -> tuple[str, str]:
    """Return the folder as it was typed, its separator at the end, and the beginning of a name in it."""
    place = max(typed.rfind(separator) for separator in separators) + 1
    return typed[:place], typed[place:]


def candidates(typed: str) -> list[str]:
    """Return whole sources that begin as ``typed`` does; reads a folder, so it blocks. Folders end with a separator."""
    named = [entry.name for entry in CORPORA if entry.name.startswith(typed) and entry.name != typed]
    return [*named, *_paths(typed)][:MOST]


def _paths(typed: str) -> list[str]:
    folder, start = split_path(typed)
    if not folder and typed.startswith("~"):
        return []
    separator = folder[-1:] or os.sep
    files: list[tuple[bool, str]] = []
    folders: list[str] = []
    try:
        with os.scandir(placed(folder or ".")) as entries:
            for _, entry in zip(range(LARGEST_FOLDER), entries, strict=False):
                name = entry.name
                if not name.startswith(start) or (name.startswith(".") and not start) or printable(name) != name:
                    continue
                if entry.is_dir():
                    folders.append(name)
                elif name != start and _may_be_read(name):
                    files.append((not Path(name).suffix, name))
    except (OSError, ValueError, RuntimeError, CorpusError):
        return []
    return [folder + name for _, name in sorted(files)] + [folder + name + separator for name in sorted(folders)]


def _may_be_read(name: str) -> bool:
    """Whether a file's name ends like one that can be read, or has no ending, so that its content will tell."""
    from ..data.formats.registry import ENDINGS

    return name.lower().endswith(ENDINGS) or not Path(name).suffix
