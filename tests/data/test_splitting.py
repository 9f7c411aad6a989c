"""A text keeps its split, whatever happens around it."""

import random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jokegen.data.cleaning import clean_text
from jokegen.data.corpus import Corpus, build_corpus
from jokegen.data.reading import Texts
from jokegen.data.splitting import SPLITS, split_key, split_of

JOKES = [f"Why did number {i} cross the road? To meet number {i * i}." for i in range(400)]


def corpus(texts: list[str]) -> Corpus:
    return build_corpus(Texts("test", pd.Series(texts, dtype="str"), "records"), "chars")


def texts_of(built: Corpus) -> dict[str, set[str]]:
    return {
        name: {built.tokenizer.decode(built.split(name).text(i).tolist()) for i in range(len(built.split(name)))}
        for name in SPLITS
    }


@given(st.text(st.characters()))
def test_a_second_cleaning_moves_no_text(text: str) -> None:
    assert split_of(clean_text(text)) == split_of(text) == split_of(clean_text(clean_text(text)))


@given(st.text(st.characters()))
def test_spacing_moves_no_text(text: str) -> None:
    assert split_of(f"  {text}\n") == split_of(text)


@pytest.mark.parametrize("text", ["STRASSE straße ẞ", "Ἠΐ ΰ ᾳ", "ﬁne ﬀ", "İstanbul", "ǰ ŉ", "e\u0301cole"])
def test_upper_case_stands_on_the_same_side(text: str) -> None:
    assert split_key(text.upper()) == split_key(text.casefold()) == split_key(text)
    assert all(split_of(joke.upper()) == split_of(joke) for joke in JOKES)


def test_a_tenth_is_for_testing_and_a_tenth_for_validation() -> None:
    names = [split_of(f"joke {i}") for i in range(10_000)]
    assert names.count("test") == pytest.approx(1000, abs=120)
    assert names.count("valid") == pytest.approx(1000, abs=120)


def test_shuffling_moves_no_text() -> None:
    shuffled = JOKES.copy()
    random.Random(1).shuffle(shuffled)
    before, after = corpus(JOKES), corpus(shuffled)
    assert texts_of(before) == texts_of(after)
    assert before.fingerprint == after.fingerprint
    assert before.tokenizer.to_json() == after.tokenizer.to_json()


def test_growth_moves_no_text() -> None:
    before, after = texts_of(corpus(JOKES[:200])), texts_of(corpus(JOKES))
    assert all(before[name] <= after[name] for name in SPLITS)


def test_no_text_is_in_two_splits_and_none_is_lost() -> None:
    parts = texts_of(corpus(JOKES))
    assert parts["train"] | parts["valid"] | parts["test"] == set(JOKES)
    assert sum(map(len, parts.values())) == len(JOKES)
