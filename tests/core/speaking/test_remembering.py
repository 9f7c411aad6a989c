"""What a model has learned by heart, where the answer is known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.core.speaking import remembering
from jokegen.core.speaking.novelty import CopyLimit
from jokegen.core.speaking.remembering import Memory
from jokegen.data.corpus import Corpus, make_split
from jokegen.data.tokenization import fit_tokenizer

TRAIN = ["one two three four five six", "a b c d e f", "one two", "the end of it all is near"]


def corpus_of(train, valid, kind="words", known=()):
    tokenizer = fit_tokenizer([*train, *known], kind, min_count=1)
    return Corpus(
        "c", tokenizer, "texts", make_split("train", train, tokenizer), make_split("valid", valid, tokenizer), None, "0"
    )


def shares(corpus, said, monkeypatch):
    """What is found in a model that says these texts."""
    made = [np.array(corpus.tokenizer.encode(text), dtype=np.int64) for text in said]
    monkeypatch.setattr(remembering, "_made", lambda _generator, _count: made)
    predictor = SimpleNamespace(log_probabilities=lambda split: np.full(len(split.tokens), -1.5))
    return Memory(corpus, 1000).look(SimpleNamespace(predictor=predictor), 3, 30)


def test_shares_of_stretches_and_of_whole_texts(monkeypatch):
    corpus = corpus_of(TRAIN, ["one two three four five x", "a b c d e f"], known=["z y x z y x"])
    found = shares(corpus, ["one two three four five", "z y x z y x", "a b c d e f", "one two"], monkeypatch)
    assert (found.epoch, found.step, found.train_loss) == (3, 30, 1.5)
    assert found.copied == pytest.approx(3 / 5)  # 1 of 1, 0 of 2, 2 of 2, and none in a short text
    assert found.copied_texts == pytest.approx(2 / 4)
    assert found.held_out == pytest.approx(3 / 4)  # 1 of 2, 2 of 2
    assert found.held_out_texts == pytest.approx(1 / 2)


def test_stretches_never_reach_from_one_text_into_the_next_and_unknown_words_are_left_out(monkeypatch):
    corpus = corpus_of(["a b c", "d e f", "g h i j k"], ["g h i j never k"])
    found = shares(corpus, ["a b c", "d e f"], monkeypatch)
    assert found.copied is None
    assert found.copied_texts == 1
    assert found.held_out is None
    assert found.held_out_texts is None


@pytest.mark.parametrize("kind", ["words", "bpe", "chars"])
def test_a_model_that_says_its_texts_is_found_out_with_every_tokenizer(kind, monkeypatch):
    corpus = corpus_of(TRAIN * 3, ["near is it all of end the"], kind)
    found = shares(corpus, TRAIN, monkeypatch)
    assert found.copied == found.copied_texts == 1
    assert found.held_out < 0.5


@settings(max_examples=40)
@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=9), min_size=2, max_size=4), st.data())
def test_the_share_equals_a_search_by_brute_force(texts, data):
    train = [" ".join(text) for text in texts]
    said = data.draw(st.lists(st.lists(st.sampled_from("abcd"), max_size=9), max_size=3))
    tokenizer = fit_tokenizer(["a a b c d", "b", "c", "d"], "words", min_count=1)
    limit = CopyLimit(make_split("train", train, tokenizer), tokenizer, 2)
    asked = make_split("test", [" ".join(text) for text in said], tokenizer)
    # A text's first word has no space before it: a token of its own.
    pieces = [[(place > 0, word) for place, word in enumerate(text)] for text in texts]
    others = [[(place > 0, word) for place, word in enumerate(text)] for text in said]
    known = {tuple(text[place : place + 3]) for text in pieces for place in range(len(text) - 2)}
    found = [tuple(text[place : place + 3]) in known for text in others for place in range(len(text) - 2)]
    expected = np.mean(found) if found else None
    assert limit.share(asked.tokens.astype(np.int64), asked.offsets) == (
        None if expected is None else pytest.approx(expected)
    )


def test_looking_takes_a_hundredth_of_the_time(monkeypatch):
    """The first look is expected to take as long as counting and reading would; then it is known."""
    memory = Memory(corpus_of(TRAIN, TRAIN[:1]), 10_000_000)
    expected = 2 * 10_000_000 * (1024 + 16 * 30) / 3e10
    assert not memory.has_time(99 * expected, 10**9, 1.0)
    assert memory.has_time(101 * expected, 10**9, 1.0)
    clock = iter([0.0, 0.4, 1.0, 1.4])
    monkeypatch.setattr(remembering.time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(remembering, "_made", lambda _generator, _count: [])
    predictor = SimpleNamespace(log_probabilities=lambda split: np.full(len(split.tokens), -1.5))
    memory.look(SimpleNamespace(predictor=predictor), 1, 10)
    assert not memory.has_time(59.0, 10**9, 0.1)  # the one before and half of this one are not paid for
    assert memory.has_time(61.0, 10**9, 0.1)
    assert not memory.has_time(79.0, 10**9, 1.0)  # this one never will be
    assert memory.has_time(81.0, 10**9, 1.0)


def test_a_training_that_never_pays_for_a_look_is_not_looked_into_and_another_early():
    """However fast the machine: what a look costs of a training is counted in tokens trained."""
    for tokens_a_second in (500, 5_000, 50_000):
        memory = Memory(corpus_of(TRAIN, TRAIN[:1]), 1000)
        asked = [(trained / tokens_a_second, trained) for trained in (10_000, 50_000, 110_000)]
        assert not any(memory.has_time(*values, values[1] / 110_000) for values in asked)
        found = [memory.has_time(*values, values[1] / 300_000) for values in asked]
        assert found == [False, False, True]


@pytest.mark.parametrize(("trained", "texts", "tokens"), [(0, 4, 256), (200_000, 16, 1024), (10**9, 32, 2048)])
def test_the_last_look_looks_at_as_much_as_the_training_is_worth(trained, texts, tokens, monkeypatch):
    corpus = corpus_of([f"{number} a b c d e f" for number in range(500)], ["a b"])
    asked: list[int] = []
    read: list[int] = []
    monkeypatch.setattr(remembering, "_made", lambda _generator, count: asked.append(count) or [])
    predictor = SimpleNamespace(
        log_probabilities=lambda split: read.append(len(split.tokens)) or np.full(len(split.tokens), -1.5)
    )
    Memory(corpus, 1000).last_look(SimpleNamespace(predictor=predictor), 1, 10, trained)
    assert asked == [texts]
    assert tokens / 2 <= read[0] <= tokens
