"""A time limit is kept whatever the machine does, and what it decides is noted and made again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.core.events import Changed, EpochDone, StepDone
from jokegen.core.recipes import most_epochs, recipe_for
from jokegen.core.runs.interventions import Intervention
from jokegen.core.settings import make_settings
from jokegen.core.training.budget import Stopwatch, TimeBudget
from jokegen.core.training.device import Machine
from jokegen.core.training.preparation import make_trainer
from jokegen.core.training.progress import Progress
from jokegen.core.training.schedule import Schedule
from jokegen.core.training.steering import changed
from jokegen.data.corpus import build_corpus
from jokegen.data.reading import read_texts


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def simulated(budget, clock, *, an_epoch, step_seconds, beside, epochs=30):
    """Go through a training of which each part takes a known time; return its progress and its plans."""
    schedule = Schedule(replace(recipe_for(make_settings({}), "small"), epochs=epochs), an_epoch)
    progress, plans = Progress(total_steps=schedule.full_steps), []
    while progress.step < progress.total_steps and not budget.is_over:
        total = budget.plan(progress, schedule)
        if total is not None:
            plans.append(total)
            progress = changed(progress, Intervention(progress.step, progress.epoch, "planned", total), schedule)
        clock.seconds += step_seconds(clock.seconds)
        progress = replace(progress, step=progress.step + 1, step_in_epoch=progress.step_in_epoch + 1)
        if progress.step_in_epoch == an_epoch or progress.step == progress.total_steps:
            clock.seconds += beside
            progress = progress.after_epoch(3.0, best=True)
    return progress, plans


@settings(max_examples=30)
@given(
    an_epoch=st.integers(20, 2000),
    speed=st.floats(0.01, 0.3),
    wrong=st.floats(0.4, 2.5),
    slower=st.floats(0.7, 1.6),
    beside=st.floats(0, 1.0),
    preparation=st.floats(0, 5),
)
def test_the_end_is_kept_whatever_was_expected(an_epoch, speed, wrong, slower, beside, preparation):
    clock = Clock()
    budget = TimeBudget(120.0, Stopwatch(100.0, now=clock), most_epochs=1000)
    budget.expect(speed * wrong)
    budget.reserve = 4.0
    clock.seconds += preparation
    progress, plans = simulated(
        budget, clock, an_epoch=an_epoch, beside=beside,
        step_seconds=lambda now: speed if now < 150 else speed * slower,
    )  # fmt: skip
    spent = clock.seconds - 100.0 + budget.reserve
    # A last epoch that would hardly begin is left out, and what stands between two epochs may be a large part.
    assert 0.88 * 120 < spent < 1.05 * 120 + beside
    assert progress.course.epochs is not None
    assert len(plans) < 40


def test_more_time_than_the_texts_can_use_is_left():
    clock = Clock()
    budget = TimeBudget(3600.0, Stopwatch(now=clock), most_epochs=40)
    budget.expect(0.01)
    progress, _ = simulated(budget, clock, an_epoch=50, step_seconds=lambda _: 0.01, beside=0.1)
    assert progress.step == 40 * 50
    small = recipe_for(make_settings({}), "small", 25_000)
    assert most_epochs(small, make_settings({"max_seconds": 3600.0}), 25_000) == 6 * small.epochs
    assert most_epochs(replace(small, epochs=7), make_settings({"max_epochs": 7}), 25_000) == 7


def test_pauses_do_not_count_and_what_is_closed_is_closed():
    clock, closed = Clock(), []

    def events():
        try:
            yield from range(5)
        finally:
            closed.append(True)

    watch = Stopwatch(now=clock)
    through = watch.through(events())
    for _ in range(3):
        next(through)
        clock.seconds += 0.1
    next(through)
    clock.seconds += 1000.0
    next(through)
    assert watch.seconds == pytest.approx(0.3)
    through.close()
    assert closed


def test_a_real_training_ends_in_time_with_a_rate_that_has_fallen_and_goes_the_same_way_again(corpus_file):
    settings = make_settings({"preset": "small", "hidden": 16, "batch_size": 2, "precision": "float32"})
    corpus = build_corpus(read_texts(str(corpus_file)), "words")
    recipe = replace(recipe_for(settings, "small"), epochs=2)

    def trained(budget=None, changes=(), clock=None):
        trainer = make_trainer(corpus, recipe, Machine("cpu", "float32", 1), settings, budget=budget)
        trainer.wishes.follow(changes, 0)
        found = []
        for event in trainer.events():
            found.append(event)
            if clock is not None:  # it becomes slower on the way
                clock.seconds += 0.1 if clock.seconds < 105 else 0.15
        return found

    clock = Clock()
    budget = TimeBudget(20.0, Stopwatch(now=clock), most_epochs=9)
    budget.expect(0.2)  # it turns out faster at first
    events = trained(budget, clock=clock)
    assert 119 < clock.seconds < 121
    plans = [event for event in events if isinstance(event, Changed)]
    assert len(plans) > 2
    assert {event.kind for event in plans} == {"planned"}
    steps = [event for event in events if isinstance(event, StepDone)]
    assert steps[-1].learning_rate < 0.01 * max(step.learning_rate for step in steps)
    assert plans[-1].total_epochs == [event for event in events if isinstance(event, EpochDone)][-1].epoch
    changes = [Intervention(event.step, event.epoch, event.kind, event.value) for event in plans]
    again = [event for event in trained(changes=changes) if isinstance(event, StepDone)]
    assert [step.loss for step in again] == [step.loss for step in steps]
