"""How a new run begins: from texts alone, or just as another run did."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, replace

from ...data.advance import Result, Work
from ...data.corpus import Corpus
from ...data.sealed_corpus import write_corpus
from ..events import Event, Noticed, Preparing
from ..recipes import Recipe
from ..runs.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from ..runs.contents import load_corpus, load_tokenizer
from ..runs.files import write_atomically, written_whole
from ..runs.folder import CORPUS, START, TOKENIZER, Run
from ..runs.info import RunInfo, now
from ..runs.interventions import Intervention, read_interventions, write_interventions
from ..settings import TrainingSettings
from .device import Machine
from .estimation import fitted_to_time
from .preparation import first_info, machine_for, preparing, reading_source
from .resuming import recipe_of

_SECONDS_BETWEEN_WORDS = 0.5
_OF_TIME = ("planned", "time")


@dataclass(frozen=True, eq=False)
class Beginning:
    """All that a new run's folder holds before the first step."""

    corpus: Corpus
    recipe: Recipe
    info: RunInfo
    machine: Machine | None = None
    """Where it is trained; None: where ``info`` says."""
    start: Checkpoint | None = None
    """The weights to start from, where they are not drawn."""
    changes: tuple[Intervention, ...] = ()
    """What is to be changed on the way."""

    def fill(self, run: Run) -> None:
        """Write it into the folder of ``run``."""
        write_atomically(run.path / TOKENIZER, self.corpus.tokenizer.to_json())
        with written_whole(run.path / CORPUS) as file:
            write_corpus(self.corpus, file)
        if self.start is not None:
            save_checkpoint(run.path / START, self.start.arrays, self.start.values)
        if self.changes:
            write_interventions(run.path, self.changes)
        run.write_info(self.info)


def told(work: Work[Result]) -> Generator[Event, None, Result]:
    """Do the work, telling now and then how far it has come."""
    told_at = 0.0
    while True:
        try:
            progress = next(work)
        except StopIteration as end:
            return end.value
        if time.monotonic() - told_at >= _SECONDS_BETWEEN_WORDS:
            told_at = time.monotonic()
            yield Preparing(progress.sentence)


def begin_with_texts(sources: tuple[str, ...], settings: TrainingSettings) -> Generator[Event, None, Beginning]:
    """Read ``sources`` and prepare a training on them; raises CorpusError or EngineError in one sentence."""
    yield Preparing("reading the texts")
    texts = yield from told(reading_source(sources[0] if len(sources) == 1 else sources, settings))
    for notice in texts.notices:
        yield Noticed(notice)
    yield Preparing("turning texts into tokens")
    prepared = yield from told(preparing(texts, settings))
    for notice in prepared.notices:
        yield Noticed(notice)
    corpus = prepared.corpus
    machine, notices = machine_for(corpus, prepared.recipe, settings)
    for notice in notices:
        yield Noticed(notice)
    recipe = fitted_to_time(corpus, prepared.recipe, machine, settings)
    info = first_info(" ".join(sources), settings, texts.reading, corpus, recipe, machine)
    return Beginning(corpus, recipe, info, machine)


def begin_again(run: Run, *, rolls_back: bool = False) -> Generator[Event, None, Beginning]:
    """Prepare what ``run`` began with, its texts, settings and seed, and all that was changed on its way.

    With ``rolls_back`` it is taken back to a good state where ``run`` ran away.

    Raises:
        RunError: something of the run is missing or damaged.
    """
    yield Preparing(f"opening the run {run.name}")
    info = run.info
    corpus = load_corpus(run, load_tokenizer(run))
    changes = read_interventions(run.path)
    settings = info.settings
    if settings.max_seconds is not None and any(change.kind in _OF_TIME for change in changes):
        # What the time allowed was noted by steps, and another machine has another speed.
        settings = replace(settings, max_seconds=None)
    if rolls_back:
        settings = replace(settings, on_divergence="rollback")
    if changes:
        many = "one change" if len(changes) == 1 else f"{len(changes)} changes"
        yield Noticed(f"{run.name} was changed while it was trained: the {many} will be made again at the same steps.")
    start = load_checkpoint(run.path / START) if (run.path / START).exists() else None
    untrained = RunInfo(**{name: getattr(info, name) for name in _KEPT}, created=now(), settings=settings)
    return Beginning(corpus, recipe_of(run), untrained, start=start, changes=changes)


_KEPT = (
    "source",
    "corpus",
    "fingerprint",
    "recipe",
    "model",
    "reading",
    "tokenizer",
    "vocabulary",
    "parameters",
    "train_tokens",
    "characters_per_token",
    "words_per_token",
    "device",
    "precision",
    "threads",
    "versions",
    "transfer",
)
"""What ``run.json`` says before the first step."""
