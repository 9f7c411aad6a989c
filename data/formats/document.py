"""One file that is to be read: its bytes, its name, and its text once it is asked for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cached_property
from pathlib import PurePosixPath

from ..encodings import decode, is_utf8
from ..findings import Findings
from ..sources.containers import Blob

_HEAD = 262_144
_LARGE = 4 * 1024 * 1024
_FEWEST_LINES = 10
_LONGEST_HEAD = 128 * _HEAD
_MOST_RETURNS = 20
"""Carriage returns within one line beyond which they end lines: a file of an old Mac put behind another."""
SOFT_BREAK = "\x0b"
"""A line break within a text, which cleaning makes a newline."""


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
        soft = _returns_are_soft(text[:_HEAD])
        if soft:
            self.findings.repair(f"Carriage returns within lines of {self.name} were read as line breaks in the texts.")
        return ended(text, soft=soft), encoding

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
                text, complete = ended(text, soft=self.has_soft_returns), size >= len(self.data)
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
        return _whole_lines(ended(text, soft=self.has_soft_returns).partition("\n")[2], complete=False)

    def ended_lines(self) -> Iterator[str]:
        """Yield all lines with a newline at the end of each."""
        if not self._large_utf8:
            yield from lines_of(self.text.strip("\n"))
            return
        # Decoded line by line: as a whole a large text would stand in the memory twice.
        file = io.BytesIO(self.data)
        if not self.has_soft_returns:
            for line in io.TextIOWrapper(file, encoding="utf-8-sig"):
                yield line.removeprefix("\ufeff")
        else:
            for line in io.TextIOWrapper(file, encoding="utf-8-sig", newline="\n"):
                yield ended(line, soft=True)

    @cached_property
    def has_soft_returns(self) -> bool:
        """Whether a carriage return of a large text breaks a line within a text rather than ends it."""
        return _returns_are_soft(self.data[:_HEAD].decode("utf-8", errors="ignore"))

    @cached_property
    def lines(self) -> list[str]:
        """The filled lines of the head, stripped."""
        return [line.strip() for line in self.head.split("\n") if line.strip()]


def _returns_are_soft(text: str) -> bool:
    """Whether lines end by newlines, and only here and there one has a carriage return within."""
    if "\r" not in text:
        return False
    lone = [line.count("\r") - line.endswith("\r") for line in text.split("\n")]
    return 0 < 2 * sum(lone) < len(lone) and max(lone) <= _MOST_RETURNS


def ended(text: str, *, soft: bool) -> str:
    """Return ``text`` with newlines at the ends of its lines, and soft breaks within them."""
    if "\r" not in text:
        return text
    return text.replace("\r\n", "\n").replace("\r", SOFT_BREAK if soft else "\n")


def lines_of(text: str) -> Iterator[str]:
    """Yield the lines of ``text`` with a newline at the end of each."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start : end + 1]
        start = end + 1
    yield text[start:] + "\n"


def _whole_lines(text: str, *, complete: bool) -> str:
    if complete:
        return text
    before, newline, _ = text.rpartition("\n")
    return before if newline else text
