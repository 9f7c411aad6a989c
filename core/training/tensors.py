"""The few conversions between tensors and plain values, typed where torch's own stubs are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..errors import RunError


def from_array(array: NDArray[Any]) -> Tensor:
    """Return a tensor that shares the memory of ``array``."""
    # `ascontiguousarray` would give a single number an axis.
    array = array if array.flags.c_contiguous else np.ascontiguousarray(array)
    return torch.from_numpy(array)  # pyright: ignore[reportUnknownMemberType]


def to_array(tensor: Tensor) -> NDArray[Any]:
    """Return a copy of ``tensor`` as an array, whatever device it is on."""
    return np.array(tensor.detach().cpu().numpy())


def by_part(arrays: Mapping[str, NDArray[Any]]) -> dict[str, dict[str, Tensor]]:
    """Return ``arrays`` as tensors, by what stands before and after the first dot of their names."""
    parts: dict[str, dict[str, Tensor]] = {}
    for name, array in arrays.items():
        part, _, rest = name.partition(".")
        parts.setdefault(part, {})[rest] = from_array(array)
    return parts


def numbers(tensor: Tensor) -> list[float]:
    """Return a one-dimensional tensor as a list."""
    return cast("list[float]", tensor.tolist())  # pyright: ignore[reportUnknownMemberType]


def weights_of(model: torch.nn.Module) -> dict[str, NDArray[Any]]:
    """Return copies of a network's weights by their names."""
    return {name: to_array(tensor) for name, tensor in model.state_dict().items()}


def load_weights(model: torch.nn.Module, arrays: Mapping[str, NDArray[Any]], what: str) -> None:
    """Put ``arrays`` into ``model``; raises RunError when they do not fit it."""
    try:
        model.load_state_dict({name: from_array(array) for name, array in arrays.items()})
    except RuntimeError as error:
        raise RunError(f"{what} does not fit the run's network; restore it from a copy.") from error
