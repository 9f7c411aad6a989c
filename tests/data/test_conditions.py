"""Rows are compared with what a person wrote, and nothing of it is run."""

from __future__ import annotations

import pandas as pd
import pytest
from jokegen.data.conditions import parse_condition
from jokegen.data.faults import CorpusError

CELLS = pd.Series(["5", "20", "7.5", "", "x", "-3"], dtype="str")


@pytest.mark.parametrize(
    ("written", "passed"),
    [
        ("score >= 7.5", [1, 2]),
        ("score > 7.5", [1]),
        ("score<6", [0, 5]),
        ("score <= -3", [5]),
        ("score = 20", [1]),
        ("score == 20.0", [1]),
        ("score != 20", [0, 2, 3, 4, 5]),
        ("score = x", [4]),
        ("score is X", [4]),
        ("score = ''", [3]),
        ("score contains 2", [1]),
        ("`score` > 7.5", [1]),
    ],
)
def test_cells_are_compared_as_numbers_or_as_text(written: str, passed: list[int]) -> None:
    condition = parse_condition(written)
    assert condition.column == "score"
    assert [place for place, holds in enumerate(condition.passed(CELLS)) if holds] == passed


def test_dates_are_compared_as_they_are_written() -> None:
    days = pd.Series(["2023-12-31", "2024-01-01"], dtype="str")
    assert list(parse_condition('day >= "2024-01-01"').passed(days)) == [False, True]
    assert parse_condition("the column = a b").column == "the column"


@pytest.mark.parametrize("written", ["", "score", "score ~ 3", ">= 3", "__import__('os')", "\x1b[31m"])
def test_what_is_no_comparison_is_said(written: str) -> None:
    with pytest.raises(CorpusError) as caught:
        parse_condition(written)
    assert str(caught.value).isprintable()
    assert "must be a comparison like score >= 20" in str(caught.value)
