"""What is found out about a set of texts, where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.data.shingles import Shingles
from jokegen.data.splitting import split_of
from jokegen.data.survey import survey

PLAIN = [f"story {number} of animal {number * 7} at place {number * 13} with word{number % 5}" for number in range(200)]


def test_lengths_words_and_coverage_are_those_of_the_texts():
    found = survey(PLAIN)
    assert (found.texts, found.looked_at, found.unit) == (200, 200, "words")
    assert sum(count for _, _, count in found.lengths) == 200
    assert found.usual == (10, 10, 10)
    assert dict(found.vocabulary.frequent)["story"] == 200
    assert found.splits == {name: sum(split_of(text) == name for text in PLAIN) for name in ("train", "valid", "test")}
    sizes, train, held_out = zip(*found.vocabulary.coverage, strict=True)
    assert train[-1] == pytest.approx(1.0)
    assert list(train) == sorted(train)
    assert list(held_out) == sorted(held_out)
    assert list(sizes) == sorted(sizes)
    trained = {word for text in PLAIN if split_of(text) == "train" for word in text.split()}
    others = [word for text in PLAIN if split_of(text) != "train" for word in text.split()]
    assert found.vocabulary.unknown_share == pytest.approx(sum(word not in trained for word in others) / len(others))
    assert {word for word, _ in found.vocabulary.unknown} == {word for word in others if word not in trained}


def test_near_repeats_and_held_out_texts_that_stand_in_the_training_texts_are_found():
    original = "a long tale about a duck who walked into a bar and asked for bread every single day"
    trained = next(text for text in (f"{original} {n} times" for n in range(99)) if split_of(text) == "train")
    held_out = next(text for text in (f"{original} {n} times" for n in range(100, 999)) if split_of(text) != "train")
    found = survey([*PLAIN[:50], trained, *PLAIN[50:], held_out])
    assert [(each.text, each.other) for each in found.near] == [(held_out, trained)]
    assert (found.both[0].text, found.both[0].other, found.both_count) == (held_out, trained, 1)
    assert found.both[0].figure > 0.7
    assert found.longest[0].text in (trained, held_out)


def test_of_a_large_corpus_some_are_looked_at_and_one_long_text_has_words_alone():
    assert survey(PLAIN, most=50).looked_at == 50
    whole = survey(PLAIN, "whole")
    assert whole.vocabulary.frequent
    assert not whole.lengths
    assert survey(["今天天气很好我们去公园散步吧"] * 3).unit == "characters"
    assert survey(["!!!", "?"]).near == ()


@settings(max_examples=40)
@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=8), min_size=2, max_size=8), st.data())
def test_shares_equal_a_search_by_brute_force(texts, data):
    base = np.array(data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts))))
    shingles = Shingles([np.array(text) for text in texts], 3)
    sets = [{tuple(text[i : i + min(3, len(text))]) for i in range(max(1, len(text) - 2))} for text in texts]
    for later, earlier, share in shingles.near_repeats(0.01):
        assert earlier < later
        assert share == pytest.approx(len(sets[later] & sets[earlier]) / len(sets[later] | sets[earlier]))
    stand = {place: share for place, _, share in shingles.standing_in(base, 0.01)}
    known = set().union(*(each for each, inside in zip(sets, base, strict=True) if inside))
    for place, own in enumerate(sets):
        if not base[place]:
            assert stand.get(place, 0.0) == pytest.approx(len(own & known) / len(own))
