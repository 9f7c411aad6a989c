"""What else might have been said: ranks, shares and what was ruled out add up."""

import numpy as np
import pytest
from jokegen.core.speaking.choices import Draw, Sampling, TextEnd
from jokegen.core.speaking.loading import load_generator
from jokegen.core.speaking.rivals import expected_instead, rivals_of
from jokegen.core.speaking.scoring import score
from jokegen.core.speaking.side_by_side import generate_batch

PROMPT = "Why did the duck"


@pytest.mark.parametrize("sampling", [Sampling(), Sampling(temperature=1.3, top_k=3, top_p=1.0), Sampling(only_new=2)])
def test_rivals_are_those_that_the_word_was_drawn_among(trained, sampling):
    generator = load_generator(trained())
    start = generator.read(PROMPT)
    (text,) = generate_batch(generator, PROMPT, sampling, 4, 1, 10)
    found = list(rivals_of(generator, start, text.tokens, Draw(sampling, 4), 5))
    assert [word.taken.token for word in found] == list(text.tokens)
    position = start
    for word in found:
        own, drawn = generator.distributions(position, sampling)
        assert word.taken.drawn > 0
        assert word.rank == 1 + sorted(own, reverse=True).index(own[word.taken.token])
        assert len({rival.token for rival in word.rivals} - {word.taken.token}) == 5
        assert word.ruled_out == pytest.approx(own[drawn == 0].sum(), abs=1e-6)
        shown = [word.taken, *word.rivals]
        assert word.others == pytest.approx(1 - sum(own[other.token] for other in shown), abs=1e-5)
        assert sum(other.drawn for other in shown) + word.others_drawn == pytest.approx(1, abs=1e-5)
        position = generator.after(position, [word.taken.token])
    np.testing.assert_allclose(
        [word.taken.probability for word in found[: len(text.words)]], [p for _, p in text.words], rtol=1e-3
    )


def test_an_end_that_has_to_wait_is_no_word_that_might_have_been_drawn(trained):
    generator = load_generator(trained())
    start, end = generator.read(PROMPT), TextEnd(least_words=12)
    (text,) = generate_batch(generator, PROMPT, Sampling(), 4, 1, 20, end)
    words = list(
        rivals_of(generator, start, text.tokens, Draw(Sampling(), 4, 20, end), generator.tokenizer.vocabulary_size)
    )
    ends = [max(other.drawn for other in (word.taken, *word.rivals) if other.text == "(end)") for word in words]
    begun = [generator.begins_word(token, first=not place) for place, token in enumerate(text.tokens)]
    assert all(drawn == 0 for place, drawn in enumerate(ends) if sum(begun[:place]) < 12)
    assert max(ends) > 0
    assert all(sum(other.drawn for other in (word.taken, *word.rivals)) == pytest.approx(1, abs=1e-4) for word in words)


def test_what_was_expected_instead_has_the_probabilities_of_the_score(trained):
    generator = load_generator(trained())
    text = f"{PROMPT} walk into the xylophone?"
    scored = score(generator, text)
    tokens = [*generator.tokenizer.encode(text), generator.tokenizer.end_id]
    found = list(expected_instead(generator, tokens, 3))
    assert [word.taken.probability for word in found] == pytest.approx([token.probability for token in scored.tokens])
    assert all(word.ruled_out == 0 for word in found)
