"""How each preset is trained: the numbers that were found on the validation split, kept as plain values."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields, replace
from itertools import pairwise
from typing import Any, Literal

from ..data.cleaning import one_line
from ..data.tokenization import TokenizerKind
from ..models.configuration import Cell, ModelConfig
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
    dropout_share: float = 1.0
    """How much of the preset's dropouts is used: less where there is more to learn from."""
    weight_decay: float = 0.0
    activation_penalty: float = 0.0
    """Added to the loss per mean square of what the output layer reads (Merity et al. 2017)."""
    change_penalty: float = 0.0
    """Added to the loss per mean square of the change from one token to the next (the same paper)."""
    penalised: Literal["predicting", "padded"] = "predicting"
    """What is penalised. ``predicting``: of the places that have a token to predict, what the output layer reads, and
    the change of the last layer's outputs before dropout, as in the paper. ``padded``: of all places, padding too, what
    the output layer reads and the change of the same. So were runs trained that do not say which, and it is kept for
    going on with them alone."""
    betas: tuple[float, float] = (0.9, 0.99)
    clip: float | None = 1.0
    """Largest norm of a gradient."""
    average: float = 0.0
    """Decay of the exponential moving average of the weights; 0 keeps the last weights."""
    patience: int | None = None
    frequent_tokens: int = 3000
    """Tokens that the output of a large vocabulary always computes while training; 0: all, always."""
    sampled_tokens: int = 1500
    """Tokens sampled anew for each step from those beyond the frequent ones."""
    unigram_bias: bool = True
    ngram_order: int = 5
    cell: Cell = "lstm"
    hidden: int | None = None
    """Units of each layer, where that was chosen."""
    dropout: float | None = None
    """The strongest of the network's dropouts, where that was chosen."""

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Recipe:
        """Rebuild a recipe from :meth:`to_dict`'s values; what is missing is as it was before it was noted.

        Raises:
            ValueError: a value is unknown, missing or makes no sense, in words that go on after "the recipe".
        """
        from pydantic import TypeAdapter, ValidationError

        unknown = values.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"has '{one_line(min(unknown))}', which this JokeGen does not know; update JokeGen")
        try:
            return TypeAdapter(cls).validate_python(_UNNOTED | values)
        except ValidationError as error:
            place = ".".join(map(str, error.errors()[0]["loc"])) or "all of it"
            raise ValueError(f"is damaged at '{one_line(place)}'") from error


_UNNOTED = {"penalised": "padded"}
"""What held before a recipe noted it, where that is no longer the default."""
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
    frequent_tokens=0,
    unigram_bias=False,
)
_TEXTS: dict[str, Recipe] = {
    "small": Recipe("small", "texts", "words", 30, 16, 128, 0.004, activation_penalty=1.0, change_penalty=1.0),
    "medium": Recipe("medium", "texts", "words", 40, 16, 128, 0.003, activation_penalty=1.0, change_penalty=1.0),
    "large": Recipe("large", "texts", "words", 50, 16, 128, 0.002, activation_penalty=1.0, change_penalty=1.0),
    "ngram": Recipe("ngram", "texts", "words", 1, 1, 1, 1.0),
}
_STREAM: dict[str, Recipe] = {
    name: replace(
        recipe,
        layout="stream",
        batch_size=32,
        sequence_length=64,
        epochs=8,
        weight_decay=0.05,
        activation_penalty=0.0,
        change_penalty=0.0,
        dropout_share=1 / 3,
    )
    for name, recipe in _TEXTS.items()
}
_TUNED_TOKENS: dict[Layout, int] = {"texts": 50_000, "stream": 1_000_000}
"""Training tokens up to which the recipes hold as they stand; beyond, epochs and dropout follow the corpus' size."""
_CHARACTER_ORDER = 8
"""Length of the n-grams of characters: about that of a word with its neighbours' ends."""
_CHARACTERS_A_WORD = 5
_CHARACTER_DROPOUT = 0.4
_FEWEST_EPOCHS = 3
_DROPOUT_SHARES: dict[Layout, tuple[tuple[float, float], ...]] = {
    "texts": ((1, 1.0), (3, 0.58), (20, 0.5), (90, 0.25)),
    "stream": ((1, 1.0), (90, 0.25)),
}
"""How much of a preset's dropout suits a corpus so many times as large as the recipe's; linear in the logarithm."""
_WORTH_TRAINING: tuple[tuple[Preset, int], ...] = (("large", 10_000_000), ("medium", 1_000_000))
"""Training tokens from which ``auto`` takes a network larger than ``small``."""
_MOST_TIMES = 6
"""How many times a recipe's own epochs more time pays for; after that nothing is gained by more."""
_USUAL_SPEED = 1e11
"""FLOP/s of two cores of a laptop: what ``auto`` holds a time limit against, so that it is the same everywhere."""


def resolve_preset(settings: TrainingSettings, train_tokens: int, vocabulary: int) -> str:
    """Return the preset ``auto`` stands for: the one that suits the size of the corpus, smaller under a time limit.

    How fast the machine is does not count, so the same request gives the same network every time and everywhere. A
    named preset stands for itself.
    """
    if settings.preset != "auto":
        return settings.preset
    words = train_tokens // _CHARACTERS_A_WORD if settings.tokenizer == "chars" else train_tokens
    for preset, enough in _WORTH_TRAINING:
        recipe = recipe_for(settings, preset, train_tokens)
        operations = 6.0 * network_for(recipe, vocabulary).multiply_adds * train_tokens * recipe.epochs
        in_time = settings.max_seconds is None or operations / _USUAL_SPEED <= settings.max_seconds
        if words >= enough and in_time:
            return preset
    return "small"


def recipe_for(
    settings: TrainingSettings, preset: str, train_tokens: int = 0, *, one_long_text: bool = False
) -> Recipe:
    """Return the preset's recipe for a corpus of this size, with the person's own choices put in."""
    recipe = _TUTORIAL if preset == "tutorial" else (_STREAM if one_long_text else _TEXTS)[preset]
    if settings.tokenizer == "chars":
        recipe = _for_characters(recipe)
        train_tokens //= _CHARACTERS_A_WORD
    recipe = _for_size(recipe, train_tokens)
    chosen = {
        "epochs": settings.max_epochs,
        "batch_size": settings.batch_size,
        "sequence_length": settings.sequence_length,
        "learning_rate": settings.learning_rate,
        "tokenizer": None if settings.tokenizer == "auto" else settings.tokenizer,
        "patience": settings.patience,
        "cell": settings.cell,
        "hidden": settings.hidden,
        "dropout": settings.dropout,
    }
    return replace(recipe, **{name: value for name, value in chosen.items() if value is not None})


def most_epochs(recipe: Recipe, settings: TrainingSettings, train_tokens: int) -> int:
    """Return how many epochs time pays for at most: those that were chosen, else some times the recipe's own."""
    if settings.max_epochs is not None or recipe.layout == "windows":
        return recipe.epochs
    settings = replace(settings, tokenizer=recipe.tokenizer)
    own = recipe_for(settings, recipe.preset, train_tokens, one_long_text=recipe.layout == "stream")
    return _MOST_TIMES * own.epochs


def network_for(recipe: Recipe, vocabulary_size: int) -> ModelConfig:
    """Return the network that the recipe trains; an ``ngram`` recipe has none and raises ``KeyError``."""
    names: dict[str, Preset] = {"tutorial": "tutorial", "small": "small", "medium": "medium", "large": "large"}
    config = configuration(names[recipe.preset], vocabulary_size)
    config = replace(config, hidden_size=recipe.hidden or config.hidden_size, cell=recipe.cell)
    share = recipe.dropout_share if recipe.dropout is None else recipe.dropout / config.most_dropout
    return replace(config, **{name: value * share for name, value in config.dropouts.items()})


def _for_characters(recipe: Recipe) -> Recipe:
    # There is more to learn from and less to learn by heart than with words.
    return replace(
        recipe,
        ngram_order=_CHARACTER_ORDER,
        dropout_share=recipe.dropout_share * _CHARACTER_DROPOUT,
        activation_penalty=0.0,
        change_penalty=0.0,
    )


def _for_size(recipe: Recipe, train_tokens: int) -> Recipe:
    tuned = _TUNED_TOKENS.get(recipe.layout, train_tokens)
    if train_tokens <= tuned:
        return recipe
    times = train_tokens / tuned
    return replace(
        recipe,
        epochs=min(recipe.epochs, max(_FEWEST_EPOCHS, round(recipe.epochs / math.sqrt(times)))),
        dropout_share=recipe.dropout_share * _dropout_share(_DROPOUT_SHARES[recipe.layout], times),
    )


def _dropout_share(shares: tuple[tuple[float, float], ...], times: float) -> float:
    for (smaller, more), (larger, less) in pairwise(shares):
        if times <= larger:
            return more + (less - more) * math.log(times / smaller) / math.log(larger / smaller)
    return shares[-1][1]
