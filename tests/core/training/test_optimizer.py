import subprocess
import sys

import pytest
import torch
from jokegen.core.training.optimizer import AdamW

BETAS, DECAY = (0.9, 0.99), 0.2


def quadratic(parameters):
    return sum(((parameter - index) ** 2).sum() for index, parameter in enumerate(parameters))


def parameters(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.nn.Parameter(torch.randn(shape, generator=generator)) for shape in ((7, 3), (5,), ())]


def steps(optimizer, values, rates):
    for rate in rates:
        quadratic(values).backward()
        optimizer.step(rate)


def test_it_does_what_torchs_own_adamw_does():
    ours, theirs = parameters(), parameters()
    steps(AdamW(ours, betas=BETAS, weight_decay=DECAY), ours, [0.1, 0.05, 0.02])
    reference = torch.optim.AdamW(theirs, betas=BETAS, weight_decay=DECAY, fused=True)
    for rate in (0.1, 0.05, 0.02):
        reference.param_groups[0]["lr"] = rate
        quadratic(theirs).backward()
        reference.step()
        reference.zero_grad()
    for own, other in zip(ours, theirs, strict=True):
        assert torch.equal(own, other)
        assert own.grad is None


def test_a_restored_optimizer_goes_on_to_the_bit():
    whole, first = parameters(), parameters()
    steps(AdamW(whole, betas=BETAS, weight_decay=DECAY), whole, [0.1] * 6)
    before = AdamW(first, betas=BETAS, weight_decay=DECAY)
    steps(before, first, [0.1] * 3)
    second = [torch.nn.Parameter(value.detach().clone()) for value in first]
    after = AdamW(second, betas=BETAS, weight_decay=DECAY)
    after.restore({name: tensor.clone() for name, tensor in before.state().items()})
    steps(after, second, [0.1] * 3)
    assert all(torch.equal(one, other) for one, other in zip(whole, second, strict=True))


def test_a_parameter_without_a_gradient_is_left_alone():
    used, unused = (torch.nn.Parameter(torch.ones(3)) for _ in range(2))
    optimizer = AdamW([used, unused], betas=BETAS, weight_decay=DECAY)
    used.sum().backward()
    optimizer.step(0.1)
    assert torch.equal(unused, torch.ones(3))
    assert not torch.equal(used, torch.ones(3))


def test_a_state_of_other_shapes_is_refused():
    optimizer = AdamW(parameters(), betas=BETAS, weight_decay=DECAY)
    with pytest.raises(KeyError):
        optimizer.restore({})
    with pytest.raises(RuntimeError):
        optimizer.restore({name: torch.zeros(11) for name in optimizer.state()})


def test_a_training_never_loads_the_compiler_of_torch():
    program = (
        "import sys, torch; from jokegen.core.training.optimizer import AdamW\n"
        "weight = torch.nn.Parameter(torch.ones(2)); weight.sum().backward()\n"
        "AdamW([weight], betas=(0.9, 0.99), weight_decay=0.1).step(0.1)\n"
        "print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
