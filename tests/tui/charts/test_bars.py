"""Counts and shares as bars."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.tui.charts.bars import bar, columns


@settings(max_examples=50)
@given(st.lists(st.integers(0, 10**9), max_size=50), st.integers(0, 60), st.integers(0, 8))
def test_columns_fit_and_what_is_there_is_seen(counts, width, height):
    lines = columns(counts, width, height)
    assert all(len(line) <= width for line in lines)
    if counts and width and height:
        assert len(lines) == height
        wide = max(1, min(3, width // len(counts)))
        for place, count in enumerate(counts[: width // wide]):
            assert (lines[-1][place * wide] != " ") == (count > 0)


def test_bars_are_exact_to_an_eighth():
    assert bar(0.5, 10) == "█████"
    assert bar(1 / 16, 2) == "▏"
    assert bar(2.0, 3) == "███"
    assert bar(0.0, 3) == bar(-1.0, 3) == ""
    assert columns([1, 2], 2, 1) == ["▄█"]
