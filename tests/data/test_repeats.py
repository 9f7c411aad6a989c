"""Held-out texts that stand among the training texts all the same."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.data.repeats import repeated_texts
from jokegen.data.splitting import split_of

JOKES = [f"Why did number {i} cross the road? To meet number {i * i}!" for i in range(300)]


def test_other_punctuation_is_a_repeat_and_other_words_are_none():
    assert repeated_texts(JOKES) == {"valid": [], "test": []}
    changed = [joke.replace("?", " -").replace("!", "...").upper() for joke in JOKES]
    found = repeated_texts([*JOKES, *changed])
    trained = {number for pair in (JOKES, changed) for number, joke in enumerate(pair) if split_of(joke) == "train"}
    for split, texts in found.items():
        expected = [
            joke for pair in (JOKES, changed) for number, joke in enumerate(pair)
            if split_of(joke) == split and number in trained
        ]  # fmt: skip
        assert texts == expected
        assert texts


def test_marks_belong_to_their_letters():
    words = [f"{number} किताब" for number in range(60)]
    assert repeated_texts([*words, *(f"{number} कताब" for number in range(60))]) == {"valid": [], "test": []}


@settings(max_examples=30)
@given(st.lists(st.text(max_size=12), max_size=30))
def test_whatever_the_texts_are_only_held_out_ones_are_found(texts):
    for split, found in repeated_texts(texts).items():
        assert all(split_of(text) == split and text in texts for text in found)
