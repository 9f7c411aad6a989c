"""Spaces: words are glued to what the training texts glue them to, and to nothing else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.core.speaking.choices import Sampling
from jokegen.core.speaking.gluing import AT_START, Gluing
from jokegen.core.speaking.loading import load_generator
from jokegen.core.speaking.side_by_side import generate_batch
from jokegen.data.corpus import make_split
from jokegen.data.tokenization import fit_tokenizer

TEXTS = [
    'The duck said, "The cow is here." A duck (two ducks) is',
    "A cow-duck is here. The duck said, the cow",
    "I am",
]


def pairs_of(split, ends):
    texts = [[token for token in split.text(index).tolist() if token != ends] for index in range(len(split))]
    return {(first, second) for text in texts for first, second in zip([AT_START, *text], text, strict=False)}


@settings(max_examples=40)
@given(extra=st.lists(st.text("ab \"'.,-(", min_size=1, max_size=12).filter(str.strip), max_size=4))
def test_nothing_that_stands_in_the_texts_is_ruled_out(extra):
    texts = [*TEXTS, *(text.strip() for text in extra)]
    tokenizer = fit_tokenizer(texts, "words", min_count=1)
    split = make_split("train", texts, tokenizer)
    gluing = Gluing(split, tokenizer)
    for first, second in pairs_of(split, tokenizer.end_id):
        assert not gluing.refuses(first, second)
        assert second not in gluing.ruled_out(first)
    vocabulary = np.arange(tokenizer.vocabulary_size)
    for last in (AT_START, *vocabulary.tolist()):
        refused = [token for token in vocabulary.tolist() if gluing.refuses(last, token)]
        assert gluing.ruled_out(last) == refused
        assert np.flatnonzero(gluing.refuses_each(np.full_like(vocabulary, last), vocabulary)).tolist() == refused
        assert tokenizer.end_id not in refused


@pytest.mark.parametrize(
    ("before", "glued"), [(' "', True), ("-", True), (" (", True), (".", False), (",", False), (" duck", False)]
)
def test_a_word_is_glued_to_quotation_marks_but_not_to_words(before, glued):
    tokenizer = fit_tokenizer(TEXTS, "words", min_count=1)
    gluing = Gluing(make_split("train", TEXTS, tokenizer), tokenizer)
    last = tokenizer.backend.token_to_id(before)
    ruled_out = {tokenizer.token_text(token) for token in gluing.ruled_out(last)}
    assert ruled_out == (set() if glued else {"The", "A", "I", "two", "duck"})


def test_no_text_begins_with_a_space_and_no_word_is_glued_to_another(trained):
    generator = load_generator(trained())
    tokenizer = generator.tokenizer
    pairs = pairs_of(generator.copies.train, tokenizer.end_id)
    glued_to = {first for first, second in pairs if tokenizer.token_text(second)[:1].isalnum()}
    for text in generate_batch(generator, "", Sampling(temperature=3.0, top_p=1.0), 0, 10, 30):
        assert text.text == text.text.lstrip()
        for first, second in zip(text.tokens, text.tokens[1:], strict=False):
            assert first in glued_to or not tokenizer.token_text(second)[:1].isalnum()
