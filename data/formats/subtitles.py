"""Subtitles of films: the spoken words without numbers, times and styles."""

from __future__ import annotations

import re

from ..faults import CorpusError
from ..findings import counted
from ..interpretation import ReadingOptions
from .document import Document
from .shapes import Content, Passages

NAME = "subtitles"
ENDINGS = (".srt", ".vtt", ".ass", ".ssa")

_CUE = re.compile(r"(?m)^\s*(?:\d+:)?\d{1,2}:\d\d[.,]\d{1,3}\s+-->\s+(?:\d+:)?\d{1,2}:\d\d[.,]\d{1,3}")
_STYLED = re.compile(r"(?m)^\[(?:Script Info|V4\+? Styles|Events)\]")
_TURN = re.compile(r"^\s*[-–—‐]\s?\S")


def certainty(document: Document) -> float:
    """Return how sure it is that the file holds subtitles."""
    if document.head.startswith("WEBVTT") or (_STYLED.match(document.head) and "Dialogue:" in document.text):
        return 0.97
    cues = len(_CUE.findall(document.head))
    return 0.95 if cues and cues * 8 >= len(document.lines) else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return a passage a subtitle; two speakers keep their lines, other lines are joined."""
    del options
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


def _spoken(text: str) -> str:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return ("\n" if sum(_TURN.match(line) is not None for line in lines) > 1 else " ").join(lines)
