"""What the columns of a table hold, and which of them make the texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

import pandas as pd

from .cleaning import one_line
from .faults import CorpusError
from .findings import Findings
from .headers import NUMBER
from .interpretation import ColumnFound, Holds
from .scripts import count_words, unspaced_share
from .telling import JOINED, TELLING

_JUDGED = 2000
"""Cells of a column that are looked at."""
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"\S+")
_ID = re.compile(r"(?=\S*\d)\S+|[0-9a-fA-F\-]{8,}|\S+@\S+\.\S+|\S+\.\w{2,4}|[\w\-]*_[\w\-]*")
_MOST_LABELS = 50
_FEWEST = 8
"""Values that are needed to tell labels from texts."""
_BOILERPLATE = 0.5
"""Share of a cell that is the same in all cells where the column is a note about the texts: a licence, an address."""
_LONG_CELL = 30
_ABOUT_AS_LONG = 0.8
_COUNTING = frozenset({"line", "lines"})
"""Names of columns that as often number the texts as hold them."""
_TEXT_WORDS = 1.5
"""Words a cell has on average where a column holds texts."""
_WORDLESS = frozenset({"numbers", "dates", "links", "identifiers", "constants", "nothing"})


def what_holds(cells: pd.Series[str]) -> Holds:
    """Return what the cells of one column are."""
    step = max(1, len(cells) // _JUDGED)
    found = cells.iloc[::step].str.strip()
    values = found[found != ""].tolist()
    if not values:
        return "nothing"
    kinds = set(values)
    if _share(NUMBER, values) >= 0.95:
        return "numbers"
    if len(kinds) == 1 and len(values) > 2:
        return "constants"
    if _share(_LINK, values) >= 0.9:
        return "links"
    if _are_dates(values):
        return "dates"
    length = median(map(len, values))
    if len(values) >= _FEWEST and length >= _LONG_CELL and _shared_beginning(values) >= _BOILERPLATE * length:
        return "labels"
    words = sum(map(count_words, values)) / len(values)
    if len(values) >= _FEWEST and len(kinds) <= min(_MOST_LABELS, 0.34 * len(values)) and not _are_long(kinds):
        return "labels"
    if _share(_TOKEN, values) >= 0.95 and unspaced_share(values) < 0.5:
        return "words" if words >= 0.9 and _share(_ID, values) < 0.5 else "identifiers"
    return "texts" if words >= _TEXT_WORDS else "words" if words >= 0.5 else "identifiers"


def _shared_beginning(values: Sequence[str]) -> int:
    first, last = min(values), max(values)
    return next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))


def _share(pattern: re.Pattern[str], values: Sequence[str]) -> float:
    return sum(pattern.fullmatch(value) is not None for value in values) / len(values)


def _are_long(kinds: set[str]) -> bool:
    """Whether even a few different values are texts: jokes that are told again and again."""
    return sum(map(count_words, kinds)) / len(kinds) > 12


def _are_dates(values: Sequence[str]) -> bool:
    """Whether the values are digits in groups with a few words, the names of months and days, between them."""
    groups = [len(_DIGITS.findall(value)) for value in values]
    if sum(count >= 2 for count in groups) < 0.9 * len(values) or max(map(len, values)) > 60:
        return False
    words = {word.lower() for value in values for word in _LETTERS.findall(value)}
    letters = sum(len(word) for value in values for word in _LETTERS.findall(value))
    joined = sum(
        re.search(r"\d[\-/.:,年月 ]\s?\d|\d{1,2}(?:st|nd|rd|th)?[ .]+[^\W\d]+ \d", value) is not None
        for value in values
    )
    return len(words) <= 30 and joined >= 0.9 * len(values) and letters < 0.5 * sum(map(len, values))


def find_columns(
    name: str, labels: Sequence[str], sample: pd.DataFrame, wanted: Sequence[str], findings: Findings
) -> tuple[list[int], int, list[ColumnFound]]:
    """Return the places of the columns that make the text, that of the longest among them, and what all columns hold.

    Raises:
        CorpusError: a wanted column is not there, or no column holds words.
    """
    holds: list[Holds] = [what_holds(sample.iloc[:, place]) for place in range(len(labels))]
    words = [_mean_words(sample.iloc[:, place]) for place in range(len(labels))]
    shown = [one_line(label) for label in labels]
    if wanted:
        places = wanted_places(name, labels, wanted)
    else:
        places = _chosen(name, labels, holds, words, findings)
        if len(places) == 2:
            findings.notice(
                f"The columns '{shown[places[0]][:40]}' and '{shown[places[1]][:40]}' of {name} were joined into one "
                f"text; name one with --column to take it alone."
            )
        _name_others(name, shown, holds, places, findings)
    main = max(places, key=lambda place: words[place])
    columns = [
        ColumnFound(label, kind, place in places) for place, (label, kind) in enumerate(zip(shown, holds, strict=True))
    ]
    return places, main, columns


def wanted_places(name: str, labels: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Return the places of the columns named by a person; raises CorpusError for one that is not there.

    A name is taken as it is written, else whatever its case, else split at commas, else as a number from 1.
    """
    places: list[int] = []
    for given in wanted:
        whole = place_of(labels, given)
        parts = [given] if whole is not None or "," not in given else given.split(",")
        for part in parts:
            place = place_of(labels, part)
            if place is None:
                listed = ", ".join(one_line(label)[:40] or "(no name)" for label in labels[:12])
                raise CorpusError(f"{name} has no column '{one_line(part)[:80]}'; its columns are: {listed}.")
            if place not in places:
                places.append(place)
    return places


def place_of(labels: Sequence[str], wanted: str) -> int | None:
    """Return the place of the column called or numbered ``wanted``, if there is one."""
    if wanted in labels:
        return labels.index(wanted)
    lowered = [label.strip().lower() for label in labels]
    stripped = wanted.strip().lower()
    if stripped in lowered:
        return lowered.index(stripped)
    last = [place for place, label in enumerate(lowered) if label.rpartition(".")[2] == stripped]
    if len(last) == 1:
        return last[0]
    if stripped.isascii() and stripped.isdecimal() and 1 <= int(stripped[:9]) <= len(labels):
        return int(stripped) - 1
    return None


def _chosen(
    name: str, labels: Sequence[str], holds: Sequence[Holds], words: Sequence[float], findings: Findings
) -> list[int]:
    keys = [_key(label) for label in labels]
    for first, second in JOINED:
        if first in keys and second in keys:
            pair = [keys.index(first), keys.index(second)]
            kinds = {holds[place] for place in pair}
            if kinds & {"texts", "words"} and not kinds & _WORDLESS:
                return pair
    for kind in ("texts", "words"):
        places = [place for place, found in enumerate(holds) if found == kind]
        named = [place for place in places if keys[place] in TELLING]
        if named:
            most = max(words[place] for place in places)
            best = min(named, key=lambda place: TELLING.index(keys[place]))
            # A telling name does not outweigh a column that says ten times as much.
            if words[best] * 10 >= most:
                return [best]
        if places:
            most = max(words[place] for place in places)
            return [next(place for place in places if words[place] >= _ABOUT_AS_LONG * most)]
    # Nothing holds words: a name may still say which column was meant for them.
    named = [place for place, key in enumerate(keys) if key in TELLING and key not in _COUNTING]
    if named or len(labels) == 1:
        place = min(named, key=lambda place: TELLING.index(keys[place]), default=0)
        if holds[place] != "nothing":
            findings.notice(
                f"The column '{one_line(labels[place])[:40]}' of {name} holds {holds[place]} rather than texts."
            )
        return [place]
    listed = ", ".join(one_line(label)[:40] or "(no name)" for label in labels[:12])
    raise CorpusError(f"{name} has no column of texts (its columns are: {listed}); name one with --column.")


def _key(label: str) -> str:
    return label.strip().lower().rpartition(".")[2].replace(" ", "_")


def _name_others(
    name: str, labels: Sequence[str], holds: Sequence[Holds], places: Sequence[int], findings: Findings
) -> None:
    others = [label[:40] for place, label in enumerate(labels) if holds[place] == "texts" and place not in places]
    if others:
        listed = ", ".join(f"'{label}'" for label in others[:8])
        verb = "holds texts too and was" if len(others) == 1 else "hold texts too and were"
        column = "column" if len(others) == 1 else "columns"
        findings.omit(f"The {column} {listed} of {name} {verb} left out; name columns with --column to take them.")


def _mean_words(cells: pd.Series[str]) -> float:
    step = max(1, len(cells) // _JUDGED)
    values = cells.iloc[::step].tolist()
    return sum(map(count_words, values)) / max(1, len(values))
