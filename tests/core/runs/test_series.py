"""Series keep their shape in bounded memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.core.runs import series
from jokegen.core.runs.series import Pyramid, SeriesBook


def pyramid_of(values):
    pyramid = Pyramid()
    for step, value in enumerate(values, 1):
        pyramid.append(step, value)
    return pyramid


@settings(max_examples=60)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), st.integers(1, 400))
def test_however_thin_the_extremes_and_the_mean_are_those_of_all(values, at_most):
    thinned = pyramid_of(values).thinned(0, 1e9, at_most)
    assert len(thinned) <= max(at_most, 4)
    # A bucket stands for 1, 4, 16 … values; those that do not fill one yet are missing at the end, and no others.
    size = next(4**power for power in range(6) if len(values) // 4**power <= max(at_most, 4) or 4**power > len(values))
    whole = np.array(values[: len(values) // size * size]).reshape(-1, size)
    assert len(thinned) in (len(whole), len(whole) // 4)
    if len(thinned) == len(whole):
        np.testing.assert_array_equal(thinned.low, whole.min(-1))
        np.testing.assert_array_equal(thinned.high, whole.max(-1))
        np.testing.assert_allclose(thinned.mean, whole.mean(-1), atol=1e-6)


def test_a_stretch_is_seen_in_full_where_there_is_room():
    thinned = pyramid_of(range(1000)).thinned(400, 450, 100)
    assert thinned.steps.tolist() == list(range(400, 451))
    assert thinned.mean.tolist() == list(range(399, 450))


def test_a_long_run_gives_up_its_finest_level_and_nothing_else(monkeypatch):
    monkeypatch.setattr(series, "_CAPACITY", 64)
    pyramid = pyramid_of(np.sin(np.arange(5000) / 100))
    kept = sum(len(level.rows) for level in pyramid._levels)
    assert kept <= 64 * len(pyramid._levels)
    thinned = pyramid.thinned(0, 1e9, 100)
    assert thinned.high.max() == pytest.approx(1, abs=0.01)
    assert thinned.low.min() == pytest.approx(-1, abs=0.01)
    assert thinned.steps[-1] > 4500


def test_a_book_adds_up_tokens_and_finds_the_speed():
    book = SeriesBook()
    for step in range(1, 5):
        book.take(step, {"loss": 5.0 - step, "tokens": 100, "seconds": step * 0.5, "learning_rate": None})
    assert book.names == ("loss", "speed", "seconds", "tokens")
    assert book.thinned("tokens", 0, 9, 99).mean.tolist() == [100, 200, 300, 400]
    assert book.thinned("speed", 0, 9, 99).mean.tolist() == [200, 200, 200, 200]
    assert len(book.thinned("memory", 0, 9, 99)) == 0
    assert book.last("loss") == 1.0
    assert book.last("memory") is None
