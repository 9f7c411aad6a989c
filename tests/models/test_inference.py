"""The networks in numpy say what the networks in torch say."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from jokegen.models.configuration import ModelConfig
from jokegen.models.inference import InferenceNetwork
from jokegen.models.networks import build
from jokegen.models.presets import PRESETS, configuration

SHAPES = {
    **{f"{preset}-{cell}": (preset, {"cell": cell}) for preset in PRESETS for cell in ("lstm", "gru")},
    "projected": ("small", {"hidden_size": 96}),
    "three layers, tied": ("small", {"layers": 3}),
    "two layers, projected, gru": ("small", {"layers": 2, "hidden_size": 64, "cell": "gru"}),
    "untied": ("small", {"tied": False}),
}


def pair(preset, chosen, vocabulary=300):
    """Return a network whose weights are as large as trained ones, and its twin."""
    config = ModelConfig(**{**configuration(preset, vocabulary).to_dict(), **chosen})
    model = build(config, generator=torch.Generator().manual_seed(1)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2)
    return model, InferenceNetwork(config, {name: tensor.numpy() for name, tensor in model.state_dict().items()})


@pytest.mark.parametrize("batch", [1, 64])
@pytest.mark.parametrize("shape", SHAPES)
@torch.inference_mode()
def test_over_a_thousand_tokens_the_logits_are_torchs_own(shape, batch):
    model, twin = pair(*SHAPES[shape])
    time = 1000 if batch == 1 else 16  # 1,000 and 1,024 tokens
    tokens = torch.randint(0, 300, (time, batch), generator=torch.Generator().manual_seed(2))
    wanted, state = model(tokens, model.initial_state(batch))
    features, reached = twin.read(tokens.numpy(), twin.initial_state(batch))
    np.testing.assert_allclose(twin.predict(features), wanted.numpy(), atol=1e-4, rtol=0)
    for mine, theirs in zip(reached, state, strict=True):
        np.testing.assert_allclose(mine, theirs.numpy(), atol=1e-4, rtol=0)
    walked = twin.initial_state(batch)
    for row in tokens.numpy():
        walked = twin.step(row, walked)
    np.testing.assert_allclose(twin.logits(walked), wanted[-1].numpy(), atol=1e-4, rtol=0)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_trace_has_the_state_after_every_token(cell):
    _, twin = pair("small", {"layers": 2, "cell": cell, "hidden_size": 24})
    tokens = np.arange(15).reshape(5, 3)
    features, states = twin.trace(tokens, twin.initial_state(3))
    assert features.shape == (5, 3, 256)
    walked = twin.initial_state(3)
    for time, row in enumerate(tokens):
        walked = twin.step(row, walked)
        for part, trace in zip(walked, states, strict=True):
            assert trace.shape == (5, 2, 3, 24)
            np.testing.assert_allclose(trace[time], part, atol=1e-5)


def test_reading_nothing_changes_nothing():
    _, twin = pair("small", {})
    state = twin.step(np.array([3, 4]), twin.initial_state(2))
    features, after = twin.read(np.zeros((0, 2), dtype=np.int64), state)
    assert features.shape == (0, 2, 256)
    assert after is state


def test_a_large_vocabulary_is_read_without_a_table():
    model, twin = pair("small", {"embedding_size": 8, "hidden_size": 24}, vocabulary=100_000)
    tokens = torch.tensor([[7], [99_999], [0]])
    with torch.inference_mode():
        wanted, _ = model(tokens, model.initial_state(1))
    state = twin.initial_state(1)
    for row in tokens.numpy():
        state = twin.step(row, state)
    np.testing.assert_allclose(twin.logits(state)[0], wanted[-1, 0].numpy(), atol=1e-4)


def test_half_precision_on_disk_is_nearly_the_same():
    _, twin = pair("small", {})
    model, _ = pair("small", {})
    halves = {name: tensor.numpy().astype(np.float16) for name, tensor in model.state_dict().items()}
    other = InferenceNetwork(twin.config, halves)
    tokens = np.arange(20)[:, None]
    for network in (twin, other):
        assert network.read(tokens, network.initial_state(1))[0].dtype == np.float32
    np.testing.assert_allclose(
        other.predict(other.read(tokens, other.initial_state(1))[0]),
        twin.predict(twin.read(tokens, twin.initial_state(1))[0]),
        atol=0.02,
    )


def test_weights_that_do_not_fit_are_refused_before_anything_is_allocated():
    model, twin = pair("small", {})
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    enormous = ModelConfig(**{**twin.config.to_dict(), "hidden_size": 10**9, "embedding_size": 10**9})
    with pytest.raises(ValueError, match="another shape"):
        InferenceNetwork(enormous, weights)
    for name in ("output_bias", "recurrent.0.weight_hh_l0"):
        with pytest.raises(ValueError, match=name):
            InferenceNetwork(twin.config, {key: array for key, array in weights.items() if key != name})
    broken = weights["output_bias"].copy()
    broken[3] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        InferenceNetwork(twin.config, {**weights, "output_bias": broken})
