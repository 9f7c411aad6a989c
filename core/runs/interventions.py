"""What was changed while a run was trained, in the order of its steps, so that it can go the same way again."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast, get_args

from ...data.cleaning import one_line
from ..errors import RunError, SettingsError
from ..events import ChangeKind
from .files import write_atomically

INTERVENTIONS = "interventions.jsonl"

_LIMITS: dict[str, tuple[float, float]] = {
    "rate": (0.001, 1000.0),
    "dropout": (0.0, 10.0),
    "epochs": (1, 1_000_000),
    "patience": (0, 1_000_000),
    "cores": (1, 1024),
}
_WHOLE = ("epochs", "patience", "cores")


@dataclass(frozen=True)
class Intervention:
    """One change, made between two steps."""

    step: int
    """The step it followed."""
    epoch: int
    """The epoch it was made in: the last step of one may also stand before the next."""
    kind: ChangeKind
    value: float = 0.0
    """``rate`` and ``dropout``: times what it was; ``epochs``: in all; ``patience``: epochs, 0 for no end by it;
    ``cores``: how many; ``planned``: steps in all."""
    rollbacks: int = 0
    """How often the training had been taken back to an earlier step before."""

    @property
    def place(self) -> tuple[int, int, int]:
        """What orders the moments of a training."""
        return self.rollbacks, self.step, self.epoch


def check_intervention(kind: ChangeKind, value: float) -> None:
    """Raise SettingsError, in one sentence, when a change makes no sense."""
    least, most = _LIMITS.get(kind, (-math.inf, math.inf))
    if not least <= value <= most or (kind in _WHOLE and value != int(value)):
        whole = "a whole number " if kind in _WHOLE else ""
        raise SettingsError(f"{kind} must be {whole}between {least:g} and {most:g}, but is {value:g}.")


def read_interventions(folder: Path) -> tuple[Intervention, ...]:
    """Return what was changed, by step; raises RunError when it cannot be read or a newer JokeGen wrote it."""
    try:
        lines = (folder / INTERVENTIONS).read_text(encoding="utf-8").splitlines()
        found = [_intervention(json.loads(line)) for line in lines]
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        name = one_line(folder.name)
        raise RunError(
            f"The {INTERVENTIONS} of the run '{name}' is damaged or newer than this JokeGen; restore it from a copy."
        ) from error
    return tuple(sorted(found, key=lambda change: change.place))  # stable: of one place, in their order


def write_interventions(folder: Path, changes: Iterable[Intervention]) -> None:
    """Replace what was changed."""
    write_atomically(folder / INTERVENTIONS, "".join(json.dumps(asdict(change)) + "\n" for change in changes))


def note_intervention(folder: Path, change: Intervention) -> None:
    """Add a change behind those of its step; raises RunError when the disk does not take it."""
    write_interventions(folder, (*read_interventions(folder), change))


def _intervention(values: Any) -> Intervention:
    if values["kind"] not in get_args(ChangeKind):
        raise ValueError(values["kind"])
    step, epoch, value = int(values["step"]), int(values["epoch"]), float(values["value"])
    if step < 0 or epoch < 1 or not math.isfinite(value):
        raise ValueError(values)
    return Intervention(step, epoch, cast("ChangeKind", values["kind"]), value, int(values.get("rollbacks", 0)))
