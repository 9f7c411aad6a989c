"""The few conversions between tensors and plain values, typed where torch's own stubs are not."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def from_array(array: NDArray[Any]) -> Tensor:
    """Return a tensor that shares the memory of ``array``."""
    return torch.from_numpy(np.ascontiguousarray(array))  # pyright: ignore[reportUnknownMemberType]


def integers(tensor: Tensor) -> list[int]:
    """Return a one-dimensional tensor as a list."""
    return cast("list[int]", tensor.tolist())  # pyright: ignore[reportUnknownMemberType]


def numbers(tensor: Tensor) -> list[float]:
    """Return a one-dimensional tensor as a list."""
    return cast("list[float]", tensor.tolist())  # pyright: ignore[reportUnknownMemberType]
