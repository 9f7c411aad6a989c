"""Making foreign text safe to show and fit to learn from."""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from html.entities import html5
from typing import Any, cast

_NEWLINES = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # C0 without tab and newline, DEL, C1
    "\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069"  # bidi controls
    "\ufeff\ufff9-\ufffb"  # byte-order mark, interlinear characters
    "\ud800-\udfff]"  # lone surrogates, which no encoding can write
)
_TAGS = re.compile("(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{2,6}\U000e007f)|[\U000e0000-\U000e007f]")
"""A flag that is spelled in tag characters, or a tag character on its own."""
_WORD_PARTING = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1a20-\u1aaf\u19e0-\u19ff"
_ZERO_WIDTH_SPACES = re.compile(f"(?<=[{_WORD_PARTING}])(\u200b)\u200b*(?=[{_WORD_PARTING}])|\u200b")
"""A zero-width space in a script that parts words by it (Thai, Lao, Myanmar, Khmer, Tai Tham), or anywhere else."""
_ENTITY = re.compile(r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_AMPERSAND = re.compile(r"&(?:(?:amp|AMP|#0{0,5}38|#[xX]0{0,4}26);)+")
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")
_SPACES = re.compile(r"[^\S\n]+")
_AROUND_NEWLINE = re.compile(" ?\n ?")
_BEFORE_NEWLINE = re.compile(r"[^\S\n]+(?=\n)")
_BLANK_LINES = re.compile("\n{3,}")
_OUTER_LINES = re.compile(r"\A(?:[^\S\n]*\n)+|\s+\Z")
_MAXIMUM_ENTITY_LAYERS = 8
TAB = "    "
"""What a tab becomes where spacing is kept."""
PLAIN = re.compile(r"[!-%'-~]+(?: [!-%'-~]+)*")
"""A text of ASCII words with single blanks, which cleaning leaves as it is; most texts are."""


def printable(text: str) -> str:
    """Return ``text`` without anything that could steer a terminal or hide its order; newlines stay.

    Invisible characters that a script needs stay too: joiners, the zero-width space between words of Khmer or Thai, the
    letters of a flag.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _FORBIDDEN.sub("", _NEWLINES.sub("\n", text))
    if "\u200b" in text:
        text = _ZERO_WIDTH_SPACES.sub(r"\1", text)
    return _TAGS.sub(r"\1", text).replace("\t", " ")


def printable_values(value: Any) -> Any:
    """Return a JSON document with every string in it printable, those that name something too."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return [printable_values(inner) for inner in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {printable(key): printable_values(inner) for key, inner in cast("dict[str, Any]", value).items()}
    return value


def one_line(text: str) -> str:
    """Return ``text`` printable on one line, for names and messages."""
    return " ".join(printable(text).split())


def clean_text(text: str, *, letters_only: bool = False, keep_spacing: bool = False) -> str:
    """Return ``text`` ready to learn from; cleaning twice changes nothing.

    HTML entities are decoded, characters composed (NFC), control characters removed, runs of spaces made one and runs
    of blank lines one blank line. ``letters_only`` also drops punctuation and digits, as the tutorial suggests.
    ``keep_spacing`` keeps indentation, runs of spaces and blank lines, with a tab as four spaces.
    """
    if not letters_only and PLAIN.fullmatch(text):
        return text
    if keep_spacing:
        text = text.replace("\t", TAB)
    text = _without_entities(text)
    if letters_only:
        text = unicodedata.normalize("NFC", _letters(text))
    if keep_spacing:
        return _OUTER_LINES.sub("", _BEFORE_NEWLINE.sub("", text))
    text = _AROUND_NEWLINE.sub("\n", _SPACES.sub(" ", text))
    return _BLANK_LINES.sub("\n\n", text).strip()


def _without_entities(text: str) -> str:
    for _ in range(_MAXIMUM_ENTITY_LAYERS):
        text = _composed(text)
        decoded = _ENTITY.sub(_character, _AMPERSAND.sub("&", text)) if "&" in text else text
        if decoded == text:
            return text
        text = decoded
    # Only a text made to nest without end comes here; without ampersands it has no entities left.
    return _composed(text.replace("&", ""))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", printable(text))


def has_entities(text: str) -> bool:
    """Return whether :func:`clean_text` decodes an entity of HTML in ``text``."""
    if "&" not in text:
        return False
    return _AMPERSAND.search(text) is not None or any(_character(found) != found[0] for found in _ENTITY.finditer(text))


def _character(entity: re.Match[str]) -> str:
    # `unescape` would also take the beginning of a name, and make `&notable;` into `¬able;`.
    name = entity[1]
    return unescape(entity[0]) if name.startswith("#") else html5.get(name + ";", entity[0])


def _letters(text: str) -> str:
    text = _APOSTROPHE.sub("", text)
    return "".join(c if c.isalpha() or c == "\n" or unicodedata.category(c)[0] == "M" else " " for c in text)
