"""What a training, or a sweep, will be and what its time buys, in a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...data.findings import counted
from ..numbers import count, decimal, roughly, short_count

if TYPE_CHECKING:
    from ...core.training.estimation import Estimate
    from ...core.training.sweeping import Fitted

_MOST_USED = 0.85
"""Share of the time asked for below which the texts need no more of it."""


def estimate_lines(estimate: Estimate, seconds: float | None, fitted: Fitted | None = None) -> str:
    """Say what there is to learn and by whom, and what ``seconds`` buy; of a sweep, what it tries.

    Args:
        estimate: of the training, or of the first one of a sweep.
        seconds: the time asked for; None: no limit.
        fitted: the sweep.
    """
    texts = [
        f"{count(estimate.texts)} texts",
        f"vocabulary {count(estimate.vocabulary)}",
        f"{short_count(estimate.parameters)} parameters" if estimate.parameters else estimate.preset,
        f"{decimal(estimate.memory_bytes / 1e9, 1)} GB of memory" if estimate.parameters else "",
    ]
    bought = _bought(estimate, seconds) if fitted is None else _swept(estimate, fitted)
    lines = (_joined(texts), _joined(bought), *(() if fitted is None else fitted.sentences))
    return "\n".join(lines)


def _bought(estimate: Estimate, seconds: float | None) -> list[str]:
    epochs = estimate.epochs_in_time
    whole = epochs >= 10 or epochs == int(epochs)
    return [
        f"about {roughly(estimate.seconds)}",
        "1 epoch" if epochs == 1 else f"{count(epochs) if whole else decimal(epochs, 1)} epochs",
        f"{short_count(estimate.train_tokens * epochs)} tokens",
        "" if estimate.times_ngram is None else f"expected: {decimal(estimate.times_ngram, 2)} × n-gram",
        "no more is to be learned" if seconds is not None and estimate.seconds < _MOST_USED * seconds else "",
    ]


def _swept(estimate: Estimate, fitted: Fitted) -> list[str]:
    plan = fitted.plan
    each = f"{counted(min(plan.epochs, default=estimate.epochs), 'epoch')} each"
    halved = " and ".join(f"{share:.0%}" for share in plan.shares[:-1])
    return [
        f"a sweep of {counted(len(plan.runs), 'run')}",
        f"about {roughly(fitted.seconds)}",
        each,
        f"the better half goes on after {halved}",
    ]


def _joined(parts: list[str]) -> str:
    return " · ".join(part for part in parts if part)
