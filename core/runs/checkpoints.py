"""Weights and trainer state as safetensors: whole or not at all, and never executed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from ...data.checksum import FIELD, UNSEALED, check_intact, sealed
from ...data.cleaning import one_line
from ..errors import RunError
from .files import write_atomically


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Tensors by name, and plain JSON values that belong to them."""

    tensors: dict[str, Tensor]
    values: dict[str, Any]


def save_checkpoint(
    path: Path, tensors: Mapping[str, Tensor], values: Mapping[str, Any], *, keep_previous: Path | None = None
) -> None:
    """Write a checkpoint atomically; raises RunError when the disk does not take it."""
    flat = {name: tensor.detach().to("cpu").contiguous() for name, tensor in tensors.items()}
    document = save_tensors(flat, metadata={"values": json.dumps(values), FIELD: UNSEALED})
    write_atomically(path, sealed(document), keep_previous=keep_previous)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint; raises RunError, naming the file, when it is missing or damaged."""
    shown = one_line(f"{path.parent.name}/{path.name}")
    try:
        data = path.read_bytes()
        tensors = load_tensors(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        metadata = header["__metadata__"]
        values = json.loads(metadata["values"])
        check_intact(data, metadata.get(FIELD))
    except FileNotFoundError as error:
        raise RunError(f"The checkpoint {shown} is missing.") from error
    except OSError as error:
        raise RunError(f"The checkpoint {shown} cannot be read; check its permissions.") from error
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"The checkpoint {shown} is damaged.") from error
    return Checkpoint(tensors, values)


def load_weights(model: torch.nn.Module, tensors: Mapping[str, Tensor], what: str) -> None:
    """Put ``tensors`` into ``model``; raises RunError when they do not fit it."""
    try:
        model.load_state_dict(dict(tensors))
    except RuntimeError as error:
        raise RunError(f"{what} does not fit the run's network; restore it from a copy.") from error
