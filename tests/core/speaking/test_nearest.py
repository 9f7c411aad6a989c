"""The training texts most like a text: rare words tell more, and what is shared is shown."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.core.speaking.memorization import CopyDetector
from jokegen.data.corpus import make_split
from jokegen.data.tokenization import fit_tokenizer

TEXTS = ["the old duck walked into a bar", "two cows saw a red barn", "my duck saw a cow", "a cow walked into a bar"]


def detector(kind="words", texts=TEXTS):
    tokenizer = fit_tokenizer(texts, kind, min_count=1)
    return CopyDetector(make_split("train", texts, tokenizer), tokenizer), tokenizer


def by_hand(tokenizer, said):
    def grams(text):
        tokens = tokenizer.encode(text)
        found = {tuple(tokens[i : i + n]) for n in (1, 2, 3) for i in range(len(tokens) - n + 1)}
        return {gram for gram in found if tokenizer.unknown_id not in gram}

    texts = [grams(text) for text in TEXTS]

    def weight(gram):
        return math.log((2 + len(TEXTS)) / (1 + sum(gram in text for text in texts)))

    def norm(some):
        return math.sqrt(sum(weight(gram) ** 2 for gram in some)) or 1.0

    mine = grams(said)
    return [sum(weight(gram) ** 2 for gram in mine & text) / norm(mine) / norm(text) for text in texts]


@settings(max_examples=40)
@given(st.lists(st.sampled_from(sorted({word for text in TEXTS for word in text.split()})), max_size=8).map(" ".join))
def test_likeness_is_the_cosine_of_what_is_shared(said):
    copies, tokenizer = detector()
    found = {near.source: near.likeness for near in copies.nearest(tokenizer.encode(said), 10)}
    expected = {source: like for source, like in enumerate(by_hand(tokenizer, said)) if like > 0}
    assert found == pytest.approx(expected)
    assert list(found.values()) == sorted(found.values(), reverse=True)


@pytest.mark.parametrize("kind", ["words", "spaces", "bpe", "chars"])
def test_a_training_text_is_nearest_to_itself_and_shares_all(kind):
    copies, tokenizer = detector(kind)
    for source, text in enumerate(TEXTS):
        nearest, *_ = copies.nearest([*tokenizer.encode(text), tokenizer.end_id])
        assert (nearest.source, nearest.pieces) == (source, ((text, True),))
        assert nearest.likeness == pytest.approx(1)


def test_what_is_shared_stands_out():
    copies, tokenizer = detector()
    nearest, *_ = copies.nearest(tokenizer.encode("two cows walked into a bar"))
    assert nearest.pieces == (("a cow", False), (" walked into a bar", True))
    for near in copies.nearest(tokenizer.encode("two cows walked into a bar"), 9):
        assert "".join(piece for piece, _ in near.pieces) == TEXTS[near.source]


def test_nothing_is_near_to_nothing():
    copies, tokenizer = detector()
    assert copies.nearest([]) == ()
    assert copies.nearest(tokenizer.encode("xylophone quartz")) == ()
    assert np.isfinite([near.likeness for near in copies.nearest(tokenizer.encode("duck duck duck"))]).all()
