"""Arrays that are files: looked into part by part, so that they take little memory however large they are."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

_AT_ONCE = 1 << 22
Number = TypeVar("Number", bound=np.generic)


def let_go(array: NDArray[Any]) -> None:
    """Give back the memory that a file which was looked into takes; the next look reads it from the disk again."""
    mapped: mmap.mmap | None = getattr(array, "_mmap", None)
    if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def in_parts(array: NDArray[Number], overlap: int = 0) -> Iterator[NDArray[Number]]:
    """Yield one part of ``array`` ``(numbers,)`` after the other, each with the first ``overlap`` of the next."""
    for start in range(0, len(array), _AT_ONCE):
        yield array[start : start + _AT_ONCE + overlap]
        let_go(array)
