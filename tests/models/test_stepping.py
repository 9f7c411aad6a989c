import pytest
import torch
from jokegen.models.configuration import ModelConfig
from jokegen.models.networks import LSTMLanguageModel
from jokegen.models.stepping import Stepper

SHAPES = [{}, {"layers": 3}, {"hidden_size": 8}, {"tied": False}, {"layers": 2, "tied": False, "embedding_size": 5}]


@torch.no_grad()
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("largest_table", [0, 10_000])
@pytest.mark.parametrize("batch", [1, 4])
def test_step_by_step_it_says_what_the_network_says(shape, largest_table, batch):
    generator = torch.Generator().manual_seed(1)
    config = ModelConfig(
        **{"vocabulary_size": 23, "embedding_size": 8, "hidden_size": 12, "input_dropout": 0.5, **shape}
    )
    model = LSTMLanguageModel(config, generator=generator).eval()
    tokens = torch.randint(0, 23, (9, batch), generator=generator)
    logits, after = model(tokens, model.initial_state(batch))
    stepper, state = Stepper(model, largest_table=largest_table), model.initial_state(batch)
    for time in range(9):
        found, state = stepper.step(tokens[time], state)
        torch.testing.assert_close(found, logits[time], atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(state, after, atol=1e-6, rtol=1e-5)
