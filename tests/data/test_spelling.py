"""Spelling a word costs more the stranger it is, and all words together no more than certainty."""

from __future__ import annotations

import itertools
import math

import pandas as pd
import pytest
from jokegen.data.corpus import build_corpus
from jokegen.data.reading import Texts
from jokegen.data.sealed_corpus import corpus_from_bytes, corpus_to_bytes
from jokegen.data.spelling import SpellingModel

WORDS = ["walking", "talking", "walked", "talked", "jumping", "jumped"]


def test_probabilities_of_all_words_add_up_to_less_than_one() -> None:
    model = SpellingModel(["ab", "ba", "aab"])
    short = (word for length in range(6) for word in map("".join, itertools.product("ab", repeat=length)))
    assert 0.5 < sum(math.exp(-model.nats(word)) for word in short) < 1


def test_stranger_words_cost_more() -> None:
    model = SpellingModel(WORDS)
    costs = [model.nats(word) for word in ("walking", "jalking", "klawing", "xyzzyqq", "ქართული")]
    assert costs == sorted(costs)
    assert model.nats("walking") == model.nats("walking")


@pytest.mark.parametrize("kind", ["words", "spaces", "bpe", "chars"])
def test_a_split_knows_what_its_unknown_words_cost(kind: str) -> None:
    texts = [f"the joke of number {place} is told" for place in range(200)]
    corpus = build_corpus(Texts("jokes", pd.Series(texts, dtype="str"), "records"), kind)  # type: ignore[arg-type]
    test = corpus.split("test")
    assert test.spelling is not None
    assert (test.spelling > 0) == (test.unknown > 0) == (kind in ("words", "spaces"))
    assert corpus_from_bytes(corpus_to_bytes(corpus), corpus.tokenizer).split("test").spelling == test.spelling


def test_what_a_tokenizer_without_an_unknown_leaves_out_is_counted() -> None:
    from jokegen.data.corpus import make_split

    corpus = build_corpus(Texts("jokes", pd.Series(["a b c", "d e"], dtype="str"), "records"), "spaces", held_out=False)
    split = make_split("test", ["a zebra b", "c"], corpus.tokenizer)
    assert (split.unknown, len(split.tokens)) == (1, 3)
    assert split.spelling is not None
    assert split.spelling > 0
