"""What a person may choose about a training, validated, and kept as TOML."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..data.cleaning import one_line
from .errors import SettingsError

PresetChoice = Literal["auto", "tutorial", "small", "medium", "large", "ngram"]
TokenizerChoice = Literal["words", "spaces", "bpe", "chars"]
DeviceChoice = Literal["auto", "cpu", "cuda", "mps"]
PrecisionChoice = Literal["auto", "float32", "bfloat16"]
TextsChoice = Literal["lines", "blank", "whole"]

PRESET_CHOICES: tuple[str, ...] = get_args(PresetChoice)
TOKENIZER_CHOICES: tuple[str, ...] = get_args(TokenizerChoice)
DEVICE_CHOICES: tuple[str, ...] = get_args(DeviceChoice)
PRECISION_CHOICES: tuple[str, ...] = get_args(PrecisionChoice)
TEXTS_CHOICES: tuple[str, ...] = get_args(TextsChoice)

Positive = Annotated[int, Field(ge=1, le=1_000_000)]


class TrainingSettings(BaseModel):
    """The choices for one training; ``None`` leaves a choice to the preset."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    preset: PresetChoice = "auto"
    """``auto`` follows from the size of the corpus; the names fix the network; ``ngram`` only counts."""
    max_epochs: Positive | None = None
    """Passes over the training texts."""
    batch_size: Positive | None = None
    """Texts read side by side; for the tutorial preset its windows a batch."""
    sequence_length: Positive | None = None
    """Tokens after which a gradient is cut; for the tutorial preset its words a window."""
    learning_rate: Annotated[float, Field(gt=0, le=10)] | None = None
    """The highest learning rate of the schedule."""
    tokenizer: TokenizerChoice | None = None
    """What a token is."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Everything random follows from it."""
    device: DeviceChoice = "auto"
    precision: PrecisionChoice = "auto"
    max_seconds: Annotated[float, Field(gt=0)] | None = None
    """Training time to plan for; the schedule is shortened to fit."""
    patience: Positive | None = None
    """Epochs without a better validation loss after which training stops."""
    column: str | None = None
    """The column of a table that holds the texts."""
    texts: TextsChoice | None = None
    """How a text file is divided: a text a line, blank lines between texts, or one long text."""
    letters_only: bool = False
    """Keep letters only, the tutorial's suggested cleaning."""

    def to_toml(self) -> str:
        """Return the settings as TOML, without those left to the preset."""
        return tomli_w.dumps(self.model_dump(exclude_none=True))


def make_settings(values: dict[str, Any]) -> TrainingSettings:
    """Validate ``values``; raises SettingsError with one sentence that names the first wrong value."""
    try:
        return TrainingSettings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from error


def read_settings(path: Path) -> dict[str, Any]:
    """Read the settings of a TOML file; raises SettingsError when it is missing, damaged or has a wrong value."""
    shown = one_line(str(path))
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"There is no settings file {shown}; check the path.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {shown} cannot be read; it must be a TOML text file.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The settings file {shown} is not valid TOML: {one_line(str(error))}.") from error
    make_settings(values)
    return values


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    name = one_line(".".join(str(part) for part in first["loc"])).replace("_", "-")
    if first["type"] == "extra_forbidden":
        return f"There is no setting '{name}'; the settings are {', '.join(TrainingSettings.model_fields)}."
    given = one_line(str(first["input"]))[:80]
    wanted = first["msg"].removeprefix("Input ").removeprefix("Value ")
    return f"{name} is '{given}', but it {wanted[:1].lower()}{wanted[1:]}."
