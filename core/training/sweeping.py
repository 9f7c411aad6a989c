"""Many trainings one after the other, to find the settings that suit some texts; the poorer half is left behind early.

Successive halving (Jamieson & Talwalkar 2016): every combination of settings is trained for a share of its epochs, the
better half by validation loss goes on, and so again. A run that is left behind is stopped like by a person: it keeps
what it has learned and can be resumed. One that goes on is resumed to the bit, as if it had never waited.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Generator as TypedGenerator
from dataclasses import dataclass, replace
from statistics import fmean

from ..errors import EngineError, RunError
from ..events import ChangeKind, EpochDone, Event, Started
from ..runs.labels import tag
from ..runs.status import meaning
from ..runs.store import RunStore
from ..runs.sweeps import SweepPlan, better_half, words_of
from ..settings import TrainingSettings
from ..speaking.generation import Generator
from .estimation import measure_seconds
from .preparation import machine_for, prepare_corpus, read_source
from .workflow import TrainingJob, TrainingRequest

_SHARE_OF_TIME = 0.9
"""Of the time asked for, what is planned for training."""


@dataclass(frozen=True)
class RunBegins:
    """A run of the sweep begins, or goes on."""

    run: str
    words: str
    """Its settings."""
    round: int
    rounds: int
    share: float
    """How much of its epochs it is to have done after this."""


@dataclass(frozen=True)
class RunDone:
    """A run has done its share of a round."""

    run: str
    words: str
    round: int
    epochs: int
    perplexity: float
    """The lowest validation perplexity so far."""


@dataclass(frozen=True)
class Halved:
    """A round is over: who goes on."""

    round: int
    kept: tuple[str, ...]
    """Combinations in words, as those below."""
    left_behind: tuple[str, ...]


@dataclass(frozen=True)
class SweepEnded:
    """All rounds are over."""

    best: str
    """The best combination in words."""
    perplexities: tuple[float, ...]
    """Its lowest validation perplexities, one a seed."""
    sentence: str


SweepEvent = RunBegins | RunDone | Halved | SweepEnded | Event


@dataclass(frozen=True)
class Fitted:
    """A plan that fits into a time, and what is to be said about that."""

    plan: SweepPlan
    seconds: float
    """What all of it takes, about, where always the dearer half goes on."""
    sentences: tuple[str, ...]


def within_time(plan: SweepPlan, seconds: float | None) -> Fitted:
    """Return a plan of which all takes about ``seconds``, by what each combination takes; None: as long as it takes."""
    settings = plan.settings_of(0, 0)
    texts = read_source(plan.sources[0] if len(plan.sources) == 1 else plan.sources, settings)
    costs: list[float] = []
    epochs: list[int] = []
    for place in range(len(plan.combinations)):
        chosen = plan.settings_of(place, 0)
        prepared = prepare_corpus(texts, chosen)
        machine, _ = machine_for(prepared.corpus, prepared.recipe, chosen)
        costs.append(measure_seconds(prepared.corpus, prepared.recipe, machine, chosen))
        epochs.append(prepared.recipe.epochs)
    expected = plan.seeds * _worst(costs, plan.shares)
    if seconds is None:
        return Fitted(plan, expected, ())
    share = min(1.0, _SHARE_OF_TIME * seconds / expected)
    shortened = tuple(max(1, int(share * count)) for count in epochs)
    said: list[str] = []
    if share < 1.0:
        said.append(
            f"All {len(plan.runs)} runs in full would take about {expected / 60:.0f} min, so each gets "
            f"{share:.0%} of its epochs ({min(shortened)} to {max(shortened)})."
        )
    if min(shortened) < len(plan.shares) + 1:
        said.append("That is too little to tell them apart; give it more time, or try fewer values.")
    return Fitted(replace(plan, epochs=shortened), min(seconds, expected), tuple(said))


def _worst(costs: Sequence[float], shares: Sequence[float]) -> float:
    """Return the seconds of all rounds for one seed, where always the dearer half goes on."""
    dearest, total, done = sorted(costs, reverse=True), 0.0, 0.0
    for share in shares:
        total += (share - done) * sum(dearest)
        done, dearest = share, dearest[: math.ceil(len(dearest) / 2)]
    return total


class Sweep:
    """Goes through a plan, from wherever its runs stand."""

    def __init__(self, plan: SweepPlan, store: RunStore, should_stop: Callable[[], bool] = lambda: False) -> None:
        """Name the work; ``should_stop`` is asked before every step."""
        self.plan = plan
        self._store = store
        self._should_stop = should_stop
        self._job: TrainingJob | None = None

    @property
    def how_to_go_on(self) -> str:
        """What to do after it was stopped."""
        name = f'"{self.plan.name}"' if " " in self.plan.name else self.plan.name
        return f"Stopped and saved; go on with: jokegen-tui sweep --resume {name}"

    @property
    def total_steps(self) -> int | None:
        """Steps of the run that is trained."""
        return None if self._job is None else self._job.total_steps

    def change(self, kind: ChangeKind, value: float = 0.0) -> None:  # noqa: ARG002
        """Refuse: its runs are compared as they were planned."""
        raise EngineError("The runs of a sweep are compared, so none is changed on its way; stop it (s) to do that.")

    def live_generator(self) -> Generator:
        """Return a generator with the weights of the run that is trained; raises EngineError where there are none."""
        if self._job is None:
            raise EngineError("The model is not ready yet; its training is still being prepared.")
        return self._job.live_generator()

    def events(self) -> Iterator[SweepEvent]:
        """Train what is left to be trained; ends without a :class:`SweepEnded` where it was stopped.

        Raises:
            EngineError, CorpusError: one plain sentence; what was saved before stays.
        """
        plan = self.plan
        alive = tuple(range(len(plan.combinations)))
        for number, share in enumerate(plan.shares, 1):
            scores: dict[int, list[float]] = {place: [] for place in alive}
            for place in alive:
                for seed in range(plan.seeds):
                    loss = yield from self._train(place, seed, number, share)
                    if loss is None:
                        return
                    scores[place].append(loss)
            means = {place: fmean(losses) for place, losses in scores.items()}
            if share < 1.0:
                kept = better_half(means)
                behind = [place for place in alive if place not in kept]
                yield Halved(number, self._words(kept), self._words(behind))
                alive = kept
            else:
                yield self._ended(scores)

    def _words(self, places: Sequence[int]) -> tuple[str, ...]:
        return tuple(words_of(self.plan.combinations[place]) for place in places)

    def _train(
        self, place: int, seed: int, number: int, share: float
    ) -> TypedGenerator[SweepEvent, None, float | None]:
        """Bring a run to its share of epochs; returns its lowest validation loss until then, None where stopped."""
        plan, name = self.plan, self.plan.run(place, seed)
        words = words_of(plan.combinations[place])
        exists = name in self._store.names()
        until = self._until(name, share) if exists else None
        if not exists or not self._there(name, until):
            yield RunBegins(name, words, number, len(plan.shares), share)
            stopped = yield from self._go_on(name, plan.settings_of(place, seed), share, exists=exists)
            if stopped:
                return None
        until = self._until(name, share)
        known = [epoch for epoch in self._store.open(name).epochs() if until is None or epoch.epoch <= until]
        losses = [epoch.valid_loss for epoch in known if epoch.valid_loss is not None]
        if not losses:
            raise RunError(f"The run '{name}' has no validation loss to compare; sweep over texts that are held out.")
        # One that ran away is worse than all others.
        loss = min((loss for loss in losses if math.isfinite(loss)), default=math.inf)
        yield RunDone(name, words, number, len(known), math.exp(min(loss, 700.0)))
        return loss

    def _until(self, name: str, share: float) -> int | None:
        """Return the epoch that a run is to reach; None: its end."""
        epochs = self._store.open(name).info.total_epochs
        return None if share == 1.0 or epochs is None else max(1, math.ceil(share * epochs))

    def _there(self, name: str, until: int | None) -> bool:
        info = self._store.open(name).info
        return meaning(info.status).complete or (until is not None and info.epochs >= until)

    def _go_on(
        self, name: str, settings: TrainingSettings, share: float, *, exists: bool
    ) -> TypedGenerator[SweepEvent, None, bool]:
        """Train a run to its share; returns whether it was stopped before."""
        reached = [False]
        request = TrainingRequest(resume=name) if exists else TrainingRequest(self.plan.sources, settings, name=name)
        self._job = job = TrainingJob(request, self._store, lambda: reached[0] or self._should_stop())
        until: int | None = None
        for event in job.events():
            yield event
            if isinstance(event, Started):
                self._check_texts(name)
                tag(self._store.open(name), [self.plan.tag])
                until = self._until(name, share)
            elif isinstance(event, EpochDone):
                reached[0] = until is not None and event.epoch >= until
        return not self._there(name, until)

    def _check_texts(self, name: str) -> None:
        """Raise RunError where a run has other texts than the first one."""
        first = self._store.open(self.plan.run(0, 0)).info
        if self._store.open(name).info.fingerprint != first.fingerprint:
            raise RunError(
                f"The texts have changed since the sweep '{self.plan.name}' began, so its runs cannot be compared; "
                "start another one."
            )

    def _ended(self, scores: dict[int, list[float]]) -> SweepEnded:
        means = {place: fmean(losses) for place, losses in scores.items()}
        ranked = sorted(means, key=lambda place: (means[place], place))
        best = ranked[0]
        words = words_of(self.plan.combinations[best])
        perplexities = tuple(math.exp(min(loss, 700.0)) for loss in scores[best])
        sentence = f"Best is {words}: validation perplexity {fmean(perplexities):.1f}"
        sentence += f" (mean of {len(perplexities)} seeds)" if len(perplexities) > 1 else ""
        if len(ranked) > 1:
            ahead = math.expm1(min(means[ranked[1]] - means[best], 700.0))
            sentence += f", {ahead:.1%} lower than {words_of(self.plan.combinations[ranked[1]])}"
            widest = max(max(losses) - min(losses) for losses in (scores[best], scores[ranked[1]]))
            if len(perplexities) > 1 and means[ranked[1]] - means[best] < widest:
                sentence += "; the seeds differ by more than that, so either will do"
        return SweepEnded(words, perplexities, f"{sentence}.")
