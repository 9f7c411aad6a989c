import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.models.configuration import ModelConfig
from jokegen.models.networks import LanguageModel
from jokegen.models.presets import configuration
from torch import nn


def network(seed=1, **chosen):
    config = ModelConfig(**{"vocabulary_size": 23, "embedding_size": 8, "hidden_size": 12, **chosen})
    model = LanguageModel(config, generator=torch.Generator().manual_seed(seed))
    model.dropout_generator = torch.Generator().manual_seed(seed)
    return model


def tokens_for(time, batch, vocabulary=23, seed=0):
    return torch.randint(0, vocabulary, (time, batch), generator=torch.Generator().manual_seed(seed))


class PlainNetwork(nn.Module):
    """The same network the way a textbook writes it."""

    def __init__(self, model):
        super().__init__()
        config = model.config
        self.embedding = nn.Embedding(config.vocabulary_size, config.embedding_size)
        self.embedding.weight = model.embedding.weight
        self.lstm = nn.LSTM(config.embedding_size, config.hidden_size, num_layers=config.layers)
        for index, layer in enumerate(model.recurrent):
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                setattr(self.lstm, f"{name}_l{index}", getattr(layer, f"{name}_l0"))
        weight = model.embedding.weight if config.tied else model.output_weight
        self.output = nn.Linear(weight.shape[1], config.vocabulary_size)
        self.output.weight, self.output.bias = weight, model.output_bias
        self.projection = model.projection or nn.Identity()

    def forward(self, tokens, state):
        signal, state = self.lstm(self.embedding(tokens), state)
        return self.output(self.projection(signal)), state


SHAPES = [
    {},
    {"layers": 3},
    {"tied": False},
    {"tied": False, "layers": 2, "hidden_size": 5},
    {"embedding_size": 12},
]


@pytest.mark.parametrize("shape", SHAPES)
def test_forward_equals_a_plain_network(shape):
    model = network(**shape, input_dropout=0.5, output_dropout=0.5, hidden_dropout=0.5, weight_dropout=0.5).eval()
    tokens = tokens_for(7, 4)
    state = tuple(torch.randn(model.config.layers, 4, model.config.hidden_size) for _ in range(2))
    logits, after = model(tokens, state)
    expected, expected_after = PlainNetwork(model)(tokens, state)
    torch.testing.assert_close(logits, expected)
    torch.testing.assert_close(after[0], expected_after[0])
    torch.testing.assert_close(after[1], expected_after[1])


@settings(max_examples=25)
@given(time=st.integers(1, 12), batch=st.integers(1, 5), cut=st.integers(0, 12), shape=st.sampled_from(SHAPES))
def test_a_text_read_in_pieces_is_the_text_read_at_once(time, batch, cut, shape):
    model = network(**shape).eval()
    tokens = tokens_for(time, batch)
    cuts = sorted({0, min(cut, time), time})
    whole, whole_state = model(tokens, model.initial_state(batch))
    assert whole.shape == (time, batch, 23)
    state, pieces = model.initial_state(batch), []
    for begin, end in pairwise(cuts):
        logits, state = model(tokens[begin:end], state)
        pieces.append(logits)
    torch.testing.assert_close(torch.cat(pieces), whole, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(state, whole_state, atol=1e-6, rtol=1e-5)


def test_texts_side_by_side_do_not_touch_each_other():
    model = network(layers=2).eval()
    tokens = tokens_for(6, 3)
    together, _ = model(tokens, model.initial_state(3))
    for index in range(3):
        alone, _ = model(tokens[:, index : index + 1], model.initial_state(1))
        torch.testing.assert_close(alone[:, 0], together[:, index], atol=1e-6, rtol=1e-5)


def test_the_tutorial_has_its_published_number_of_parameters():
    config = configuration("tutorial", 6925)
    assert config.parameters == 2_176_013
    assert sum(parameter.numel() for parameter in LanguageModel(config).parameters()) == 2_176_013


def test_a_tied_output_is_the_embedding():
    tied, untied = network(), network(tied=False)
    assert tied.output_weight is None
    assert tied.projection is not None
    assert untied.output_weight is not None
    assert untied.output_weight.shape == (23, 12)
    assert network(embedding_size=12).projection is None
    tied.eval()
    before = tied.predict(torch.ones(1, 8))
    with torch.no_grad():
        tied.embedding.weight[5] += 1
    after = tied.predict(torch.ones(1, 8))
    assert (after != before).nonzero()[:, 1].tolist() == [5]


def test_locked_dropout_keeps_its_mask_through_time_and_draws_one_per_text():
    model = network(output_dropout=0.5, tied=False).train()
    said = model._locked_dropout(torch.ones(9, 4, 12), 0.5)
    assert set(said.unique().tolist()) == {0.0, 2.0}
    assert bool((said == said[0]).all())
    assert not all(torch.equal(said[0, 0], said[0, index]) for index in range(1, 4))


def test_the_tutorials_dropout_is_drawn_anew_for_every_word():
    model = network(layers=2, hidden_dropout=0.5, locked=False).train()
    said = model._hidden_dropout(torch.ones(9, 4, 12))
    assert not bool((said == said[0]).all())
    model = network(layers=2, hidden_dropout=0.5).train()
    said = model._hidden_dropout(torch.ones(9, 4, 12))
    assert bool((said == said[0]).all())


def test_embedding_dropout_drops_a_word_wherever_it_stands():
    model = network(embedding_dropout=0.5, tied=False).train()
    signals = []
    recur = model._recur
    model._recur = lambda layer, signal, state: signals.append(signal.detach()) or recur(layer, signal, state)
    tokens = tokens_for(10, 16)
    model(tokens, model.initial_state(16))
    dropped = (signals[0] == 0).all(-1)
    for token in range(23):
        assert len(set(dropped[tokens == token].tolist())) == 1
    assert len(set(dropped.flatten().tolist())) == 2


@pytest.mark.parametrize(
    "dropout", ["embedding_dropout", "input_dropout", "output_dropout", "weight_dropout", "hidden_dropout"]
)
def test_dropout_comes_from_its_own_generator_alone(dropout):
    model = network(layers=2, **{dropout: 0.5}).train()
    tokens = tokens_for(5, 3)

    def run(seed):
        model.dropout_generator.manual_seed(seed)
        return model(tokens, model.initial_state(3))[0]

    torch.manual_seed(1)
    first = run(7)
    torch.manual_seed(2)
    before = torch.get_rng_state()
    assert torch.equal(run(7), first)
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(run(8), first)
    assert torch.equal(model.eval()(tokens, model.initial_state(3))[0], model(tokens, model.initial_state(3))[0])


def test_weight_dropout_drops_recurrent_weights_and_lets_the_gradient_through():
    model = network(weight_dropout=0.5, tied=False).train()
    tokens = tokens_for(5, 2)
    logits, _ = model(tokens, model.initial_state(2))
    logits.sum().backward()
    gradient = model.recurrent[0].weight_hh_l0.grad
    assert 0.2 < float((gradient == 0).float().mean()) < 0.8
    first, _ = model(tokens[:1], model.initial_state(2))
    model.eval()
    torch.testing.assert_close(first, model(tokens[:1], model.initial_state(2))[0])  # no past, nothing to drop


def test_dropout_keeps_the_mean():
    model = network().train()
    said = model._locked_dropout(torch.ones(1, 500, 40), 0.6)
    assert float(said.mean()) == pytest.approx(1.0, abs=0.03)


def test_the_output_bias_starts_from_the_words_frequencies():
    model = network().eval()
    frequencies = torch.full((23,), 1.0)
    frequencies[3] = 20
    model.set_output_bias((frequencies / frequencies.sum()).log())
    with torch.no_grad():
        model.embedding.weight.zero_()
    logits, _ = model(tokens_for(2, 1), model.initial_state(1))
    torch.testing.assert_close(logits.softmax(-1)[0, 0], frequencies / frequencies.sum())


def test_weights_follow_from_the_generator_and_start_in_their_range():
    assert torch.equal(network(3).embedding.weight, network(3).embedding.weight)
    assert not torch.equal(network(3).embedding.weight, network(4).embedding.weight)
    small = network()
    assert float(small.embedding.weight.detach().abs().max()) <= 0.05
    assert float(small.recurrent[0].weight_hh_l0.detach().abs().max()) <= 1 / math.sqrt(12)
    assert bool((small.output_bias == 0).all())
    pytorch = network(initialisation="pytorch", vocabulary_size=2000)
    assert float(pytorch.embedding.weight.detach().std()) == pytest.approx(1.0, abs=0.05)


def test_gradients_reach_every_weight():
    model = network(layers=2, embedding_dropout=0.1, input_dropout=0.1, hidden_dropout=0.1, weight_dropout=0.1).train()
    logits, _ = model(tokens_for(6, 8), model.initial_state(8))
    logits.logsumexp(-1).sum().backward()
    assert [name for name, parameter in model.named_parameters() if not parameter.grad.abs().sum() > 0] == []
