"""Whether a launcher such as ``torchrun`` has started this process as one of several."""

from __future__ import annotations

import os

_VARIABLES = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


def launched() -> tuple[int, int] | None:
    """Return the number of this process, counted from 0, and how many there are; None where nobody launched it so."""
    try:
        rank, size, *_ = (os.environ[name] for name in _VARIABLES)
        return int(rank), int(size)
    except (KeyError, ValueError):
        return None
