import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.core.speaking.memorization import CopyDetector
from jokegen.data.corpus import make_split
from jokegen.data.tokenization import fit_tokenizer

TEXTS = ["the old duck walked into a small bar", "two cows saw a red barn on the hill", "my duck saw a cow"]


def detector(texts, kind="words"):
    tokenizer = fit_tokenizer(texts, kind, min_count=1)
    split = make_split("train", texts, tokenizer)
    return CopyDetector(split, tokenizer), tokenizer, split


def test_two_copied_stretches_with_where_they_come_from():
    copies, tokenizer, _ = detector(TEXTS)
    tokens = tokenizer.encode("my cow saw a red barn on the old duck walked into a small hill")
    found = copies.spans(tokens, least_words=5)
    shown = [(tokenizer.decode(tokens[span.start : span.end]).strip(), span.words, span.source) for span in found]
    assert shown == [("saw a red barn on the", 6, 1), ("old duck walked into a small", 6, 0)]


def test_a_stretch_shorter_than_asked_is_none():
    copies, tokenizer, _ = detector(TEXTS)
    assert copies.spans(tokenizer.encode("two cows saw a duck"), least_words=5) == ()
    assert copies.spans([]) == ()


@pytest.mark.parametrize("kind", ["words", "chars"])
@settings(max_examples=30)
@given(
    words=st.lists(st.sampled_from(sorted({word for text in TEXTS for word in text.split()})), max_size=12),
    least=st.integers(1, 5),
)
def test_spans_are_copied_apart_and_miss_nothing(kind, words, least):
    copies, tokenizer, split = detector(TEXTS, kind)
    text = " ".join(words)
    tokens = list(tokenizer.encode(text))
    found = copies.spans(tokens, least)
    covered = [index for span in found for index in range(span.start, span.end)]
    assert len(covered) == len(set(covered))
    for span in found:
        assert tokens[span.start : span.end] == split.tokens[span.place : span.place + span.end - span.start].tolist()
        assert split.offsets[span.source] <= span.place < split.offsets[span.source + 1]
        assert span.words >= least
    longest, _ = copies.copied(text)
    assert bool(found) or longest < least or kind == "chars"
