"""The shape and regularisation of a network, as plain values."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

Initialisation = Literal["small", "pytorch"]
Cell = Literal["lstm", "gru"]

GATES: dict[Cell, int] = {"lstm": 4, "gru": 3}
"""Blocks of a layer's weights, each as tall as the hidden size."""
STATE_PARTS: dict[Cell, tuple[str, ...]] = {"lstm": ("h", "c"), "gru": ("h",)}
"""What a layer carries from token to token: the hidden state and, in an LSTM, the cell state."""


@dataclass(frozen=True)
class ModelConfig:
    """Everything that determines a network but its weights.

    All dropouts are probabilities of zeroing. Locked dropout draws one mask per text and keeps it for every
    time step (Gal & Ghahramani 2016, "variational dropout").

    Raises:
        ValueError: a size is not positive or a probability is outside 0 to 1.
    """

    vocabulary_size: int
    embedding_size: int = 256
    hidden_size: int = 256
    layers: int = 1
    tied: bool = True
    """The output layer shares the embedding's weights (Press & Wolf 2017; Inan et al. 2017)."""
    embedding_dropout: float = 0.0
    """Drops whole words from a batch (Gal & Ghahramani 2016, section 4.1)."""
    input_dropout: float = 0.0
    """Locked, on the embedded words."""
    hidden_dropout: float = 0.0
    """Between the layers."""
    output_dropout: float = 0.0
    """Locked, on what the last layer says."""
    weight_dropout: float = 0.0
    """DropConnect on the recurrent weights (Merity et al. 2018, section 2)."""
    locked: bool = True
    """Whether the dropout between layers is locked too; the tutorial draws it anew for every word."""
    initialisation: Initialisation = "small"
    cell: Cell = "lstm"
    """Long short-term memory (Hochreiter & Schmidhuber 1997) or gated recurrent units (Cho et al. 2014)."""

    def __post_init__(self) -> None:
        for name in ("vocabulary_size", "embedding_size", "hidden_size", "layers"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be at least 1")
        for field in fields(self):
            if field.name.endswith("_dropout") and not 0.0 <= getattr(self, field.name) < 1.0:
                raise ValueError(f"{field.name} is {getattr(self, field.name)}; it must be at least 0 and below 1")
        if self.cell not in GATES:
            raise ValueError(f"cell is {self.cell}; it must be one of {', '.join(GATES)}")

    @property
    def dropouts(self) -> dict[str, float]:
        """What is dropped of words and features, by the names of the fields."""
        names = ("embedding_dropout", "input_dropout", "hidden_dropout", "output_dropout")
        return {name: getattr(self, name) for name in names}

    @property
    def most_dropout(self) -> float:
        """The strongest of them."""
        return max(self.dropouts.values())

    @property
    def projected(self) -> bool:
        """Whether a linear layer brings the hidden size to the embedding size before the tied output."""
        return self.tied and self.hidden_size != self.embedding_size

    @property
    def input_sizes(self) -> list[int]:
        """What each layer reads: the embedding, then the layer before it."""
        return [self.embedding_size] + [self.hidden_size] * (self.layers - 1)

    @property
    def output_features(self) -> int:
        """Size of what the output layer reads."""
        return self.embedding_size if self.tied else self.hidden_size

    @property
    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every trained weight by its name, as checkpoints hold them."""
        rows = GATES[self.cell] * self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {"output_bias": (self.vocabulary_size,)}
        if not self.tied:
            shapes["output_weight"] = (self.vocabulary_size, self.hidden_size)
        shapes["embedding.weight"] = (self.vocabulary_size, self.embedding_size)
        for layer, size in enumerate(self.input_sizes):
            shapes |= {
                f"recurrent.{layer}.weight_ih_l0": (rows, size),
                f"recurrent.{layer}.weight_hh_l0": (rows, self.hidden_size),
                f"recurrent.{layer}.bias_ih_l0": (rows,),
                f"recurrent.{layer}.bias_hh_l0": (rows,),
            }
        if self.projected:
            shapes |= {
                "projection.weight": (self.embedding_size, self.hidden_size),
                "projection.bias": (self.embedding_size,),
            }
        return shapes

    @property
    def parameters(self) -> int:
        """Number of trained weights, counted without building the network."""
        return sum(math.prod(shape) for shape in self.weight_shapes.values())

    @property
    def multiply_adds(self) -> int:
        """Multiplications of the layers, the projection and the output for one token."""
        rows = GATES[self.cell] * self.hidden_size
        recurrent = sum(rows * (size + self.hidden_size) for size in self.input_sizes)
        projection = self.hidden_size * self.embedding_size if self.projected else 0
        return recurrent + projection + self.output_features * self.vocabulary_size

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ModelConfig:
        """Build a configuration from :meth:`to_dict`'s values; unknown names raise ``TypeError``."""
        return cls(**values)
