"""The generator of a training's masks and samples, as part of its state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .tensors import to_array

_ANY_DEVICE = ""
"""Version 0.1 did not note on which kind of device it drew."""


def random_state(generator: torch.Generator) -> dict[str, NDArray[Any]]:
    """Return the state of ``generator`` under the name of its kind of device: ``random.cpu``."""
    return {f"random.{generator.device.type}": to_array(generator.get_state())}


def restore_random(generator: torch.Generator, states: Mapping[str, Tensor], place: Sequence[int]) -> None:
    """Go on drawing where ``states``, by kind of device, left off.

    No kind of device can go on with the numbers of another one: there the numbers follow from ``place``, the seed and
    the step, so that they are at least the same each time.
    """
    state = states.get(generator.device.type, states.get(_ANY_DEVICE))
    if state is None or state.shape != generator.get_state().shape:
        words = np.random.SeedSequence(list(place)).generate_state(1, np.uint64)
        generator.manual_seed(int(words[0]))
    else:
        generator.set_state(state)
