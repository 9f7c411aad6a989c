"""Named series of a training by step, bounded in memory however long it is: for screens, thinned to their width."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEP_SERIES = ("loss", "learning_rate", "gradient_norm", "speed", "memory", "seconds", "tokens")
"""What every step can say: nats a token, the rate, the gradient's norm, tokens a second, megabytes, seconds and tokens
so far."""

_CAPACITY = 2**16
"""Buckets that a level keeps; beyond, the finest level is given up."""
_FACTOR = 4
"""Buckets of a level that make one of the next."""


@dataclass(frozen=True, eq=False)
class Thinned:
    """A stretch of a series in few buckets, each of several steps."""

    steps: Floats
    """(buckets,) the middle of each."""
    low: Floats
    high: Floats
    mean: Floats

    def __len__(self) -> int:
        """Return the number of buckets."""
        return len(self.steps)


NOTHING = Thinned(*(np.zeros(0) for _ in range(4)))


_Bucket = tuple[float, float, float, float, float]
"""First and last step, lowest, highest and mean value."""


class _Level:
    """The buckets of one width, in an array that grows until it is given up."""

    def __init__(self) -> None:
        self.count = 0
        self.complete = True
        """Whether every bucket so far is there."""
        self._rows = np.empty((256, 5))
        self._open: list[_Bucket] = []

    @property
    def rows(self) -> Floats:
        """(buckets, 5)."""
        return self._rows[: self.count]

    def add(self, bucket: _Bucket) -> _Bucket | None:
        """Keep ``bucket``; returns a bucket of the next level once there are enough for one."""
        if self.complete and self.count == _CAPACITY:
            self.complete, self.count, self._rows = False, 0, np.empty((0, 5))
        if self.complete:
            if self.count == len(self._rows):
                self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
            self._rows[self.count] = bucket
            self.count += 1
        self._open.append(bucket)
        if len(self._open) < _FACTOR:
            return None
        first, last, low, high, mean = zip(*self._open, strict=True)
        self._open.clear()
        return first[0], last[-1], min(low), max(high), sum(mean) / len(mean)


class Pyramid:
    """One series in levels: the values themselves, and the extremes and means of 4, 16, 64 … of them.

    A level keeps a bounded number of buckets. A long run loses its finest level, never its shape.
    """

    def __init__(self) -> None:
        """Start without values."""
        self._levels = [_Level()]
        self.last: float | None = None
        """The newest value."""

    def append(self, step: float, value: float) -> None:
        """Add a value; steps ascend."""
        self.last = value
        bucket: _Bucket | None = (step, step, value, value, value)
        for level in self._levels:
            bucket = level.add(bucket)
            if bucket is None:
                return
        self._levels.append(_Level())
        self._levels[-1].add(bucket)

    def thinned(self, left: float, right: float, at_most: int) -> Thinned:
        """Return the stretch from step ``left`` to ``right`` in the finest level that needs ``at_most`` buckets."""
        rows = np.zeros((0, 5))
        for level in self._levels:
            if level.complete:
                first, stop = np.searchsorted(level.rows[:, 1], (left, right))
                rows = level.rows[first : stop + 1]
                if len(rows) <= at_most:
                    break
        return Thinned((rows[:, 0] + rows[:, 1]) / 2, rows[:, 2].copy(), rows[:, 3].copy(), rows[:, 4].copy())


class SeriesBook:
    """All series of one training."""

    def __init__(self) -> None:
        """Start without series."""
        self._series: dict[str, Pyramid] = {}
        self._seconds = self._tokens = 0.0
        self.last_step = 0

    def take(self, step: int, values: Mapping[str, float | None]) -> None:
        """Add what a step says: ``loss``, ``learning_rate``, ``tokens`` of its batch, ``seconds`` so far and more."""
        self.last_step = step
        tokens, seconds = values.get("tokens"), values.get("seconds")
        found = {name: values.get(name) for name in ("loss", "learning_rate", "gradient_norm", "memory")}
        if tokens is not None:
            self._tokens += tokens
            found["tokens"] = self._tokens
        if seconds is not None:
            if tokens is not None and seconds > self._seconds:
                found["speed"] = tokens / (seconds - self._seconds)
            self._seconds = seconds
            found["seconds"] = seconds
        for name, value in found.items():
            if value is not None:
                self._series.setdefault(name, Pyramid()).append(step, value)

    def take_all(self, lines: Iterable[Mapping[str, float | None]]) -> None:
        """Add lines as ``metrics.jsonl`` has them."""
        for line in lines:
            self.take(int(line["step"] or 0), line)

    @property
    def names(self) -> tuple[str, ...]:
        """The series there are, in a fixed order."""
        return tuple(name for name in STEP_SERIES if name in self._series)

    def last(self, name: str) -> float | None:
        """The newest value of a series."""
        return self._series[name].last if name in self._series else None

    def thinned(self, name: str, left: float, right: float, at_most: int) -> Thinned:
        """Return a stretch of a series; see :meth:`Pyramid.thinned`. A series that is not there is empty."""
        return self._series[name].thinned(left, right, at_most) if name in self._series else NOTHING
