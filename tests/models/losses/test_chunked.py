import math

import pytest
import torch
import torch.nn.functional as F
from jokegen.models.losses.chunked import chunked_cross_entropy

VOCABULARY, FEATURES = 300, 8


def a_layer(tokens, scale=0.4):
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(tokens, FEATURES, generator=generator, requires_grad=True)
    weight = (scale * torch.randn(VOCABULARY, FEATURES, generator=generator)).requires_grad_()
    bias = torch.randn(VOCABULARY, generator=generator, requires_grad=True)
    return features, torch.randint(VOCABULARY, (tokens,), generator=generator), weight, bias


@pytest.mark.parametrize("tokens", [1, 63, 64, 65, 200])
def test_it_is_the_cross_entropy_of_a_linear_layer_with_its_gradients(tokens):
    features, targets, weight, bias = a_layer(tokens)
    exact = F.cross_entropy(F.linear(features, weight, bias), targets)
    found = chunked_cross_entropy(features, targets, weight, bias)
    torch.testing.assert_close(found, exact)
    own = torch.autograd.grad(3 * found, (features, weight, bias))
    other = torch.autograd.grad(3 * exact, (features, weight, bias))
    torch.testing.assert_close(own, other, atol=1e-6, rtol=1e-4)


def test_a_target_too_unlikely_for_a_float_costs_much_but_not_everything():
    features, targets, weight, bias = a_layer(4, scale=200.0)
    loss = chunked_cross_entropy(features, targets, weight, bias)
    loss.backward()
    assert loss.item() == pytest.approx(-math.log(torch.finfo(torch.float32).tiny))
    assert weight.grad.isfinite().all()


def test_features_that_are_no_numbers_give_no_number():
    features, targets, weight, bias = a_layer(4)
    loss = chunked_cross_entropy(features * math.nan, targets, weight, bias)
    assert loss.isnan()
