"""From logits to the next token: temperature, filters and a draw that depends on its place alone."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .errors import SettingsError

_MASK = 2**64 - 1


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen; the defaults keep it lively and sane.

    Raises:
        SettingsError: a value makes no sense.
    """

    temperature: float = 0.8
    """Above 1 bolder, below 1 safer."""
    top_k: int = 0
    """Keep the k likeliest tokens; 0 keeps all (Fan et al. 2018)."""
    top_p: float = 0.95
    """Keep the likeliest tokens that together reach this probability (Holtzman et al. 2020)."""
    min_p: float = 0.0
    """Drop tokens less likely than this share of the likeliest (Nguyen et al. 2024)."""
    repetition_penalty: float = 1.0
    """Divides the score of tokens already said (Keskar et al. 2019)."""
    greedy: bool = False
    """Always take the likeliest token."""

    def __post_init__(self) -> None:
        wanted = (
            ("temperature", 0.01 <= self.temperature <= 100, "between 0.01 and 100; for the likeliest word use greedy"),
            ("top-k", self.top_k >= 0, "0 or more"),
            ("top-p", 0 < self.top_p <= 1, "above 0 and at most 1"),
            ("min-p", 0 <= self.min_p <= 1, "between 0 and 1"),
            ("repetition-penalty", 0.1 <= self.repetition_penalty <= 100, "between 0.1 and 100"),
        )
        for name, fits, range_ in wanted:
            if not fits:
                raise SettingsError(f"{name} must be {range_}, but is {getattr(self, name.replace('-', '_'))}.")


def filtered_probabilities(logits: Tensor, sampling: Sampling, said: Tensor | None = None) -> Tensor:
    """Return the distribution that tokens are drawn from.

    Args:
        logits: ``(batch, vocabulary)``; minus infinity where a token must not come.
        sampling: the filters, applied in this order: repetition penalty, temperature, top-k, top-p, min-p.
        said: ``(batch, recent)`` tokens already said.

    Returns:
        ``(batch, vocabulary)``, each row summing to 1.
    """
    if said is not None and sampling.repetition_penalty != 1.0 and said.numel():
        logits = _penalised(logits, said, sampling.repetition_penalty)
    if sampling.greedy:
        return torch.zeros_like(logits).scatter_(-1, logits.argmax(-1, keepdim=True), 1.0)
    probabilities = torch.softmax(logits / sampling.temperature, dim=-1)
    if 0 < sampling.top_k < logits.shape[-1]:
        floor = torch.topk(probabilities, sampling.top_k, dim=-1).values[:, -1:]
        probabilities = _renormalised(probabilities, probabilities >= floor)
    if sampling.top_p < 1.0:
        probabilities = _renormalised(probabilities, probabilities >= _top_p_floor(probabilities, sampling.top_p))
    if sampling.min_p > 0.0:
        floor = sampling.min_p * probabilities.amax(dim=-1, keepdim=True)
        probabilities = _renormalised(probabilities, probabilities >= floor)
    return probabilities


def draw(probabilities: Tensor, uniforms: Tensor) -> Tensor:
    """Return the token ``(batch,)`` at which each row's cumulative probability passes its uniform number."""
    cumulative = probabilities.cumsum(dim=-1)
    thresholds = uniforms.unsqueeze(-1).to(cumulative.dtype) * cumulative[:, -1:]
    tokens = torch.searchsorted(cumulative, thresholds, right=True).squeeze(-1)
    # Rounding may carry a threshold to the very end, past the last token that has any probability.
    impossible = tokens >= probabilities.shape[-1]
    if bool(impossible.any()):
        tokens = torch.where(impossible, probabilities.argmax(-1), tokens)
    return tokens


def uniform(seed: int, place: int) -> float:
    """Return the uniform number in [0, 1) that belongs to ``place`` under ``seed`` (SplitMix64, Steele et al. 2014).

    A number depends on nothing else, so rewinding words and going on repeats them.
    """
    state = (seed * 0x9E3779B97F4A7C15 + (place + 1) * 0xD1342543DE82EF95) & _MASK
    for multiplier in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB):
        state = ((state ^ (state >> 30)) * multiplier) & _MASK
        state ^= state >> 27
    return ((state ^ (state >> 31)) >> 11) * 2.0**-53


def _penalised(logits: Tensor, said: Tensor, penalty: float) -> Tensor:
    scores = logits.gather(-1, said)
    return logits.scatter(-1, said, torch.where(scores > 0, scores / penalty, scores * penalty))


def _renormalised(probabilities: Tensor, kept: Tensor) -> Tensor:
    probabilities = probabilities * kept
    return probabilities / probabilities.sum(dim=-1, keepdim=True)


def _top_p_floor(probabilities: Tensor, top_p: float) -> Tensor:
    # The likeliest few nearly always reach top_p, and finding them is cheaper than sorting a vocabulary.
    few = min(64, probabilities.shape[-1])
    likeliest = torch.topk(probabilities, few, dim=-1).values
    if bool((likeliest.sum(dim=-1) < top_p).any()):
        likeliest = torch.sort(probabilities, dim=-1, descending=True).values
    before = likeliest.cumsum(dim=-1) - likeliest
    last = (before < top_p).sum(dim=-1, keepdim=True) - 1
    return likeliest.gather(-1, last)
