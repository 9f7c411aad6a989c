"""AdamW on plain tensors: the update is torch's own, the state lies open for checkpoints.

``torch.optim.AdamW`` would do, but its first use imports the compiler of torch: more than a second of each start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.optim.adamw import adamw

_EPSILON = 1e-8
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


class AdamW:
    """Adam with decoupled weight decay (Kingma & Ba 2015; Loshchilov & Hutter 2019)."""

    def __init__(self, parameters: Sequence[Tensor], *, betas: tuple[float, float], weight_decay: float) -> None:
        """Start without any memory of gradients."""
        self._parameters = list(parameters)
        self._betas = betas
        self._weight_decay = weight_decay
        self._steps = [torch.zeros((), device=parameter.device) for parameter in self._parameters]
        self._means = [torch.zeros_like(parameter) for parameter in self._parameters]
        self._squares = [torch.zeros_like(parameter) for parameter in self._parameters]

    def clip(self, limit: float | None) -> Tensor:
        """Shorten the whole gradient to ``limit``, if any, and return the norm it had."""
        if limit is not None:
            return torch.nn.utils.clip_grad_norm_(self._parameters, limit)
        return torch.nn.utils.get_total_norm(self.gradients())

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Move every parameter by its gradient and forget the gradients; one without a gradient stays as it is."""
        moved = [index for index, parameter in enumerate(self._parameters) if parameter.grad is not None]
        adamw(
            [self._parameters[index] for index in moved],
            self.gradients(),
            [self._means[index] for index in moved],
            [self._squares[index] for index in moved],
            [],
            [self._steps[index] for index in moved],
            foreach=False,
            fused=True,
            amsgrad=False,
            beta1=self._betas[0],
            beta2=self._betas[1],
            lr=learning_rate,
            weight_decay=self._weight_decay,
            eps=_EPSILON,
            maximize=False,
        )
        self.forget()

    def gradients(self) -> list[Tensor]:
        """Return the gradients there are."""
        return [parameter.grad for parameter in self._parameters if parameter.grad is not None]

    def forget(self) -> None:
        """Forget the gradients."""
        for parameter in self._parameters:
            parameter.grad = None

    def state(self) -> dict[str, Tensor]:
        """Return the moments as ``index.name``; they go on changing, so copy what is to be kept."""
        moments = zip(self._steps, self._means, self._squares, strict=True)
        return {
            f"{index}.{name}": tensor
            for index, of_one in enumerate(moments)
            for name, tensor in zip(_MOMENTS, of_one, strict=True)
        }

    @torch.no_grad()
    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take back what :meth:`state` gave; raises ``KeyError`` or ``RuntimeError`` when it does not fit."""
        for name, tensor in self.state().items():
            tensor.copy_(state[name])
