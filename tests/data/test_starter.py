"""The bundled jokes stay what their README promises."""

import collections
import csv
import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

CORPORA = Path(__file__).parents[2] / "data" / "corpora"
ALLOWED = re.compile(r"[A-Za-z0-9 .,!?'\":;-]+")
FORM = re.compile(r"\| (?P<form>[^|]+) \| (?P<jokes>[\d,]+) \| (?P<share>[\d.]+)% \|")
MARKS = {
    "knock-knock": re.compile(r"knock knock", re.IGNORECASE),
    "light bulb": re.compile(r"to change a light bulb"),
    "what's the difference": re.compile(r"difference between"),
    "doctor, doctor": re.compile(r'"?Doctor, '),
    "riddle": re.compile(r".*What (am I|are we)\?"),
    "diary": re.compile(r".*diary", re.IGNORECASE),
}
TWO_THIRDS = 0.67
LEFT_OUT = 50
"""The most frequent words, which say little about what a joke is about."""
FRAME = "does it take to change a light bulb"
"""What all jokes of one form share."""


@pytest.fixture(scope="module")
def jokes() -> list[str]:
    with (CORPORA / "starter.csv").open(newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle)
        assert reader.fieldnames == ["ID", "Joke"]
        rows = list(reader)
    assert [row["ID"] for row in rows] == [str(number) for number in range(1, len(rows) + 1)]
    return [row["Joke"] for row in rows]


@pytest.fixture(scope="module")
def forms() -> dict[str, int]:
    """The table of forms in the README."""
    rows = FORM.finditer((CORPORA / "README.md").read_text(encoding="utf-8"))
    return {row["form"]: int(row["jokes"].replace(",", "")) for row in rows}


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower().replace("'", ""))


def test_there_is_enough_to_learn_from(jokes: list[str]) -> None:
    assert len(jokes) >= 5_000
    assert sum(len(joke.split()) for joke in jokes) >= 90_000


def test_every_joke_is_one_plain_line_of_five_to_forty_words(jokes: list[str]) -> None:
    assert [joke for joke in jokes if not 5 <= len(joke.split()) <= 40] == []
    assert [joke for joke in jokes if not ALLOWED.fullmatch(joke) or "  " in joke or joke != joke.strip()] == []


def test_the_table_counts_every_joke_and_no_form_is_rare_or_everywhere(jokes: list[str], forms: dict[str, int]) -> None:
    assert sum(forms.values()) == len(jokes)
    assert [form for form, count in forms.items() if not 0.02 <= count / len(jokes) <= 0.20] == []
    for form, mark in MARKS.items():
        assert forms[form] == sum(bool(mark.search(joke)) for joke in jokes), form


def test_no_joke_is_told_twice(jokes: list[str]) -> None:
    told = collections.Counter(" ".join(words(joke)) for joke in jokes)
    assert [joke for joke, times in told.items() if times > 1] == []


def alike_in_rare_words(jokes: list[str], bound: float, since: int = 0) -> Iterator[tuple[str, str]]:
    """Pairs of jokes about the same things: the cosine of their words, each weighed by how rare it is.

    Only those from ``since`` on are compared with all before them.
    """
    found = [set(words(joke)) for joke in jokes]
    counts = collections.Counter(word for joke in found for word in joke)
    column = {word: number for number, word in enumerate(counts)}
    table = np.zeros((len(jokes), len(counts)), dtype=np.float32)
    for row, joke in enumerate(found):
        for word in joke:
            table[row, column[word]] = math.log(len(jokes) / counts[word])
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    for rows, before in blocks(since, len(jokes)):
        yield from pairs(jokes, table[rows] @ table[before].T, bound, rows)


def alike_in_order(
    jokes: list[str], bound: float, since: int = 0, left_out: int = LEFT_OUT
) -> Iterator[tuple[str, str]]:
    """Pairs of jokes that few edits turn into each other, counted in words without the most frequent ones."""
    told = [words(joke.replace(FRAME, "")) for joke in jokes]
    counts = collections.Counter(word for joke in told for word in joke)
    letters = {word: chr(0x100 + number) for number, (word, _) in enumerate(counts.most_common()[left_out:])}
    coded = ["".join(letters.get(word, "") for word in joke) for joke in told]
    for rows, before in blocks(since, len(jokes)):
        alike = cdist(
            coded[rows], coded[before], scorer=Indel.normalized_similarity, score_cutoff=bound, dtype=np.float32
        )
        yield from pairs(jokes, alike, bound, rows)


def blocks(since: int, end: int) -> Iterator[tuple[slice, slice]]:
    """Some rows at a time, with all up to the last of them."""
    for first in range(since, end, 1_000):
        last = min(first + 1_000, end)
        yield slice(first, last), slice(last)


def pairs(jokes: list[str], alike: NDArray[np.float32], bound: float, rows: slice) -> Iterator[tuple[str, str]]:
    for later, earlier in zip(*np.nonzero(np.tril(alike, rows.start - 1) > bound), strict=True):
        yield jokes[earlier], jokes[rows.start + later]


def test_no_punch_line_is_told_again_in_other_words(jokes: list[str]) -> None:
    assert list(alike_in_rare_words(jokes, TWO_THIRDS)) == []
    assert list(alike_in_order(jokes, TWO_THIRDS)) == []


def test_near_repeats_are_found(jokes: list[str]) -> None:
    told = "Why does thunder always come after lightning? Somebody has to clap."
    reworded = "The lightning always comes first, and after it the thunder, because somebody has to clap."
    retouched = "Why does the thunder always come after the lightning? Somebody has to complain."
    assert told in jokes
    assert list(alike_in_rare_words([*jokes, reworded], TWO_THIRDS, len(jokes))) == [(told, reworded)]
    assert list(alike_in_order([*jokes, retouched], TWO_THIRDS, len(jokes))) == [(told, retouched)]


def test_no_opening_is_worn_out(jokes: list[str]) -> None:
    openings = collections.Counter(tuple(words(joke)[:3]) for joke in jokes)
    opening, times = openings.most_common(1)[0]
    assert times <= 0.02 * len(jokes), opening


def test_the_vocabulary_repeats_enough_to_be_learned(jokes: list[str]) -> None:
    counts = collections.Counter(word for joke in jokes for word in words(joke))
    running = counts.total()
    assert sum(count for count in counts.values() if count == 1) <= 0.04 * running
    assert sum(count for _, count in counts.most_common(1_000)) >= 0.85 * running
