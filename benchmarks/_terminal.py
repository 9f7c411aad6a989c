"""A program in a pseudo-terminal, driven by keys and read as it paints."""

# pyright: reportMissingImports=false

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import threading
import time
from pathlib import Path

PROGRAM = "from jokegen.tui.main import main; main()"
PROMPT_KEY, TRAIN_KEY, CLEAR_LINE = b"\x1bOR", b"\x1bOQ", b"\x15"  # F3, F2 and ctrl+u
ON_PROMPT_SCREEN = "repetition"
# Letters that nothing else on the screen has: to see one painted is to see the key's own effect.
LETTERS = [chr(code) for code in range(0x100, 0x17F)]


class Terminal:
    """The program in a pseudo-terminal, read by a thread that notes when what was painted."""

    def __init__(self, home: Path, program: str = PROGRAM, columns: int = 120, lines: int = 40) -> None:
        """Start ``program`` in Python, with its runs in ``home``."""
        self.began = time.perf_counter()
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            environment = os.environ | {"JOKEGEN_HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
            # Only the first launch after an install compiles the program, and that one is not measured.
            environment.pop("PYTHONDONTWRITEBYTECODE", None)
            os.execve(sys.executable, [sys.executable, "-c", program], environment)
        self._painted = bytearray()
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            select.select([self._file], [], [])
            try:
                data = os.read(self._file, 65536)
            except OSError:
                return
            with self._changed:
                self._painted += data
                self._changed.notify_all()

    def press(self, key: bytes) -> None:
        """Send a key."""
        os.write(self._file, key)

    def resize(self, columns: int, lines: int) -> None:
        """Give the window another size."""
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def wait_for(self, text: str, timeout: float) -> bool:
        """Wait until ``text`` has been painted since the last :meth:`forget`; return whether it was."""
        wanted = text.encode()
        with self._changed:
            return self._changed.wait_for(lambda: wanted in self._painted, timeout)

    @property
    def painted(self) -> str:
        """What has been painted since the last :meth:`forget`."""
        with self._changed:
            return self._painted.decode(errors="replace")

    def forget(self) -> None:
        """Look only at what is painted from now on."""
        with self._changed:
            self._painted.clear()

    def go_to_prompt(self, again_after: float = 0.5) -> None:
        """Change to the Prompt screen; the key is repeated, because before the first frame it is not heard."""
        for _ in range(50):
            self.forget()
            self.press(PROMPT_KEY)
            if self.wait_for(ON_PROMPT_SCREEN, again_after):
                return
        raise SystemExit("The app did not show its Prompt screen.")

    def key_to_paint(self, letter: str) -> float:
        """Type ``letter`` and return the milliseconds until it is on the screen."""
        self.forget()
        began = time.perf_counter()
        self.press(letter.encode())
        if not self.wait_for(letter, 10.0):
            raise SystemExit(f"The letter {letter} was typed and not painted within 10 seconds.")
        return 1000 * (time.perf_counter() - began)

    def type_for(self, seconds: float, pause: float) -> list[float]:
        """Type letters, each painted before the next, and return the milliseconds each took."""
        found: list[float] = []
        ends = time.perf_counter() + seconds
        while time.perf_counter() < ends:
            if len(found) % 60 == 59:
                self.press(CLEAR_LINE)
                time.sleep(0.1)
            found.append(self.key_to_paint(LETTERS[len(found) % len(LETTERS)]))
            time.sleep(pause)
        return found

    def close(self) -> None:
        """End the program, politely at first."""
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(self.pid, signal_number)
            except ProcessLookupError:
                break
            if self.ended(8.0):
                break
        os.close(self._file)

    def ended(self, seconds: float) -> bool:
        """Return whether the program has ended, or does within ``seconds``."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            try:
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    return True
            except ChildProcessError:
                return True
            time.sleep(0.05)
        return False
