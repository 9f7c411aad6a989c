import pytest
import torch
import torch.nn.functional as F
from jokegen.models.losses.sampled import sampled_cross_entropy

VOCABULARY, HEAD, TOKENS, FEATURES = 60, 12, 40, 8


@pytest.fixture
def layer():
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(TOKENS, FEATURES, generator=generator)
    weight = (0.4 * torch.randn(VOCABULARY, FEATURES, generator=generator)).requires_grad_()
    bias = torch.randn(VOCABULARY, generator=generator, requires_grad=True)
    return features, torch.randint(VOCABULARY, (TOKENS,), generator=generator), weight, bias


def a_sample(size, seed):
    generator = torch.Generator().manual_seed(seed)
    return HEAD + torch.randperm(VOCABULARY - HEAD, generator=generator)[:size]


def test_a_sample_of_the_whole_tail_gives_the_exact_loss_and_gradients(layer):
    features, targets, weight, bias = layer
    exact = F.cross_entropy(F.linear(features, weight, bias), targets)
    found = sampled_cross_entropy(*layer, HEAD, a_sample(VOCABULARY - HEAD, 1)).mean()
    torch.testing.assert_close(found, exact)
    for parameter in (weight, bias):
        (own,) = torch.autograd.grad(found, parameter, retain_graph=True)
        (other,) = torch.autograd.grad(exact, parameter, retain_graph=True)
        torch.testing.assert_close(own, other, atol=1e-6, rtol=1e-5)


def test_small_samples_come_out_right_on_average(layer):
    features, targets, weight, bias = layer
    logits = F.linear(features, weight, bias)
    exact = F.cross_entropy(logits, targets, reduction="none")
    for token in range(5):
        one = (features[token : token + 1], targets[token : token + 1], weight, bias)
        estimates = [sampled_cross_entropy(*one, HEAD, a_sample(10, seed))[0].detach() for seed in range(600)]
        # exp(loss) is the normaliser over the target's own share, which is estimated without bias.
        ratios = torch.exp(torch.stack(estimates) - exact[token].detach())
        assert float(ratios.mean()) == pytest.approx(1.0, abs=0.06)


def test_gradients_stay_finite_where_targets_are_sampled_and_where_not(layer):
    features, _, weight, bias = layer
    for target in (0, HEAD, VOCABULARY - 1):
        targets = torch.full((TOKENS,), target)
        loss = sampled_cross_entropy(features, targets, weight, bias, HEAD, torch.tensor([HEAD, HEAD + 1])).mean()
        gradients = torch.autograd.grad(loss, (weight, bias))
        assert all(bool(gradient.isfinite().all()) for gradient in gradients)
