"""Numbers keep their shape whatever their size."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jokegen.tui import numbers

ANY = st.one_of(st.floats(min_value=0, max_value=1e300), st.sampled_from([math.nan, math.inf, 0.0, 1e300]))


@given(ANY)
def test_every_number_stays_in_its_cells(value: float) -> None:
    assert len(numbers.count(value)) <= 15
    assert len(numbers.decimal(value)) <= 11
    assert len(numbers.decimal(value, 1)) <= 9
    assert len(numbers.perplexity(value)) <= 7
    assert len(numbers.short_count(value)) <= 6
    assert len(numbers.clock(value)) <= 14
    assert len(numbers.percent(value)) <= 11
    if math.isfinite(value):
        assert len(numbers.roughly(value)) <= 14
        assert len(numbers.narrow_percent(value)) == 4
        assert len(numbers.size(value)) <= 12


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (numbers.count(None), "–"),
        (numbers.count(12_345), "12,345"),
        (numbers.decimal(3.14159), "3.142"),
        (numbers.decimal(math.nan), "–"),
        (numbers.decimal(math.inf), ">1e6"),
        (numbers.decimal(1e75), ">1e6"),
        (numbers.decimal(-2e7), "<-1e6"),
        (numbers.perplexity(3.6), "36.6"),
        (numbers.perplexity(7.6), "1,998"),
        (numbers.perplexity(172.0), ">1e6"),
        (numbers.perplexity(1e9), ">1e6"),
        (numbers.short_count(24_123), "24.1k"),
        (numbers.short_count(2.2e6), "2.2M"),
        (numbers.clock(3661), "1:01:01"),
        (numbers.clock(1e300), ">1e6 days"),
        (numbers.roughly(100), "2 min"),
        (numbers.percent(0.0301), "3.0 %"),
        (numbers.narrow_percent(0.5), " 50%"),
        (numbers.size(4_200_000), "4.2 MB"),
        (numbers.loss_of(0.0), None),
    ],
)
def test_numbers_read_well(shown: str | None, wanted: str | None) -> None:
    assert shown == wanted
