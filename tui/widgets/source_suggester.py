"""Completion of a corpus: names of the catalogue, then paths of the file system."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence

from textual.suggester import Suggester

from ...data.cleaning import printable
from ...data.faults import CorpusError
from ...data.sources.confinement import placed

DEBOUNCE_SECONDS = 0.08
LARGEST_FOLDER = 5000
"""Entries of a folder that are looked at."""
ENDINGS = (".csv", ".tsv", ".txt", ".jsonl", ".gz")


def complete_path(typed: str) -> str | None:
    """The first file or folder that continues ``typed``, folders with a slash; None when nothing does."""
    folder_text, slash, start = typed.rpartition("/")
    if not slash and not typed.startswith("~"):
        folder_text = "."
    candidates: list[tuple[bool, str]] = []
    try:
        with os.scandir(placed(folder_text or "/")) as entries:
            for place, entry in enumerate(entries):
                if place >= LARGEST_FOLDER:
                    break
                name = entry.name
                if not name.startswith(start) or (name.startswith(".") and not start) or printable(name) != name:
                    continue
                is_folder = entry.is_dir()
                if is_folder or name.lower().endswith(ENDINGS):
                    candidates.append((is_folder, name + "/" if is_folder else name))
    except (OSError, CorpusError):
        return None
    if not candidates:
        return None
    return typed[: len(typed) - len(start)] + min(candidates)[1]


class SourceSuggester(Suggester):
    """Suggests after a short pause in the typing, and looks at the disk in a thread."""

    def __init__(self, names: Sequence[str]) -> None:
        """Suggest these names before paths."""
        super().__init__(use_cache=False, case_sensitive=True)
        self._names = names
        self._latest = ""

    async def get_suggestion(self, value: str) -> str | None:
        """The whole completed value, or None."""
        self._latest = value
        named = next((name for name in self._names if name.startswith(value) and name != value), None)
        if named is not None:
            return named
        await asyncio.sleep(DEBOUNCE_SECONDS)
        if self._latest != value:
            return None
        return await asyncio.to_thread(complete_path, value)
