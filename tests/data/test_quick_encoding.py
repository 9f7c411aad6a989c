"""Many texts become the tokens that each becomes alone, whatever white space they have and whatever is forgotten."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.data import quick_encoding
from jokegen.data.quick_encoding import UnitEncoder
from jokegen.data.tokenization import TOKENIZER_KINDS, TokenizerKind, fit_tokenizer

TEXTS = [
    "a b, a c!",
    "don't\ngo: “hi” — it’s",
    "  a  b",
    "a\n\nb c",
    "é a\u00a0b",
    "<unk> a",
    "\ttab \x03",
    "",
    " ",
    "a b",
]
WRITTEN = st.lists(st.text(st.sampled_from(list("ab,'’! \n\t\u00a0é日\x00\x03")), max_size=12), max_size=5)


@pytest.mark.parametrize("kind", TOKENIZER_KINDS)
@pytest.mark.parametrize("end", [True, False])
def test_texts_become_the_tokens_that_each_becomes_alone(
    kind: TokenizerKind, end: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick_encoding, "_MOST", 12)
    tokenizer = fit_tokenizer(TEXTS * 2, kind, end_of_text=end)
    encoder = UnitEncoder(tokenizer)

    @given(WRITTEN)
    @settings(max_examples=40)
    def check(written: list[str]) -> None:
        for texts in ([*TEXTS, *written], written, ["a b", "b a"]):
            tokens, lengths = encoder.encode(texts)
            alone = [
                tokenizer.encode(text) + ([] if tokenizer.end_id is None else [tokenizer.end_id]) for text in texts
            ]
            assert lengths.tolist() == list(map(len, alone))
            assert tokens.tolist() == list(chain.from_iterable(alone))

    check()
