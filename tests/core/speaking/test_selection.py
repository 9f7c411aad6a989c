"""Which texts are taken: when they may end, the best of some, none twice."""

import math
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.core.errors import GenerationError, SettingsError
from jokegen.core.speaking.choices import Draw, Sampling, Selection, TextEnd
from jokegen.core.speaking.loading import load_generator
from jokegen.core.speaking.predictors import MixturePredictor
from jokegen.core.speaking.selection import TRIES, rank, select
from jokegen.core.speaking.side_by_side import generate_batch
from jokegen.core.speaking.stopping import StopWatch
from jokegen.data.tokenization import fit_tokenizer

WILD = Sampling(temperature=1.5, top_p=1.0)
PROMPT = "Why did the duck"


@pytest.fixture(params=["words", "spaces", "bpe", "chars"])
def generator(request, trained):
    return load_generator(trained(preset="ngram", tokenizer=request.param))


@pytest.fixture
def words_generator(trained):
    return load_generator(trained())


@pytest.mark.parametrize("end", [TextEnd(), TextEnd(least_words=12), TextEnd(stop="? I"), TextEnd(9, "It")])
def test_a_batch_ends_where_the_stream_does(generator, end):
    for prompt in ("", PROMPT):
        for text in generate_batch(generator, prompt, WILD, 3, 5, 20, end):
            said = list(generator.stream(generator.read(prompt), WILD, text.seed, 20, end))
            assert [word.token for word in said] == list(text.tokens)
            # A stream holds back a character that is cut in two.
            assert "".join(word.text for word in said) == text.made.rstrip("�")
            ended = "stop text" if said[-1].is_stop else "end of text" if said[-1].is_end else "word limit"
            assert text.ended == ended
            if text.ended == "end of text":
                begun = [generator.begins_word(token, first=not place) for place, token in enumerate(text.tokens)]
                assert sum(begun) >= end.least_words
            if end.stop:
                assert (text.ended == "stop text") == (end.stop in text.made)
            assert text.text.strip()


def test_waiting_for_the_end_changes_nothing_before_it(trained):
    generator = load_generator(trained(preset="ngram", tokenizer="spaces"))
    for seed in range(5):
        early = list(generator.stream(generator.start(), Sampling(), seed))
        late = list(generator.stream(generator.start(), Sampling(), seed, end=TextEnd(len(early) + 3)))
        same = len(early) - early[-1].is_end
        assert [word.token for word in late[:same]] == [word.token for word in early[:same]]
        assert len(late) > len(early)


def test_no_text_is_empty_however_likely_the_end_is(words_generator, monkeypatch):
    end, predictor = words_generator.tokenizer.end_id, words_generator.predictor
    logits = predictor.logits

    def ending(state):
        certain = logits(state)
        certain[:, end] = 100
        return certain

    monkeypatch.setattr(predictor, "logits", ending)
    for text in generate_batch(words_generator, "", Sampling(), 0, 4):
        assert text.made.strip()
        assert len(text.tokens) == 2
        assert [word.text for word in words_generator.stream(words_generator.start(), Sampling(), text.seed)] == [
            text.made,
            "",
        ]


@settings(max_examples=60)
@given(text=st.text("ab é👩", max_size=12), stop=st.text("ab é👩", min_size=1, max_size=3))
@pytest.mark.parametrize("kind", ["words", "bpe", "chars"])
def test_a_stop_text_is_seen_with_the_token_that_completes_it(kind, text, stop):
    tokenizer = fit_tokenizer(["ab é👩 aé", "b a 👩é", text or "a"], kind, min_count=1)
    tokens = tokenizer.encode(text)
    watch = StopWatch(tokenizer, stop)
    seen = next((index for index, token in enumerate(tokens) if watch.sees(token)), None)
    first = next((index for index in range(len(tokens)) if stop in tokenizer.decode(tokens[: index + 1])), None)
    assert seen == first


def test_the_surprise_is_that_of_the_judge(words_generator):
    assert isinstance(words_generator.judge, MixturePredictor)
    start = words_generator.read(PROMPT)
    texts = generate_batch(words_generator, PROMPT, WILD, 1, 6, 12)
    judge = words_generator.judge
    for ranked in rank(words_generator, start, texts):
        state, bits = judge.initial_state(1), 0.0
        before = [words_generator.tokenizer.end_id, *words_generator.tokenizer.encode(PROMPT)]
        state = judge.read([[token] for token in before], state)
        for token in ranked.text.tokens:
            logits = judge.logits(state)[0].astype(np.float64)
            bits -= float(logits[token] - np.logaddexp.reduce(logits)) / math.log(2)
            state = judge.read([[token]], state)
        assert ranked.surprise == pytest.approx(bits / len(ranked.text.made.split()), rel=1e-4)


def test_the_best_ends_by_itself_is_new_and_surprises_least(words_generator):
    start = words_generator.start()
    (taken,) = select(words_generator, start, "", Draw(Sampling(), 5, 14), 1, Selection(best_of=12))
    assert [ranked.text.seed for ranked in taken.candidates] != list(range(5, 17))
    assert sorted(ranked.text.seed for ranked in taken.candidates) == list(range(5, 17))
    merits = [(ranked.text.ended == "word limit", ranked.copied > 0, ranked.surprise) for ranked in taken.candidates]
    assert merits == sorted(merits)
    assert taken.text == taken.candidates[0].text
    again = words_generator.stream(start, Sampling(), taken.text.seed, 14)
    assert "".join(word.text for word in again) == taken.text.made


def test_texts_that_do_not_end_and_repeats_are_passed_over(words_generator):
    start = words_generator.start()
    wanted = Selection(must_end=True, unique=True)
    texts = [taken.text for taken in select(words_generator, start, "", Draw(Sampling(), 0, 15), 12, wanted)]
    assert {text.ended for text in texts} == {"end of text"}
    assert len({text.text for text in texts}) == len(texts) == 12
    seeds = [text.seed for text in texts]
    assert seeds == sorted(seeds)
    first = list(islice(select(words_generator, start, "", Draw(Sampling(), 0, 15), 3, wanted), 3))
    assert [taken.text.tokens for taken in first] == [text.tokens for text in texts[:3]]
    others = select(words_generator, start, "", Draw(Sampling(), 0, 15), 3, wanted, said=[texts[0].text.upper()])
    assert [taken.text.tokens for taken in others] == [text.tokens for text in texts[1:4]]


def test_where_there_are_not_enough_fewer_come(words_generator):
    greedy, unique = Sampling(greedy=True), Selection(unique=True)
    texts = list(select(words_generator, words_generator.start(), "", Draw(greedy, 0, 4), 3, unique))
    assert len(texts) == 1
    assert TRIES > 1


def test_texts_without_ends_cannot_be_asked_to_end(trained):
    generator = load_generator(trained(preset="tutorial", batch_size=32))
    with pytest.raises(GenerationError, match="leave must-end out"):
        next(select(generator, generator.start(), "", Draw(Sampling(), 0, 5), 1, Selection(must_end=True)))


def test_choices_out_of_range_are_refused():
    with pytest.raises(SettingsError, match="best-of"):
        Selection(best_of=0)
    with pytest.raises(SettingsError, match="least-words"):
        TextEnd(least_words=-1)
