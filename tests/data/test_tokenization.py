"""Tokens give back exactly the text they came from, in all four ways of cutting it."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jokegen.data.cleaning import clean_text
from jokegen.data.faults import CorpusError
from jokegen.data.tokenization import END_OF_TEXT, TOKENIZER_KINDS, UNKNOWN, Tokenizer, TokenizerKind, fit_tokenizer

JOKES = [
    "Why did the chicken cross the road? To get to the other side.",
    "Don't you hate jokes about German sausage? They're the wurst!",
    "What's brown and sticky?\nA stick.",
    "Café naïve 👩\u200d🚀 -- <unk> said: “42,000”…",
]
TEXTS = st.text(st.characters()) | st.lists(
    st.sampled_from(["the", "don't", " ", "  ", "\n", ".", "...", "👩\u200d🚀", "é", "e\u0301", UNKNOWN, "_1"])
).map("".join)
KINDS = pytest.mark.parametrize("kind", TOKENIZER_KINDS)
BYTE_PAIRS = fit_tokenizer(JOKES * 5, "bpe")


@KINDS
@given(text=TEXTS)
@example(text=" ")
@example(text="a <unk> b <unk>")
@example(text="<unk>")
def test_a_known_text_comes_back_exactly(kind: TokenizerKind, text: str) -> None:
    cleaned = clean_text(text)
    tokenizer = fit_tokenizer([cleaned], kind, min_count=1)
    tokens = tokenizer.encode(cleaned)
    assert tokenizer.decode(tokens) == cleaned
    if kind != "bpe":
        assert "".join(map(tokenizer.token_text, tokens)).removeprefix(" " if kind == "spaces" else "") == cleaned


@given(text=TEXTS)
def test_byte_pairs_know_every_text(text: str) -> None:
    cleaned = clean_text(text)
    assert BYTE_PAIRS.decode(BYTE_PAIRS.encode(cleaned)) == cleaned
    assert BYTE_PAIRS.unknown_spans(cleaned) == []


@KINDS
@given(text=TEXTS | st.just(END_OF_TEXT) | st.just(f"a {END_OF_TEXT} b"))
def test_no_text_contains_the_end_of_text(kind: TokenizerKind, text: str) -> None:
    tokenizer = BYTE_PAIRS if kind == "bpe" else fit_tokenizer([*JOKES, text], kind, min_count=1)
    assert tokenizer.end_id is not None
    assert tokenizer.end_id not in tokenizer.encode(clean_text(text))
    assert tokenizer.end_id not in tokenizer.encode(text)
    assert tokenizer.decode([*tokenizer.encode("To"), tokenizer.end_id]) == tokenizer.decode(tokenizer.encode("To"))
    assert tokenizer.token_text(tokenizer.end_id) == ""


@KINDS
def test_one_by_one_and_in_a_batch_are_the_same(kind: TokenizerKind) -> None:
    tokenizer = fit_tokenizer(JOKES, kind)
    texts = [*JOKES, "", "unheard-of words", " ", "x" * 40_000, "the joke is on you. " * 4_000]
    assert tokenizer.encode_batch(texts) == [tokenizer.encode(text) for text in texts]
    assert tokenizer.encode_batch([]) == []


@KINDS
def test_a_line_without_spaces_is_learned_at_once_and_comes_back(kind: TokenizerKind) -> None:
    line = "".join(f"{number:x}" for number in range(60_000))
    began = time.process_time()
    tokenizer = fit_tokenizer([line, line, "a b a b"], kind)
    assert time.process_time() - began < 5
    if kind != "words":
        assert tokenizer.decode(tokenizer.encode(line)) == line


@KINDS
def test_a_long_text_comes_back_exactly(kind: TokenizerKind) -> None:
    text = clean_text("\n\n".join(JOKES * 800) + " no spaces at all:" + "ha" * 20_000)
    tokenizer = fit_tokenizer([text], kind, min_count=1)
    assert tokenizer.decode(tokenizer.encode(text)) == text


@pytest.mark.parametrize("kind", ["words", "chars"])
def test_unknown_words_are_marked_where_they_stand(kind: TokenizerKind) -> None:
    tokenizer = fit_tokenizer(["the chicken crossed the road"], kind, min_count=1)
    text = "the 👩\u200d🚀 crossed"
    spans = tokenizer.unknown_spans(text)
    assert "".join(text[start:stop] for start, stop in spans) == "👩\u200d🚀"
    assert tokenizer.unknown_spans("the chicken") == []


@KINDS
def test_unknown_spans_are_words_without_their_space(kind: TokenizerKind) -> None:
    for end_of_text in (True, False):
        tokenizer = fit_tokenizer(["the chicken crossed"], kind, min_count=1, end_of_text=end_of_text)
        text = "the zebra chicken zebra"
        found = [text[start:stop] for start, stop in tokenizer.unknown_spans(text)]
        assert found == ([] if kind == "bpe" else list("zbazba") if kind == "chars" else ["zebra", "zebra"])


def test_a_word_seen_once_is_unknown_and_the_text_says_so() -> None:
    tokenizer = fit_tokenizer(["a stick", "a rope"], "words")
    assert tokenizer.encode("a")[0] != tokenizer.unknown_id
    assert tokenizer.encode("stick") == [tokenizer.unknown_id]
    assert UNKNOWN in tokenizer.decode(tokenizer.encode("a stick"))


def test_the_unknown_word_of_a_prepared_corpus_is_the_unknown() -> None:
    tokenizer = fit_tokenizer(["the <unk> rose <unk>", "<unk> the rose"], "spaces")
    assert tokenizer.unknown_id is not None
    assert tokenizer.encode("<unk> rose zebra")[::2] == [tokenizer.unknown_id] * 2
    assert tokenizer.vocabulary_size == len({"the", "rose", "<unk>", "end"})


def test_the_tutorials_vocabulary_is_exactly_its_words() -> None:
    text = "a b  a <unk> c"
    tokenizer = fit_tokenizer([text], "spaces", end_of_text=False)
    assert tokenizer.end_id is None
    assert tokenizer.unknown_id is None
    assert tokenizer.vocabulary_size == len(set(text.split(" ")))
    assert len(tokenizer.encode(text)) == len(text.split(" "))
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert tokenizer.encode("a zebra b") == [*tokenizer.encode("a"), *tokenizer.encode("b")]


@KINDS
def test_a_vocabulary_keeps_to_its_limit(kind: TokenizerKind) -> None:
    limit = 300 if kind == "bpe" else 6
    assert fit_tokenizer(JOKES * 3, kind, max_vocabulary=limit).vocabulary_size == limit


@KINDS
def test_the_order_of_texts_does_not_matter(kind: TokenizerKind) -> None:
    assert fit_tokenizer(JOKES, kind).to_json() == fit_tokenizer(JOKES[::-1], kind).to_json()


def test_completions_continue_the_word() -> None:
    tokenizer = fit_tokenizer(["the chicken chats with the chick"], "words", min_count=1)
    found = {tokenizer.token_text(token) for token in tokenizer.completions(" chick")}
    assert found == {" chicken"}
    assert tokenizer.end_id not in tokenizer.completions("")


@KINDS
@pytest.mark.parametrize("end_of_text", [True, False])
def test_a_saved_tokenizer_is_the_same(kind: TokenizerKind, end_of_text: bool) -> None:
    tokenizer = fit_tokenizer(JOKES, kind, end_of_text=end_of_text)
    again = Tokenizer.from_json(tokenizer.to_json())
    assert (again.kind, again.vocabulary_size) == (kind, tokenizer.vocabulary_size)
    assert (again.end_id, again.unknown_id) == (tokenizer.end_id, tokenizer.unknown_id)
    assert again.encode_batch(JOKES) == tokenizer.encode_batch(JOKES)
    assert again.to_json() == tokenizer.to_json()


GOOD = json.loads(fit_tokenizer(JOKES, "words").to_json())


@pytest.mark.parametrize(
    "document",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"model": 5}',
        "\x1b[2J",
        json.dumps(GOOD)[:-40],
        json.dumps(GOOD | {"pre_tokenizer": None}),
        json.dumps(GOOD | {"model": GOOD["model"] | {"vocab": {"zz": 900, UNKNOWN: 0}}}),
        json.dumps(GOOD | {"model": GOOD["model"] | {"vocab": {UNKNOWN: -1}}}),
    ],
    ids=range(10),
)
def test_a_damaged_tokenizer_is_one_sentence(document: str) -> None:
    with pytest.raises(CorpusError) as caught:
        Tokenizer.from_json(document)
    assert str(caught.value).isprintable()
    assert str(caught.value).endswith(".")


def test_a_vocabulary_cannot_smuggle_control_characters_onto_the_screen(tmp_path: Path) -> None:
    tokenizer = fit_tokenizer(["a b"], "words", min_count=1)
    hostile = Tokenizer.from_json(tokenizer.to_json().replace('" b"', '" b\\u001b[2J\\u202e"'))
    shown = [hostile.token_text(token) for token in range(hostile.vocabulary_size)]
    assert all(text.isprintable() for text in shown)
    assert hostile.decode(list(range(hostile.vocabulary_size))).isprintable()


def test_it_knows_whether_its_texts_have_line_breaks() -> None:
    verses = ["The cow jumped\nover the moon.", "The moon jumped\nover the cow."]
    for kind, known in (("words", True), ("chars", True), ("bpe", True), ("spaces", False)):
        assert fit_tokenizer(verses * 5, kind).knows_line_breaks is known
    for kind in ("words", "chars"):
        assert not fit_tokenizer([JOKES[0]] * 5, kind).knows_line_breaks
