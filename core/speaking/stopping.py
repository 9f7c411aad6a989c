"""When a text may end, and noticing that it has said what it was to end with."""

from __future__ import annotations

from collections.abc import Callable

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


class LeastWords:
    """Counts the words of one text as it is made: it does not end before it has enough, nor after a space."""

    def __init__(self, tokenizer: Tokenizer, begins_word: Callable[..., bool], least: int) -> None:
        """Begin a text; ``begins_word(token, first=…)`` says of a token whether it begins a word."""
        self._tokenizer = tokenizer
        self._begins_word = begins_word
        self._least = least
        self._whole = True
        self.made = 0
        """Words so far."""

    @property
    def waits(self) -> bool:
        """Whether the end has to wait."""
        return self.made < self._least or not self._whole

    def sees(self, token: int) -> None:
        """Add a token."""
        self.made += self._begins_word(token, first=self.made == 0)
        self._whole = not self._tokenizer.token_text(token)[-1:].isspace()
