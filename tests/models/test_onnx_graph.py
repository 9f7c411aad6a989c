"""onnxruntime says what our numpy networks say, read at once and carried on from a state."""

import numpy as np
import onnxruntime
import pytest
from jokegen.models.configuration import STATE_PARTS, ModelConfig
from jokegen.models.inference import InferenceNetwork
from jokegen.models.onnx_graph import onnx_model
from onnx import checker

SHAPES = {
    f"{cell}, {name}": {"cell": cell, **chosen}
    for cell in ("lstm", "gru")
    for name, chosen in {
        "tied": {"embedding_size": 24, "hidden_size": 24},
        "projected, three layers": {"embedding_size": 16, "hidden_size": 24, "layers": 3},
        "untied, two layers": {"embedding_size": 16, "hidden_size": 24, "layers": 2, "tied": False},
    }.items()
}


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_graph_and_the_network_agree(shape, batch):
    config = ModelConfig(vocabulary_size=50, **SHAPES[shape])
    random = np.random.default_rng(1)
    weights = {
        name: random.normal(0, 0.4, size).astype(np.float32) for name, size in sorted(config.weight_shapes.items())
    }
    network = InferenceNetwork(config, weights)
    model = onnx_model(config, weights, {"run": "first"})
    checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    assert session.get_modelmeta().custom_metadata_map == {"run": "first"}
    parts = STATE_PARTS[config.cell]
    state = carried = network.initial_state(batch)
    for length in (20, 1, 5):  # the state that comes out goes in again
        tokens = random.integers(0, 50, (length, batch))
        features, state = network.read(tokens, state)
        logits, *carried = session.run(None, {"tokens": tokens, **dict(zip(parts, carried, strict=True))})
        np.testing.assert_allclose(logits, network.predict(features), atol=1e-4)
        for ours, theirs in zip(state, carried, strict=True):
            np.testing.assert_allclose(theirs, ours, atol=1e-5)
