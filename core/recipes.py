"""How each preset is trained: the numbers that were found on the validation split, kept as plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from ..data.tokenization import TokenizerKind
from ..models.configuration import ModelConfig
from ..models.presets import Preset, configuration
from .settings import TrainingSettings

Layout = Literal["texts", "stream", "windows"]


@dataclass(frozen=True)
class Recipe:
    """Everything that determines a training but the texts and the seed."""

    preset: str
    layout: Layout
    """``texts``: each text from a fresh state; ``stream``: one long text, the state carried; ``windows``: the
    tutorial's overlapping windows with time running along the batch axis."""
    tokenizer: TokenizerKind
    epochs: int
    batch_size: int
    sequence_length: int
    learning_rate: float
    schedule: Literal["cosine", "constant"] = "cosine"
    warm_up: float = 0.05
    """Share of all steps in which the learning rate rises."""
    weight_decay: float = 0.2
    betas: tuple[float, float] = (0.9, 0.99)
    clip: float | None = 1.0
    """Largest norm of a gradient."""
    average: float = 0.0
    """Decay of the exponential moving average of the weights; 0 keeps the last weights."""
    patience: int | None = None
    unigram_bias: bool = True
    ngram_order: int = 5

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Recipe:
        """Rebuild a recipe from :meth:`to_dict`'s values."""
        known: dict[str, Any] = {**values, "betas": tuple(values["betas"])}
        return cls(**known)


_TUTORIAL = Recipe(
    "tutorial",
    "windows",
    "spaces",
    epochs=10,
    batch_size=256,
    sequence_length=4,
    learning_rate=0.001,
    schedule="constant",
    warm_up=0.0,
    weight_decay=0.0,
    betas=(0.9, 0.999),
    clip=None,
    unigram_bias=False,
)
_TEXTS: dict[str, Recipe] = {
    "small": Recipe("small", "texts", "words", 30, 16, 128, 0.004),
    "medium": Recipe("medium", "texts", "words", 40, 16, 128, 0.003),
    "large": Recipe("large", "texts", "words", 50, 16, 128, 0.002),
    "ngram": Recipe("ngram", "texts", "words", 1, 1, 1, 1.0),
}
_STREAM: dict[str, Recipe] = {
    name: replace(recipe, layout="stream", batch_size=32, sequence_length=64, epochs=8, weight_decay=0.05)
    for name, recipe in _TEXTS.items()
}


def resolve_preset(settings: TrainingSettings, train_tokens: int) -> str:
    """Return the preset ``auto`` stands for with this many training tokens; a named one stands for itself."""
    if settings.preset != "auto":
        return settings.preset
    return "small" if train_tokens < 2_000_000 else "medium"


def recipe_for(settings: TrainingSettings, preset: str, *, one_long_text: bool = False) -> Recipe:
    """Return the preset's recipe with the person's own choices put in."""
    recipe = _TUTORIAL if preset == "tutorial" else (_STREAM if one_long_text else _TEXTS)[preset]
    chosen = {
        "epochs": settings.max_epochs,
        "batch_size": settings.batch_size,
        "sequence_length": settings.sequence_length,
        "learning_rate": settings.learning_rate,
        "tokenizer": settings.tokenizer,
        "patience": settings.patience,
    }
    return replace(recipe, **{name: value for name, value in chosen.items() if value is not None})


def network_for(recipe: Recipe, vocabulary_size: int) -> ModelConfig:
    """Return the network that the recipe trains; an ``ngram`` recipe has none and raises ``KeyError``."""
    names: dict[str, Preset] = {"tutorial": "tutorial", "small": "small", "medium": "medium", "large": "large"}
    config = configuration(names[recipe.preset], vocabulary_size)
    if recipe.layout == "stream":
        config = replace(config, input_dropout=config.input_dropout / 3, output_dropout=config.output_dropout / 3)
    return config
