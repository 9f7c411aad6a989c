import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.core.errors import SettingsError
from jokegen.core.speaking.choices import Sampling
from jokegen.core.speaking.sampling import (
    as_seeds,
    draw,
    draw_many,
    filtered_probabilities,
    inverse_cumulative,
    softmax,
    uniform,
    uniforms,
)


def reference(logits, sampling, said=()):
    """The filters one after the other in plain Python, straight from their definitions."""
    logits = list(logits)
    for token in set(said):
        score = logits[token]
        logits[token] = score / sampling.repetition_penalty if score > 0 else score * sampling.repetition_penalty
    scaled = [score / sampling.temperature for score in logits]
    highest = max(scaled)
    probabilities = [math.exp(score - highest) for score in scaled]
    probabilities = [p / sum(probabilities) for p in probabilities]

    def keep(kept):
        total = sum(p for p, stays in zip(probabilities, kept, strict=True) if stays)
        return [p / total if stays else 0.0 for p, stays in zip(probabilities, kept, strict=True)]

    if sampling.top_k:
        floor = sorted(probabilities, reverse=True)[min(sampling.top_k, len(probabilities)) - 1]
        probabilities = keep([p >= floor for p in probabilities])
    if sampling.top_p < 1:
        reached, floor = 0.0, 1.0
        for p in sorted(probabilities, reverse=True):
            floor = p
            reached += p
            if reached >= sampling.top_p:
                break
        probabilities = keep([p >= floor for p in probabilities])
    return keep([p >= sampling.min_p * max(probabilities) for p in probabilities])


# Scores an eighth apart: ties are exact and nothing hangs on the last bit of a float.
scores = st.lists(st.integers(-40, 40).map(lambda n: n / 8), min_size=2, max_size=90)
samplings = st.builds(
    Sampling,
    temperature=st.sampled_from([0.25, 0.5, 1.0, 2.0]),
    top_k=st.integers(0, 12),
    top_p=st.sampled_from([0.113, 0.517, 0.911, 1.0]),
    min_p=st.sampled_from([0.0, 0.0513, 0.377]),
    repetition_penalty=st.sampled_from([1.0, 1.25, 2.0, 0.5]),
)


@settings(max_examples=150)
@given(scores, samplings, st.data())
def test_the_filters_equal_a_plain_reference(logits, sampling, data):
    said = data.draw(st.lists(st.integers(0, len(logits) - 1), max_size=5))
    found = filtered_probabilities(np.array([logits]), sampling, np.array([said]) if said else None)[0]
    np.testing.assert_allclose(found, reference(logits, sampling, said), atol=1e-9, rtol=1e-9)


@settings(max_examples=60)
@given(scores, samplings)
def test_in_single_precision_the_kept_probabilities_sum_to_one(logits, sampling):
    logits[0] = -math.inf
    found = filtered_probabilities(np.array([logits], dtype=np.float32), sampling)[0]
    assert float(found.sum()) == pytest.approx(1.0, abs=1e-5)
    assert float(found[0]) == 0.0
    assert bool((found >= 0).all())


@settings(max_examples=60)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=30).filter(any), st.floats(0, 1, exclude_max=True))
def test_a_draw_follows_the_inverse_of_the_cumulative_distribution(weights, number):
    total = sum(weights)
    probabilities = np.array([weights]) / total
    token = int(inverse_cumulative(probabilities, np.array([number]))[0])
    assert weights[token] > 0
    below = sum(weights[:token]) / total
    assert below - 1e-12 <= number <= below + weights[token] / total + 1e-12


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(temperature=1.0, top_p=1.0),
        Sampling(),
        Sampling(top_p=0.3),
        Sampling(top_k=2, top_p=1.0),
        Sampling(top_k=1, temperature=100),
        Sampling(min_p=0.2, top_p=1.0),
        Sampling(top_k=5, top_p=0.7, min_p=0.05, repetition_penalty=1.4),
        Sampling(greedy=True),
    ],
)
def test_tokens_are_drawn_as_often_as_the_filters_say(sampling):
    logits = np.full(100, -np.inf, dtype=np.float32)
    logits[:9] = np.log([0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02])
    said = np.array([[0, 3]])
    chances = filtered_probabilities(logits[None], sampling, said)[0]
    count = 20_000
    tokens, own = draw_many(np.tile(logits, (count, 1)), sampling, as_seeds(9, count), 4, np.tile(said, (count, 1)))
    np.testing.assert_allclose(own, softmax(logits)[tokens], rtol=1e-5)
    shares = np.bincount(tokens, minlength=len(logits)) / count
    assert not shares[chances == 0].any()
    np.testing.assert_allclose(shares, chances, atol=0.012)


@settings(max_examples=100)
@given(scores, samplings, st.integers(-(2**70), 2**70), st.integers(0, 10**6))
def test_a_token_is_one_that_the_filters_keep_and_the_same_side_by_side(logits, sampling, seed, place):
    rows = np.array([logits, logits[::-1], logits], dtype=np.float32)
    together, chances = draw_many(rows, sampling, as_seeds(seed, 3), place)
    for index, row in enumerate(rows):
        token, chance = draw(row, sampling, seed + index, place)
        assert token == together[index]
        assert chance == pytest.approx(float(chances[index]), rel=1e-4)
        assert float(filtered_probabilities(row, sampling)[token]) > 0


def test_a_draw_at_the_very_end_never_gives_an_impossible_token():
    probabilities = np.array([[0.1] * 9 + [0.1, 0.0, 0.0]], dtype=np.float32)
    token = int(inverse_cumulative(probabilities, np.array([1 - 2**-53]))[0])
    assert float(probabilities[0, token]) > 0


@settings(max_examples=100)
@given(st.integers(-(2**63), 2**64), st.integers(0, 10**9), st.integers(0, 4))
def test_a_uniform_number_lies_below_one_and_depends_on_its_place_alone(seed, place, attempt):
    first = float(uniforms(as_seeds(seed), place, attempt)[0])
    assert 0.0 <= first < 1.0
    assert first == splitmix(seed, place + attempt * 2**40)
    assert uniforms(as_seeds(seed - 1, 3), place, attempt)[1] == first
    assert uniform(seed, place, attempt) == first


def splitmix(seed, place):
    """The same number in plain integers (Steele et al. 2014)."""
    mask = 2**64 - 1
    state = (seed * 0x9E3779B97F4A7C15 + (place + 1) * 0xD1342543DE82EF95) & mask
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
    state ^= state >> 27
    state = ((state ^ (state >> 30)) * 0x94D049BB133111EB) & mask
    state ^= state >> 27
    return ((state ^ (state >> 31)) >> 11) / 2**53


def test_uniform_numbers_are_spread_evenly_over_places_and_over_seeds():
    over_places = np.array([uniforms(as_seeds(3), place)[0] for place in range(10_000)])
    for numbers in (over_places, uniforms(as_seeds(0, 10_000), 3)):
        counts, _ = np.histogram(numbers, bins=10, range=(0, 1))
        assert (abs(counts - 1000) < 150).all()
        assert len(set(numbers.tolist())) == 10_000


def test_greedy_takes_the_likeliest_and_nothing_else():
    logits = np.array([[0.1, 3.0, 2.9, -math.inf]])
    assert filtered_probabilities(logits, Sampling(greedy=True)).tolist() == [[0, 1, 0, 0]]


def test_greedy_honours_the_repetition_penalty():
    logits = np.array([[0.1, 3.0, 2.9]])
    found = filtered_probabilities(logits, Sampling(greedy=True, repetition_penalty=2.0), np.array([[1]]))
    assert found.tolist() == [[0, 0, 1]]


def test_the_penalty_makes_said_tokens_rarer_whatever_their_sign():
    logits = np.array([[2.0, -2.0, 0.5]])
    plain = filtered_probabilities(logits, Sampling(top_p=1.0))
    punished = filtered_probabilities(logits, Sampling(top_p=1.0, repetition_penalty=1.5), np.array([[0, 1, 1]]))
    assert bool((punished[0, :2] < plain[0, :2]).all())


def test_filters_of_one_row_do_not_touch_another():
    rows = np.random.default_rng(0).normal(0, 3, (5, 200))
    sampling = Sampling(top_k=20, top_p=0.9, min_p=0.02)
    together = filtered_probabilities(rows, sampling)
    for index in range(5):
        np.testing.assert_allclose(filtered_probabilities(rows[index : index + 1], sampling)[0], together[index])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", 0.0),
        ("temperature", -1.0),
        ("temperature", math.nan),
        ("temperature", math.inf),
        ("top_k", -1),
        ("top_p", 0.0),
        ("top_p", 1.5),
        ("top_p", math.nan),
        ("min_p", -0.1),
        ("min_p", 1.1),
        ("repetition_penalty", 0.0),
        ("repetition_penalty", math.inf),
    ],
)
def test_nonsense_is_refused_in_one_sentence(name, value):
    with pytest.raises(SettingsError, match=name.replace("_", "-")) as caught:
        Sampling(**{name: value})
    assert str(caught.value).count(". ") == 0
    assert str(caught.value).endswith(".")
