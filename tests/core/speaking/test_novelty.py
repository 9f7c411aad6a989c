"""Only new: no more than some words in a row are copied, whatever is asked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.core.errors import GenerationError
from jokegen.core.speaking.choices import Sampling
from jokegen.core.speaking.generation import Generator
from jokegen.core.speaking.loading import load_generator, load_run
from jokegen.core.speaking.memorization import CopyDetector
from jokegen.core.speaking.novelty import CopyLimit, allowed_probabilities
from jokegen.core.speaking.side_by_side import generate_batch
from jokegen.data.corpus import make_split
from jokegen.data.tokenization import fit_tokenizer

TEXTS = ['The old duck said, "I am a duck."', "I am a duck - a duck\nand a cow", "a cow saw a duck", "the old, old cow"]
PIECES = ["The", "old", "duck", "cow", 'said, "I', "I", "am", "a", "-", "a duck", "\n", "saw", "and", '"']
PROMPT = "Why did the duck walk"


def words_of(tokenizer, tokens):
    return sum(any(map(str.isalnum, word)) for word in tokenizer.decode(tokens).split())


def by_hand(split, tokenizer, words, said):
    """Every token that would be the last of a copied stretch of more words, and begins one of them."""
    texts = [split.text(index).tolist() for index in range(len(split))]
    found = set()
    for length in range(1, len(said) + 1):
        stretch = said[-length:]
        for text in texts:
            for place in range(len(text) - length):
                if text[place : place + length] == stretch:
                    longer = text[place : place + length + 1]
                    count = words_of(tokenizer, longer)
                    if count > words and count > words_of(tokenizer, stretch):
                        found.add(longer[-1])
    return found


@pytest.mark.parametrize("kind", ["words", "spaces", "chars"])
@settings(max_examples=40)
@given(said=st.lists(st.sampled_from(PIECES), max_size=10), words=st.integers(1, 4))
def test_what_is_ruled_out_is_what_would_copy_more(kind, said, words):
    # Between spaces a word may hold a line break, and is one word all the same.
    texts = [text.replace("\n", " ") if kind == "spaces" else text for text in TEXTS]
    tokenizer = fit_tokenizer(texts, kind, min_count=1)
    split = make_split("train", texts, tokenizer)
    limit = CopyLimit(split, tokenizer, words)
    tokens = [token for token in tokenizer.encode(" ".join(said)) if token != tokenizer.unknown_id]
    expected = by_hand(split, tokenizer, words, tokens)
    assert set(limit.ruled_out(reversed(tokens)).tolist()) == expected
    side_by_side = limit.follow(reversed(tokens), 3).ruled_out()
    assert [set(side_by_side.get(row, [])) for row in range(3)] == [expected] * 3


def test_side_by_side_each_text_has_its_own_past():
    tokenizer = fit_tokenizer(TEXTS, "words", min_count=1)
    split = make_split("train", TEXTS, tokenizer)
    limit = CopyLimit(split, tokenizer, 2)
    rows = np.array([tokenizer.encode(text) for text in ("a cow saw", "I am a", "old old cow")])
    trail = limit.follow([], 3)
    for tokens in rows.T:
        trail.add(tokens)
    alone = [limit.ruled_out(reversed(row)).tolist() for row in rows.tolist()]
    assert [trail.ruled_out().get(row, []) for row in range(3)] == alone
    trail.select(np.array([False, True, True]))
    assert [trail.ruled_out().get(row, []) for row in range(2)] == alone[1:]


def test_what_the_filters_leave_is_shared_out_again():
    logits = np.log(np.array([[0.5, 0.3, 0.2]], dtype=np.float32))
    kept = Sampling(temperature=1.0, top_p=0.7)
    np.testing.assert_allclose(allowed_probabilities(logits, [[0]], kept), [[0, 1, 0]], atol=1e-6)
    np.testing.assert_allclose(allowed_probabilities(logits, [[0, 1]], kept), [[0, 0, 1]], atol=1e-6)
    np.testing.assert_allclose(allowed_probabilities(logits, [[0]], Sampling(greedy=True)), [[0, 1, 0]])


@pytest.mark.parametrize("kind", ["words", "spaces", "bpe", "chars"])
@pytest.mark.parametrize("words", [1, 4])
def test_nothing_longer_is_copied_by_streams_and_batches_alike(kind, words, trained):
    run = trained(preset="ngram", tokenizer=kind)
    generator, loaded = load_generator(run), load_run(run)
    detector = CopyDetector(loaded.corpus.train, loaded.tokenizer)
    sampling = Sampling(only_new=words)
    start = generator.start()
    stepped = 0
    for text in generate_batch(generator, "", sampling, 3, 8, words=12):
        said = list(generator.stream(start, sampling, text.seed, 12))
        assert "".join(word.text for word in said) == text.text
        assert sum(word.stepped_back for word in said) == text.stepped_back
        tokens = [word.token for word in said if not word.is_end]
        assert detector.spans(tokens, words + 1) == ()
        stepped += text.stepped_back
    assert stepped  # a model of sixty texts copies where it may


def test_another_word_comes_only_where_one_was_refused(trained):
    generator = load_generator(trained(preset="ngram"))
    start = generator.read(PROMPT)
    plain = list(generator.stream(start, Sampling(), 5, 20))
    new = list(generator.stream(start, Sampling(only_new=3), 5, 20))
    first = next(index for index, word in enumerate(new) if word.stepped_back)
    assert [word.token for word in new[:first]] == [word.token for word in plain[:first]]
    assert new[first].token != plain[first].token
    own, drawn = generator.distributions(new[first].before, Sampling(only_new=3))
    assert drawn[plain[first].token] == 0 < drawn[new[first].token]
    assert own[new[first].token] == pytest.approx(new[first].probability)


def test_the_likeliest_word_that_is_new_is_taken_by_greed(trained):
    generator = load_generator(trained(preset="ngram"))
    texts = {text.text for text in generate_batch(generator, PROMPT, Sampling(greedy=True, only_new=3), 1, 2, words=10)}
    assert len(texts) == 1
    assert texts != {generate_batch(generator, PROMPT, Sampling(greedy=True), 1, 1, words=10)[0].text}


def test_without_the_training_texts_nothing_can_be_called_new(trained):
    loaded = load_run(trained())
    generator = Generator(loaded.predictor, loaded.tokenizer)
    with pytest.raises(GenerationError, match="leave only-new out"):
        next(generator.stream(generator.start(), Sampling(only_new=4), 1))
