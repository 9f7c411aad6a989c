"""Which texts surprise a model most."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from jokegen.core.speaking.strangeness import strangest
from jokegen.data.amendments import number_of
from jokegen.data.tokenization import fit_tokenizer

TEXTS = [f"an usual text number {n} here" for n in range(30)] + ["odd odd odd odd odd", "odd"]


class Counting:
    """A model for which one word is unlikely."""

    def __init__(self, tokenizer):
        self.odd = [token for token in range(tokenizer.vocabulary_size) if "odd" in tokenizer.token_text(token)]

    def log_probabilities(self, split):
        return np.where(np.isin(split.tokens, self.odd), math.log(1 / 1024), math.log(1 / 2))


def test_the_text_of_unlikely_words_comes_first_by_its_bits_a_token():
    tokenizer = fit_tokenizer(TEXTS, "words", min_count=1)
    found = strangest(SimpleNamespace(tokenizer=tokenizer, predictor=Counting(tokenizer)), TEXTS)
    assert (found[0].text, found[0].number) == (TEXTS[30], number_of(TEXTS[30]))
    assert found[0].figure == pytest.approx((5 * 10 + 1) / 6)
    assert found[1].figure == pytest.approx(1.0)
    assert "odd" not in {each.text for each in found}, "two tokens say too little"
    few = strangest(SimpleNamespace(tokenizer=tokenizer, predictor=Counting(tokenizer)), TEXTS, most=100)
    assert 0 < len(few) < 10
