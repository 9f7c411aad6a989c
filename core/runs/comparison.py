"""Runs side by side: their figures, the settings in which they differ, and how much the seed alone changes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any, cast

from ...data.cleaning import one_line
from ..errors import RunError
from ..events import SampleMade
from .folder import METRICS, SAMPLES, Run
from .info import INFO, RunInfo, RunSummary
from .labels import is_pinned
from .status import State, meaning

if TYPE_CHECKING:
    import pandas as pd

MEASURED = ("valid_perplexity", "test_perplexity", "times_ngram", "newness", "copied", "seconds")
"""The figures that differ from seed to seed."""
_SEED = "seed"
_SAID_ELSEWHERE = {
    "seed",
    "max_epochs",
    "preset",
    "tokenizer",
    "device",
    "precision",
    "cell",
    "patience",
    "hidden",
    "dropout",
    "cores",
}
"""Settings that a recipe or the run itself says as they turned out; an old recipe that lacks one leaves it blank."""
_OTHER_NAMES = {"texts": "texts are"}
_OF_THE_NETWORK = {"hidden", "dropout"}
"""What of a recipe the network says."""
_NOT_CHOSEN = {"vocabulary_size"}
"""What of a network follows from the texts."""
_LATEST_SAMPLES = 5
_MAY_GO_ON = ("training", "interrupted")


@dataclass(frozen=True)
class RunRecord:
    """One run as a row of a table; what it lacks is None or empty. A damaged run has a ``problem``."""

    name: str
    created: str = ""
    state: State = "failed"
    corpus: str = ""
    preset: str = ""
    parameters: int | None = None
    epochs: int | None = None
    best_epoch: int | None = None
    seconds: float | None = None
    """Training time."""
    valid_perplexity: float | None = None
    """Of the best epoch; as ``evaluate`` measures it where the training reached its end."""
    test_perplexity: float | None = None
    times_ngram: float | None = None
    """Validation perplexity as a multiple of the n-gram model's: less than 1 is better than counting."""
    newness: float | None = None
    """Share of the words of its latest samples that are not part of the longest stretch copied from a text, 0–1."""
    copied: float | None = None
    """Share of the stretches of five words in what its best epoch says that stand in the training texts, 0–1."""
    held_out: float | None = None
    """The same of its validation texts."""
    tags: tuple[str, ...] = ()
    note: str = ""
    size_bytes: int = 0
    resumable: bool = False
    problem: str | None = None
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    """Everything that was chosen or followed from a choice, by name, the seed included; None is "not set"."""

    @property
    def pinned(self) -> bool:
        """Whether it stands above all others in a list."""
        return is_pinned(self.tags)

    @property
    def texts(self) -> str:
        """Everything that a filter looks into, in small letters."""
        chosen = (f"{name.replace(' ', '_')}={shown(value)}" for name, value in self.settings.items())
        parts = (self.name, self.corpus, self.preset, self.state, *self.tags, self.note, *chosen)
        return "\n".join(parts).casefold()


@dataclass(frozen=True)
class Repeated:
    """Runs that differ in their seed and in nothing else, and their figures as mean and spread."""

    runs: tuple[str, ...]
    figures: Mapping[str, tuple[float, float]]
    """Mean and sample standard deviation by the names in ``MEASURED``, where every run has the figure."""


class Records:
    """Runs as rows of a table, of which only those are read again that have changed."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self._known: dict[str, tuple[object, RunRecord]] = {}

    def of(self, runs: Iterable[Run]) -> list[RunRecord]:
        """Return a record for each run, in the same order."""
        found: dict[str, tuple[object, RunRecord]] = {}
        for run in runs:
            stamp, known = _stamp(run), self._known.get(str(run.path))
            if known is None or stamp is None or known[0] != stamp:
                known = stamp, record(run)
            # Whether a training goes on stands in no file.
            found[str(run.path)] = known if known[1].state not in _MAY_GO_ON else (None, known[1])
        self._known = found
        return [one for _, one in found.values()]


def _stamp(run: Run) -> object:
    """Return what changes when something of a run is written; None where it cannot be told."""
    try:
        files = [run.path, *(path for file in (INFO, METRICS, SAMPLES) if (path := run.path / file).exists())]
        return [(found.st_mtime_ns, found.st_size) for found in map(Path.stat, files)]
    except OSError:
        return None


def record(run: Run) -> RunRecord:
    """Read a run as a row of a table; never raises for a damaged run."""
    summary = run.summary()
    try:
        info = run.info
        samples = run.samples()
    except RunError as error:
        return RunRecord(summary.name, size_bytes=summary.size_bytes, problem=summary.problem or str(error))
    return _record(summary, info, samples)


def _record(summary: RunSummary, info: RunInfo, samples: Sequence[SampleMade]) -> RunRecord:
    valid = info.figures("valid")
    heart = info.by_heart
    perplexity, counted = summary.valid_perplexity, _perplexity(info.ngram_loss)
    if valid is not None:
        perplexity, counted = valid.perplexity, valid.ngram_perplexity or counted
    return RunRecord(
        name=summary.name,
        created=info.created,
        state="training" if summary.status == "training" else meaning(summary.status).state,
        corpus=summary.corpus,
        preset=summary.preset,
        parameters=info.parameters,
        epochs=info.epochs,
        best_epoch=info.best_epoch,
        seconds=info.seconds,
        valid_perplexity=perplexity,
        test_perplexity=summary.test_perplexity,
        times_ngram=None if perplexity is None or not counted or info.model is None else perplexity / counted,
        newness=_newness([sample for sample in samples if sample.epoch <= (info.best_epoch or sample.epoch)]),
        copied=heart.copied if heart else None,
        held_out=heart.held_out if heart else None,
        tags=tuple(one_line(label) for label in info.tags),
        note=one_line(info.note),
        size_bytes=summary.size_bytes,
        resumable=summary.resumable,
        problem=summary.problem,
        settings=_settings(info),
    )


def _settings(info: RunInfo) -> dict[str, object]:
    network = {name: value for name, value in (info.model or {}).items() if name not in _NOT_CHOSEN}
    recipe = {name: value for name, value in info.recipe.items() if name not in _OF_THE_NETWORK}
    asked = {name: value for name, value in info.settings.to_dict().items() if name not in {*info.recipe, *network}}
    found: dict[str, object] = {
        "corpus": info.corpus,
        "texts": info.fingerprint[:12],
        **recipe,
        **network,
        **{_OTHER_NAMES.get(name, name): value for name, value in asked.items() if name not in _SAID_ELSEWHERE},
        "device": info.device,
        "precision": info.precision,
        _SEED: info.settings.seed,
    }
    return {one_line(name).replace("_", " "): _plain(value) for name, value in found.items()}


def _plain(value: object) -> object:
    """A value as one that compares and prints the same whether it comes from JSON or from a setting."""
    if isinstance(value, list | tuple):
        return ", ".join(str(_plain(inner)) for inner in cast("Iterable[object]", value)) or None
    return one_line(value) if isinstance(value, str) else value


def _perplexity(loss: float | None) -> float | None:
    return None if loss is None or not math.isfinite(loss) else math.exp(min(loss, 700.0))


def _newness(samples: Sequence[SampleMade]) -> float | None:
    shares = [1 - sample.copied / sample.words for sample in samples[-_LATEST_SAMPLES:] if sample.words > 0]
    return max(0.0, fmean(shares)) if shares else None


def shown(value: object) -> str:
    """How a setting reads; a real number without its last digits."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def differences(records: Sequence[RunRecord]) -> dict[str, tuple[object, ...]]:
    """Return the settings in which runs differ: for each its value in every run, ``""`` where a run has none."""
    names = dict.fromkeys(name for one in records for name in one.settings)
    table = {name: tuple(one.settings.get(name, "") for one in records) for name in names}
    return {name: values for name, values in table.items() if len({shown(value) for value in values} - {""}) > 1}


def repeats(records: Iterable[RunRecord]) -> list[Repeated]:
    """Return the groups of runs that differ in nothing but their seed, with mean and spread of their figures."""
    groups: dict[tuple[tuple[str, str], ...], list[RunRecord]] = {}
    for one in records:
        if one.problem is None or one.settings:
            key = tuple(sorted((name, shown(value)) for name, value in one.settings.items() if name != _SEED))
            groups.setdefault(key, []).append(one)
    return [
        Repeated(tuple(one.name for one in group), _spread(group))
        for group in groups.values()
        if len({one.settings.get(_SEED) for one in group}) > 1
    ]


def _spread(group: Sequence[RunRecord]) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    for name in MEASURED:
        values = [value for one in group if (value := getattr(one, name)) is not None]
        if len(values) == len(group):
            found[name] = (fmean(values), stdev(values))
    return found


def table(records: Sequence[RunRecord]) -> pd.DataFrame:
    """Return runs as a table with a row a run: its figures, and the settings in which the runs differ."""
    import pandas as pd

    rows: list[dict[str, Any]] = [
        {"run": one.name, **{name: getattr(one, name) for name in _COLUMNS}, "tags": ", ".join(one.tags)}
        for one in records
    ]
    for name, values in differences(records).items():
        for row, value in zip(rows, values, strict=True):
            # A setting may be called like a figure.
            row[name if name not in row else f"{name} (setting)"] = value
    return pd.DataFrame(rows).set_index("run")


_COLUMNS = (
    "corpus", "preset", "parameters", "seconds", "epochs", "best_epoch", "valid_perplexity", "test_perplexity",
    "times_ngram", "newness", "copied", "held_out", "state", "tags", "note", "created",
)  # fmt: skip
