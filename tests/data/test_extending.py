"""A vocabulary that is added to keeps the number of every token it had."""

import pytest
from jokegen.data.extending import extended
from jokegen.data.tokenization import fit_tokenizer

OLD = ["a duck walks in", "a duck walks out", "the cow walks in"] * 3
NEW = ["a poet walks in", "a poet sings 🦆 out", "the poet sings"] * 3


@pytest.mark.parametrize("kind", ["words", "spaces", "chars"])
def test_what_was_known_keeps_its_number_and_what_is_new_comes_behind(kind):
    known, fitted = fit_tokenizer(OLD, kind), fit_tokenizer(NEW, kind)
    both = extended(known, fitted)
    for text in OLD:
        assert both.encode(text) == known.encode(text)
    for text in NEW:
        assert both.decode(both.encode(text)) == text
        assert max(both.encode(text)) >= known.vocabulary_size or kind == "chars"
    assert both.vocabulary_size == len({*known.words, *fitted.words}) + 2
    assert extended(both, fitted).fingerprint == both.fingerprint


def test_byte_pairs_know_everything_already():
    known = fit_tokenizer(OLD, "bpe")
    assert extended(known, fit_tokenizer(NEW, "bpe")) is known
