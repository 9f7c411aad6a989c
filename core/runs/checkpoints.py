"""Weights and trainer state as safetensors: whole or not at all, and never executed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ...data.cleaning import one_line
from ...data.sealing import seal, seal_into, unseal
from ..errors import RunError
from .files import written_whole


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Arrays by name, and plain JSON values that belong to them."""

    arrays: dict[str, NDArray[Any]]
    values: dict[str, Any]

    def to_bytes(self) -> bytes:
        """Return it as one document, as files have it."""
        return seal(self.arrays, self.values)


def save_checkpoint(
    path: Path, arrays: Mapping[str, NDArray[Any]], values: Mapping[str, Any], *, keep_previous: Path | None = None
) -> None:
    """Write a checkpoint atomically; raises RunError when the disk does not take it."""
    with written_whole(path, keep_previous=keep_previous) as file:
        seal_into(file, arrays, values)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint; raises RunError, naming the file, when it is missing or damaged."""
    shown = one_line(f"{path.parent.name}/{path.name}")
    try:
        return Checkpoint(*unseal(path.read_bytes()))
    except FileNotFoundError as error:
        raise RunError(f"The checkpoint {shown} is missing.") from error
    except OSError as error:
        raise RunError(f"The checkpoint {shown} cannot be read; check its permissions.") from error
    except ValueError as error:
        raise RunError(f"The checkpoint {shown} is damaged.") from error
