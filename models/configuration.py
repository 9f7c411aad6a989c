"""The shape and regularisation of a network, as plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

Initialisation = Literal["small", "pytorch"]


@dataclass(frozen=True)
class ModelConfig:
    """Everything that determines an :class:`~jokegen.models.lstm.LSTMLanguageModel` but its weights.

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

    def __post_init__(self) -> None:
        for name in ("vocabulary_size", "embedding_size", "hidden_size", "layers"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be at least 1")
        for field in fields(self):
            if field.name.endswith("_dropout") and not 0.0 <= getattr(self, field.name) < 1.0:
                raise ValueError(f"{field.name} is {getattr(self, field.name)}; it must be at least 0 and below 1")

    @property
    def projected(self) -> bool:
        """Whether a linear layer brings the hidden size to the embedding size before the tied output."""
        return self.tied and self.hidden_size != self.embedding_size

    @property
    def parameters(self) -> int:
        """Number of trained weights, counted without building the network."""
        vocabulary, embedding, hidden = self.vocabulary_size, self.embedding_size, self.hidden_size
        inputs = [embedding] + [hidden] * (self.layers - 1)
        recurrent = sum(4 * hidden * (size + hidden + 2) for size in inputs)
        projection = hidden * embedding + embedding if self.projected else 0
        output = vocabulary if self.tied else hidden * vocabulary + vocabulary
        return vocabulary * embedding + recurrent + projection + output

    @property
    def multiply_adds(self) -> int:
        """Multiplications of the LSTM, the projection and the output layer for one token."""
        inputs = [self.embedding_size] + [self.hidden_size] * (self.layers - 1)
        recurrent = sum(4 * self.hidden_size * (size + self.hidden_size) for size in inputs)
        projection = self.hidden_size * self.embedding_size if self.projected else 0
        last = self.embedding_size if self.tied else self.hidden_size
        return recurrent + projection + last * self.vocabulary_size

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ModelConfig:
        """Build a configuration from :meth:`to_dict`'s values; unknown names raise ``TypeError``."""
        return cls(**values)
