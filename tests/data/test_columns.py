"""Columns count by what their cells hold, in any script; a name helps only where they hold words."""

from __future__ import annotations

import pandas as pd
import pytest
from jokegen.data.columns import what_holds
from plain_reading import ReadFile


@pytest.mark.parametrize(
    ("cells", "holds"),
    [
        (["1", "2,5", "-3", "4 %", "$5.00"] * 3, "numbers"),
        (["2024-01-05", "2023-12-31 10:15", "5.1.2020"], "dates"),
        (["Mon Apr 06 22:19:45 PDT 2009", "Tue May 12 02:01:09 PDT 2009", "Sat Jun 27 12:40:00 PDT 2009"], "dates"),
        (["January 5, 2020", "March 17, 2021", "5th May 2021"], "dates"),
        (["2020年1月5日", "2021年12月31日", "2021年2月3日"], "dates"),
        (["spam", "ham", "ham", "spam"] * 5, "labels"),
        (["very positive", "quite negative", "no opinion"] * 6, "labels"),
        (["en"] * 9, "constants"),
        (["https://x.org/a", "www.example.org", "http://y.net/b?c=d"], "links"),
        (["x001", "x002", "ab12-44", "9f8e7d6c5b"], "identifiers"),
        (["", " ", ""], "nothing"),
        (["Why did it cross?", "Because it could.", "So what then"], "texts"),
        (["春花秋月何时了，往事知多少", "小楼昨夜又东风", "故国不堪回首月明中"], "texts"),
        (["बिल्ली ने दूध पिया", "राजा घर गया", "पानी दो मुझे"], "texts"),
        (["apple", "pear", "plum", "grape"], "words"),
    ],
)
def test_what_cells_are(cells: list[str], holds: str) -> None:
    assert what_holds(pd.Series(cells, dtype="str")) == holds


def table(labels: str, *rows: list[str]) -> str:
    return "\n".join([labels, *(";".join(row) for row in zip(*rows, strict=True))]) + "\n"


def test_dates_that_are_longer_than_messages_never_win(read_file: ReadFile) -> None:
    dates = [f"Mon Apr {day % 28 + 1:02d} 22:10:{day:02d} PDT 2009" for day in range(40)]
    messages = [f"call me {number}" for number in range(40)]
    found = read_file("chat.csv", table("date;user;message", dates, ["ann", "bob"] * 20, messages))
    assert found.texts.tolist() == messages
    assert [column.holds for column in found.reading.columns] == ["dates", "labels", "texts"]


def test_a_telling_name_over_numbers_is_no_text(read_file: ReadFile, jokes: list[str]) -> None:
    numbers = [str(number) for number in range(60)]
    found = read_file("lyrics.csv", table("line;lyric", numbers, jokes))
    assert (found.texts.tolist(), found.column) == (jokes, "lyric")


@pytest.mark.parametrize(
    "names",
    ["Question;Answer", "setup;punchline", "title;body", "prompt;response", "instruction;output", "问题;答案"],
)
def test_two_columns_that_belong_together_are_joined_and_said(
    read_file: ReadFile, jokes: list[str], answers: list[str], names: str
) -> None:
    found = read_file("jokes.csv", table(f"id;{names}", [str(number) for number in range(60)], jokes, answers))
    assert found.texts.tolist() == [f"{joke} {answer}" for joke, answer in zip(jokes, answers, strict=True)]
    assert found.reading.order == tuple(names.split(";"))
    assert "joined into one text" in " ".join(found.notices)


def test_the_order_of_a_pair_is_that_of_its_names(read_file: ReadFile, jokes: list[str], answers: list[str]) -> None:
    found = read_file("jokes.csv", table("body;title", answers, jokes))
    assert found.texts[0] == f"{jokes[0]} {answers[0]}"


def test_other_columns_of_texts_are_named(read_file: ReadFile, jokes: list[str], answers: list[str]) -> None:
    found = read_file("jokes.csv", table("english;deutsch", jokes, answers))
    assert found.texts.tolist() == jokes
    assert "'deutsch'" in found.reading.left_out[0]


@pytest.mark.parametrize("wanted", [("b", "a"), ("b,a",), ("2", "1"), ("2,1",), (" B ", "A")])
def test_columns_are_taken_by_name_or_number_in_the_order_asked_for(
    read_file: ReadFile, jokes: list[str], answers: list[str], wanted: tuple[str, ...]
) -> None:
    found = read_file("jokes.csv", table("a;b", jokes, answers), columns=wanted)
    assert found.texts[0] == f"{answers[0]} {jokes[0]}"
    assert found.reading.order == ("b", "a")


def test_a_name_with_a_comma_is_a_name(read_file: ReadFile, jokes: list[str]) -> None:
    found = read_file("jokes.csv", table("Text, deutsch;n", jokes, jokes), columns=("Text, deutsch",))
    assert found.reading.order == ("Text, deutsch",)


def test_a_column_that_is_not_there_is_refused_with_those_that_are(refused: ReadFile, jokes: list[str]) -> None:
    for wanted in ("witz", "5", "0", "", "joke.text"):
        if wanted:
            assert "its columns are: a, joke" in refused("x.csv", table("a;joke", jokes, jokes), columns=(wanted,))
