"""Ctrl-C, SIGTERM and a closed terminal as a wish to stop, honoured between two steps of a training."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType, TracebackType
from typing import Any, Self

from .program import INTERRUPTED

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
_SHOW_CURSOR = "\x1b[?25h"


class StopSwitch:
    """Says whether stopping was asked for; the context in which it is entered takes the signals.

    Before ``training`` is set there is nothing to save, so a signal interrupts at once. After it, the first one only
    asks, and the second ends the process as it stands: what the last checkpoint holds can be resumed.
    """

    def __init__(self) -> None:
        """Start with nothing asked for."""
        self.asked = False
        self.training = False
        self._before: dict[signal.Signals, Any] = {}

    def __call__(self) -> bool:
        """Return whether stopping was asked for."""
        return self.asked

    def __enter__(self) -> Self:
        """Take the signals; one that is ignored (as under ``nohup``) stays ignored."""
        for name in _SIGNALS:
            number: signal.Signals | None = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            _say(f"{_SHOW_CURSOR if sys.stderr.isatty() else ''}aborted; what the last checkpoint holds can be resumed")
            os._exit(INTERRUPTED)
        self.asked = True
        if not self.training:
            raise KeyboardInterrupt
        _say("stopping after this step and saving; once more to abort")


def _say(sentence: str) -> None:
    # Not through sys.stderr: the signal may have come in the middle of a write to it.
    try:
        os.write(2, f"\njokegen-tui: {sentence}\n".encode())
    except OSError:
        return  # the terminal is gone
