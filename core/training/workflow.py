"""From a name or a file to a finished run: reading, preparing, training, saving, measuring."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from collections.abc import Generator as TypedGenerator
from dataclasses import asdict, dataclass, field, replace

from filelock import FileLock

from ...data.corpus import Corpus
from ...models.ngram import KneserNey
from ..errors import EngineError, SettingsError
from ..events import ChangeKind, Ended, EpochDone, Event, Noticed, Preparing
from ..recipes import Recipe
from ..runs.checkpoints import save_checkpoint
from ..runs.contents import load_corpus, load_tokenizer
from ..runs.folder import BEST, METRICS, SAMPLES, Run, epoch_line
from ..runs.interventions import check_intervention
from ..runs.store import RunStore
from ..settings import TrainingSettings
from ..speaking.counting import count_ngrams, counted_tokens, known_texts, measured_part
from ..speaking.evaluation import figures
from ..speaking.generation import Generator
from ..speaking.memorization import CopyDetector
from ..speaking.predictors import NGramPredictor
from .assembling import assembled
from .beginning import Beginning, begin_again, begin_with_texts
from .budget import Stopwatch
from .device import Machine
from .estimation import seconds_to_measure, time_budget
from .helping import hand_out_training
from .listening import make_sample, speaking_copy
from .preparation import make_trainer
from .recorder import Recorder, started
from .resuming import (
    begin,
    check_it_can_go_on,
    lift_time_limit,
    machine_of,
    network_of,
    processes_of,
    recipe_of,
    restore,
)
from .speeds import correct_speed
from .trainer import Trainer
from .transfer import begin_from_run


@dataclass(frozen=True)
class TrainingRequest:
    """What to train and where it goes."""

    source: str | tuple[str, ...] = "starter"
    """A corpus' name, a path, a folder, a pattern or ``-``; or several."""
    settings: TrainingSettings = field(default_factory=TrainingSettings)
    name: str | None = None
    overwrite: bool = False
    resume: str | None = None
    """The name of a run to continue; source and settings are then the run's own, but for a device or a precision that
    ``settings`` names."""
    epochs: int | None = None
    """How many epochs the run to continue is to have in all, if not as many as it was to have."""
    again: str | None = None
    """The name of a run to repeat as a new one: its texts, its settings, and what was changed on its way; of
    ``settings`` only ``on_divergence`` counts."""
    start_from: str | None = None
    """The name of a run whose weights a new one starts from."""
    began: float | None = None
    """The moment of ``time.monotonic()`` from which a time limit counts; None: when the first event is asked for."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The source, or all of them."""
        return (self.source,) if isinstance(self.source, str) else self.source


def train(
    request: TrainingRequest, store: RunStore, should_stop: Callable[[], bool] = lambda: False
) -> Iterator[Event]:
    """Train and report; see :class:`TrainingJob`."""
    return TrainingJob(request, store, should_stop).events()


class TrainingJob:
    """One training from the first byte read to the last figure.

    Iterate :meth:`events` to run it. When ``should_stop`` says so the training saves and ends; closing the iterator
    saves and leaves at once. Between two events :meth:`live_generator` copies the model as it is.
    """

    def __init__(self, request: TrainingRequest, store: RunStore, should_stop: Callable[[], bool]) -> None:
        """Name the work; nothing is read yet."""
        self._request = request
        self._store = store
        self._should_stop = should_stop
        self._generator_parts: tuple[Trainer, CopyDetector, NGramPredictor | None, bool] | None = None
        self._finished: Generator | None = None
        self._watch = Stopwatch()

    def events(self) -> Iterator[Event]:
        """Read, prepare, train, save and measure.

        Raises:
            EngineError, CorpusError: one plain sentence; what was saved before stays.
        """
        self._watch = Stopwatch(self._request.began)
        yield from self._watch.through(self._events())

    def _events(self) -> TypedGenerator[Event, None, None]:
        if self._request.resume is not None:
            run = self._store.open(self._request.resume)
            lock = run.lock()
            try:
                check_it_can_go_on(run, self._request.epochs)
                run.remove_leftovers()
                yield Preparing(f"opening the run {run.name}")
                if self._request.epochs is not None and (notice := lift_time_limit(run)):
                    yield Noticed(notice)
                tokenizer = load_tokenizer(run)
                corpus = load_corpus(run, tokenizer)
                machine = yield from self._machine(run)
                yield from self._run(run, corpus, recipe_of(run), run.info.settings, machine, resumed=True)
            finally:
                lock.release()
            return
        if self._request.settings.preset == "ngram" and (self._request.settings.processes or 1) > 1:
            raise SettingsError("N-grams are counted by one process; choose another preset, or leave --processes out.")
        if self._request.name is not None:
            self._store.check_free(self._request.name, overwrite=self._request.overwrite)
        beginning = yield from self._begin()
        run = self._store.create(self._request.name, overwrite=self._request.overwrite, fill=beginning.fill)
        lock: FileLock = run.lock()
        try:
            machine = beginning.machine or (yield from self._machine(run))
            yield from self._run(
                run, beginning.corpus, beginning.recipe, beginning.info.settings, machine, resumed=False
            )
        finally:
            lock.release()

    def _begin(self) -> TypedGenerator[Event, None, Beginning]:
        request = self._request
        if request.again is not None:
            return (
                yield from begin_again(
                    self._store.open(request.again), rolls_back=request.settings.on_divergence == "rollback"
                )
            )
        if request.start_from is not None:
            return (yield from begin_from_run(self._store.open(request.start_from), request.sources, request.settings))
        return (yield from begin_with_texts(request.sources, request.settings))

    def _machine(self, run: Run) -> TypedGenerator[Event, None, Machine]:
        machine, notice = machine_of(run.info, self._request.settings)
        if notice is not None:
            yield Noticed(notice)
            settings = replace(run.info.settings, processes=processes_of(run.info, self._request.settings))
            run.update_info(
                device=machine.device, precision=machine.precision, threads=machine.threads, settings=settings
            )
        return machine

    @property
    def total_steps(self) -> int | None:
        """Steps of the whole schedule, as far as it is planned."""
        return None if self._generator_parts is None else self._generator_parts[0].progress.total_steps

    def change(self, kind: ChangeKind, value: float = 0.0) -> None:
        """Change the training before its next step; may be called from any thread.

        Raises:
            EngineError: there is nothing to change yet.
            SettingsError: the change makes no sense.
        """
        check_intervention(kind, value)
        if self._generator_parts is None:
            raise EngineError("There is no training to change yet; wait for its first step.")
        self._generator_parts[0].wishes.ask(kind, value)

    def live_generator(self) -> Generator:
        """Return a generator with a copy of the weights as they are; call it between two events.

        Raises:
            EngineError: there is no model yet.
        """
        if self._finished is not None:
            return self._finished
        if self._generator_parts is None:
            raise EngineError("The model is not ready yet; its training is still being prepared.")
        trainer, copies, baseline, keeps_spacing = self._generator_parts
        progress = trainer.progress
        last = progress.course.epochs or trainer.recipe.epochs
        label = f"live · epoch {min(progress.epoch, last)}"
        return speaking_copy(trainer, copies, label, baseline, keeps_spacing=keeps_spacing)

    def _run(
        self,
        run: Run,
        corpus: Corpus,
        recipe: Recipe,
        settings: TrainingSettings,
        machine: Machine,
        *,
        resumed: bool,
    ) -> Iterator[Event]:
        ngram: KneserNey | None = None
        if corpus.valid is not None or recipe.preset == "ngram":
            yield Preparing("counting n-grams for comparison")
            ngram = count_ngrams(corpus, recipe.ngram_order)
        if recipe.preset == "ngram" and ngram is not None:
            yield from self._count_only(run, corpus, ngram, machine)
            return
        config = network_of(run, corpus, recipe)
        processes = run.info.settings.processes or 1
        if processes > 1:
            yield Preparing(f"bringing {processes} processes together")
        with assembled(processes, machine.device) as team:
            budget = time_budget(corpus, recipe, machine, settings, self._watch)
            trainer = make_trainer(
                corpus, recipe, machine, settings, self._should_stop, config=config, team=team, budget=budget
            )
            begin(run, trainer)
            if budget is not None:
                budget.reserve = seconds_to_measure(trainer)
            if resumed:
                notice = restore(run, trainer)
                if notice is not None:
                    yield Noticed(notice)
                if self._request.epochs is not None:
                    trainer.wishes.ask("epochs", self._request.epochs)
                if budget is not None:
                    budget.earlier = trainer.progress.seconds
            copies = CopyDetector(known_texts(corpus.train), corpus.tokenizer)
            baseline = None if ngram is None else NGramPredictor(ngram, corpus.tokenizer.end_id)
            self._generator_parts = (trainer, copies, baseline, run.info.keeps_spacing)
            hand_out_training(team, run, trainer)
            yield from Recorder(run, trainer, copies, baseline).events()
            if budget is not None and budget.seconds_a_step is not None:
                correct_speed(corpus, recipe, machine, budget.seconds_a_step * trainer.steps_per_epoch)

    def _count_only(self, run: Run, corpus: Corpus, ngram: KneserNey, machine: Machine) -> Iterator[Event]:
        began = time.perf_counter()
        predictor = NGramPredictor(ngram, corpus.tokenizer.end_id)
        measured = (measured_part(corpus.train)[0], corpus.valid, corpus.test)
        found = {split.name: figures(split, predictor.log_probabilities(split)) for split in measured if split}
        valid, test = found.get("valid"), found.get("test")
        save_checkpoint(run.path / BEST, ngram.to_arrays(), {"epoch": 1})
        yield started(run.name, run.info, machine, 0, 0)
        seconds = time.perf_counter() - began
        epoch = EpochDone(
            epoch=1,
            step=0,
            train_loss=found["train"].loss,
            valid_loss=valid.loss if valid else None,
            tokens_per_second=counted_tokens(corpus.train) / seconds,
            seconds=seconds,
            best=True,
        )
        run.append(METRICS, [epoch_line(epoch)])
        yield epoch
        generator = Generator(
            predictor,
            corpus.tokenizer,
            label=f"{run.name}",
            copies=CopyDetector(known_texts(corpus.train), corpus.tokenizer),
            keeps_spacing=run.info.keeps_spacing,
        )
        self._finished = generator
        sample = make_sample(generator, 1)
        run.append(SAMPLES, [asdict(sample)])
        yield sample
        run.update_info(
            status="finished",
            epochs=1,
            seconds=seconds,
            best_epoch=1,
            best_loss=valid.loss if valid else found["train"].loss,
            valid=asdict(valid) if valid else None,
            test=asdict(test) if test else None,
        )
        yield Ended(
            run=run.name,
            reason="finished",
            message="Counted all n-grams.",
            epochs=1,
            seconds=seconds,
            best_epoch=1,
            valid=valid,
            test=test,
        )
