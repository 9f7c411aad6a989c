"""The texts worth keeping, across all talks: one file of JSON lines, changed as a whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from ...data.cleaning import one_line, printable
from ..runs.files import unwritable, write_atomically
from .journals import KeepingError, as_line, damage, read_journal
from .provenance import Origin, origin_as_values, origin_from_values
from .stretches import mapping, text
from .talks import moment
from .turns import fold

if TYPE_CHECKING:
    from filelock import FileLock

VERSION = 1
LONGEST_TEXT = 20_000
"""Characters of a kept text."""
MOST_TAGS, LONGEST_TAG = 20, 40
_ID = re.compile(r"[0-9a-f]{4,32}")
_SECONDS_FOR_LOCK = 5.0


@dataclass(frozen=True)
class Kept:
    """One kept text."""

    id: str
    text: str
    when: str
    """When it was kept, ISO 8601."""
    prompt: str = ""
    """What of it a person had typed."""
    tags: tuple[str, ...] = ()
    bits: float | None = None
    """How surprised the model was by its own words: bits a word, on average."""
    copied: float | None = None
    """Share of its words (0–1) in stretches of five words that stand in the training texts."""
    origin: Origin | None = None
    """None where a person wrote it."""
    made: str = ""
    """As it was said, where it was edited since."""

    @property
    def words(self) -> int:
        """Words, separated by white space."""
        return len(self.text.split())

    @property
    def as_said(self) -> str:
        """The text before anybody edited it."""
        return self.made or self.text

    @property
    def run(self) -> str:
        """The run that said it, empty where a person did."""
        return "" if self.origin is None else self.origin.run


@dataclass(frozen=True)
class Contents:
    """What the file holds."""

    texts: tuple[Kept, ...]
    """As they were kept, one after the other."""
    notice: str = ""
    """A sentence about damaged lines."""


@dataclass(frozen=True)
class Change:
    """A change that can be taken back: for each text its lines before, with their places in the file."""

    before: Mapping[str, tuple[int, bytes] | None]


class Collection:
    """The file of kept texts; several JokeGens may change it."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is made when the first text is kept."""
        self.path = path

    def read(self) -> Contents:
        """Read all texts; damaged lines are left out and said. Raises KeepingError when the file cannot be read."""
        texts: dict[str, Kept] = {}
        damaged = 0
        for line in read_journal(self.path):
            kept = _kept_of(line.value)
            if kept is None or kept.id in texts:
                damaged += 1
            else:
                texts[kept.id] = kept
        return Contents(tuple(texts.values()), damage(self.path, damaged))

    def find(self, id: str) -> Kept:  # noqa: A002
        """Return the text whose name begins like this; raises KeepingError unless it is one."""
        found = [kept for kept in self.read().texts if kept.id.startswith(id)] if id else []
        exact = [kept for kept in found if kept.id == id]
        if len(exact or found) == 1:
            return (exact or found)[0]
        shown = one_line(id)[:40]
        if found:
            raise KeepingError(f"Several kept texts begin with '{shown}'; give more of the name.")
        raise KeepingError(f"There is no kept text '{shown}'; see 'jokegen-tui kept'.")

    def keep(self, kept: Kept) -> tuple[Kept, Change | None]:
        """Add a text; returns it with its name, and None where the same text is there already.

        Raises:
            KeepingError: it is empty or too long, or the file cannot be written.
        """
        checked = replace(kept, text=_checked_text(kept.text), tags=as_tags(kept.tags))
        with self._locked():
            lines = self._lines()
            known = {each.id: each for _, each in lines if each is not None}
            wanted = fold(checked.text)
            same = next((each for each in known.values() if wanted in (fold(each.text), fold(each.as_said))), None)
            if same is not None:
                return same, None
            id_ = token_hex(3)
            while id_ in known:
                id_ = token_hex(4)
            checked = replace(checked, id=id_, when=checked.when or moment())
            self._write([*(raw for raw, _ in lines), _line_of(checked)])
        return checked, Change({id_: None})

    def drop(self, ids: Sequence[str]) -> Change:
        """Take texts out of the collection."""
        return self._change(ids, lambda _: None)

    def edit(self, id: str, text: str) -> Change:  # noqa: A002
        """Give a text other words; what was said stays with it, so that it can still be made again."""
        checked = _checked_text(text)

        def edited(kept: Kept) -> Kept:
            return replace(kept, text=checked, made="" if checked == kept.as_said else kept.as_said)

        return self._change([id], edited)

    def tag(self, id: str, tags: Sequence[str]) -> Change:  # noqa: A002
        """Give a text these tags and no others."""
        checked = as_tags(tags)
        return self._change([id], lambda kept: replace(kept, tags=checked))

    def undo(self, change: Change) -> None:
        """Put the texts of a change back as they were, where they were."""
        with self._locked():
            lines = [(raw, kept) for raw, kept in self._lines() if kept is None or kept.id not in change.before]
            raws = [raw for raw, _ in lines]
            for place, raw in sorted(filter(None, change.before.values())):
                raws.insert(min(place, len(raws)), raw)
            self._write(raws)

    def _change(self, ids: Sequence[str], changed: Callable[[Kept], Kept | None]) -> Change:
        with self._locked():
            raws: list[bytes] = []
            before: dict[str, tuple[int, bytes] | None] = {}
            for place, (raw, kept) in enumerate(self._lines()):
                if kept is None or kept.id not in ids:
                    raws.append(raw)
                    continue
                before[kept.id] = (place, raw)
                now = changed(kept)
                if now is not None:
                    raws.append(_line_of(now))
            missing = next((id_ for id_ in ids if id_ not in before), None)
            if missing is not None:
                raise KeepingError(f"There is no kept text '{one_line(missing)[:40]}' any more.")
            self._write(raws)
        return Change(before)

    def _lines(self) -> list[tuple[bytes, Kept | None]]:
        """Return all lines as they stand in the file; damaged ones, and a second one of a text, without a text."""
        found: list[tuple[bytes, Kept | None]] = []
        seen: set[str] = set()
        for line in read_journal(self.path):
            kept = _kept_of(line.value)
            if kept is not None and kept.id in seen:
                kept = None
            if kept is not None:
                seen.add(kept.id)
            found.append((line.raw, kept))
        return found

    def _write(self, raws: Sequence[bytes]) -> None:
        write_atomically(self.path, b"".join(raw.rstrip(b"\n") + b"\n" for raw in raws))

    @contextmanager
    def _locked(self) -> Generator[None]:
        from filelock import FileLock, Timeout  # not before there is something to change

        lock: FileLock = FileLock(self.path.with_name(f".{self.path.name}.lock"), thread_local=False)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=_SECONDS_FOR_LOCK)
        except Timeout as error:
            raise KeepingError("Another JokeGen is changing the kept texts; try again in a moment.") from error
        except OSError as error:
            raise KeepingError(unwritable(self.path, error)) from error
        try:
            yield
        finally:
            lock.release()


def new(text: str, **fields: Any) -> Kept:
    """Return a text that has no name yet, kept now."""
    return Kept("", text, moment(), **fields)


def as_tags(words: Sequence[str]) -> tuple[str, ...]:
    """Return tags as they are kept: single words without the mark ``#``, each once, in their order."""
    found = [word.strip("#")[:LONGEST_TAG] for each in words for word in one_line(each).replace(",", " ").split()]
    return tuple(dict.fromkeys(filter(None, found)))[:MOST_TAGS]


def as_values(kept: Kept) -> dict[str, Any]:
    """Return a kept text by its fields, as its line in the file has them."""
    values: dict[str, Any] = {
        "kept": VERSION, "id": kept.id, "text": kept.text, "when": kept.when, "prompt": kept.prompt,
        "tags": list(kept.tags), "bits": kept.bits, "copied": kept.copied, "made": kept.made,
        "origin": None if kept.origin is None else origin_as_values(kept.origin),
    }  # fmt: skip
    return {name: value for name, value in values.items() if value not in ("", None, [])}


def _line_of(kept: Kept) -> bytes:
    return as_line(as_values(kept)).rstrip(b"\n")


def _checked_text(text_: str) -> str:
    cleaned = printable(text_).strip()
    if not cleaned:
        raise KeepingError("There is no text to keep.")
    if len(cleaned) > LONGEST_TEXT:
        raise KeepingError(f"A kept text has at most {LONGEST_TEXT:,} characters; keep a part of it.")
    return cleaned


def _kept_of(value: Mapping[str, Any] | None) -> Kept | None:
    """Return the text of a line; None where the line is damaged."""
    if value is None:
        return None
    try:
        id_, cleaned = text(value, "id"), printable(text(value, "text")).strip()
        if not cleaned or len(cleaned) > LONGEST_TEXT or _ID.fullmatch(id_) is None:
            return None
        tags = [tag for tag in value.get("tags", []) if isinstance(tag, str)]
        origin = value.get("origin")
        return Kept(
            id_, cleaned, one_line(text(value, "when"))[:40], printable(text(value, "prompt")), as_tags(tags),
            _number(value.get("bits"), 1e6), _number(value.get("copied"), 1.0),
            None if origin is None else origin_from_values(mapping(origin)), printable(text(value, "made")).strip(),
        )  # fmt: skip
    except (ValueError, TypeError):
        return None


def _number(value: object, most: float) -> float | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most
    return float(value) if fits else None  # pyright: ignore[reportArgumentType]
