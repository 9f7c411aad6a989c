"""Several processes that train one network: who reads which texts of a batch, and what they exchange."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, get_args

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor

from ...models.networks import Columns
from ..errors import EngineError
from ..events import ChangeKind
from .tensors import from_array, numbers, to_array

_KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)
WISHES_AT_ONCE = 4
_BLOCK = 1 << 22
"""Bytes that are handed out at a time."""
Wish = tuple[ChangeKind, float]


class TeamError(EngineError):
    """Another process of the team is gone; nothing of this one's state has changed."""


class Team:
    """One process' view of all that train together; alone, every exchange gives back what it was given.

    All of them make the same steps with the same numbers. The first one has the run's folder, is asked by people, and
    is asked by the others.
    """

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        """Be the process ``rank``, counted from 0, of ``size``; torch's process group has been joined already."""
        self.rank = rank
        self.size = size
        self.seconds = 0.0
        """Time that all exchanges took, waiting for the slowest process included."""

    def columns(self, width: int) -> Columns:
        """Return which of the ``width`` texts of a batch are this process' own; there may be none."""
        return Columns(width * self.rank // self.size, width * (self.rank + 1) // self.size, width)

    @torch.no_grad()
    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor, on one device and in float32, by its sum over all processes, in one exchange."""
        if self.size == 1:
            return
        joined = torch.cat([tensor.reshape(-1) for tensor in tensors])
        self._exchange(_sum, joined)
        start = 0
        for tensor in tensors:
            tensor.copy_(joined[start : start + tensor.numel()].view_as(tensor))
            start += tensor.numel()

    def hear(self, stop: bool, wishes: Sequence[Wish]) -> tuple[bool, list[Wish]]:
        """Return whether the first process was told to stop, and what it was asked to change."""
        said = [float(stop), float(len(wishes))]
        for kind, value in wishes:
            said += [float(_KINDS.index(kind)), value]
        heard = torch.zeros(2 + 2 * WISHES_AT_ONCE, dtype=torch.float64)
        heard[: len(said)] = torch.tensor(said, dtype=torch.float64)
        self._exchange(_from_first, heard)
        stop_said, count, *rest = numbers(heard)
        pairs = list(zip(rest[::2], rest[1::2], strict=True))[: int(count)]
        return bool(stop_said), [(_KINDS[int(kind)], value) for kind, value in pairs]

    def check_same(self, parameters: Sequence[Tensor]) -> None:
        """Raise EngineError where ``parameters`` are not, to the bit, those of the first process."""
        if self.size == 1:
            return
        own = torch.stack([parameter.detach().double().sum() for parameter in parameters]).cpu()
        first = own.clone()
        self._exchange(_from_first, first)
        if not torch.equal(own, first):
            raise EngineError(
                "The training processes have come to different weights; use the same torch on machines of one kind."
            )

    def hand_out(self, contents: Mapping[str, IO[bytes]]) -> None:
        """Give the other processes named contents of any size, which they take with :meth:`receive`."""
        lengths = {name: content.seek(0, os.SEEK_END) for name, content in contents.items()}
        header = json.dumps(lengths).encode()
        self._exchange(_from_first, torch.tensor([len(header)]))
        self._exchange(_from_first, _bytes(header))
        for content in contents.values():
            content.seek(0)
            while block := content.read(_BLOCK):
                self._exchange(_from_first, _bytes(block))

    def receive(self, folder: Path) -> None:
        """Write what the first process hands out into ``folder``."""
        length = torch.zeros(1, dtype=torch.int64)
        self._exchange(_from_first, length)
        header: dict[str, int] = json.loads(self._received(int(length[0])))
        for name, size in header.items():
            with (folder / name).open("wb") as file:
                for start in range(0, size, _BLOCK):
                    file.write(self._received(min(_BLOCK, size - start)))

    def _received(self, size: int) -> bytes:
        content = torch.zeros(size, dtype=torch.uint8)
        self._exchange(_from_first, content)
        return to_array(content).tobytes()

    def _exchange(self, exchange: Callable[[Tensor], object], tensor: Tensor) -> None:
        began = time.perf_counter()
        try:
            exchange(tensor)
        except RuntimeError as error:
            raise TeamError(
                f"One of the {self.size} training processes ended before its time, so the training stopped; what was "
                "learned is saved: go on with --resume."
            ) from error
        finally:
            self.seconds += time.perf_counter() - began


def _bytes(content: bytes) -> Tensor:
    return from_array(np.frombuffer(bytearray(content), np.uint8))


def _sum(tensor: Tensor) -> None:
    dist.all_reduce(tensor)  # pyright: ignore[reportUnknownMemberType]


def _from_first(tensor: Tensor) -> None:
    dist.broadcast(tensor, 0)  # pyright: ignore[reportUnknownMemberType]


ALONE = Team()
