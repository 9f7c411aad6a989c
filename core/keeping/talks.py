"""The folder of all talks: one file of JSON lines for each, whose latest lines count."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from ...data.cleaning import one_line
from ..errors import RunError
from ..runs.files import unwritable
from .journals import KeepingError, append, as_line, damage, read_journal
from .stretches import mapping, stretch_of, text, whole, words_of
from .summaries import LONGEST_TITLE, TalkSummary, summary_of
from .tree import Author, Place, Stretch, Talk

if TYPE_CHECKING:
    from ..runs.store import RunStore

VERSION = 1
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_ENDING = ".jsonl"
_UNKNOWN = -1
"""The number of a stretch that there is not."""


@dataclass(frozen=True, eq=False)
class StoredTalk:
    """A talk as its file has it."""

    id: str
    title: str
    """As the person named it, else its first words."""
    created: str
    """When it began, ISO 8601."""
    talk: Talk
    tokenizers: Mapping[str, str] = field(default_factory=dict[str, str])
    """For each run whose tokens stand in it, a hash of the tokenizer that numbered them."""
    notices: tuple[str, ...] = ()


class TalkStore:
    """The talks on the disk."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when the first talk is saved."""
        self.folder = folder

    def path(self, id: str) -> Path:  # noqa: A002
        """Return the file of a talk, which need not exist; raises KeepingError for what could not be its name."""
        if _ID.fullmatch(id) is None:
            raise KeepingError(f"'{one_line(id)[:40]}' names no talk; see 'jokegen-tui talks'.")
        return self.folder / f"{id}{_ENDING}"

    def free_id(self) -> str:
        """Return the name of a new talk."""
        while (self.folder / f"{(id_ := token_hex(3))}{_ENDING}").exists():
            continue
        return id_

    def find(self, id: str) -> str:  # noqa: A002
        """Return the whole name of the talk whose name begins like this; raises KeepingError unless it is one."""
        _ = self.path(id)
        names = [path.stem for path in self._files()]
        found = [id] if id in names else [name for name in names if name.startswith(id)]
        if len(found) == 1:
            return found[0]
        if found:
            raise KeepingError(f"Several talks begin with '{id}'; give more of the name.")
        raise KeepingError(f"There is no talk named '{id}'; see 'jokegen-tui talks'.")

    def open(self, id: str) -> StoredTalk:  # noqa: A002
        """Read a talk; damaged lines are left out and said. Raises KeepingError when there is none to read."""
        name = self.find(id)
        return read_talk(self.path(name))

    def list(self) -> list[TalkSummary]:
        """Return all talks, the one that was added to last first; those that cannot be read too."""
        found = [summary for path in self._files() if (summary := summary_of(path)) is not None]
        return sorted(found, key=lambda summary: summary.changed, reverse=True)

    def rename(self, id: str, title: str) -> str:  # noqa: A002
        """Give a talk another title, and return it as it is kept."""
        path = self.path(self.find(id))
        kept = one_line(title)[:LONGEST_TITLE].strip()
        if not kept:
            raise KeepingError("A talk needs a title with at least one character.")
        append(path, [as_line({"talk": VERSION, "title": kept})])
        return kept

    def delete(self, id: str) -> None:  # noqa: A002
        """Delete a talk for good."""
        path = self.path(self.find(id))
        try:
            path.unlink()
        except OSError as error:
            raise KeepingError(unwritable(path, error)) from error

    def _files(self) -> list[Path]:
        try:
            return [path for path in self.folder.glob(f"*{_ENDING}") if _ID.fullmatch(path.stem) and path.is_file()]
        except OSError as error:
            raise KeepingError(f"The talks in {one_line(str(self.folder))} cannot be read.") from error


def read_talk(path: Path) -> StoredTalk:
    """Read a talk from its file.

    Raises:
        KeepingError: there is no such file, nothing in it can be read, or it is from a later version.
    """
    if not path.is_file():
        raise KeepingError(f"There is no talk named '{one_line(path.stem)}'; see 'jokegen-tui talks'.")
    stretches: dict[int, Stretch] = {}
    tokenizers: dict[str, str] = {}
    title = created = ""
    roots: list[int] = []
    head: Place | None = None
    damaged = lines = 0
    for line in read_journal(path):
        lines += 1
        try:
            values = mapping(line.value)
            if "stretch" in values:
                stretch = stretch_of(values)
                stretches[stretch.number] = stretch
            elif "more" in values:
                grown, words = whole(values["more"]), words_of(values.get("words"))
                # Its own line may be damaged: then nobody knows what it followed.
                stretch = stretches.setdefault(grown, Stretch(grown, _UNKNOWN, Author("?")))
                stretch.words = stretch.words[: whole(values.get("from"))] + words
            elif "roots" in values:
                roots = [whole(root) for root in values["roots"]]
                head = None if values.get("head") is None else Place(*map(whole, values["head"]))
            elif "tokenizers" in values:
                tokenizers |= {name: text(values["tokenizers"], name) for name in mapping(values["tokenizers"])}
            elif "talk" in values:
                if whole(values["talk"]) > VERSION:
                    raise KeepingError(f"The talk {path.stem} was written by a later JokeGen; update this one.")
                title = one_line(text(values, "title"))[:LONGEST_TITLE] or title
                created = one_line(text(values, "created"))[:40] or created
            else:
                damaged += 1
        except (ValueError, TypeError, KeyError):
            damaged += 1
    if lines and damaged == lines:
        raise KeepingError(f"Nothing in {one_line(path.name)} can be read as a talk; restore it from a copy.")
    talk, astray = _assembled(stretches, roots, head)
    notices = [damage(path, damaged)]
    if astray:
        notices.append(f"What some words of {one_line(path.name)} followed is lost; they stand at the beginning now.")
    return StoredTalk(path.stem, title or first_words(talk), created, talk, tokenizers, tuple(filter(None, notices)))


def first_words(talk: Talk) -> str:
    """Return what a talk without a title is called."""
    for stretch in sorted(talk.stretches.values(), key=lambda stretch: stretch.number):
        said = one_line(stretch.text)
        if said:
            return said if len(said) <= LONGEST_TITLE else f"{said[: LONGEST_TITLE - 1].rstrip()}…"
    return "(nothing said yet)"


def tokenizer_hash(runs: RunStore, run: str) -> str:
    """Return a hash of a run's tokenizer, empty where there is no such run."""
    from ..runs.folder import TOKENIZER

    try:
        return hashlib.sha256((runs.open(run).path / TOKENIZER).read_bytes()).hexdigest()[:16]
    except (RunError, OSError):
        return ""


def with_tokens_checked(stored: StoredTalk, tokenizer_of: Callable[[str], str]) -> tuple[str, ...]:
    """Read words as text from now on whose run has gone over to other tokens; return what is to be said about it.

    Args:
        stored: a talk that was read; its stretches are changed.
        tokenizer_of: gives the hash of a run's tokenizer, as :func:`tokenizer_hash` does.
    """
    runs = {stretch.tokens_of for stretch in stored.talk.stretches.values() if stretch.tokens_of}
    now = {run: tokenizer_of(run) for run in runs}
    changed = {run for run in runs if not now[run] or now[run] != stored.tokenizers.get(run)}
    for stretch in stored.talk.stretches.values():
        if stretch.tokens_of in changed:
            stretch.tokens_of = ""
    return tuple(
        f"The run '{one_line(run)}' reads other tokens than when it spoke here, so its words are read as text."
        for run in sorted(changed)
        if now[run] and run in stored.tokenizers
    )


def moment() -> str:
    """Return the time now, ISO 8601 in UTC to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _assembled(stretches: dict[int, Stretch], roots: Sequence[int], head: Place | None) -> tuple[Talk, bool]:
    """Return the tree of these stretches, each reachable whatever is missing, and whether some had to be moved."""
    talk = Talk()
    talk.stretches = dict(sorted(stretches.items()))
    astray = [stretch for stretch in stretches.values() if _is_astray(stretch, stretches)]
    for stretch in astray:
        stretch.parent, stretch.fresh = None, True
    astray += _cycle_breakers(stretches)
    followers: dict[int | None, list[int]] = {}
    for number, stretch in talk.stretches.items():
        followers.setdefault(stretch.parent, []).append(number)
    talk.roots = _ordered(followers.get(None, []), roots)
    for stretch in talk.stretches.values():
        stretch.children = _ordered(followers.get(stretch.number, []), stretch.children)
        if not stretch.children and not stretch.ending and not stretch.author.is_person:
            stretch.ending = "end of text" if stretch.ended_by_itself else "stopped"
    if head is not None and head.stretch in stretches and head.words <= len(stretches[head.stretch].words):
        talk.stand(head)
    elif head is not None and talk.roots:
        talk.turn_to(talk.roots[-1])
    return talk, bool(astray)


def _is_astray(stretch: Stretch, stretches: Mapping[int, Stretch]) -> bool:
    return stretch.parent is not None and stretch.parent not in stretches


def _cycle_breakers(stretches: Mapping[int, Stretch]) -> list[Stretch]:
    """Make a root of one stretch in each circle, and return those."""
    broken: list[Stretch] = []
    seen: set[int] = set()
    for number in stretches:
        walked: set[int] = set()
        at: int | None = number
        while at is not None and at not in seen:
            walked.add(at)
            seen.add(at)
            at = stretches[at].parent
        if at is not None and at in walked:
            stretches[at].parent, stretches[at].fresh = None, True
            broken.append(stretches[at])
    return broken


def _ordered(numbers: Sequence[int], wanted: Sequence[int]) -> list[int]:
    """Return ``numbers``, those in ``wanted`` last and in its order: the last one is the branch that is followed."""
    known = [number for number in dict.fromkeys(wanted) if number in set(numbers)]
    return [number for number in numbers if number not in set(known)] + known


def values_of(talk: Talk) -> dict[str, Any]:
    """Return where one stands in a talk, as its file keeps it."""
    head = talk.head
    return {"roots": list(talk.roots), "head": None if head is None else [head.stretch, head.words]}
