"""The series of a training in a thread, as a screen sees them."""

from __future__ import annotations

import threading

from ..runs.series import SeriesBook, Thinned


class SharedBook:
    """Series that another thread adds to, looked at between two steps."""

    def __init__(self, book: SeriesBook, lock: threading.Lock) -> None:
        """Look at ``book``, which is only changed under ``lock``."""
        self._book, self._lock = book, lock

    @property
    def names(self) -> tuple[str, ...]:
        """The series there are so far."""
        with self._lock:
            return self._book.names

    def thinned(self, name: str, left: float, right: float, at_most: int) -> Thinned:
        """Return a stretch of a series, thinned to ``at_most`` buckets."""
        with self._lock:
            return self._book.thinned(name, left, right, at_most)
