"""How runs that differ in their seed alone read: their figures as mean and spread, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .numbers import clock, decimal

if TYPE_CHECKING:
    from ..core.runs.comparison import Repeated

LABELS = {
    "valid_perplexity": "valid ppl",
    "test_perplexity": "test ppl",
    "times_ngram": "×n-gram",
    "newness": "new",
    "copied": "copied",
    "seconds": "time",
}
"""What the measured figures are called."""


def of_seeds(group: Repeated) -> str:
    """Say what runs have in common that differ in the seed alone."""
    parts = [f"{LABELS[name]} {_with_spread(name, *values)}" for name, values in group.figures.items()]
    measured = f": {', '.join(parts)} (mean ± standard deviation)" if parts else ""
    return f"{', '.join(group.runs)} differ in the seed alone{measured}."


def _with_spread(name: str, mean: float, spread: float) -> str:
    if name == "seconds":
        return f"{clock(mean)} ± {clock(spread)}"
    if name in {"newness", "copied"}:
        return f"{100 * mean:.0f} ± {100 * spread:.0f} %"
    digits = 2 if name == "times_ngram" else 1
    return f"{decimal(mean, digits)} ± {decimal(spread, digits)}"
