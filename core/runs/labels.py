"""Tags and a note, by which a person finds a run again."""

from __future__ import annotations

from collections.abc import Iterable

from ...data.cleaning import one_line
from ..errors import RunError
from .folder import Run

PINNED = "pinned"
"""The tag of the runs that stand above all others in a list."""
LONGEST_TAG = 40
MOST_TAGS = 20
LONGEST_NOTE = 500
"""Characters of a note."""


def tag(run: Run, add: Iterable[str] = (), remove: Iterable[str] = ()) -> tuple[str, ...]:
    """Give a run tags, take others away, and return those that it has then; case does not tell tags apart.

    Raises:
        RunError: a tag is empty or long, there are too many, or the run cannot be changed.
    """
    wanted = {label.casefold(): label for label in run.info.tags}
    for label in remove:
        if wanted.pop(one_line(label).casefold(), None) is None:
            raise RunError(f"The run '{run.name}' has no tag '{one_line(label)[:LONGEST_TAG]}'.")
    for label in map(one_line, add):
        if not label or len(label) > LONGEST_TAG or "," in label:
            raise RunError(f"'{label[:LONGEST_TAG]}' cannot be a tag; use 1 to {LONGEST_TAG} characters, no comma.")
        wanted.setdefault(label.casefold(), label)
    if len(wanted) > MOST_TAGS:
        raise RunError(f"A run can have {MOST_TAGS} tags and not {len(wanted)}; take some away first.")
    tags = tuple(wanted.values())
    run.update_info(tags=tags)
    return tags


def pin(run: Run) -> bool:
    """Pin a run, or unpin a pinned one, and return whether it is pinned then; raises RunError as :func:`tag` does."""
    pinned = is_pinned(run.info.tags)
    tag(run, [] if pinned else [PINNED], [PINNED] if pinned else [])
    return not pinned


def is_pinned(tags: Iterable[str]) -> bool:
    """Return whether a run with these tags is pinned."""
    return any(label.casefold() == PINNED for label in tags)


def annotate(run: Run, note: str) -> str:
    """Give a run a note on one line instead of the one that it had, and return it; an empty one takes it away.

    Raises:
        RunError: the note is long, or the run cannot be changed.
    """
    line = one_line(note)
    if len(line) > LONGEST_NOTE:
        raise RunError(f"A note can have {LONGEST_NOTE} characters and not {len(line)}; shorten it.")
    run.update_info(note=line)
    return line
