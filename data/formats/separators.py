"""Characters and signs that part the fields of a table, from the usual ones to those that few programs write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..telling import JOINED, TELLING

COMMON = ("\t", ";", "|", ",")
RARE = (":", "^", "~", "\x1f", "\x01", "¦", "§")
"""Separators that are also marks of prose, or that nobody uses but machines: only where everything fits."""
_ONE = "\x1e"
"""What stands for a separator of several characters while the csv module, which takes only one, reads."""
_SIGNS = re.compile(r" ?[:|@#$+^~&%*=<>;\\]{2,} ?")
_SINGLE = re.compile(r"[!#$%&()*+./<=>?@\[\]`{}\-]")
_QUOTED = re.compile(r'"[^"]*"(?: (?:"[^"]*"|[^\s"]+))+')
"""A line of fields with blanks between them, the first in quotation marks."""
_LINES = 40
_NAMES = {*TELLING, *(name for pair in JOINED for name in pair)}


def separators_in(head: str) -> Iterator[str]:
    """Yield what may part the fields of ``head``, the usual separators first."""
    lines = [line for line in head.split("\n", _LINES)[:_LINES] if line.strip()]
    first = lines[0] if lines else ""
    singles = (sign for sign in dict.fromkeys(_SINGLE.findall(first)) if _names_columns(first, sign))
    # A quoted field may go on over lines that have none.
    signs = [
        sign
        for sign in (*dict.fromkeys(found[0] for found in _SIGNS.finditer(first)), *singles)
        if sign.strip("\t|") and 2 * sum(sign in line for line in lines) > len(lines)
    ]
    yield from (usual for usual in COMMON if usual in head)
    yield from (rare for rare in RARE if rare in head and not any(rare in sign for sign in signs))
    yield from signs
    if len(lines) > 1 and all(_QUOTED.fullmatch(line) for line in lines[:5]):
        yield " "


def _names_columns(line: str, sign: str) -> bool:
    cells = [cell.strip().strip("\"'").lower() for cell in line.split(sign)]
    return sum(map(bool, cells)) > 1 and any(cell in _NAMES for cell in cells)


def as_one(separator: str) -> str:
    """Return the single character that the csv module is given for ``separator``."""
    return separator if len(separator) == 1 else _ONE


def with_one(lines: Iterable[str], separator: str) -> Iterable[str]:
    """Return ``lines`` with that character in place of ``separator``."""
    return lines if len(separator) == 1 else (line.replace(separator, _ONE) for line in lines)
