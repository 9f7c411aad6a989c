"""Corpora hold exactly the texts that went in, and the published numbers of the well-known ones."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jokegen.data.batching import window_batches
from jokegen.data.corpus import Corpus, build_corpus, corpus_from_splits, first_texts
from jokegen.data.faults import CorpusError, ForeignTokenizerError
from jokegen.data.reading import ReadingOptions, Texts, read_texts
from jokegen.data.sealed_corpus import corpus_from_bytes, corpus_to_bytes
from jokegen.data.splitting import SPLITS, SplitName, split_key
from jokegen.data.tokenization import TOKENIZER_KINDS, UNKNOWN, Tokenizer, TokenizerKind

JOKES = [f"Why did number {i} cross the road? To meet number {i * i}, a friend." for i in range(120)]
PLAY = "To be, or not to be: that is the question.\n" * 60
DATA = Path(os.environ.get("JOKEGEN_TEST_DATA", str(Path(__file__).parents[3] / "shared" / "data")))
KINDS = pytest.mark.parametrize("kind", TOKENIZER_KINDS)


def as_texts(*texts: str, layout: str = "records") -> Texts:
    return Texts("test", pd.Series(list(texts), dtype="str"), layout)  # type: ignore[arg-type]


def published(name: str) -> Path:
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"{name} is not in {DATA}; name its folder in JOKEGEN_TEST_DATA")
    return path


def told(corpus: Corpus, name: SplitName) -> list[str]:
    split = corpus.split(name)
    return [corpus.tokenizer.decode(split.text(index).tolist()) for index in range(len(split))]


def same(one: Corpus, other: Corpus) -> bool:
    return all(
        np.array_equal(one.split(name).tokens, other.split(name).tokens)
        and np.array_equal(one.split(name).offsets, other.split(name).offsets)
        for name in SPLITS
    )


def test_every_text_is_told_once_and_ends() -> None:
    corpus = build_corpus(as_texts(*JOKES), "words", min_count=1)
    assert told(corpus, "train") == [joke for joke in JOKES if joke in set(told(corpus, "train"))]
    for name in SPLITS:
        split = corpus.split(name)
        ends = split.offsets[1:] - 1
        assert (split.tokens[ends] == corpus.tokenizer.end_id).all()
        assert (split.tokens == corpus.tokenizer.end_id).sum() == len(split)
        assert split.tokens.dtype == np.int32


def test_the_first_texts_are_whole_ones_or_the_beginning_of_the_first() -> None:
    train = build_corpus(as_texts(*(f"text number {number}" for number in range(60)))).train
    some = first_texts(train, int(train.offsets[3]) + 1)
    assert (len(some), len(some.tokens)) == (3, train.offsets[3])
    assert len(first_texts(train, 10**6)) == len(train)
    assert first_texts(train, 2).tokens.tolist() == train.tokens[:2].tolist()


def test_counts_are_those_of_the_texts() -> None:
    corpus = build_corpus(as_texts(*JOKES), "chars")
    texts = told(corpus, "train")
    assert corpus.train.words == sum(len(text.split()) for text in texts)
    assert corpus.train.characters == len(corpus.train.tokens) == sum(len(text) + 1 for text in texts)
    assert corpus.train.unknown == 0
    words = build_corpus(as_texts(*JOKES), "words")
    assert words.split("test").unknown == (words.split("test").tokens == words.tokenizer.unknown_id).sum() > 0


def test_no_test_text_occurs_in_training(tmp_path: Path) -> None:
    path = tmp_path / "told twice.txt"
    path.write_text(
        "\n".join([*JOKES, *(joke.upper() for joke in JOKES), *(joke.replace(" ", "  ") for joke in JOKES)])
    )
    corpus = build_corpus(read_texts(path), "chars")
    keys = {name: {split_key(text) for text in told(corpus, name)} for name in SPLITS}
    assert keys["train"].isdisjoint(keys["test"] | keys["valid"])
    assert keys["test"].isdisjoint(keys["valid"])
    assert sum(len(corpus.split(name)) for name in SPLITS) == len(JOKES)


def test_the_vocabulary_knows_nothing_of_the_held_out_texts() -> None:
    corpus = build_corpus(as_texts(*(f"{joke} word{i}" for i, joke in enumerate(JOKES))), "spaces", min_count=1)
    known = {corpus.tokenizer.token_text(token).strip() for token in range(corpus.tokenizer.vocabulary_size)}
    assert known - {"", UNKNOWN} == {word for text in told(corpus, "train") for word in text.split(" ")}


@KINDS
def test_a_long_text_is_cut_by_position_and_nothing_is_lost(kind: TokenizerKind) -> None:
    corpus = build_corpus(as_texts(PLAY, layout="whole"), kind, min_count=1)
    assert corpus.layout == "stream"
    parts = [told(corpus, name) for name in SPLITS]
    assert [len(part) for part in parts] == [1, 1, 1]
    if kind != "spaces":  # cut inside a line, so the held out parts may hold a new word
        assert "".join(part[0] for part in parts).replace(UNKNOWN, "") in PLAY or kind == "words"
    assert len(parts[0][0]) == pytest.approx(0.8 * len(PLAY), abs=60)


def test_a_long_text_may_go_without_validation() -> None:
    corpus = build_corpus(as_texts(PLAY, layout="whole"), "chars", train_share=0.9)
    assert corpus.valid is None
    assert told(corpus, "train")[0] + told(corpus, "test")[0] == PLAY
    with pytest.raises(CorpusError):
        corpus.split("valid")


@KINDS
@pytest.mark.parametrize("held_out", [True, False])
def test_a_saved_corpus_is_the_same(kind: TokenizerKind, held_out: bool) -> None:
    corpus = build_corpus(as_texts(*JOKES), kind, held_out=held_out)
    again = corpus_from_bytes(corpus_to_bytes(corpus), corpus.tokenizer)
    for name in SPLITS if held_out else SPLITS[:1]:
        one, other = corpus.split(name), again.split(name)
        assert np.array_equal(one.tokens, other.tokens)
        assert np.array_equal(one.offsets, other.offsets)
        assert (one.words, one.characters, one.unknown) == (other.words, other.characters, other.unknown)
    assert (again.name, again.layout, again.fingerprint) == (corpus.name, corpus.layout, corpus.fingerprint)
    assert (again.valid is None) == (corpus.valid is None) == (not held_out)


SAVED = build_corpus(as_texts(*JOKES), "words")
DOCUMENT = corpus_to_bytes(SAVED)


@given(st.data())
def test_damage_never_goes_unnoticed_as_a_crash(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(DOCUMENT) - 1) | st.integers(0, 1200))
    byte = data.draw(st.integers(0, 255))
    try:
        corpus = corpus_from_bytes(DOCUMENT[:place] + bytes([byte]) + DOCUMENT[place + 1 :], SAVED.tokenizer)
    except CorpusError:
        return
    assert same(corpus, SAVED)


@pytest.mark.parametrize("length", [0, 1, 8, 100, len(DOCUMENT) // 2, len(DOCUMENT) - 1])
def test_a_corpus_cut_short_is_one_sentence(length: int) -> None:
    with pytest.raises(CorpusError, match="damaged"):
        corpus_from_bytes(DOCUMENT[:length], SAVED.tokenizer)


def test_a_corpus_and_another_runs_tokenizer_do_not_go_together() -> None:
    small = build_corpus(as_texts(*(f"{i}" for i in range(60))), "chars").tokenizer
    with pytest.raises(ForeignTokenizerError):
        corpus_from_bytes(DOCUMENT, small)
    renamed = Tokenizer.from_json(SAVED.tokenizer.to_json().replace("number", "numbed"))
    assert renamed.vocabulary_size == SAVED.tokenizer.vocabulary_size
    with pytest.raises(ForeignTokenizerError):
        corpus_from_bytes(DOCUMENT, renamed)
    with pytest.raises(CorpusError):
        corpus_from_bytes(b"", SAVED.tokenizer)


@pytest.mark.parametrize("texts", [["one joke"], ["a", "b", "c"]])
def test_too_few_texts_are_one_sentence(texts: list[str]) -> None:
    with pytest.raises(CorpusError) as caught:
        build_corpus(as_texts(*texts))
    assert str(caught.value).isprintable()
    assert "few" in str(caught.value)


def test_too_short_a_text_is_one_sentence() -> None:
    with pytest.raises(CorpusError, match="too short"):
        build_corpus(as_texts("only a line", layout="whole"), "chars")


@pytest.mark.parametrize("held_out", [True, False])
def test_one_joke_is_too_few_whatever_is_held_out(held_out: bool) -> None:
    with pytest.raises(CorpusError, match="only one text"):
        build_corpus(as_texts("one joke told as a whole"), "spaces", held_out=held_out)


def test_joined_texts_are_one_text_without_ends() -> None:
    corpus = build_corpus(as_texts("one two", "three  one"), "spaces", held_out=False)
    assert corpus.layout == "joined"
    assert told(corpus, "train") == ["one two three  one"]
    assert corpus.tokenizer.end_id is None
    assert (corpus.train.words, corpus.train.characters) == (4, len("one two three  one"))
    assert corpus.valid is corpus.test is None


def test_texts_that_come_split_stay_split() -> None:
    corpus = corpus_from_splits("bench", {"train": JOKES[:80], "valid": JOKES[80:100], "test": JOKES[100:]}, "chars")
    assert [told(corpus, name) for name in SPLITS] == [JOKES[:80], JOKES[80:100], JOKES[100:]]


def test_the_same_texts_make_the_same_corpus() -> None:
    assert same(build_corpus(as_texts(*JOKES), "bpe"), build_corpus(as_texts(*JOKES), "bpe"))
    assert build_corpus(as_texts(*JOKES)).fingerprint != build_corpus(as_texts(*JOKES[1:])).fingerprint


def test_the_tutorials_numbers() -> None:
    read = read_texts(published("reddit-cleanjokes.csv"), ReadingOptions(as_written=True))
    corpus = build_corpus(read, "spaces", held_out=False)
    assert len(read.texts) == 1622
    assert len(corpus.train.tokens) == 23_914
    assert corpus.tokenizer.vocabulary_size == 6_925
    assert len(window_batches(corpus.train, batch_size=256, sequence_length=4)) == 94


def test_the_jokes_cleaned_and_split() -> None:
    corpus = build_corpus(read_texts(published("reddit-cleanjokes.csv")))
    assert sum(len(corpus.split(name)) for name in SPLITS) == pytest.approx(1600, abs=22)
    assert len(corpus.split("test")) == pytest.approx(160, abs=35)


def test_penn_treebanks_numbers() -> None:
    files = {name: published(f"ptb/ptb.{name}.txt") for name in SPLITS}
    options = ReadingOptions(layout="lines", as_written=True)
    read = {name: read_texts(file, options).texts for name, file in files.items()}
    parts: dict[SplitName, list[str]] = {name: list(texts.str.strip()) for name, texts in read.items()}
    corpus = corpus_from_splits("ptb", parts, "spaces")
    assert corpus.tokenizer.vocabulary_size == 10_000
    assert {name: len(corpus.split(name).tokens) for name in SPLITS} == {
        "train": 929_589,
        "valid": 73_760,
        "test": 82_430,
    }
    assert corpus.split("test").unknown == sum(line.split().count(UNKNOWN) for line in parts["test"]) > 0
