"""The bundled jokes stay what their README promises."""

import collections
import csv
import re
from pathlib import Path

import pytest

STARTER = Path(__file__).parents[2] / "data" / "corpora" / "starter.csv"
ALLOWED = re.compile(r"[A-Za-z0-9 .,!?'\":;-]+")


@pytest.fixture(scope="module")
def jokes() -> list[str]:
    with STARTER.open(newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle)
        assert reader.fieldnames == ["ID", "Joke"]
        rows = list(reader)
    assert [row["ID"] for row in rows] == [str(number) for number in range(1, len(rows) + 1)]
    return [row["Joke"] for row in rows]


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower().replace("'", ""))


def test_there_is_enough_to_learn_from(jokes: list[str]) -> None:
    assert len(jokes) >= 1_500
    assert sum(len(joke.split()) for joke in jokes) >= 22_000


def test_every_joke_is_one_plain_line_of_five_to_forty_words(jokes: list[str]) -> None:
    assert [joke for joke in jokes if not 5 <= len(joke.split()) <= 40] == []
    assert [joke for joke in jokes if not ALLOWED.fullmatch(joke) or "  " in joke or joke != joke.strip()] == []


def test_no_joke_is_told_twice(jokes: list[str]) -> None:
    told = collections.Counter(" ".join(words(joke)) for joke in jokes)
    assert [joke for joke, times in told.items() if times > 1] == []


def test_no_opening_is_worn_out(jokes: list[str]) -> None:
    openings = collections.Counter(tuple(words(joke)[:3]) for joke in jokes)
    opening, times = openings.most_common(1)[0]
    assert times <= 0.04 * len(jokes), opening


def test_the_vocabulary_repeats_enough_to_be_learned(jokes: list[str]) -> None:
    counts = collections.Counter(word for joke in jokes for word in words(joke))
    running = counts.total()
    assert sum(count for count in counts.values() if count == 1) <= 0.10 * running
    assert sum(count for _, count in counts.most_common(1_000)) >= 0.82 * running
