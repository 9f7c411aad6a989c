"""A sweep's plan on the disk: which settings it tries with which seeds, and how the poorer ones are left behind.

What has come of it is in its runs, which are runs like any other: so a sweep that was killed anywhere goes on.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

from ...data.cleaning import one_line
from ..errors import RunError, SettingsError
from ..settings import TrainingSettings, make_settings
from .files import write_atomically
from .names import checked_name

_MOST_RUNS = 500
_MOST_HALVINGS = 2
"""Twice, so that none is judged by less than a quarter of its training."""
_NOT_TO_COMPARE = ("tokenizer", "column", "texts", "where", "exclude", "correct", "keep_spacing", "letters_only")
_NOT_TO_SWEEP = {"seed": "say how many with --seeds", "max_seconds": "say how long all of them may take with --time"}
_PREDICTS_OTHERWISE = ("tutorial", "ngram")


@dataclass(frozen=True)
class SweepPlan:
    """What a sweep does; it never changes once it is written down."""

    name: str
    sources: tuple[str, ...]
    settings: TrainingSettings
    """What all its runs have in common."""
    grid: Mapping[str, tuple[Any, ...]]
    """Settings and the values of each that are tried, every one with every other."""
    seeds: int
    epochs: tuple[int, ...] = ()
    """Epochs of each combination where time is limited; else those of the recipe."""

    @property
    def combinations(self) -> list[dict[str, Any]]:
        """Every combination of values, in the order in which they were named."""
        return [dict(zip(self.grid, values, strict=True)) for values in product(*self.grid.values())]

    @property
    def tag(self) -> str:
        """What its runs are tagged with."""
        return f"sweep {self.name}"[:40].rstrip()

    @property
    def shares(self) -> tuple[float, ...]:
        """How much of its training each combination that is left has done after each round."""
        halvings = min(_MOST_HALVINGS, math.ceil(math.log2(len(self.combinations))))
        return tuple(0.5**left for left in range(halvings, -1, -1))

    def run(self, combination: int, seed: int) -> str:
        """Return the name of a run."""
        return f"{self.name}-{combination + 1}" + (f"-{seed + 1}" if self.seeds > 1 else "")

    @property
    def runs(self) -> list[str]:
        """The names of all runs."""
        return [self.run(place, seed) for place in range(len(self.combinations)) for seed in range(self.seeds)]

    def settings_of(self, combination: int, seed: int) -> TrainingSettings:
        """Return the settings of a run."""
        values = {**self.settings.to_dict(), **self.combinations[combination]}
        values["seed"] = self.settings.seed + seed
        if self.epochs:
            values["max_epochs"] = self.epochs[combination]
        return make_settings(values)


def make_plan(
    name: str, sources: Sequence[str], settings: TrainingSettings, grid: Mapping[str, Sequence[str]], seeds: int
) -> SweepPlan:
    """Return the plan that was asked for, the values of ``grid`` as text.

    Raises:
        SettingsError, RunError: one plain sentence about what makes no sense.
    """
    if not grid:
        raise SettingsError("A sweep needs something to try; say for example --set dropout=0.4,0.6.")
    found = {setting: tuple(_checked(setting, values)) for setting, values in grid.items()}
    plan = SweepPlan(checked_name(name), tuple(sources), settings, found, seeds)
    if len(plan.runs) > _MOST_RUNS:
        raise SettingsError(f"These are {len(plan.runs)} runs, more than {_MOST_RUNS}; try fewer values or seeds.")
    for run in plan.runs[-1:]:
        checked_name(run)
    for place in range(len(plan.combinations)):
        plan.settings_of(place, 0)
    return plan


def free_name(folder: Path) -> str:
    """Return a name that no sweep of the folder has."""
    taken = _taken(folder)
    return next(f"sweep {number}" for number in range(1, len(taken) + 2) if f"sweep {number}" not in taken)


def check_is_new(folder: Path, name: str) -> None:
    """Raise RunError where there is a sweep of that name already."""
    if name in _taken(folder):
        raise RunError(f"There is already a sweep named '{name}'; go on with it (--resume) or choose another name.")


def _taken(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*.json")} if folder.is_dir() else set()


def can_be_swept(setting: str) -> bool:
    """Whether several values of a setting can be tried against each other."""
    return setting not in (*_NOT_TO_SWEEP, *_NOT_TO_COMPARE)


def better_half(scores: Mapping[int, float]) -> tuple[int, ...]:
    """Return the better half of combinations by their scores, lower being better, in their own order."""
    best = sorted(scores, key=lambda place: (scores[place], place))[: math.ceil(len(scores) / 2)]
    return tuple(sorted(best))


def words_of(combination: Mapping[str, Any]) -> str:
    """Return a combination as a person would type it: ``dropout=0.4 hidden=128``."""
    return " ".join(f"{name.replace('_', '-')}={value}" for name, value in combination.items())


def write_plan(folder: Path, plan: SweepPlan) -> None:
    """Write a plan down."""
    values = {**asdict(plan), "settings": plan.settings.to_dict()}
    write_atomically(folder / f"{plan.name}.json", json.dumps(values, indent=2) + "\n")


def read_plan(folder: Path, name: str) -> SweepPlan:
    """Read a plan; raises RunError when there is none of that name, or it is damaged."""
    shown = one_line(name)
    try:
        values = json.loads((folder / f"{checked_name(name)}.json").read_text(encoding="utf-8"))
        grid = {str(setting): tuple(tried) for setting, tried in values["grid"].items()}
        settings = make_settings(values["settings"])
        plan = SweepPlan(
            checked_name(values["name"]), tuple(values["sources"]), settings, grid, int(values["seeds"]),
            tuple(int(count) for count in values["epochs"]),
        )  # fmt: skip
        fits = plan.epochs in ((), plan.epochs[: len(plan.combinations)]) and plan.seeds >= 1 and bool(plan.grid)
    except FileNotFoundError as error:
        raise RunError(f"There is no sweep named '{shown}' to go on with; start one with --set.") from error
    except OSError as error:
        raise RunError(f"The plan of the sweep '{shown}' cannot be read; check its permissions.") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RunError(f"The plan of the sweep '{shown}' is damaged; start it again under another name.") from error
    if not fits:
        raise RunError(f"The plan of the sweep '{shown}' is damaged; start it again under another name.")
    return plan


def _checked(setting: str, values: Sequence[str]) -> Iterator[Any]:
    """Yield the values of a setting as what they mean; raises SettingsError."""
    flag = one_line(setting).replace("_", "-")
    if setting in _NOT_TO_SWEEP:
        raise SettingsError(f"{flag} cannot be swept; {_NOT_TO_SWEEP[setting]}.")
    if setting in _NOT_TO_COMPARE:
        raise SettingsError(f"{flag} changes what is predicted, so the figures could not be compared; leave it out.")
    seen: list[Any] = []
    for value in values:
        found = getattr(make_settings({setting: value.strip()}), setting)
        if setting == "preset" and found in _PREDICTS_OTHERWISE:
            raise SettingsError(f"The preset {found} predicts otherwise than the others; sweep over the others.")
        if found in seen:
            raise SettingsError(f"{flag} has {value.strip()} twice; name each value once.")
        seen.append(found)
        yield found
