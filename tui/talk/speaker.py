"""The answer that is being shown: which words are due at the chosen typing speed, and how the answer ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .conversation import Conversation, Ending, Turn
from .word_stream import WordStream

if TYPE_CHECKING:
    from ...core.speaking.choices import Sampling
    from ...core.speaking.generation import Word

AT_ONCE = 10_000
"""Words shown in one go when the speed is 0."""


class Speaker:
    """Takes words from a stream at a pace and adds them to a turn of a conversation."""

    def __init__(self, talk: Conversation, turn: Turn, stream: WordStream, sampling: Sampling) -> None:
        """Speak ``turn`` of ``talk``; the stream is run by someone else and draws by ``sampling``."""
        self.turn = turn
        self.stream = stream
        self.sampling = sampling
        self._talk = talk
        self._since = time.monotonic()
        self._shown = 0

    def say_due(self, speed: float) -> list[Word]:
        """Add the words whose time has come at ``speed`` words a second (0: all there are) and return them."""
        due = AT_ONCE if speed <= 0 else int((time.monotonic() - self._since) * speed) + 1 - self._shown
        words = self.stream.take(max(0, due))
        if words:
            self._shown += len(words)
            self._talk.say(self.turn, words)
        return words

    @property
    def done(self) -> bool:
        """Whether all words have been said."""
        return self.stream.done

    def finish(self, *, stopped: bool = False) -> None:
        """End the answer; the talk stands after the last word said."""
        self.stream.stop()
        turn = self.turn
        turn.seconds += time.monotonic() - self._since
        ending: Ending = "end of text" if turn.ended_by_itself else "word limit"
        if self.stream.problem:
            ending = "failed"
        elif stopped and not turn.ended_by_itself:
            ending = "stopped"
        turn.ending = ending
        self._talk.position = turn.position
