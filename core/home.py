"""Where JokeGen keeps what it makes: one folder, ``$JOKEGEN_HOME`` or the platform's user data folder."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """Return the folder of all runs, fetched corpora and preferences; it need not exist yet."""
    chosen = os.environ.get("JOKEGEN_HOME")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("jokegen", appauthor=False))


def cache_folder() -> Path:
    """Return the folder of what takes a while to make and can be made again."""
    if os.environ.get("JOKEGEN_HOME"):
        return home() / "cache"
    return Path(platformdirs.user_cache_dir("jokegen", appauthor=False))


def runs_folder() -> Path:
    """Return the folder that holds one folder a run."""
    return home() / "runs"


def sweeps_folder() -> Path:
    """Return the folder that holds one file a sweep, its plan."""
    return home() / "sweeps"


def corpora_folder() -> Path:
    """Return the folder that fetched corpora are kept in."""
    return home() / "corpora"


def talks_folder() -> Path:
    """Return the folder that holds one file a talk."""
    return home() / "talks"


def kept_file() -> Path:
    """Return the file of the kept texts, which are a corpus too."""
    return corpora_folder() / "kept.jsonl"
