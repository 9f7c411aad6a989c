"""Words on their way from a generating thread to the screen, made a little ahead of being shown."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from ...core.errors import PLAIN_ERRORS
from ..display import sentence

Made = TypeVar("Made")
AHEAD = 64
"""Words that are made before they are shown, at most."""


class WordStream(Generic[Made]):
    """A thread calls ``run``, the screen calls ``take``; ``stop`` works at once from either side.

    Args:
        make: called in the thread; loads what it needs and yields the words.
    """

    def __init__(self, make: Callable[[], Iterator[Made]]) -> None:
        """Nothing is made before ``run``."""
        self._make = make
        self._words: deque[Made] = deque()
        self._changed = threading.Condition()
        self._stopped = False
        self.ended = threading.Event()
        """Set once the thread makes nothing any more."""
        self.problem = ""
        """What went wrong in one sentence, if it did."""

    def run(self) -> None:
        """Make words until they end, a limit is reached or someone stops; never raises."""
        try:
            for word in self._make():
                with self._changed:
                    self._words.append(word)
                    if len(self._words) >= AHEAD:
                        # Many words at a time: each time that a thread wakes up, a training waits for it.
                        self._changed.wait_for(lambda: self._stopped or len(self._words) <= AHEAD // 2)
                    if self._stopped:
                        return
        except PLAIN_ERRORS as error:
            self.problem = sentence(error)
        except Exception as error:  # noqa: BLE001  # shown in words; the talk goes on
            self.problem = f"The model failed: {sentence(error)}."
        finally:
            self.ended.set()

    def take(self, limit: int) -> list[Made]:
        """Up to ``limit`` words that have not been taken yet."""
        with self._changed:
            words = [self._words.popleft() for _ in range(min(limit, len(self._words)))]
            if len(self._words) <= AHEAD // 2:
                self._changed.notify_all()
        return words

    def stop(self) -> None:
        """Make no more words; what was not taken is dropped."""
        with self._changed:
            self._stopped = True
            self._words.clear()
            self._changed.notify_all()

    @property
    def done(self) -> bool:
        """Whether nothing will come any more."""
        with self._changed:
            return not self._words and (self.ended.is_set() or self._stopped)
