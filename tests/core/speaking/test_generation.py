from itertools import islice

import numpy as np
import pytest
from jokegen.core.errors import SettingsError
from jokegen.core.speaking import side_by_side
from jokegen.core.speaking.choices import Sampling, TextChoices
from jokegen.core.speaking.loading import load_generator
from jokegen.core.speaking.side_by_side import generate_batch, generate_many

KINDS = ("words", "spaces", "bpe", "chars")
PROMPT = "Why did the duck walk into the"
WILD = Sampling(temperature=1.5, top_p=1.0)


@pytest.fixture(params=[*KINDS, "tutorial", "ngram"])
def generator(request, trained):
    if request.param == "tutorial":
        return load_generator(trained(preset="tutorial", batch_size=32))
    if request.param == "ngram":
        return load_generator(trained(preset="ngram"))
    return load_generator(trained(tokenizer=request.param))


@pytest.fixture
def words_generator(trained):
    return load_generator(trained())


def test_streaming_word_by_word_equals_reading_everything_at_once(generator):
    tokenizer = generator.tokenizer
    start = generator.read(PROMPT)
    words = list(generator.stream(start, WILD, seed=3, words=12))
    assert len(words) > 3
    said = tokenizer.encode(PROMPT)
    for place in range(0, len(words), max(len(words) // 6, 1)):
        tokens = said + [word.token for word in words[: place + 1]]
        at_once = generator.after(generator.start(), tokens)
        assert at_once.count == words[place].position.count
        assert np.array_equal(generator.logits(at_once), generator.logits(words[place].position))


def test_rewinding_and_going_on_with_the_same_seed_repeats_the_words(generator):
    words = list(generator.stream(generator.read(PROMPT), WILD, seed=11, words=10))
    for back in (1, 2, len(words) // 2):
        again = list(islice(generator.stream(words[-back - 1].position, WILD, seed=11, words=10), back))
        assert [word.text for word in again] == [word.text for word in words[-back:]]
        assert [word.probability for word in again] == [word.probability for word in words[-back:]]
    others = [list(generator.stream(generator.read(PROMPT), WILD, seed=seed, words=10)) for seed in (12, 13, 14)]
    assert any([w.text for w in other] != [w.text for w in words] for other in others)


def test_a_position_is_not_changed_by_going_on_from_it(generator):
    position = generator.read(PROMPT)
    before = generator.logits(position)
    first = [word.text for word in generator.stream(position, WILD, seed=1, words=8)]
    generator.read("It saw", position)
    assert [word.text for word in generator.stream(position, WILD, seed=1, words=8)] == first
    assert np.array_equal(generator.logits(position), before)


def test_carrying_on_differs_from_a_reset_and_a_reset_forgets_everything(generator):
    carried = generator.read("It saw", generator.read(PROMPT))
    fresh = generator.read("It saw")
    assert carried.count > fresh.count
    if generator.label != "run · epoch 1":
        assert not np.allclose(generator.logits(carried), generator.logits(fresh))
    for _ in generator.stream(carried, WILD, seed=1, words=5):
        pass
    assert np.array_equal(generator.logits(generator.read("It saw")), generator.logits(fresh))
    assert np.array_equal(generator.logits(generator.start()), generator.logits(generator.start()))


def test_a_prompt_in_two_pieces_is_the_prompt_at_once(words_generator):
    whole = words_generator.read("Why did the duck walk into the bar")
    pieces = words_generator.read("walk into the bar", words_generator.read("Why did the duck"))
    assert pieces.count == whole.count
    logits = words_generator.logits
    np.testing.assert_allclose(logits(pieces), logits(whole), atol=1e-5, rtol=1e-5)


def test_what_is_shown_sums_to_one(generator):
    for position in (generator.start(), generator.read(PROMPT)):
        for sampling in (Sampling(), WILD, Sampling(greedy=True), Sampling(top_k=3, repetition_penalty=1.3)):
            own, drawn = generator.distributions(position, sampling)
            assert float(own.sum()) == pytest.approx(1, abs=1e-5)
            assert float(drawn.sum()) == pytest.approx(1, abs=1e-5)
            everything = generator.next_words(position, sampling, count=100_000)
            assert sum(candidate.probability for candidate in everything) == pytest.approx(1, abs=1e-4)
            assert sum(candidate.drawn for candidate in everything) == pytest.approx(1, abs=1e-4)


def test_each_word_shows_its_own_probability_and_its_rivals(generator):
    position = generator.read(PROMPT)
    word = next(generator.stream(position, WILD, seed=2))
    own, drawn = generator.distributions(position, WILD)
    assert 0 < word.probability <= 1
    assert float(abs(own - word.probability).min()) == pytest.approx(0, abs=1e-6)
    assert word.before is position
    rivals = generator.next_words(word.before, WILD)
    shown = next(rival for rival in generator.next_words(position, WILD, 100_000) if rival.text == word.text)
    assert shown.drawn > 0
    assert shown.probability == pytest.approx(word.probability, rel=1e-4)
    chances = [rival.drawn for rival in rivals]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] == pytest.approx(float(drawn.max()))


def test_the_unknown_word_is_never_said(trained):
    generator = load_generator(trained())
    unknown = generator.tokenizer.unknown_id
    position = generator.read("zyzzyva quux flibber zyzzyva quux")
    assert float(generator.logits(position)[unknown]) == -np.inf
    for sampling in (WILD, Sampling(temperature=100, top_p=1.0), Sampling(repetition_penalty=0.1, top_p=1.0)):
        assert float(generator.distributions(position, sampling)[1][unknown]) == 0
    texts = generate_batch(generator, "zyzzyva quux", Sampling(temperature=100, top_p=1.0), 0, 20, 30)
    assert not any("<unk>" in text.text for text in texts)


def test_a_text_ends_with_an_empty_last_word_and_the_next_text_can_follow(trained):
    generator = load_generator(trained(max_epochs=1))
    ended = 0
    for seed in range(20):
        words = list(generator.stream(generator.read(PROMPT), Sampling(top_p=1.0, temperature=3.0), seed, words=60))
        assert not any(word.is_end for word in words[:-1])
        if words[-1].is_end:
            ended += 1
            assert words[-1].text == ""
            after = words[-1].position
            assert after.at_text_start
            assert after.recent == ()
            assert generator.read("Why", after).count == after.count + 1
    assert ended > 0


def spoken(text):
    return [word for word in text.split() if any(map(str.isalnum, word))]


@pytest.mark.parametrize("limit", [1, 5, 17])
def test_the_number_of_words_is_a_limit(generator, limit):
    reached = 0
    for seed in range(8):
        text = "".join(word.text for word in generator.stream(generator.start(), WILD, seed, words=limit))
        assert len(spoken(text)) <= limit
        reached += len(text.split()) >= limit
    if generator.tokenizer.end_id is None:
        assert reached == 8


def test_the_tutorials_model_says_exactly_as_many_words_as_asked(trained):
    generator = load_generator(trained(preset="tutorial", batch_size=32))
    text = generate_batch(generator, "Why did the", Sampling(temperature=1.0, top_p=1.0), 1, 1, 100)[0]
    assert text.text.startswith("Why did the ")
    assert len(text.text.split()) == 103
    assert text.ended == "word limit"


def test_a_batch_makes_what_the_stream_makes(generator):
    for sampling in (Sampling(), WILD, Sampling(repetition_penalty=1.4)):
        texts = generate_batch(generator, PROMPT, sampling, 40, 6, words=15)
        assert [text.seed for text in texts] == list(range(40, 46))
        for text in texts:
            words = list(generator.stream(generator.read(PROMPT), sampling, text.seed, words=15))
            assert text.text == PROMPT + "".join(word.text for word in words)
            assert text.ended == ("end of text" if words[-1].is_end else "word limit")


def test_many_texts_come_in_batches_that_fit_in_memory(words_generator, monkeypatch):
    whole = generate_batch(words_generator, PROMPT, WILD, 5, 7, words=8)
    monkeypatch.setattr(side_by_side, "_LOGITS_AT_ONCE", 3 * words_generator.predictor.vocabulary_size)
    many = list(generate_many(words_generator, PROMPT, WILD, 5, 7, words=8))
    assert [(text.seed, text.text) for text in many] == [(text.seed, text.text) for text in whole]


def test_texts_of_one_batch_differ(words_generator):
    texts = generate_batch(words_generator, "", WILD, 0, 12, words=20)
    assert len({text.text for text in texts}) > 6


def test_unknown_words_are_reported_and_fed_and_no_error(words_generator):
    prompt = "Why did the zyzzyva walk? Quux!"
    assert words_generator.unknown_words(prompt) == ["zyzzyva", "Quux"]
    assert [prompt[a:b] for a, b in words_generator.unknown_spans(prompt)] == ["zyzzyva", "Quux"]
    assert words_generator.read(prompt).count == words_generator.read("Why did the duck walk? duck!").count


def test_an_empty_prompt_is_a_fresh_text(generator):
    assert np.array_equal(generator.logits(generator.read("")), generator.logits(generator.start()))
    assert generator.read(" \n\t ").at_text_start
    position = generator.read(PROMPT)
    assert generator.read("", position) is position
    assert list(generator.stream(generator.read(""), Sampling(), 1, words=3))
    assert generator.unknown_spans("") == []


HOSTILE = [
    "[/foo] [@click=app.quit]x[/]",
    "\x1b]0;gone\x07\x9b31m\x1b[2J",
    "\u202egnihton\u2066\u2069\u200b",
    "👩‍👩‍👧 שלום مرحبا",
    "<unk> \x03 </s> \x02",
    "&lt;b&gt; &amp;amp;",
    "\ud800 \udcff lone",
    "\0" * 10,
    "duck " * 1_000,
    "x" * 5_000,
]


@pytest.mark.parametrize("prompt", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_prompt_is_only_text(generator, prompt):
    position = generator.read(prompt)
    generator.unknown_words(prompt)
    generator.complete(prompt, position)
    generator.copied(prompt)
    text = generate_batch(generator, prompt, Sampling(), 1, 1, words=3)[0].text
    text.encode("utf-8")
    assert not any(character in text for character in "\x1b\x9b\x07\x03\x02\0\u202e\u2066")


def test_ghost_text_ends_the_word_being_typed_with_the_likeliest(words_generator):
    position = words_generator.read("Why did")
    assert words_generator.complete("th", position) == "e"
    assert words_generator.complete("qqq", position) is None
    assert words_generator.complete("", position) is None
    assert words_generator.complete("Wh", words_generator.start()) == "y"


def test_greedy_always_says_the_same(generator):
    first, second = generate_batch(generator, PROMPT, Sampling(greedy=True), 1, 2, words=10)
    assert first.text == second.text


def test_the_repetition_penalty_reaches_the_stream(words_generator):
    def distinct(penalty):
        sampling = Sampling(greedy=True, repetition_penalty=penalty)
        words = generate_batch(words_generator, "", sampling, 1, 1, words=40)[0].text.split()
        return len(set(words)) / len(words)

    assert distinct(5.0) > distinct(1.0) or distinct(1.0) == 1.0


@pytest.mark.parametrize("words", [0, -1, 100_001])
def test_a_senseless_limit_is_refused(words):
    with pytest.raises(SettingsError, match="words must be between"):
        TextChoices(words)
