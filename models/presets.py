"""The named networks, from the tutorial's own to the largest a laptop trains in minutes."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from .configuration import ModelConfig

Preset = Literal["tutorial", "small", "medium", "large"]

_ANY_VOCABULARY = 1

PRESETS: dict[Preset, ModelConfig] = {
    # Three layers, dropout drawn anew for every word and an untied output: the network of the published tutorial.
    "tutorial": ModelConfig(
        _ANY_VOCABULARY,
        embedding_size=128,
        hidden_size=128,
        layers=3,
        tied=False,
        hidden_dropout=0.2,
        locked=False,
        initialisation="pytorch",
    ),
    "small": ModelConfig(_ANY_VOCABULARY, 256, 256, embedding_dropout=0.1, input_dropout=0.6, output_dropout=0.6),
    "medium": ModelConfig(_ANY_VOCABULARY, 512, 512, embedding_dropout=0.15, input_dropout=0.65, output_dropout=0.65),
    "large": ModelConfig(_ANY_VOCABULARY, 768, 768, embedding_dropout=0.2, input_dropout=0.7, output_dropout=0.7),
}


def configuration(preset: Preset, vocabulary_size: int) -> ModelConfig:
    """Return the preset's configuration for a vocabulary of this size."""
    return replace(PRESETS[preset], vocabulary_size=vocabulary_size)
