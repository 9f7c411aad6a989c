"""An epoch asks for every token once, and every target follows what was read."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jokegen.data.batching import (
    NO_TOKEN,
    Batch,
    evaluation_batches,
    stream_batches,
    text_batches,
    window_batches,
)
from jokegen.data.corpus import Split

Plan = Callable[[Split], list[Batch]]


def split_of_lengths(lengths: list[int]) -> Split:
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Split("train", np.arange(offsets[-1], dtype=np.int32), offsets, words=0, characters=0, unknown=0)


def asked(batches: list[Batch]) -> list[int]:
    return sorted(int(target) for batch in batches for target in batch.targets.ravel() if target != NO_TOKEN)


def check_shape(batches: list[Batch], most_texts: int, longest: int) -> None:
    for batch in batches:
        assert batch.inputs.shape == batch.targets.shape
        assert batch.inputs.shape[0] <= longest
        assert batch.inputs.shape[1] <= most_texts
        assert (batch.targets.ravel()[batch.predicted] >= 0).all()
        assert len(batch.predicted) == (batch.targets != NO_TOKEN).sum() > 0


def check_follows(split: Split, batches: list[Batch]) -> None:
    """Each input is the token just before its target, or the end of text where the target begins a text."""
    begins = set(split.offsets[:-1].tolist())
    for batch in batches:
        for read, target in zip(batch.inputs.ravel().tolist(), batch.targets.ravel().tolist(), strict=True):
            if target != NO_TOKEN:
                assert read == (NO_TOKEN if target in begins else target - 1)


LENGTHS = st.lists(st.integers(1, 30), min_size=1, max_size=40)


@given(LENGTHS, st.integers(1, 9), st.integers(1, 12), st.integers(0, 3))
def test_text_batches_ask_for_every_token_once(lengths: list[int], batch_size: int, longest: int, epoch: int) -> None:
    split = split_of_lengths(lengths)
    batches = text_batches(split, batch_size, longest, seed=1, epoch=epoch)
    assert asked(batches) == list(range(len(split.tokens)))
    assert all(batch.fresh for batch in batches)
    check_shape(batches, batch_size, longest)
    check_follows(split, batches)


@given(LENGTHS, st.integers(1, 90), st.integers(1, 12))
def test_evaluation_reads_each_text_once(lengths: list[int], tokens: int, longest: int) -> None:
    split = split_of_lengths(lengths)
    batches = evaluation_batches(split, tokens, longest)
    assert asked(batches) == list(range(len(split.tokens)))
    check_shape(batches, len(lengths), longest)
    check_follows(split, batches)
    whole = evaluation_batches(split, tokens, 10**6)
    assert all(batch.fresh for batch in whole)
    assert all(batch.targets.size <= max(tokens, max(lengths)) for batch in whole)


@given(LENGTHS, st.integers(1, 12))
def test_evaluation_carries_the_state_through_a_text(lengths: list[int], longest: int) -> None:
    split = split_of_lengths(lengths)
    before: Batch | None = None
    for batch in evaluation_batches(split, 64, longest):
        assert batch.fresh == bool((batch.inputs[0] == NO_TOKEN).all())
        if not batch.fresh:
            assert before is not None
            reading = batch.targets[0] != NO_TOKEN
            assert (batch.inputs[0, reading] == before.targets[-1, reading]).all()
        before = batch


@given(st.integers(3, 400), st.integers(1, 9), st.integers(1, 12), st.integers(0, 5))
def test_streams_run_on_from_batch_to_batch(length: int, streams: int, longest: int, epoch: int) -> None:
    split = split_of_lengths([length])
    batches = stream_batches(split, streams, longest, seed=1, epoch=epoch)
    found = asked(batches)
    assert len(set(found)) == len(found)
    assert set(found) <= set(range(1, length))
    check_shape(batches, streams, longest)
    assert [batch.fresh for batch in batches] == [True] + [False] * (len(batches) - 1)
    for before, batch in pairwise(batches):
        assert (batch.inputs[0] == before.targets[-1]).all()
    assert all((batch.targets == batch.inputs + 1).all() for batch in batches)
    # Only the shift at the start and the remainder at the end go without.
    assert len(found) >= length - 1 - 2 * longest - streams


@given(st.integers(2, 200), st.integers(1, 9), st.integers(1, 12))
def test_windows_are_those_of_the_tutorial(length: int, batch_size: int, words: int) -> None:
    split = split_of_lengths([length])
    rows = [row for batch in window_batches(split, batch_size, words) for row in batch.inputs.tolist()]
    assert rows == [list(range(start, start + words)) for start in range(length - words)]
    assert all((batch.targets == batch.inputs + 1).all() for batch in window_batches(split, batch_size, words))
    assert sum(len(batch.inputs) for batch in window_batches(split, batch_size, words)) == max(length - words, 0)


def test_the_tutorials_epoch_is_94_batches_of_256_windows() -> None:
    batches = window_batches(split_of_lengths([23_914]), batch_size=256, sequence_length=4)
    assert len(batches) == 94
    assert {batch.inputs.shape for batch in batches[:-1]} == {(256, 4)}
    assert batches[-1].inputs.shape == (23_910 - 93 * 256, 4)
    assert batches[-1].targets.max() == 23_913


PLANS: dict[str, Callable[[Split, int, int], list[Batch]]] = {
    "texts": lambda split, seed, epoch: text_batches(split, 4, 8, seed=seed, epoch=epoch),
    "streams": lambda split, seed, epoch: stream_batches(split, 4, 8, seed=seed, epoch=epoch),
}


@pytest.mark.parametrize("plan", PLANS)
def test_the_same_seed_and_epoch_plan_the_same_and_others_do_not(plan: str) -> None:
    def planned(seed: int, epoch: int) -> list[list[int]]:
        split = split_of_lengths([9, 3, 14, 1] * 20)
        return [batch.targets.ravel().tolist() for batch in PLANS[plan](split, seed, epoch)]

    assert planned(1, 2) == planned(1, 2)
    assert any(planned(1, 2) != planned(1, epoch) for epoch in (3, 4, 5))
    assert any(planned(1, 2) != planned(seed, 2) for seed in (3, 4, 5))


def test_little_is_read_past_the_ends_of_texts() -> None:
    random = np.random.default_rng(1)
    split = split_of_lengths(random.integers(5, 40, size=2000).tolist())
    for batches in (text_batches(split, 16, 64, seed=1, epoch=1), evaluation_batches(split)):
        places = sum(batch.targets.size for batch in batches)
        assert len(split.tokens) >= 0.9 * places


def test_no_texts_are_no_batches() -> None:
    empty = split_of_lengths([])
    assert not text_batches(empty, 4, 8, seed=1, epoch=1)
    assert evaluation_batches(empty) == []
    assert not window_batches(split_of_lengths([3]), 4, 8)
