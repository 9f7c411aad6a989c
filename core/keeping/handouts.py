"""What a person takes along of what is kept: plain text, Markdown, JSON; and files that replace no other."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...data.cleaning import one_line, printable
from ...data.sources.confinement import is_confined
from ..runs.files import write_atomically
from .collection import Kept, as_values
from .journals import KeepingError
from .stretches import stretch_as_values
from .talks import StoredTalk, values_of
from .turns import Turn, transcript, turns_of

KEPT_FORMATS = ("text", "csv", "jsonl", "markdown")
TALK_FORMATS = ("text", "markdown", "json")
_ENDINGS = {".md": "markdown", ".markdown": "markdown", ".json": "json", ".jsonl": "jsonl", ".csv": "csv"}
_MARKS = re.compile(r"[\\`*_\[\]<>#|~&]")
_LEADING_MARK = re.compile(r"^(\s*)([-+=]|\d+[.)])", re.MULTILINE)


def format_of(path: Path | None, asked: str | None, usual: str = "text") -> str:
    """Return the format that was asked for, else the one that a file's name says, else the usual one."""
    if asked is not None:
        return asked
    return usual if path is None else _ENDINGS.get(path.suffix.lower(), usual)


def talk_as(form: str, stored: StoredTalk) -> str:
    """Return a talk in one of ``TALK_FORMATS``; the first two hold the line that is shown, JSON every branch."""
    if form == "json":
        return json.dumps(talk_as_values(stored), indent=2) + "\n"
    return _as_markdown(stored) if form == "markdown" else transcript(stored.talk)


def talk_as_values(stored: StoredTalk) -> dict[str, Any]:
    """Return a whole talk as plain JSON values."""
    return {
        "id": stored.id, "title": stored.title, "created": stored.created,
        "text": printable(stored.talk.text()), **values_of(stored.talk),
        "stretches": [
            {**stretch_as_values(stretch), "text": stretch.text} for stretch in stored.talk.stretches.values()
        ],
    }  # fmt: skip


def kept_as(form: str, texts: Sequence[Kept]) -> str:
    """Return kept texts in one of ``KEPT_FORMATS``: CSV and JSON lines hold what is known of them, text does not."""
    if form == "jsonl":
        return "".join(json.dumps(as_values(kept)) + "\n" for kept in texts)
    if form == "csv":
        return _as_table(texts)
    if form == "markdown":
        return "".join(f"- {as_markdown_text(kept.text)}  \n  *{as_markdown_text(said_by(kept))}*\n" for kept in texts)
    # Texts of several lines are parted by blank ones, as they are read again.
    between = "\n\n" if any("\n" in kept.text for kept in texts) else "\n"
    return between.join(kept.text for kept in texts) + "\n" * bool(texts)


def said_by(kept: Kept) -> str:
    """Say in a few words who said a text, and what became of it."""
    origin = kept.origin
    parts = (
        "written by hand" if origin is None else f"{one_line(origin.label or origin.run)}, seed {origin.seed}",
        "edited" if kept.made else "",
        " ".join(f"#{tag}" for tag in kept.tags),
    )
    return "; ".join(part for part in parts if part)


def _as_table(texts: Sequence[Kept]) -> str:
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("id", "text", "prompt", "tags", "when", "run", "model", "seed", "bits", "copied"))
    for kept in texts:
        origin = kept.origin
        model = ("", "", "") if origin is None else (origin.run, origin.label, origin.seed)
        figures = ("" if value is None else f"{value:.4f}" for value in (kept.bits, kept.copied))
        writer.writerow((kept.id, kept.text, kept.prompt, " ".join(kept.tags), kept.when, *model, *figures))
    return table.getvalue()


def as_markdown_text(text: str) -> str:
    """Return foreign text that Markdown shows as it is written: nothing in it is a heading, a link or a tag."""
    escaped = _MARKS.sub(lambda found: f"\\{found[0]}", printable(text))
    return _LEADING_MARK.sub(lambda found: f"{found[1]}\\{found[2]}", escaped).replace("\n", "  \n")


def write_new(path: Path, content: str) -> None:
    """Write a file that was not there before.

    Raises:
        KeepingError: there is such a file already, or none may be written.
        RunError: the disk does not take it.
    """
    if is_confined():
        raise KeepingError("No file can be written from here; copy the text from the screen.")
    if path.exists():
        raise KeepingError(f"There is already a file {one_line(str(path))}; choose another name.")
    write_atomically(path, content)


def _as_markdown(stored: StoredTalk) -> str:
    parts = [f"# {as_markdown_text(stored.title)}\n"]
    for turn in turns_of(stored.talk):
        if turn.prompt:
            parts.append(f"**you:** {as_markdown_text(turn.prompt)}\n")
        parts.append(f"**model:** {as_markdown_text(turn.answer)}\n\n*{as_markdown_text(_note(turn))}*\n")
    return "\n".join(parts)


def _note(turn: Turn) -> str:
    state = "fresh state" if turn.fresh else "carried on"
    return f"{one_line(turn.model)}; seed {turn.seed}; {state}; {turn.ending or 'going on'}"
