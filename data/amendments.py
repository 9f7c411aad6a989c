"""What a person leaves out of texts or corrects: each text is named by a number that follows from it alone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from .cleaning import one_line
from .faults import CorpusError
from .findings import Findings, counted
from .splitting import split_key

_NUMBER = re.compile(r"[0-9a-f]{10}")
_BYTES = 5
_ESCAPED = re.compile(r"\\(n|\\)")
CORRECTION = re.compile(r"(?P<number>[0-9a-f]{10})=(?P<text>.*)", re.DOTALL)


def number_of(text: str) -> str:
    """Return the number of a text: ten digits, 0–9 and a–f, the same wherever the text stands and however it is spaced.

    In a corpus of a million texts a number is that of another one too once in a million times.
    """
    return hashlib.blake2b(split_key(text).encode(), digest_size=_BYTES).hexdigest()


def correction(number: str, text: str) -> str:
    """Return a correction as it is written, on one line."""
    return f"{number}={text.replace(chr(92), chr(92) * 2).replace(chr(10), f'{chr(92)}n')}"


def corrections_of(written: Iterable[str]) -> dict[str, str]:
    """Return the corrected texts by their numbers; raises CorpusError where one is none."""
    found: dict[str, str] = {}
    for each in written:
        match = CORRECTION.fullmatch(each.strip())
        if match is None or not match["text"].strip():
            raise CorpusError(
                f"'{one_line(each)[:80]}' corrects no text; write NUMBER=TEXT, and leave a text out with --exclude."
            )
        found[match["number"]] = _ESCAPED.sub(lambda escape: "\n" if escape[1] == "n" else "\\", match["text"])
    return found


def check_numbers(numbers: Iterable[str]) -> None:
    """Raise CorpusError where something is no number of a text."""
    for number in numbers:
        if _NUMBER.fullmatch(number) is None:
            raise CorpusError(
                f"'{one_line(number)[:80]}' is no text's number, ten digits as 'jokegen-tui doctor' and the data "
                "screen show them, and no file with some."
            )


def amended(
    texts: Sequence[str],
    exclude: Iterable[str],
    corrections: Mapping[str, str],
    clean: Callable[[str], str],
    name: str,
    findings: Findings,
    *,
    asked: Iterable[str] = (),
) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
    """Return ``texts`` without the excluded ones and with the corrected ones, and the numbers of both.

    What was done is said, and which of the numbers ``asked`` for no text has.
    """
    unwanted = set(exclude)
    kept: list[str] = []
    excluded: list[str] = []
    corrected: list[str] = []
    for text in texts:
        number = number_of(text)
        if number in unwanted:
            excluded.append(number)
        elif number in corrections:
            corrected.append(number)
            kept.append(clean(corrections[number]))
        else:
            kept.append(text)
    if excluded:
        count = len(excluded)
        findings.omit(f"{counted(count, 'text')} of {name} {'was' if count == 1 else 'were'} left out by number.")
    if corrected:
        count = len(corrected)
        findings.repair(f"{counted(count, 'text')} of {name} {'was' if count == 1 else 'were'} corrected by hand.")
    missing = [number for number in dict.fromkeys(asked) if number not in {*excluded, *corrected}]
    if missing:
        count = counted(len(missing), "number")
        findings.notice(
            f"{count} to leave out or correct {'is' if len(missing) == 1 else 'are'} of no text in {name}: "
            f"{', '.join(missing[:3])}{' …' if len(missing) > 3 else ''}."
        )
    return kept, tuple(excluded), tuple(corrected)


def lines_of(lines: Iterable[str], *, whole: bool) -> list[str]:
    """Return what a file names line by line: the first word of each, or the ``whole`` line; ``#`` begins a remark."""
    stripped = [line.strip() for line in lines]
    filled = [line for line in stripped if line and not line.startswith("#")]
    return filled if whole else [line.split(maxsplit=1)[0] for line in filled]
