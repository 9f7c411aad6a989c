import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.core.events import EpochDone, SampleMade
from jokegen.core.runs.milestones import bounded


def epoch(number, *, best=False):
    return EpochDone(number, number * 10, 3.0, 3.0, 100.0, 1.0, best)


def test_what_a_short_training_said_is_kept_whole():
    epochs = tuple(epoch(number) for number in range(1, 257))
    assert bounded(epochs) == epochs
    assert bounded(()) == ()


@settings(max_examples=10)
@given(bests=st.sets(st.integers(1, 3_000), min_size=1), count=st.integers(257, 3_000))
def test_of_a_long_one_the_first_the_best_and_the_latest_stay(bests, count):
    kept, best = (), None
    for number in range(1, count + 1):
        new = epoch(number, best=number in bests)
        best = new if new.best else best
        kept = bounded((*kept, new))
        assert len(kept) <= 256
    assert kept[0].epoch == 1
    assert [each.epoch for each in kept[-100:]] == list(range(count - 99, count + 1))
    assert best is None or best in kept
    assert [each.epoch for each in kept] == sorted({each.epoch for each in kept})


@pytest.mark.parametrize("count", [100_000])
def test_many_at_once_are_as_few(count):
    samples = tuple(SampleMade(number, "ha", 0, 1) for number in range(count))
    assert 100 < len(bounded(samples)) <= 256
    assert bounded(samples)[-1] == samples[-1]
