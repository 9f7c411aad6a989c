"""The fields of the dialog for a new run, made of the settings: their order, values, and what stands for none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from ...core.described import Choice, choices_of
from ...core.durations import seconds_of
from ...core.errors import SettingsError
from ...core.home import corpora_folder
from ...core.runs.sweeps import can_be_swept
from ...core.settings import TrainingSettings
from ...data.catalogue import CORPORA, is_present
from ...data.faults import CorpusError
from ...data.interpretation import Reading, layout_words
from ...data.sources.confinement import placed
from ..numbers import count
from ..workbench import Plan

if TYPE_CHECKING:
    from ...core.training.estimation import Estimate
    from ...core.training.sweeping import Fitted
    from .texts import Amended

TIME = "max_seconds"
"""The dial for time, which stands above all other settings."""
TIMES = ("30s", "2m", "10m", "1h")
USUAL_TIME, USUAL_SWEEP = "2m", "10m"
"""How long a training takes where neither a time nor a network nor a number of epochs was asked for, and a sweep."""
NO_LIMIT = "all"
"""What is typed for all epochs of the recipe, however long they take."""
_FIRST = ("column", "texts", "where", "keep_spacing", "letters_only", "tokenizer")
"""What decides how texts are read stands above how they are learned."""
EXCLUDE, CORRECT = "exclude", "correct"
LAST = ("on_divergence", EXCLUDE, CORRECT, "hidden", "dropout", "cores")
"""What a preset chooses well stands below the name, where a small window scrolls to."""
_ANSWERS = ("yes", "no")
_LAYOUTS = ("lines", "blank", "double-blank", "whole", "file")
_SEPARATOR = ";"
"""Between the conditions of the one line that they have in a dialog."""
_NEXT_CORRECTION = re.compile(r";\s*(?=[0-9a-f]{10}=)")
"""Where another correction begins: there may be semicolons in a text."""
_MOST_COLUMNS = 20
NAME = "name"
_SEED = "seed"


def fields_of_settings() -> tuple[Choice, ...]:
    """Return every choice about a training, in the order of the dialog."""
    known = {choice.name: choice for choice in choices_of(TrainingSettings)}
    others = (choice for name, choice in known.items() if name not in (TIME, *_FIRST, *LAST))
    return (known[TIME], *(known[name] for name in _FIRST), *others, *(known[name] for name in LAST))


def values_to_step(choice: Choice) -> tuple[str, ...]:
    """Return the values that the arrow keys go through."""
    if choice.kind is bool:
        return _ANSWERS
    if choice.name == TIME:
        return (*TIMES, NO_LIMIT)
    return _LAYOUTS if choice.name == "texts" else choice.allowed


def restriction(choice: Choice) -> str | None:
    """Return what may be typed, as a pattern."""
    return None if choice.name == TIME else {int: r"[0-9_, ]*", float: r"[0-9_.eE+\-, ]*"}.get(choice.kind)


def explanation_of(choice: Choice) -> str:
    """What a field is for and which values it takes."""
    if choice.name == TIME:
        return f"How long all of it may take, as 90s, 2m or 1h. {NO_LIMIT}: as long as the epochs take."
    said = [choice.described.help]
    if choice.kind is not bool and (choice.allowed or choice.limits):
        said.append(", ".join(choice.allowed) if choice.allowed else choice.limits.capitalize())
    if choice.kind in (int, float) and can_be_swept(choice.name):
        said.append("Several, as 2,4, make a sweep.")
    if choice.name == _SEED:
        said.append("Of a sweep several: 0,1,2.")
    if choice.name == "where":
        said.append(f"Several are parted by {_SEPARATOR}")
    return " ".join(part if part.endswith(".") else f"{part}." for part in said)


def without_value(choice: Choice) -> str:
    """What stands in an empty field before anything is read."""
    if choice.name == TIME:
        return USUAL_TIME
    if choice.described.unset:
        return choice.described.unset
    return "no" if choice.default is False else str(choice.default)


def plan_of(typed: Mapping[str, str]) -> Plan:
    """Return what was typed as a plan; SettingsError in a sentence where a value makes no sense.

    Several values of a setting, parted by commas, make it a sweep.
    """
    if not typed["source"]:
        raise SettingsError("Say what to train on: 'starter' or the path of a file with texts.")
    grid, first, seeds = _tried(typed)
    values = {choice.name: _value(choice, text) for choice in fields_of_settings() if (text := first[choice.name])}
    if not typed[TIME]:
        usual = time_shown(typed)
        values[TIME] = None if usual == NO_LIMIT else seconds_of(usual)
    chosen = {name: value for name, value in values.items() if value is not None}
    return Plan(typed["source"], chosen, typed[NAME] or None, grid=grid, seeds=seeds)


def _tried(typed: Mapping[str, str]) -> tuple[dict[str, tuple[str, ...]], dict[str, str], int]:
    """Return the settings with several values, what was typed with the first of each, and how many seeds."""
    several = {
        choice.name: tuple(part.strip() for part in typed[choice.name].split(",") if part.strip())
        for choice in fields_of_settings()
        if "," in typed[choice.name] and (choice.name == _SEED or can_be_swept(choice.name))
    }
    first = {**typed, **{name: values[0] if values else "" for name, values in several.items()}}
    seeds = several.pop(_SEED, ("",))
    if seeds != ("",) and (
        not seeds[0].isdecimal() or seeds != tuple(str(int(seeds[0]) + place) for place in range(len(seeds)))
    ):
        raise SettingsError("Seeds follow each other, such as 0,1,2.")
    grid = {name: values for name, values in several.items() if len(values) > 1}
    if len(seeds) > 1 and not grid:
        raise SettingsError(
            "Several seeds are for a sweep; give a setting several values too, such as dropout 0.4,0.6."
        )
    return grid, first, len(seeds)


def _value(choice: Choice, text: str) -> Any:
    if choice.name == TIME:
        return None if text == NO_LIMIT else seconds_of(text)
    if choice.kind is bool:
        if text.lower() not in _ANSWERS:
            raise SettingsError(f"{choice.flag} must be yes or no, not '{text}'.")
        return text.lower() == "yes"
    if choice.name == "column":
        return (text,)
    if choice.name == CORRECT:
        return tuple(part.strip() for part in _NEXT_CORRECTION.split(text) if part.strip())
    if choice.many:
        return tuple(part.strip() for part in text.split(_SEPARATOR) if part.strip())
    if choice.allowed and text not in choice.allowed:
        raise SettingsError(f"{choice.flag} must be one of {', '.join(choice.allowed)}, not '{text}'.")
    try:
        return choice.kind(text)
    except ValueError as error:
        wanted = "a whole number" if choice.kind is int else "a number"
        raise SettingsError(f"{choice.flag} must be {wanted}, not '{text}'.") from error


def as_it_stands(plan: Plan) -> tuple[Plan, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the plan with all texts, and which of them it leaves out and corrects."""
    values = {name: value for name, value in plan.values.items() if name not in (EXCLUDE, CORRECT)}
    return replace(plan, values=values), (plan.values.get(EXCLUDE, ()), plan.values.get(CORRECT, ()))


def amended_fields(amended: Amended) -> dict[str, str]:
    """Return what stands in the fields where texts are left out and corrected."""
    return {name: f"{_SEPARATOR} ".join(values) for name, values in asdict(amended).items()}


def as_shown(plan: Plan, estimate: Estimate, fitted: Fitted | None) -> Plan:
    """Return the plan with what was left to be chosen as it was shown, so that nothing else starts."""
    if fitted is not None:
        return replace(plan, sweep=fitted.plan)
    return replace(plan, values={**plan.values, "preset": estimate.preset, "tokenizer": estimate.tokenizer})


def time_shown(typed: Mapping[str, str]) -> str:
    """Return the time that holds, as it would be typed: that in an empty field follows from the others."""
    if typed[TIME]:
        return typed[TIME]
    if any("," in typed[choice.name] for choice in fields_of_settings() if can_be_swept(choice.name)):
        return USUAL_SWEEP
    return NO_LIMIT if typed["preset"] or typed["max_epochs"] else USUAL_TIME


def stamp_of(source: str) -> object:
    """Return what changes when a file does; None where that cannot be told."""
    try:
        found = placed(source).stat()
    except (OSError, ValueError, RuntimeError, CorpusError):
        return None
    return found.st_mtime_ns, found.st_size


def columns_to_step(reading: Reading) -> list[str]:
    """Return the columns, and pairs of them, that may be meant: first those that hold texts."""
    names = [column.name for column in reading.columns if column.name]
    if len(names) < 2:
        return []
    rank = {"texts": 0, "words": 1}
    texts = [column.name for column in reading.columns if column.holds == "texts" and "," not in column.name]
    ordered = sorted(
        (column for column in reading.columns if column.name), key=lambda column: rank.get(column.holds, 2)
    )
    pair = [",".join(texts[:2])] if len(texts) > 1 else []
    return [*pair, *(column.name for column in ordered)][:_MOST_COLUMNS]


def layouts_to_step(reading: Reading) -> Sequence[str]:
    """Return the layouts, with the mark that was found among them."""
    return (*_LAYOUTS, reading.layout) if reading.layout.startswith("mark=") else _LAYOUTS


def shown_by_reading(reading: Reading) -> dict[str, str]:
    """Return what holds where nothing was chosen, by the names of the settings."""
    return {
        "column": " + ".join(reading.order) or "no columns",
        "texts": layout_words(reading.layout) if reading.layout == "records" else reading.layout,
        "keep_spacing": "yes, it matters here" if reading.keeps_spacing else "no",
    }


def shown_by_estimate(estimate: Estimate) -> dict[str, str]:
    """Return the numbers of the preset, and what ``auto`` stands for here."""
    recipe = estimate.recipe
    return {
        "preset": f"auto: {estimate.preset}",
        "tokenizer": f"auto: {estimate.tokenizer}",
        "max_epochs": count(recipe.epochs),
        "batch_size": count(recipe.batch_size),
        "sequence_length": count(recipe.sequence_length),
        "learning_rate": f"{recipe.learning_rate:g}",
        "patience": "never" if recipe.patience is None else count(recipe.patience),
        "cell": recipe.cell,
        "device": f"auto: {estimate.device}",
        "precision": f"auto: {estimate.precision}",
    }


def to_be_fetched(source: str) -> bool:
    """Whether the source is a corpus of the catalogue that is not on this machine yet."""
    return any(
        entry.name == source and entry.source == "download" and not is_present(entry, corpora_folder())
        for entry in CORPORA
    )
