"""Words on their way from a generating thread to the screen, made a little ahead of being shown."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Generic, TypeVar

from ...core.errors import PLAIN_ERRORS
from ..display import sentence

Made = TypeVar("Made")
FIRST, AT_A_TIME = 4, 32
"""Words that are made in one go: few at first, so that they come soon, then twice as many each time."""
AHEAD = 2 * AT_A_TIME
"""Words that are made before they are shown, at most."""


class Turns:
    """Lets threads work one at a time, in the order in which they ask.

    Threads that all make words at once take the interpreter from the screen as often as there are of them.
    """

    def __init__(self) -> None:
        """Nobody works yet."""
        self._asking: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def turn(self) -> Generator[None]:
        """Wait until all who asked before have had their turn; it ends with the block."""
        asked = object()
        with self._changed:
            self._asking.append(asked)
            self._changed.wait_for(lambda: self._asking[0] is asked)
        try:
            yield
        finally:
            with self._changed:
                self._asking.popleft()
                self._changed.notify_all()


class WordStream(Generic[Made]):
    """A thread calls ``run``, the screen calls ``take``; ``stop`` works at once from either side.

    Args:
        make: called in the thread; loads what it needs and yields the words.
        turns: shared by the streams that are made side by side.
    """

    def __init__(self, make: Callable[[], Iterator[Made]], turns: Turns | None = None) -> None:
        """Nothing is made before ``run``."""
        self._make = make
        self._turns = turns or Turns()
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
            words = self._make()
            # What a model needs is loaded for its first word; others may speak meanwhile.
            count = self._put(words, 1)
            most = FIRST
            while count:
                with self._turns.turn():
                    count = self._put(words, most)
                most = min(2 * most, AT_A_TIME)
                with self._changed:
                    # Many words at a time: each time that a thread wakes up, a training waits for it.
                    self._changed.wait_for(lambda: self._stopped or len(self._words) <= AHEAD - AT_A_TIME)
        except PLAIN_ERRORS as error:
            self.problem = sentence(error)
        except Exception as error:  # noqa: BLE001  # shown in words; the talk goes on
            self.problem = f"The model failed: {sentence(error)}."
        finally:
            self.ended.set()

    def _put(self, words: Iterator[Made], most: int) -> int:
        """Make up to ``most`` words and return how many it were."""
        count = 0
        for word in islice(words, most):
            with self._changed:
                if self._stopped:
                    return 0
                self._words.append(word)
            count += 1
        return count

    def take(self, limit: int) -> list[Made]:
        """Up to ``limit`` words that have not been taken yet."""
        with self._changed:
            words = [self._words.popleft() for _ in range(min(limit, len(self._words)))]
            if len(self._words) <= AHEAD - AT_A_TIME:
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
