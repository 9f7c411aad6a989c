"""Lists of texts in the source of a program: Python, JavaScript and what writes them alike."""

from __future__ import annotations

import json
import re

from ..interpretation import ReadingOptions
from ..sources.containers import Blob
from . import json_values
from .document import Document
from .shapes import Content

NAME = "list in a program"
ENDINGS: tuple[str, ...] = ()
_PROGRAMS = (".py", ".js", ".mjs", ".cjs", ".ts")
"""Where what could be JSON is none: there strings may stand in single quotation marks."""

_MOST_OF_IT = 0.8
"""Share of a program that its lists of texts have where it is nothing else."""
_LARGEST = 16 * 1024 * 1024
_FEWEST = 2
_OTHER_QUOTES = re.compile(r"""(?<!\\)["\]},\[]\s*,?\s*'|'\s*,\s*["']""")
"""Strings between single quotation marks, which JSON has not."""
_MOST_IN_VAIN = 0.2
"""Share of a text that may be looked at without a list coming of it; then it is no list."""
_OF_DATA = "\"'`[](){}#/*,+-0123456789"
_BEGINNING = re.compile(
    r"""(?xm)
    ^[ \t]*(?:export[ \t]+default|(?:(?:export|public|private|static|final|const|let|var|val)[ \t]+)*[\w$.]++
    (?:[ \t]*:[^=\n'"`]{1,120}+)?[ \t]*=)?[ \t]*(?=[\[({])
    """
)
"""What stands in front of a list: nothing, or the name that it gets."""
_TOKEN = re.compile(
    r"""(?xs)
    (?P<blank>\s+|\#[^\n]*|//[^\n]*|/\*.*?\*/|\\\n)
    |(?P<raw>[rR]?[bBuUfF]?[rR]?)(?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*+'''
        |"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'|`(?:[^`\\]|\\.)*+`)
    |(?P<number>[+-]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])
    |(?P<name>[A-Za-z_$][\w$]*)
    |(?P<mark>[\[\](){},:+])
    """
)
_ESCAPE = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|[uU]([0-9a-fA-F]{8}|[0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\n)|(.))", re.DOTALL
)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_WORDS = {"True": "true", "False": "false", "None": "null", "undefined": "null"}
_OPENS = {"(": "[", "[": "[", "{": "{"}
_CLOSES = {"[": "]", "{": "}"}


def certainty(document: Document) -> float:
    """Return how sure it is that the file is nothing but lists of texts."""
    if len(document.data) > _LARGEST or _BEGINNING.search(document.head) is None or _is_json(document):
        return 0.0
    data = sum(line[0] in _OF_DATA for line in document.lines)
    return 0.91 if 2 * data >= len(document.lines) and _lists(document.text)[0] else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return what the lists hold as JSON would: strings as passages, records as a table."""
    lists, covered = _lists(document.text)
    if len(lists) > 1:
        document.findings.notice(f"The {len(lists)} lists in {document.name} were read one after the other.")
    if covered < 1:
        around = "list" if len(lists) == 1 else "lists"
        document.findings.omit(f"What stands around the {around} in {document.name} was left out.")
    inside = ",".join(each[1:-1] if each.startswith("[") else each for each in lists)
    whole = lists[0] if len(lists) == 1 else f"[{inside}]"
    blob = Blob(document.name, whole.encode(), document.inside)
    return json_values.read(Document(blob, document.findings), options)


def _is_json(document: Document) -> bool:
    """Whether it is what JSON may be too: there the other format decides."""
    if document.suffix in _PROGRAMS or _OTHER_QUOTES.search(document.head):
        return False
    return json_values.certainty(document) > 0


def _lists(text: str) -> tuple[list[str], float]:
    """Return the lists as JSON and their share of ``text``; none where they are not nearly all of it."""
    found: list[str] = []
    place = covered = in_vain = 0
    while in_vain <= _MOST_IN_VAIN * len(text) and (start := _BEGINNING.search(text, place)) is not None:
        value, end = _as_json(text, start.end())
        if value is None:
            place = start.end() + 1
            # A comment that never ends is looked through without a token coming of it.
            in_vain += max(end - start.end(), len(text) // 200)
            continue
        if value.count('"') >= 2 * _FEWEST:
            found.append(value)
            covered += sum(map(len, text[start.end() : end].split()))
        place = end
    share = covered / max(1, sum(map(len, text.split())))
    return (found, share) if share >= _MOST_OF_IT else ([], share)


def _as_json(text: str, place: int) -> tuple[str | None, int]:
    """Return the list or record that begins at ``place`` as JSON (None: it is more than data), and where it ends."""
    made: list[str] = []
    open_ones: list[str] = []
    while (token := _TOKEN.match(text, place)) is not None:
        place = token.end()
        kind = token.lastgroup
        if kind == "blank":
            continue
        if kind == "string":
            said = json.dumps(_said(token["string"], raw="r" in token["raw"].lower()))
            # "one" "two" in Python and "one" + "two" anywhere are one string.
            if made and made[-1].startswith('"'):
                said = made.pop()[:-1] + said[1:]
            made.append(said)
        elif kind == "number":
            number = token["number"].replace("_", "")
            made.append(number if _is_valid(number) else json.dumps(float(number)))
        elif kind == "name":
            name = token["name"]
            if name in {*_WORDS, "true", "false", "null"}:
                made.append(_WORDS.get(name, name))
            elif open_ones and open_ones[-1] == "{" and text[place:].lstrip()[:1] == ":":
                made.append(json.dumps(name))
            else:
                break
        elif token["mark"] == "+":
            continue
        elif token["mark"] in _OPENS:
            open_ones.append(_OPENS[token["mark"]])
            made.append(open_ones[-1])
        elif token["mark"] in "])}":
            if made[-1] == ",":
                made.pop()
            made.append(_CLOSES[open_ones.pop()])
            if not open_ones:
                value = "".join(made)
                return (value if _is_valid(value) else None), place
        else:
            made.append(token["mark"])
    return None, place


def _is_valid(value: str) -> bool:
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True


def _said(string: str, *, raw: bool) -> str:
    size = 3 if string.startswith(('"""', "'''")) else 1
    inside = string[size:-size]
    return inside if raw else _ESCAPE.sub(_unescaped, inside)


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2] or escape[3]
    if code is not None:
        number = int(code, 16)
        return chr(number) if number < 0x110000 else escape[0]
    return "" if escape[4] else _ESCAPED.get(escape[5], escape[5])
