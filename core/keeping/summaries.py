"""A talk's line in the list, found by counting: a folder of hundreds is listed without building any of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...data.cleaning import one_line
from .journals import KeepingError, damage, read_journal

LONGEST_TITLE = 80
"""Characters of a title."""


@dataclass(frozen=True)
class TalkSummary:
    """A talk's line in the list."""

    id: str
    title: str
    created: str
    changed: str
    """When it was last added to, ISO 8601."""
    answers: int
    """Stretches that a model said, in all branches."""
    words: int
    """Tokens, in all branches."""
    models: tuple[str, ...]
    problem: str = ""
    """A sentence about what of it cannot be read."""


def summary_of(path: Path) -> TalkSummary | None:
    """Return the line of a talk; None where its file was deleted at this moment."""
    try:
        seconds = path.stat().st_mtime
    except OSError:
        return None
    changed = datetime.fromtimestamp(seconds, UTC).isoformat()
    count = _Count()
    try:
        for line in read_journal(path):
            count.take(line.value)
    except KeepingError as error:
        return TalkSummary(path.stem, "", "", changed, 0, 0, (), str(error))
    problem = damage(path, count.damaged)
    if count.damaged == count.lines:
        count.title = ""
        problem = f"Nothing in {one_line(path.name)} can be read as a talk; restore it from a copy."
    return TalkSummary(
        path.stem, count.title, count.created, changed, sum(map(bool, count.said.values())),
        sum(count.words.values()), tuple(dict.fromkeys(filter(None, count.said.values()))), problem,
    )  # fmt: skip


class _Count:
    """What the lines of a talk add up to."""

    def __init__(self) -> None:
        self.title, self.created = "(without a title)", ""
        self.said: dict[int, str] = {}
        """For each stretch the run that said it, empty for the person."""
        self.words: dict[int, int] = {}
        self.lines = self.damaged = 0

    def take(self, value: Mapping[str, Any] | None) -> None:
        self.lines += 1
        try:
            self._take(value or {})
        except (TypeError, AttributeError, ValueError):
            self.damaged += 1

    def _take(self, value: Mapping[str, Any]) -> None:
        if "stretch" in value:
            author = value.get("author")
            self.words[int(value["stretch"])] = len(value.get("words", []))
            self.said[int(value["stretch"])] = "" if author is None else one_line(author.get("run", "")) or "?"
        elif "more" in value:
            self.words[int(value["more"])] = int(value["from"]) + len(value["words"])
        elif "talk" in value:
            self.title = one_line(value.get("title", ""))[:LONGEST_TITLE] or self.title
            self.created = one_line(value.get("created", ""))[:40] or self.created
        elif not ("roots" in value or "tokenizers" in value):
            raise ValueError("no line of a talk")
