"""What a token is follows from the texts, and a result that would mean little is not praised."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from jokegen.core.settings import TrainingSettings, make_settings
from jokegen.core.training.preparation import Prepared, prepare_corpus
from jokegen.data.reading import Texts

PEOPLE = ["baker", "farmer", "pilot", "sailor", "clown", "teacher", "lawyer", "doctor", "waiter", "drummer"]
SYLLABLES = ["an", "el", "ma", "ri", "ta", "lo", "ke", "vi", "so", "da", "ni", "ra"]
CHINESE_WORDS = ["老师", "学生", "医生", "朋友", "孩子", "老虎"]
THAI_WORDS = ["แมว", "หมา", "ครู", "หมอ", "เสือ", "ช้าง"]


def sentences(words: list[str], pattern: str) -> list[str]:
    return [pattern.format(*chosen) for chosen in itertools.permutations(words, 3)]


SENTENCES = sentences(PEOPLE, "Why did the {0} call the {1}? Because of a {2}!")
NAMES = [name.capitalize() for name in sentences(SYLLABLES, "{0}{1}{2}")]
CHINESE = sentences(CHINESE_WORDS, "{0}看见{1}，{2}不知道。")
THAI = sentences(THAI_WORDS, "{0}เห็น{1}เพราะ{2}")


def prepared(texts: list[str], layout: str = "records", **settings: object) -> Prepared:
    return prepare_corpus(
        Texts("jokes", pd.Series(texts, dtype="str"), layout), make_settings({"preset": "ngram", **settings})
    )


def test_words_are_taken_where_they_know_the_held_out_words() -> None:
    found = prepared(SENTENCES[:300])
    assert (found.corpus.tokenizer.kind, found.recipe.tokenizer, found.notices) == ("words", "words", ())


@pytest.mark.parametrize("texts", [NAMES[:400], CHINESE, THAI], ids=["names", "Chinese", "Thai"])
def test_characters_are_taken_and_that_is_said_where_words_say_nothing(texts: list[str]) -> None:
    found = prepared(texts)
    assert (found.corpus.tokenizer.kind, found.recipe.tokenizer) == ("chars", "chars")
    assert "so the tokens are characters; --tokenizer chooses others." in found.notices[0]
    assert found.corpus.split("test").unknown / len(found.corpus.split("test").tokens) < 0.1


def test_what_was_asked_for_is_taken_with_a_word_of_caution() -> None:
    found = prepared(NAMES[:400], tokenizer="words")
    assert found.corpus.tokenizer.kind == "words"
    said = " ".join(found.notices)
    assert "100 % of the held-out words of jokes are unknown" in said
    assert "only 2 tokens for" in said


def test_too_few_texts_are_said() -> None:
    assert " to learn from" in " ".join(prepared(SENTENCES[:40]).notices)
    assert " to learn from" not in " ".join(prepared([" ".join(SENTENCES)], "whole").notices)


def test_the_tutorial_keeps_its_tokens() -> None:
    found = prepared(SENTENCES[:300], preset="tutorial")
    assert (found.corpus.tokenizer.kind, found.recipe.tokenizer) == ("spaces", "spaces")
    assert TrainingSettings().tokenizer is None
