import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.core.errors import EngineError, GenerationError
from jokegen.core.speaking.evaluation import figures, perplexity
from jokegen.core.speaking.loading import evaluate_run, load_generator
from jokegen.core.speaking.memorization import CopyDetector
from jokegen.core.speaking.predictors import best_mixture_weight, mix
from jokegen.core.speaking.scoring import score
from jokegen.data.corpus import Split, make_split
from jokegen.data.tokenization import fit_tokenizer

TEXT = "Why did the duck walk into the bar? It saw 3 cows!"


def test_figures_by_hand():
    # Two tokens with probabilities 1/2 and 1/8: four bits over six characters; spelling the unknown one costs two more.
    split = Split("test", np.array([3, 0], np.int32), np.array([0, 2]), 1, 6, unknown=1, spelling=2 * math.log(2))
    found = figures(split, np.log([1 / 2, 1 / 8]), ngram=np.log([1 / 4, 1 / 4]), mixture_weight=0.5)
    assert found.loss == pytest.approx(math.log(4))
    assert found.perplexity == pytest.approx(4)
    assert found.bits_per_character == pytest.approx(4 / 6)
    assert found.spelled_bits_per_character == pytest.approx(6 / 6)
    assert figures(replace(split, spelling=None), np.log([1 / 2, 1 / 8])).spelled_bits_per_character is None
    assert found.unknown_rate == 0.5
    assert (found.tokens, found.words, found.characters) == (2, 1, 6)
    assert found.ngram_perplexity == pytest.approx(4)
    assert found.mixed_perplexity == pytest.approx((3 / 8 * 3 / 16) ** -0.5)


def test_an_empty_split_cannot_be_measured():
    split = Split("test", np.zeros(0, np.int32), np.zeros(1, np.int64), 0, 0, 0)
    with pytest.raises(EngineError, match="nothing to evaluate"):
        figures(split, np.zeros(0))


def test_a_loss_without_bounds_is_an_infinite_perplexity():
    assert perplexity(10_000.0) == math.inf
    assert perplexity(0.0) == 1


def test_the_mixture_weight_is_the_likeliest_one():
    random = np.random.default_rng(0)
    first, second = np.log(random.uniform(0.01, 1, (2, 500)))
    weight = best_mixture_weight(first, second)
    best = max(np.linspace(0.001, 0.999, 999), key=lambda w: mix(first, second, w).mean())
    assert weight == pytest.approx(best, abs=0.01)


@pytest.mark.parametrize(
    "chosen", [{}, {"preset": "ngram"}, {"tokenizer": "bpe"}, {"tokenizer": "chars"}, {"tokenizer": "spaces"}], ids=str
)
@pytest.mark.parametrize("text", [TEXT, "It saw 2 zyzzyvas!"])
def test_scoring_a_text_is_evaluating_it(trained, tmp_path, chosen, text):
    run = trained(**chosen)
    (tmp_path / "one.txt").write_text(text)
    expected, _ = evaluate_run(run, source=str(tmp_path / "one.txt"))
    found = score(load_generator(run), text)
    assert found.loss == pytest.approx(expected.loss, rel=1e-5)
    assert found.perplexity == pytest.approx(expected.perplexity, rel=1e-4)
    assert found.bits_per_character == pytest.approx(expected.bits_per_character, rel=1e-5)
    assert len(found.tokens) == expected.tokens
    assert found.tokens[-1].text == "(end)"
    for token in found.tokens:
        assert token.surprisal == pytest.approx(-math.log2(token.probability))
    assert sum(token.surprisal for token in found.tokens) == pytest.approx(found.loss * expected.tokens / math.log(2))


def test_the_tokens_of_a_score_are_the_text(trained):
    for chosen in ({}, {"tokenizer": "chars"}, {"tokenizer": "spaces"}, {"preset": "tutorial", "batch_size": 32}):
        found = score(load_generator(trained(**chosen)), TEXT)
        assert "".join(token.text for token in found.tokens).removesuffix("(end)") == TEXT


def test_an_unknown_first_word_is_shown_whole(trained):
    assert score(load_generator(trained(tokenizer="spaces")), "Zyzzyva saw").tokens[0].text == "<unk>"


@pytest.mark.parametrize("text", ["", "  \n", "\x1b\x00\u202e"])
def test_nothing_cannot_be_scored(trained, text):
    with pytest.raises(GenerationError, match="nothing to score"):
        score(load_generator(trained()), text)


def detector(texts, kind="words"):
    tokenizer = fit_tokenizer(texts, kind, min_count=1)
    return CopyDetector(make_split("train", texts, tokenizer), tokenizer), tokenizer


def test_copied_stretches_by_hand():
    found, _ = detector(["the duck saw a cow", "a pig walked home", "home sweet home"])
    assert found.copied("the duck saw a cow") == (5, 5)
    assert found.copied("the duck saw a pig walked") == (4, 6)
    assert found.copied("duck the saw") == (1, 3)
    assert found.copied("zyzzyva") == (0, 1)
    assert found.copied("") == (0, 0)
    assert found.copied("cow a") == (1, 2)  # no stretch reaches from one text into the next
    assert found.copied("saw zyzzyva saw a cow") == (3, 5)


words = st.lists(st.sampled_from("abcd"), min_size=1, max_size=8)


@settings(max_examples=80)
@given(st.lists(words, min_size=1, max_size=6), words)
def test_copied_stretches_equal_a_search_by_brute_force(texts, text):
    # A leading space gives a word the same token wherever it stands.
    training = ["".join(f" {word}" for word in each) for each in texts]
    found, _ = detector(training)
    best = 0
    for begin in range(len(text)):
        for end in range(begin + 1, len(text) + 1):
            stretch = text[begin:end]
            if any(stretch == each[i : i + len(stretch)] for each in texts for i in range(len(each))):
                best = max(best, len(stretch))
    assert found.copied("".join(f" {word}" for word in text)) == (best, len(text))
