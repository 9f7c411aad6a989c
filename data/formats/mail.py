"""Mail, one message or a box of them: what was written, without headers and attachments."""

from __future__ import annotations

import email.policy
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError

from ..damage import without_tags
from ..faults import CorpusError
from ..findings import counted
from ..interpretation import ReadingOptions
from .document import Document
from .shapes import Content, Passages

NAME = "mail"
ENDINGS = (".eml", ".mbox")

_ENVELOPE = re.compile(rb"^From [^\n]{3,200}\d{4}[^\n]*\r?\n(?=[A-Za-z\-]{2,40}:)", re.MULTILINE)
"""The line above each message of a box."""
_HEADER = re.compile(
    r"(from|to|subject|date|message-id|mime-version|received|return-path|content-type|delivered-to):", re.IGNORECASE
)
_FEWEST = 3


def certainty(document: Document) -> float:
    """Return how sure it is that the file begins with the headers of a message."""
    head = document.head.removeprefix("\ufeff")
    if head.startswith("From ") and _ENVELOPE.match(document.data):
        return 0.97
    headers = {found[1].lower() for line in head.partition("\n\n")[0].split("\n") if (found := _HEADER.match(line))}
    return 0.96 if len(headers) >= _FEWEST and headers & {"from", "subject", "received"} else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return a passage a message."""
    del options
    texts: list[str] = []
    messages = 0
    for raw in _messages(document.data):
        messages += 1
        text = _written(raw).strip()
        if text:
            texts.append(text)
    if not texts:
        raise CorpusError(f"{document.name} is mail without words in it; give another file.")
    document.findings.omit(
        f"The headers and attachments of {counted(messages, 'message')} in {document.name} were left out."
    )
    if len(texts) < messages:
        document.findings.omit(f"{counted(messages - len(texts), 'message')} of {document.name} had no words.")
    return Passages(texts)


def _messages(data: bytes) -> Iterator[bytes]:
    starts = [found.end() for found in _ENVELOPE.finditer(data)] if _ENVELOPE.match(data) else [0]
    ends = [found.start() for found in _ENVELOPE.finditer(data)][1:] if _ENVELOPE.match(data) else []
    for start, end in zip(starts, [*ends, len(data)], strict=True):
        yield data[start:end]


def _written(raw: bytes) -> str:
    """Return the words of one message: its plain part, else its page without tags."""
    message = message_from_bytes(raw, policy=email.policy.default)
    try:
        part = message.get_body(("plain", "html"))
        if part is None:
            return ""
        text = str(part.get_content())
    except (MessageError, LookupError, ValueError, AttributeError, KeyError):
        return ""
    return without_tags(text) if part.get_content_type() == "text/html" else text
