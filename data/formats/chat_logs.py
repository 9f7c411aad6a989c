"""Talks that programs exported as text: WhatsApp in many languages, Signal, Discord, IRC and others, text by text."""

from __future__ import annotations

import re

from ..faults import CorpusError
from ..findings import counted
from ..interpretation import ReadingOptions
from .document import Document
from .shapes import Content, Passages

NAME = "chat export"
ENDINGS: tuple[str, ...] = ()

_MARKS = "[\u200e\u200f\u202a-\u202e\ufeff]*"
_DATE = (
    rf"\d{{1,4}}{_MARKS}[./\-]\s?{_MARKS}(?:\d{{1,2}}|[A-Za-z]{{3}}){_MARKS}[./\-]\s?{_MARKS}\d{{1,4}}\.?"
    r"|\d{4}[年년]\s?\d{1,2}[月월]\s?\d{1,2}[日일]"
)
_WORD = r"[^\W\d_]{1,5}"
_TIME = (
    rf"(?:{_WORD}\.?\s?)?\d{{1,2}}[:.]\d\d(?:[:.]\d\d)?(?:[\s\u202f]?(?:[AaPp]\.?\s?[Mm]\.?|[^\W\d_]{{1,2}}\.?)(?!\w))?"
)
"""``10:15 PM``, ``22.15``, and with the words that other languages have for it, before or after."""
_STAMPED = re.compile(
    rf"^{_MARKS}(?:\[(?:{_DATE})[,،]?\s{_TIME}\]\s?|(?:{_DATE})[,،]?\s{_TIME}(?:\s[-–]\s|,\s(?=[^:\n]{{1,60}}\s:\s)))"
    rf"({_MARKS}[^:\n]{{1,60}}?(?=\s?:(?:\s|$)))?(?:\s?:(?:\s|$))?(.*)$",
    re.MULTILINE,
)
"""``[31.12.23, 22:15:01] Ann: text`` and ``12/31/23, 10:15 PM - Ann: text``; without a name it is the program's."""
_HEADED = re.compile(rf"^\[(?:(?:{_DATE})\s)?{_TIME}\]\s([^\n:]{{1,60}})\n", re.MULTILINE)
"""``[01-Jan-24 10:00 PM] Ann`` above the message, as Discord and Teams have it."""
_ANGLED = re.compile(r"^(?:\[?\d{1,2}:\d\d(?::\d\d)?\]?\s)<[ @+%&~]?([^>\n]{1,40})>\s(.*)$", re.MULTILINE)
"""``[22:15] <ann> text``, a message a line."""
_NAMED = re.compile(rf"^\[([^\[\]\n]{{1,60}})\]\s\[{_TIME}\]\s(.*)$", re.MULTILINE)
"""``[Ann] [22:15] text``, as KakaoTalk has it."""
_TABBED = re.compile(rf"^{_TIME}\t([^\t\n]{{1,60}})\t(.*)$", re.MULTILINE)
"""A time, a name and the text between tabs, as LINE has it."""
_SENT = re.compile(r"^\d\d:\d\d(?::\d\d)?\s+From\s+([^\n]{1,80}?)\s?:(?=\s)\s*(.*)$", re.MULTILINE)
"""``10:00:00 From Ann to Everyone: text``, as Zoom has it."""
_DATED = re.compile(rf"^[A-Z][a-z]{{2}} \d{{1,2}}, \d{{4}}\s+{_TIME}[^\n]{{0,80}}\n([^\n]{{1,60}})\n", re.MULTILINE)
"""A line with day and time, one with the name, and the message below them, as iMessage is exported."""
_DAY = re.compile(
    rf"^(?:-{{5,}} [^\n]{{4,60}} -{{5,}}|(?:{_DATE})[ \t]?\([^()\n]{{1,10}}\)|--- (?:Log|Day) [^\n]{{4,60}})[ \t]*$"
    r"|^={20,}\nExported [\d,]+ message[^\n]*\n={20,}",
    re.MULTILINE,
)
"""A line that says which day begins, or how many messages there were."""
_LETTERED = re.compile(
    r"^From:[ \t]([^\n]{1,100})\nType:[ \t][a-z ]+\n"
    r"(?:(?:Sent|Received|Edited|Attachment|Reaction|Quote):[^\n]*\n)++\n",
    re.MULTILINE,
)
"""Lines of a letter's head above each message, as ``sigtop`` exports Signal."""
_PATTERNS = (
    (_STAMPED, 0.3), (_ANGLED, 0.6), (_HEADED, 0.2), (_LETTERED, 0.1), (_NAMED, 0.5), (_TABBED, 0.5), (_SENT, 0.3),
    (_DATED, 0.2),
)  # fmt: skip
"""What an entry looks like, and the least share of the lines that are one."""
_REACTIONS = re.compile(r"\s*^\(-[^\n]*-\)[ \t]*$", re.MULTILINE)
"""``(- Ann: smile, Ben: heart -)`` below a message, as ``signal-export`` writes it."""
_LONGEST_PUT_IN = 60
_NO_WORDS = re.compile(
    rf"^{_MARKS}(?:<[^<>\n]{{3,60}}>|\[?(?:image|video|audio|sticker|GIF|document|photo) omitted\]?|null"
    rf"|{{Attachments}}|{{Embed}}){_MARKS}$|^(?:This message was deleted|You deleted this message)\.?$",
    re.IGNORECASE,
)


def certainty(document: Document) -> float:
    """Return how sure it is that the file is a talk with times and names."""
    lines = len(document.lines)
    for pattern, share in _PATTERNS:
        found = _named(pattern, document.head)
        if found >= 2 and found >= share * lines:
            return 0.93
    return 0.0


def _is_put_in(message: str) -> bool:
    """Whether a message is what WhatsApp puts in for a picture, in any language: a mark and a few words."""
    return message[0] == "\u200e" and "\n" not in message and len(message) <= _LONGEST_PUT_IN


def _named(pattern: re.Pattern[str], text: str) -> int:
    """Return how many entries have a name in front."""
    return sum(found[1] is not None for found in pattern.finditer(text))


def read(document: Document, options: ReadingOptions) -> Content:
    """Return a passage a message, without the times and the names of who wrote it."""
    del options
    text = _DAY.sub("", document.text)
    pattern = max((pattern for pattern, _ in _PATTERNS), key=lambda each: _named(each, document.head))
    starts = list(pattern.finditer(text))
    messages: list[str] = []
    system = silent = liked = 0
    for place, start in enumerate(starts):
        end = starts[place + 1].start() if place + 1 < len(starts) else len(text)
        if start[1] is None:
            system += 1
            continue
        first = start[2] if pattern.groups > 1 else ""
        message, reactions = _REACTIONS.subn("", first + ("" if pattern is _ANGLED else text[start.end() : end]))
        message = message.strip()
        liked += reactions
        if message and not _NO_WORDS.match(message) and not _is_put_in(message):
            messages.append(message)
        else:
            silent += 1
    if not messages:
        raise CorpusError(f"{document.name} looks like an exported chat but has no messages in it; export it again.")
    findings = document.findings
    findings.omit(
        f"The times and names in front of {counted(len(messages), 'message')} of {document.name} were left out."
    )
    if liked:
        findings.omit(f"The reactions below {counted(liked, 'message')} of {document.name} were left out.")
    if system or silent:
        findings.omit(
            f"{counted(system + silent, 'entry', 'entries')} of {document.name} left out: the program's own, pictures "
            "and deleted messages."
        )
    return Passages(messages)
