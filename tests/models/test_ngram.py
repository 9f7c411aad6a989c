import os
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.models.ngram import KneserNey
from safetensors.numpy import load, save

END = 0


def joined(texts):
    """Return tokens and offsets of texts that are lists of token numbers."""
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.int64)
    return np.array([token for text in texts for token in text], dtype=np.int32), offsets


class Reference:
    """The textbook's formulas over dictionaries of tuples: slow, and sharing nothing with the model under test."""

    def __init__(self, texts, vocabulary_size, order, end_id):
        self.vocabulary_size, self.order, self.end_id = vocabulary_size, order, end_id
        raw = [Counter() for _ in range(order + 1)]
        # n-grams whose first token is a text's first or its begin marker: nothing can come before these
        initial = [Counter() for _ in range(order + 1)]
        for text in texts:
            for i, token in enumerate(text):
                history = self.marked(text[:i])
                for n in range(1, order + 1):
                    if len(history) >= n - 1:
                        gram = (*history[len(history) - n + 1 :], token)
                        raw[n][gram] += 1
                        initial[n][gram] += len(history) == n - 1
        self.counts = [Counter() for _ in range(order + 1)]
        self.counts[order] = raw[order]
        for n in range(1, order):
            for longer in raw[n + 1]:
                self.counts[n][longer[1:]] += 1
            self.counts[n] += initial[n]
        self.discounts = [[0.0] * 4, *(self.estimated(self.counts[n].values()) for n in range(1, order + 1))]

    def marked(self, text):
        return tuple(text) if self.end_id is None else (self.end_id, *text)

    def estimated(self, counts):
        n = Counter(counts)
        y = n[1] / (n[1] + 2 * n[2]) if n[1] else 0.0
        discounts = [0.0]
        for k, fallback in ((1, 0.5), (2, 1.0), (3, 1.5)):
            d = k - (k + 1) * y * n[k + 1] / n[k] if n[k] else 0.0
            discounts.append(d if 0 < d < k else fallback)
        return discounts

    def probability(self, token, text):
        history = self.marked(text)
        return self.interpolated(token, history[max(0, len(history) - self.order + 1) :])

    def interpolated(self, token, history):
        n = len(history) + 1
        shorter = self.interpolated(token, history[1:]) if history else 1 / self.vocabulary_size
        seen = [c for gram, c in self.counts[n].items() if gram[:-1] == history]
        if not seen:
            return shorter
        discount = self.discounts[n]
        count = self.counts[n][(*history, token)]
        taken = sum(discount[min(c, 3)] for c in seen)
        return (count - discount[min(count, 3)] + taken * shorter) / sum(seen)


@st.composite
def corpora(draw):
    """Draw texts to train on and texts to read, which may hold tokens and contexts never seen in training."""
    vocabulary_size = draw(st.integers(2, 7))
    with_end = draw(st.booleans())
    last = [END] if with_end else []

    def texts(highest):
        bodies = st.lists(st.integers(int(with_end), max(highest, int(with_end))), max_size=12)
        return draw(st.lists(bodies.map(lambda body: body + last), max_size=8))

    return vocabulary_size, END if with_end else None, texts(vocabulary_size - 2), texts(vocabulary_size - 1)


@given(corpora(), st.integers(1, 5))
@settings(max_examples=150)
def test_it_agrees_with_a_plain_reference(corpus, order):
    vocabulary_size, end_id, train, held_out = corpus
    model = KneserNey.fit(*joined(train), vocabulary_size, order=order, end_id=end_id)
    reference = Reference(train, vocabulary_size, order, end_id)
    for texts in (train, held_out):
        expected = [reference.probability(text[i], text[:i]) for text in texts for i in range(len(text))]
        assert np.exp(model.log_probabilities(*joined(texts))) == pytest.approx(expected, rel=1e-10)


@given(corpora(), st.integers(1, 5))
@settings(max_examples=150)
def test_distributions_sum_to_one_and_agree_with_log_probabilities(corpus, order):
    vocabulary_size, end_id, train, held_out = corpus
    model = KneserNey.fit(*joined(train), vocabulary_size, order=order, end_id=end_id)
    logs = iter(model.log_probabilities(*joined(held_out)))
    for text in held_out:
        for i, token in enumerate(text):
            distribution = model.distribution(text[:i])
            assert distribution.shape == (vocabulary_size,)
            assert distribution.sum() == pytest.approx(1, abs=1e-12)
            assert distribution.min() > 0
            assert np.log(distribution[token]) == pytest.approx(next(logs), abs=1e-9)
            if i >= order:
                assert (model.distribution(text[i - order + 1 : i]) == distribution).all()


A, B, C = 1, 2, 3
BY_HAND = joined([[A, A, END], [B, A, B, A, A, A, END]])
# Bigrams, "." before the first word:  .a 1  .b 1  ab 1  a. 2  ba 2  aa 3
#   n1 = 3, n2 = 2, n3 = 1, n4 = 0:  Y = 3/(3 + 2·2) = 3/7
#   D1 = 1 - 2·3/7·2/3 = 3/7    D2 = 2 - 3·3/7·1/2 = 19/14    D3+ = 3 - 0 would drop "aa": falls back to 3/2
# Distinct words before each word:  "." 1 (a)   b 2 (., a)   a 3 (., a, b);  6 in all, c has none
#   n1 = n2 = n3 = 1, n4 = 0:  Y = 1/3,  D1 = 1 - 2/3 = 1/3,  D2 = 2 - 1 = 1,  D3+ falls back to 3/2
#   taken: 1/3 + 1 + 3/2 = 17/6, so each of the 4 words gets 17/6 / 6 / 4 = 17/144
#   .: (1 - 1/3)/6 + 17/144 = 33/144   a: (3 - 3/2)/6 + 17/144 = 53/144   b: (2 - 1)/6 + 17/144 = 41/144   c: 17/144
UNIGRAMS = [Fraction(n, 144) for n in (33, 53, 41, 17)]


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        # c was never seen, so never a context
        ([C], UNIGRAMS),
        # start: .a and .b, 2 in all; 3/7 taken from each leaves 4/7 / 2 = 2/7 to a and b, and 6/7 / 2 = 3/7 to share
        (
            [],
            [own + Fraction(3, 7) * p for own, p in zip((0, Fraction(2, 7), Fraction(2, 7), 0), UNIGRAMS, strict=True)],
        ),
        # after a: a. 2, aa 3, ab 1, 6 in all; they keep 9/14, 3/2 and 4/7, and 19/14 + 3/2 + 3/7 = 23/7 is shared
        (
            [B, A],
            [
                own + Fraction(23, 42) * p
                for own, p in zip((Fraction(3, 28), Fraction(1, 4), Fraction(2, 21), 0), UNIGRAMS, strict=True)
            ],
        ),
        # after b: ba 2; it keeps 9/14 / 2
        ([B], [own + Fraction(19, 28) * p for own, p in zip((0, Fraction(9, 28), 0, 0), UNIGRAMS, strict=True)]),
    ],
)
def test_a_case_worked_out_by_hand(context, expected):
    assert sum(expected) == 1
    model = KneserNey.fit(*BY_HAND, 4, order=2, end_id=END)
    assert model.distribution(context) == pytest.approx([float(p) for p in expected], abs=1e-15)


def test_order_one_is_discounted_frequencies():
    # a 6, b 2, . 2 of 10: no count of 1, so Y = 0 and every discount falls back; taken: 3/2 + 1 + 1 = 7/2
    model = KneserNey.fit(*BY_HAND, 4, order=1, end_id=END)
    share = 3.5 / 10 / 4
    assert model.distribution([B, A]) == pytest.approx([0.1 + share, 0.45 + share, 0.1 + share, share])
    assert model.order == 1


def test_nothing_to_learn_from_is_uniform():
    tokens, offsets = joined([])
    model = KneserNey.fit(tokens, offsets, 8, end_id=END)
    assert model.distribution([3, 1]) == pytest.approx(np.full(8, 1 / 8))
    assert model.log_probabilities(tokens, offsets).shape == (0,)


def test_a_text_does_not_see_the_one_before():
    model = KneserNey.fit(*BY_HAND, 4, order=5, end_id=END)
    alone = model.log_probabilities(*joined([[B, A, END]]))
    after_another = model.log_probabilities(*joined([[A, A, A, END], [B, A, END]]))
    assert (after_another[4:] == alone).all()
    assert (model.distribution([A, A, END, B]) == model.distribution([B])).all()


def test_without_an_end_token_the_context_runs_on():
    tokens = np.tile(np.array([0, 1, 2, 3, 4], dtype=np.int32), 20)
    model = KneserNey.fit(tokens, np.array([0, 100]), 5)
    assert model.distribution([4, 0, 1]).argmax() == 2
    assert np.exp(model.log_probabilities(tokens, np.array([0, 100])))[10:].min() > 0.9


@pytest.mark.parametrize("end_id", [END, None])
def test_its_arrays_give_the_same_model_again(end_id):
    rng = np.random.default_rng(3)
    texts = [[*rng.integers(1, 30, rng.integers(0, 20)).tolist(), END] for _ in range(40)]
    model = KneserNey.fit(*joined(texts), 40, order=4, end_id=end_id)
    again = KneserNey.from_arrays(load(save(model.to_arrays())))
    assert (again.order, again.vocabulary_size, again.end_id) == (4, 40, end_id)
    assert (again.log_probabilities(*joined(texts)) == model.log_probabilities(*joined(texts))).all()
    assert (again.distribution(texts[0][:3]) == model.distribution(texts[0][:3])).all()


DAMAGE = {
    "cut short": lambda array: array[:-1],
    "too long": lambda array: np.concatenate((array, array[-1:])),
    "negative": lambda array: -array - 2,
    "not numbers of its kind": lambda array: array.astype(np.complex64),
    "one dimension too many": lambda array: array[None],
    "no dimension": lambda array: array.reshape(-1)[0],
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", KneserNey.fit(*BY_HAND, 4, order=3, end_id=END).to_arrays())
def test_damaged_arrays_are_refused(name, damage):
    arrays = KneserNey.fit(*BY_HAND, 4, order=3, end_id=END).to_arrays()
    with pytest.raises(ValueError, match="damaged"):
        KneserNey.from_arrays({**arrays, name: DAMAGE[damage](arrays[name])})
    del arrays[name]
    with pytest.raises(ValueError, match=f"{name}.*missing"):
        KneserNey.from_arrays(arrays)


def test_shuffled_continuations_are_refused():
    arrays = KneserNey.fit(*BY_HAND, 4, order=2, end_id=END).to_arrays()
    with pytest.raises(ValueError, match="tokens_2"):
        KneserNey.from_arrays({**arrays, "tokens_2": arrays["tokens_2"][::-1]})


@pytest.mark.parametrize(
    ("tokens", "offsets", "message"),
    [
        ([1, 4], [0, 2], "vocabulary"),
        ([-1, 0], [0, 2], "vocabulary"),
        ([1, 0], [0, 1], "offsets"),
        ([1], [], "offsets"),
    ],
)
def test_tokens_that_do_not_fit_are_refused(tokens, offsets, message):
    model = KneserNey.fit(*BY_HAND, 4, end_id=END)
    arguments = np.array(tokens, dtype=np.int32), np.array(offsets, dtype=np.int64)
    with pytest.raises(ValueError, match=message):
        model.log_probabilities(*arguments)
    with pytest.raises(ValueError, match=message):
        KneserNey.fit(*arguments, 4, end_id=END)


def test_penn_treebank_matches_the_published_figure():
    """Mikolov et al. (2011) and later tables: 5-gram Kneser–Ney, test perplexity 141.2."""
    default = Path(__file__).parents[3] / "shared" / "data"
    folder = Path(os.environ.get("JOKEGEN_TEST_DATA", default)) / "ptb"
    if not (folder / "ptb.test.txt").is_file():
        pytest.skip("Penn Treebank is not here; JOKEGEN_TEST_DATA names the folder that has ptb/ptb.{train,test}.txt")
    numbers = {"<end>": END}

    def read(split):
        lines = (folder / f"ptb.{split}.txt").read_text(encoding="utf-8").splitlines()
        return joined([[*(numbers.setdefault(word, len(numbers)) for word in line.split()), END] for line in lines])

    train, test = read("train"), read("test")
    assert (len(numbers), len(test[0])) == (10_000, 82_430)
    model = KneserNey.fit(*train, len(numbers), order=5, end_id=END)
    assert np.exp(-model.log_probabilities(*test).mean()) == pytest.approx(141.2, abs=0.5)
