"""The engine: runs, training, evaluation, generation; ``train`` and ``open_run`` are its front door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .interface import TrainedRun, open_run, train

__all__ = ["TrainedRun", "open_run", "train"]


def __getattr__(name: str) -> Any:
    """Load the interface when one of its names is asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import interface

    return getattr(interface, name)
