"""Subtitles of films and songs with times: the words without numbers, times and styles."""

from __future__ import annotations

import re

from ..faults import CorpusError
from ..findings import counted
from ..interpretation import ReadingOptions
from .document import Document
from .shapes import Content, Passages

NAME = "subtitles"
ENDINGS = (".srt", ".vtt", ".ass", ".ssa", ".lrc")

_CUE = re.compile(r"(?m)^\s*(?:\d+:)?\d{1,2}:\d\d[.,]\d{1,3}\s+-->\s+(?:\d+:)?\d{1,2}:\d\d[.,]\d{1,3}")
_STYLED = re.compile(r"(?m)^\[(?:Script Info|V4\+? Styles|Events)\]")
_SUNG = re.compile(r"[<\[]\d{1,3}:\d\d(?:[.:]\d{1,3})?[>\]]\s*")
_SUNG_EXACTLY = re.compile(r"\[\d{1,3}:\d\d[.:]\d{1,3}\]")
_SONG = re.compile(r"\[(?:ar|ti|al|au|by|la|length|offset|re|ve|tool|#):[^\n]*\]|\[#[^\n]*", re.IGNORECASE)
"""``[ti:The name of the song]``."""
_MOST_SUNG = 0.9
_TURN = re.compile(r"^\s*[-–—‐]\s?\S")


def certainty(document: Document) -> float:
    """Return how sure it is that the file holds subtitles."""
    if document.head.startswith("WEBVTT") or (_STYLED.match(document.head) and "Dialogue:" in document.text):
        return 0.97
    if _is_song(document):
        return 0.95
    cues = len(_CUE.findall(document.head))
    return 0.95 if cues and cues * 8 >= len(document.lines) else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return a passage a subtitle; two speakers keep their lines, other lines are joined."""
    del options
    if _is_song(document):
        return _sung(document)
    from pysubs2 import SSAFile
    from pysubs2.exceptions import Pysubs2Error

    kind = "vtt" if document.head.startswith("WEBVTT") else "ass" if _STYLED.match(document.head) else "srt"
    try:
        film = SSAFile.from_string(document.text, format_=kind)
        texts = [_spoken(event.plaintext) for event in film if not event.is_comment and not event.is_drawing]
    except (Pysubs2Error, ValueError, IndexError, OverflowError) as error:
        raise CorpusError(f"{document.name} looks like subtitles but is damaged; save it again as .srt.") from error
    filled = [text for text in texts if text]
    if not filled:
        raise CorpusError(f"{document.name} holds subtitles without words; give another file.")
    document.findings.omit(
        f"The numbers, times and styles of {counted(len(texts), 'subtitle')} in {document.name} were left out."
    )
    return Passages(filled)


def _is_song(document: Document) -> bool:
    """Whether lines begin with the time at which they are sung: ``[01:15.30]Why, oh why``."""
    pattern = _SUNG if document.suffix == ".lrc" else _SUNG_EXACTLY  # others may be the times of a talk
    sung = [line for line in document.lines if line.startswith("[") and pattern.match(line)]
    named = sum(_SONG.match(line) is not None for line in document.lines)
    return len(sung) > 2 and len(sung) >= _MOST_SUNG * (len(document.lines) - named)


def _sung(document: Document) -> Content:
    lines = [line.strip() for line in document.text.split("\n")]
    texts = [_SUNG.sub("", line).strip() for line in lines if not _SONG.fullmatch(line)]
    filled = [text for text in texts if text]
    if not filled:
        raise CorpusError(f"{document.name} holds times without words; give another file.")
    document.findings.omit(
        f"The times of {counted(len(filled), 'line')} in {document.name} were left out, and what names the song."
    )
    return Passages(filled)


def _spoken(text: str) -> str:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return ("\n" if sum(_TURN.match(line) is not None for line in lines) > 1 else " ").join(lines)
