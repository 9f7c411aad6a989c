"""Saving a talk while it grows: what has changed is noted where the talk is, and written where that holds up nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .journals import append, as_line
from .stretches import stretch_as_values, words_as_values
from .talks import VERSION, StoredTalk, TalkStore, first_words, moment, values_of
from .tree import Stretch, Talk

if TYPE_CHECKING:
    from filelock import FileLock


class Autosave:
    """Keeps one talk on the disk. ``note`` belongs to the thread that changes the talk; any thread may ``write``."""

    def __init__(self, store: TalkStore, tokenizer_of: Callable[[str], str], stored: StoredTalk | None = None) -> None:
        """Keep a new talk, or go on with ``stored``.

        Args:
            store: where talks are kept.
            tokenizer_of: gives the hash of a run's tokenizer; it is asked while writing.
            stored: a talk that was just read.
        """
        self._store = store
        self._tokenizer_of = tokenizer_of
        self.id = store.free_id() if stored is None else stored.id
        self._saved: dict[int, Stretch] = {}
        self._standing: dict[str, Any] = {}
        self._tokenizers = {} if stored is None else dict(stored.tokenizers)
        self._begun = stored is not None
        self._noted: list[dict[str, Any]] = []
        self._noting = threading.Lock()
        self._writing = threading.Lock()
        self._lock: FileLock | None = None
        if stored is not None:
            self._saved = {number: _copy(stretch) for number, stretch in stored.talk.stretches.items()}
            self._standing = values_of(stored.talk)
            if not self._take():
                # Another JokeGen goes on with it: two in one file would mix their words.
                self.id, self._begun, self._saved, self._standing = store.free_id(), False, {}, {}
                self._tokenizers = {}

    def note(self, talk: Talk) -> bool:
        """Note what has changed since the last time; returns whether there is something to write."""
        lines: list[dict[str, Any]] = []
        for number, stretch in talk.stretches.items():
            saved = self._saved.get(number)
            if saved is None or saved != stretch:
                lines.append(_change(saved, stretch))
                self._saved[number] = _copy(stretch)
        standing = values_of(talk)
        if talk.stretches and standing != self._standing:
            lines.append(standing)
            self._standing = standing
        if lines and not self._begun:
            self._begun = True
            lines.insert(0, {"talk": VERSION, "title": first_words(talk), "created": moment()})
        with self._noting:
            self._noted += lines
            return bool(self._noted)

    def write(self) -> None:
        """Append what was noted; raises KeepingError when the disk does not take it, which is tried again next time."""
        with self._writing:
            with self._noting:
                lines, self._noted = self._noted, []
            if not lines:
                return
            try:
                self._take()
                append(self._store.path(self.id), map(as_line, [*self._new_tokenizers(lines), *lines]))
            except BaseException:
                with self._noting:
                    self._noted = lines + self._noted
                raise

    def close(self) -> None:
        """Let another JokeGen go on with the talk."""
        if self._lock is not None:
            self._lock.release()
            self._lock_path.unlink(missing_ok=True)
            self._lock = None

    @property
    def _lock_path(self) -> Any:
        return self._store.folder / f".{self.id}.lock"

    def _take(self) -> bool:
        """Take the talk, so that no other JokeGen goes on with it; returns whether that worked."""
        if self._lock is not None:
            return True
        from filelock import FileLock, Timeout  # not before there is something to save

        lock = FileLock(self._lock_path, thread_local=False)
        try:
            self._store.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError:
            return True  # a disk that cannot be written is said by what writes to it
        self._lock = lock
        return True

    def _new_tokenizers(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        runs = {line["tokens_of"] for line in lines if line.get("tokens_of")} - self._tokenizers.keys()
        found = {run: hashed for run in sorted(runs) if (hashed := self._tokenizer_of(run))}
        self._tokenizers |= found
        return [{"tokenizers": found}] if found else []


def _change(saved: Stretch | None, stretch: Stretch) -> dict[str, Any]:
    """Return the line that makes ``saved`` into ``stretch``: the new words alone where it has only grown."""
    if saved is not None and saved.words:
        count = len(saved.words)
        grown = replace(saved, words=stretch.words) == stretch
        if grown and len(stretch.words) > count and stretch.words[:count] == saved.words:
            return {"more": stretch.number, "from": count, "words": words_as_values(stretch.words[count:])}
    return stretch_as_values(stretch)


def _copy(stretch: Stretch) -> Stretch:
    return replace(stretch, children=list(stretch.children))
