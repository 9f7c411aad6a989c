import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.models.configuration import ModelConfig
from jokegen.models.networks import LanguageModel
from jokegen.models.presets import PRESETS, configuration


@settings(max_examples=25)
@given(
    vocabulary=st.integers(1, 40),
    embedding=st.integers(1, 9),
    hidden=st.integers(1, 9),
    layers=st.integers(1, 3),
    tied=st.booleans(),
)
def test_parameters_are_counted_as_the_network_has_them(vocabulary, embedding, hidden, layers, tied):
    config = ModelConfig(vocabulary, embedding, hidden, layers, tied)
    model = LanguageModel(config, generator=torch.Generator())
    assert config.parameters == sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize("preset", PRESETS)
def test_a_configuration_survives_json(preset):
    config = configuration(preset, 77)
    assert config.vocabulary_size == 77
    assert ModelConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    "wrong",
    [{"vocabulary_size": 0}, {"layers": 0}, {"hidden_size": -1}, {"input_dropout": 1.0}, {"weight_dropout": -0.1}],
)
def test_a_network_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ModelConfig(**{"vocabulary_size": 10, **wrong})


def test_unknown_names_are_refused():
    with pytest.raises(TypeError):
        ModelConfig.from_dict({"vocabulary_size": 10, "heads": 8})


def test_work_for_a_token_is_what_its_matrices_multiply():
    config = ModelConfig(100, embedding_size=4, hidden_size=6, layers=2, tied=True)
    assert config.multiply_adds == 4 * 6 * (4 + 6) + 4 * 6 * (6 + 6) + 6 * 4 + 4 * 100
    assert ModelConfig(100, 4, 6, tied=False).multiply_adds == 4 * 6 * (4 + 6) + 6 * 100
