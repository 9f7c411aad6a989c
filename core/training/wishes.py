"""The changes that a training has still to make: those noted in its run, and those asked for while it goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from ..events import ChangeKind
from ..runs.interventions import Intervention
from .progress import Progress


class Wishes:
    """What is to be changed and when. :meth:`ask` may be called from any thread, all else from the training's own."""

    def __init__(self) -> None:
        """Nothing is to be changed."""
        self._noted: deque[Intervention] = deque()
        self._arriving: deque[tuple[ChangeKind, float]] = deque()
        self._asked: deque[tuple[ChangeKind, float]] = deque()

    def ask(self, kind: ChangeKind, value: float = 0.0) -> None:
        """Change something before the next step."""
        self._arriving.append((kind, value))

    def arrived(self, most: int) -> list[tuple[ChangeKind, float]]:
        """Take what was asked for and has not been taken yet; it is not due before it is accepted."""
        return [self._arriving.popleft() for _ in range(min(most, len(self._arriving)))]

    def accept(self, wishes: Iterable[tuple[ChangeKind, float]]) -> None:
        """Let wishes that have arrived, here or in another process, be due."""
        self._asked.extend(wishes)

    def follow(self, changes: Iterable[Intervention], made: int) -> None:
        """Make ``changes``, sorted by their steps, when those are reached, but for the first ``made``."""
        self._noted = deque(list(changes)[made:])

    def expects(self, kind: ChangeKind) -> bool:
        """Whether a change of this kind is still to come."""
        asked = (kind for kind, _ in (*self._asked, *self._arriving))
        return any(change.kind == kind for change in self._noted) or kind in asked

    def due(self, progress: Progress) -> bool:
        """Whether something is to be changed where a training stands."""
        return bool(self._asked) or self._noted_for(progress)

    def take(self, progress: Progress) -> tuple[Intervention, bool]:
        """Take the next change that is due, and whether it was noted before; those come first."""
        if self._noted_for(progress):
            return self._noted.popleft(), True
        kind, value = self._asked.popleft()
        return Intervention(progress.step, progress.epoch, kind, value, progress.rollbacks), False

    def _noted_for(self, progress: Progress) -> bool:
        return bool(self._noted) and self._noted[0].place <= progress.place
