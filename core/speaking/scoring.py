"""How surprising a text is to a model, token by token."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..errors import GenerationError
from .evaluation import perplexity
from .generation import Generator


@dataclass(frozen=True)
class ScoredToken:
    """One token of a text; the end of the text shows as ``(end)``."""

    text: str
    probability: float
    surprisal: float
    """Bits: minus the logarithm to base 2 of the probability."""


@dataclass(frozen=True)
class TextScore:
    """A whole text, its end included where the tokenizer has one."""

    text: str
    tokens: tuple[ScoredToken, ...]
    loss: float
    """Nats per token."""
    perplexity: float
    bits_per_character: float


def score(generator: Generator, text: str) -> TextScore:
    """Score ``text`` from a fresh state, as evaluation does; unknown words count as the unknown.

    Raises:
        GenerationError: the text is empty or has nothing the model knows.
    """
    tokenizer, predictor = generator.tokenizer, generator.predictor
    text = generator.cleaned(text)
    tokens = tokenizer.encode(text)
    if not tokens:
        raise GenerationError("There is nothing to score; give a text with at least one word the model knows.")
    end = tokenizer.end_id
    targets = tokens if end is None else [*tokens, end]
    state = predictor.initial_state(1)
    if end is not None:
        state = predictor.read([[end]], state)
    log_probabilities: list[float] = []
    for token in targets:
        logits = predictor.logits(state)[0].astype(np.float64)
        logits -= logits.max()
        log_probabilities.append(float(logits[token] - np.log(np.exp(logits).sum())))
        state = predictor.read([[token]], state)
    shown = ["(end)" if token == end else tokenizer.token_text(token) for token in targets]
    if tokenizer.kind == "spaces":
        shown[0] = shown[0].removeprefix(" ")
    total = -math.fsum(log_probabilities)
    characters = len(text) + (end is not None)
    return TextScore(
        text,
        tuple(
            ScoredToken(word, math.exp(value), -value / math.log(2))
            for word, value in zip(shown, log_probabilities, strict=True)
        ),
        total / len(targets),
        perplexity(total / len(targets)),
        total / math.log(2) / characters,
    )
