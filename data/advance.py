"""How far work on texts has come, for work that takes minutes."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

Result = TypeVar("Result")
Asked = ParamSpec("Asked")
_FEWEST_SECONDS = 2.0
"""Before that an estimate would be a guess."""


@dataclass(frozen=True)
class Progress:
    """So many bytes of all are done."""

    what: str
    done: int
    total: int
    seconds_left: float | None = None
    """At the speed so far; None at the beginning."""

    @property
    def sentence(self) -> str:
        """It as a person is told."""
        if not self.total:
            return self.what
        left = ""
        if self.seconds_left is not None:
            minutes = self.seconds_left / 60
            left = f", about {minutes:.0f} min left" if minutes >= 1.5 else f", about {self.seconds_left:.0f} s left"
        return f"{self.what}: {self.done / 1e6:,.0f} of {self.total / 1e6:,.0f} MB{left}"


Work = Generator[Progress, None, Result]
"""Says how far it has come until it returns its result; closing it leaves what is done for the next time."""


class Pace:
    """Says how far some work has come, and how long the rest takes at the speed since this was made."""

    def __init__(self, what: str, total: int, done: int = 0) -> None:
        """Begin where ``done`` bytes were done before."""
        self._what, self._total, self._first = what, total, done
        self._began = time.monotonic()

    def at(self, done: int) -> Progress:
        """Return the progress with ``done`` bytes done."""
        seconds = time.monotonic() - self._began
        rate = (done - self._first) / seconds if seconds >= _FEWEST_SECONDS else 0.0
        left = max(self._total - done, 0) / rate if rate > 0 else None
        return Progress(self._what, min(done, self._total), self._total, left)


def drained(work: Work[Result], tell: Callable[[int, int], None] | None = None) -> Result:
    """Do all of the work and return its result; ``tell`` hears of the bytes that are done, and of all."""
    try:
        while True:
            progress = next(work)
            if tell is not None:
                tell(progress.done, progress.total)
    except StopIteration as end:
        return end.value


def at_once(function: Callable[Asked, Work[Result]]) -> Callable[Asked, Result]:
    """Return what does the work of ``function`` without saying how far it has come."""

    @wraps(function)
    def done(*args: Asked.args, **options: Asked.kwargs) -> Result:
        return drained(function(*args, **options))

    return done
