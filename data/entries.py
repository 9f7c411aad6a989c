"""Lists whose entries go on over several lines: numbers, bullets, or a question and its answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice, pairwise
from textwrap import dedent

from .findings import Findings
from .telling import JOINED

_NUMBER = re.compile(r"[ \t]{0,3}[(\[]?(\d{1,6})[.):\]]{1,2}[ \t]+(?=\S)")
_BULLET = re.compile(r"[-*+•–—][ \t]+(?=\S)")
_SOURCE = re.compile(r"[ \t]*[-–—―~]{1,2}[ \t]?[^\W\d_][^\n]{0,60}$")
_LABEL = re.compile(r"[ \t]{0,3}([^\W\d_]{1,14})[ \t]?[:：.)][ \t]*(?=\S)")
_GAP = re.compile(r"\n[ \t]*\n")
_FEWEST = 5
_ABOVE = 5
"""Filled lines, a title, that may stand above the first entry."""
_LONGEST_ENTRY = 20
"""Filled lines an entry has on average."""
_GO_ON = 0.5
"""Share of the entries that have several lines where it is no list of lines."""
_ALIKE = 0.8
_LABELS = dict(reversed((*JOINED, ("s", "p"), ("f", "a"), ("p", "r"), ("в", "о"))))
"""What stands in front of a question, and then in front of its answer."""


def entries_of(text: str, name: str, findings: Findings) -> list[str] | None:
    """Return the entries of a list as texts, or None where ``text`` is no list or one of single lines; it is said."""
    lines = text.split("\n")
    begun = list(islice((line for line in lines if line.strip()), _ABOVE + 1))
    if not any(pattern.match(line) for line in begun for pattern in (_NUMBER, _LABEL, _BULLET, _SOURCE)):
        return None
    for kind, starts, mark in (
        ("numbered entries", _numbered(lines), _NUMBER),
        ("questions with their answers", _labelled(lines), None),
        ("entries with bullets", _bulleted(lines), _BULLET),
        ("quotations with their sources", _attributed(lines), None),
    ):
        if not starts:
            continue
        entries = ["\n".join(lines[start:end]) for start, end in pairwise((*starts, len(lines)))]
        if mark is not None:
            entries = [mark.sub("", entry, count=1) for entry in entries]
        above = sum(bool(line.strip()) for line in lines[: starts[0]])
        what = " without their marks" if mark is not None else ""
        findings.notice(
            f"The {len(entries):,} {kind} of {name} were each read as one text{what}; --texts lines or blank parts "
            "them otherwise."
        )
        if above:
            findings.omit(f"What stands above the first entry of {name} was left out.")
        return [_set_in_line(entry, bulleted=mark is _BULLET) for entry in entries]
    return None


def _set_in_line(entry: str, *, bulleted: bool) -> str:
    """Return an entry whose lines below the first begin where that does, however far they were set in."""
    first, _, rest = entry.strip().partition("\n")
    lines = dedent(rest).split("\n")
    return "\n".join([first, *(_BULLET.sub("", line, count=1) if bulleted else line for line in lines)]).strip()


def _numbered(lines: Sequence[str]) -> list[int]:
    """Return where entries begin whose numbers count up; a number within one is part of it."""
    starts: list[int] = []
    last = 0
    for place, line in enumerate(lines):
        found = _NUMBER.match(line)
        if found is not None and (int(found[1]) in {last + 1, last + 2} or (not starts and int(found[1]) <= 1)):
            starts.append(place)
            last = int(found[1])
        elif found is not None and starts:
            return []  # numbers that mean something else
    return starts if _are_entries(lines, starts) else []


def _labelled(lines: Sequence[str]) -> list[int]:
    """Return where questions begin, each of which has an answer below it."""
    labels = [(place, found[1].lower()) for place, line in enumerate(lines) if (found := _LABEL.match(line))]
    second = _LABELS.get(labels[0][1]) if labels else None
    if second is None:
        return []
    first = labels[0][1]
    known = [(place, label) for place, label in labels if label in {first, second}]
    starts = [place for place, label in known if label == first]
    turns = sum(before == first and after == second for (_, before), (_, after) in pairwise(known))
    answers = sum(label == second for _, label in known)
    fits = turns >= _ALIKE * len(starts) and turns == answers
    return starts if fits and _are_entries(lines, starts) else []


def _bulleted(lines: Sequence[str]) -> list[int]:
    """Return where entries begin with one and the same sign, all of about as many lines without a gap.

    A dash below a quotation is no entry: it names who said it.
    """
    marks = [(place, line[0]) for place, line in enumerate(lines) if _BULLET.match(line)]
    starts = [place for place, _ in marks]
    if len({mark for _, mark in marks}) != 1 or not _are_entries(lines, starts):
        return []
    if starts[0] and lines[starts[0] - 1].strip():
        return []
    entries = ["\n".join(lines[start:end]).strip() for start, end in pairwise((*starts, len(lines)))]
    lengths = [0 if _GAP.search(entry) else entry.count("\n") + 1 for entry in entries]
    common = max(set(lengths), key=lengths.count)
    return starts if common > 1 and lengths.count(common) >= _ALIKE * len(lengths) else []


def _attributed(lines: Sequence[str]) -> list[int]:
    """Return where quotations begin, each of which ends with a dash and who said it."""
    filled = [place for place, line in enumerate(lines) if line.strip()]
    ends = [place for place in filled if _SOURCE.match(lines[place])]
    if not ends or ends[-1] != filled[-1] or ends[0] == filled[0] or set(ends) & {end + 1 for end in ends}:
        return []
    if 5 * sum(lines[end].rstrip().endswith((".", "!", "?")) for end in ends) > len(ends):
        return []  # what people say, not who they are
    starts = [filled[0], *(end + 1 for end in ends[:-1])]
    if not any(lines[start].strip() for start in starts[1:]) and all(lines[end - 1].strip() for end in ends):
        return []  # blank lines part them already
    return starts if _are_entries(lines, starts) else []


def _are_entries(lines: Sequence[str], starts: Sequence[int]) -> bool:
    if len(starts) < _FEWEST or sum(bool(line.strip()) for line in lines[: starts[0]]) > _ABOVE:
        return False
    if sum(bool(line.strip()) for line in lines) > _LONGEST_ENTRY * len(starts):
        return False  # chapters
    longer = sum(any(line.strip() for line in lines[start + 1 : end]) for start, end in pairwise((*starts, len(lines))))
    return longer >= _GO_ON * len(starts)
