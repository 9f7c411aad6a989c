"""What ``run.json`` says about a run, and a run as one line of a list."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from ...data.cleaning import one_line, printable_values
from ...data.interpretation import Reading
from ..errors import RunError
from ..events import Figures, Remembered, Transfer
from ..settings import TrainingSettings
from .notes import adapter_of

_Record = TypeVar("_Record")

FORMAT = 1
"""Version of the run folder; a larger one was written by a newer JokeGen."""

INFO = "run.json"


class RunInfo(BaseModel):
    """What ``run.json`` says about a run."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="null")

    format: int = FORMAT
    created: str
    status: str = "new"
    source: str
    corpus: str
    fingerprint: str
    settings: TrainingSettings
    recipe: dict[str, Any]
    model: dict[str, Any] | None
    """The network's configuration; None for an n-gram run."""
    reading: dict[str, Any] | None = None
    """How the texts were read; None for runs that are older than that."""
    tokenizer: str
    vocabulary: int
    parameters: int
    train_tokens: int
    characters_per_token: float
    words_per_token: float
    device: str
    precision: str
    threads: int
    versions: dict[str, str] = {}
    ngram_loss: float | None = None
    epochs: int = 0
    planned_epochs: int | None = None
    """How many there will be, where that was changed after the start."""
    seconds: float = 0.0
    best_epoch: int | None = None
    best_loss: float | None = None
    mixture_weight: float | None = None
    """The network's share when it is mixed with the n-gram model, chosen on the validation split."""
    transfer: dict[str, Any] | None = None
    """The run whose weights it started from, and what became of them."""
    remembered: dict[str, Any] | None = None
    """What its best epoch has learned by heart; None for runs that are older than that."""
    valid: dict[str, Any] | None = None
    test: dict[str, Any] | None = None
    tags: tuple[str, ...] = ()
    note: str = ""

    @property
    def how_read(self) -> Reading | None:
        """The reading of the run's texts, which other files are read by first."""
        if self.reading is None:
            asked = self.settings.reading
            known = asked.columns or asked.layout or asked.where
            return Reading(order=asked.columns, layout=asked.layout or "records", where=asked.where) if known else None
        try:
            return Reading.from_dict(self.reading)
        except (ValueError, KeyError, TypeError, AttributeError):  # edited by hand
            return None

    @property
    def keeps_spacing(self) -> bool:
        """Whether its texts have their indentation and runs of blanks."""
        reading = self.how_read
        return reading is not None and reading.keeps_spacing

    @property
    def total_epochs(self) -> int | None:
        """How many epochs the training has when it is done; None where the recipe is damaged."""
        planned = self.recipe.get("epochs") if self.planned_epochs is None else self.planned_epochs
        return planned if isinstance(planned, int) else None

    def figures(self, split: Literal["valid", "test"]) -> Figures | None:
        """Return the figures measured at the end of the training, if it reached it."""
        return _as(Figures, self.valid if split == "valid" else self.test)

    @property
    def started_from(self) -> Transfer | None:
        """The run whose weights it started from, if it did."""
        return _as(Transfer, self.transfer)

    @property
    def by_heart(self) -> Remembered | None:
        """What its best epoch has learned by heart, if the training reached its end."""
        return _as(Remembered, self.remembered)


def _as(kind: type[_Record], values: dict[str, Any] | None) -> _Record | None:
    if values is None:
        return None
    try:
        return adapter_of(kind).validate_python(values)
    except ValidationError:  # edited by hand, or by a JokeGen that measures something else
        return None


@dataclass(frozen=True)
class RunSummary:
    """One line of the list of runs; a damaged run has a ``problem`` and empty figures."""

    name: str
    created: str = ""
    status: str = "damaged"
    corpus: str = ""
    preset: str = ""
    epochs: int = 0
    best_epoch: int | None = None
    valid_loss: float | None = None
    valid_perplexity: float | None = None
    test_perplexity: float | None = None
    tokenizer: str = ""
    parameters: int = 0
    size_bytes: int = 0
    resumable: bool = False
    problem: str | None = None


def read_info(folder: Path, name: str) -> RunInfo:
    """Read the ``run.json`` of a folder; raises RunError, under ``name``, when it is missing, damaged or newer."""
    values = read_values(folder, name)
    try:
        return RunInfo.model_validate(printable_values(values))
    except (ValueError, RecursionError) as error:
        raise RunError(_damaged(name)) from error


def read_values(folder: Path, name: str) -> dict[str, Any]:
    """Read all that stands in the ``run.json`` of a folder, known or not; raises as :func:`read_info` does."""
    shown = one_line(name)
    try:
        values: object = json.loads((folder / INFO).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RunError(f"The run '{shown}' has no {INFO}; restore that file from a copy, or delete the run.") from error
    except OSError as error:
        raise RunError(f"The run '{shown}' cannot be read; check the permissions of its folder.") from error
    except (ValueError, RecursionError) as error:
        raise RunError(_damaged(name)) from error
    if not isinstance(values, dict):
        raise RunError(_damaged(name))
    known = cast("dict[str, Any]", values)
    version = known.get("format", 0)
    if isinstance(version, int) and version > FORMAT:
        raise RunError(f"The run '{shown}' was made by a newer JokeGen; update JokeGen to open it.")
    return known


def _damaged(name: str) -> str:
    return f"The {INFO} of the run '{one_line(name)}' is damaged; restore it from a copy, or delete the run."


def now() -> str:
    """Return the time as ``run.json`` notes it (ISO 8601, UTC)."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
