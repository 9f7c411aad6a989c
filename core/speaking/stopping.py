"""Noticing that a text has said what it was to end with."""

from __future__ import annotations

from ...data.tokenization import Tokenizer


class StopWatch:
    """Watches the tokens of one text until it has said ``stop``; an empty one is never said."""

    def __init__(self, tokenizer: Tokenizer, stop: str) -> None:
        """Begin a text."""
        self._tokenizer = tokenizer
        self._stop = stop
        # Each token is a byte at least, and one more may have begun before it.
        self._longest = len(stop.encode()) + 1
        self._last: list[int] = []

    def sees(self, token: int) -> bool:
        """Add a token; return whether the text has now said it."""
        if not self._stop:
            return False
        self._last = [*self._last, token][-self._longest :]
        if self._tokenizer.kind == "bpe":
            said = self._tokenizer.decode(self._last)
        else:
            said = "".join(map(self._tokenizer.token_text, self._last))
        return self._stop in said
