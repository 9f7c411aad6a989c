"""One file that is to be read: its bytes, its name, and its text once it is asked for."""

from __future__ import annotations

from functools import cached_property
from pathlib import PurePosixPath

from ..encodings import decode, is_utf8
from ..findings import Findings
from ..sources.containers import Blob

_HEAD = 262_144
_LARGE = 4 * 1024 * 1024
_FEWEST_LINES = 10
_LONGEST_HEAD = 16 * _HEAD


class Document:
    """A file as the formats see it; its encoding is found when its text is first asked for."""

    def __init__(self, blob: Blob, findings: Findings) -> None:
        """Look at the bytes of ``blob``; what is found out goes to ``findings``."""
        self.name = blob.name
        self.data = blob.data
        self.inside = blob.inside
        self.findings = findings
        self.suffix = PurePosixPath(blob.name.lower()).suffix
        """The ending of the name in lower case with its dot, or nothing."""

    @property
    def is_filled(self) -> bool:
        """Whether there is anything but white space in it."""
        return bool(self.data) and not self.data.isspace()

    @cached_property
    def _decoded(self) -> tuple[str, str]:
        text, encoding = decode(self.data, self.name, self.findings)
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text, encoding

    @cached_property
    def _large_utf8(self) -> bool:
        return len(self.data) > _LARGE and is_utf8(self.data)

    @property
    def text(self) -> str:
        """The whole text, its lines ended by newlines; raises CorpusError for a binary file."""
        return self._decoded[0]

    @property
    def encoding(self) -> str:
        """The name of the encoding."""
        return "utf-8" if self._large_utf8 else self._decoded[1]

    @cached_property
    def head(self) -> str:
        """The beginning of the text up to the end of a line: enough to judge by, and quick to look at."""
        size = _HEAD
        while True:
            if self._large_utf8:
                text = self.data[:size].decode("utf-8", errors="ignore").removeprefix("\ufeff")
                text, complete = text.replace("\r\n", "\n").replace("\r", "\n"), size >= len(self.data)
            else:
                text, complete = self.text[:size], size >= len(self.text)
            # Where a line below the first is as long as a book it takes more to see what the lines are.
            breaks = text.count("\n")
            if complete or not breaks or breaks >= _FEWEST_LINES or size >= _LONGEST_HEAD:
                return _whole_lines(text, complete=complete)
            size *= 4

    @cached_property
    def middle(self) -> str:
        """Some whole lines from the middle of a large text; nothing for a small one."""
        if not self._large_utf8:
            return ""
        start = len(self.data) // 2
        text = self.data[start : start + _HEAD // 4].decode("utf-8", errors="ignore")
        return _whole_lines(text.replace("\r\n", "\n").replace("\r", "\n").partition("\n")[2], complete=False)

    @cached_property
    def lines(self) -> list[str]:
        """The filled lines of the head, stripped."""
        return [line.strip() for line in self.head.split("\n") if line.strip()]


def _whole_lines(text: str, *, complete: bool) -> str:
    if complete:
        return text
    before, newline, _ = text.rpartition("\n")
    return before if newline else text
