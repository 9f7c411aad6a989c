"""The weights after earlier epochs, in half precision, so that a run can speak as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.cleaning import one_line
from ..errors import RunError
from .checkpoints import Checkpoint, load_checkpoint, save_checkpoint

_MOST = 20
_FEWEST = 4
_BYTES = 100_000_000
"""What all snapshots of a run may take together, unless they are very few."""
_NAME = re.compile(r"epoch-([1-9][0-9]{0,6})\.safetensors")
_SHOWN = 12


def snapshot_file(epoch: int) -> str:
    """Return the name of an epoch's snapshot."""
    return f"epoch-{epoch}.safetensors"


def is_snapshot(file: str) -> bool:
    """Return whether a file of that name is a snapshot."""
    return _NAME.fullmatch(file) is not None


def kept_epochs(folder: Path) -> tuple[int, ...]:
    """Return the epochs that the run in ``folder`` has a snapshot of, the earliest first."""
    try:
        found = [_NAME.fullmatch(path.name) for path in folder.iterdir()]
    except OSError:
        return ()
    return tuple(sorted(int(name[1]) for name in found if name))


def worth_keeping(epochs: int, most: int = _MOST) -> frozenset[int]:
    """Return which of the first ``epochs`` epochs to keep, at most ``most``: evenly spread, the first and the last.

    What is worth keeping after one more epoch was so before, so that a snapshot is written once and dropped once.
    """
    stride = 1
    while len(kept := _spread(epochs, stride)) > most:
        stride *= 2
    return kept


def _spread(epochs: int, stride: int) -> frozenset[int]:
    return frozenset([1, *range(stride, epochs + 1, stride), epochs])


def keep_epoch(folder: Path, epoch: int, weights: Mapping[str, NDArray[Any]]) -> None:
    """Write the snapshot of an epoch and drop those that stand too close; raises RunError when the disk is full."""
    largest = np.finfo(np.float16).max
    halves = {name: array.clip(-largest, largest).astype(np.float16) for name, array in weights.items()}
    size = sum(array.nbytes for array in halves.values())
    kept = worth_keeping(epoch, min(_MOST, max(_FEWEST, _BYTES // max(size, 1))))
    save_checkpoint(folder / snapshot_file(epoch), halves, {"epoch": epoch})
    for earlier in kept_epochs(folder):
        if earlier not in kept:
            (folder / snapshot_file(earlier)).unlink(missing_ok=True)


def forget_epochs_after(folder: Path, epoch: int) -> None:
    """Drop the snapshots of later epochs, which a training that goes on from ``epoch`` makes again."""
    for later in kept_epochs(folder):
        if later > epoch:
            (folder / snapshot_file(later)).unlink(missing_ok=True)


def load_epoch(folder: Path, epoch: int, best: int | None) -> Checkpoint:
    """Read the snapshot of an epoch.

    Raises:
        RunError: it is damaged, or the run did not keep it; then the sentence says which it has, or its ``best``.
    """
    kept = kept_epochs(folder)
    if epoch in kept:
        return load_checkpoint(folder / snapshot_file(epoch))
    name = one_line(folder.name)
    if not kept:
        instead = "" if best is None else f" to hear its best one, epoch {best}"
        raise RunError(f"The run '{name}' kept none of its earlier epochs; leave --epoch out{instead}.")
    nearest = sorted(sorted(kept, key=lambda other: abs(other - epoch))[:_SHOWN])
    of_many = "" if len(nearest) == len(kept) else "nearest "
    raise RunError(
        f"The run '{name}' did not keep epoch {epoch}; choose one of its {of_many}epochs "
        f"{', '.join(map(str, nearest))}."
    )
