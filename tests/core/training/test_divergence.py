"""A loss that runs away is noticed before it is no number; the training stops, or goes back and on at a lower rate."""

import json
import math
import random
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from interrupted_training import drawn_deaths, killed
from jokegen.core.events import Ended, EpochDone, Noticed, RolledBack, StepDone
from jokegen.core.runs.folder import METRICS
from jokegen.core.runs.store import RunStore
from jokegen.core.settings import make_settings
from jokegen.core.training import workflow
from jokegen.core.training.divergence import MOST_ROLLBACKS, Watch
from trainings import assert_same_training, resumed

WILD = {"max_epochs": 6, "batch_size": 4, "learning_rate": 3.0, "hidden": 64}
"""A rate at which the loss runs away in the first epochs."""


def watched(losses):
    watch = Watch()
    for loss in losses:
        watch = watch.after(loss)
    return watch


def test_a_loss_that_rises_far_and_stays_there_has_run_away():
    assert not watched([5.0] + [9.0] * 39).diverged
    assert watched([5.0] + [9.0] * 40).diverged
    assert not watched([5.0] + [9.0] * 39 + [5.5] + [9.0] * 39).diverged
    assert not watched([5.0] + [7.4] * 1000).diverged
    assert not watched([0.1] + [1.0] * 1000).diverged  # small numbers may multiply


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_no_number_has_run_away_at_once(loss):
    assert watched([5.0, loss]).diverged
    assert watched([loss]).diverged


@settings(max_examples=30)
@given(losses=st.lists(st.floats(0.0, 8.0), min_size=1, max_size=300))
def test_a_training_that_learns_is_left_alone(losses):
    assert not watched([8.0, *losses]).diverged


def test_it_stops_with_a_sentence_that_says_what_to_do(make_request, store):
    events = list(workflow.train(make_request(**WILD), store))
    steps = [event for event in events if isinstance(event, StepDone)]
    assert events[-1].reason == "diverged"
    assert all(math.isfinite(step.loss) for step in steps)
    assert steps[-1].loss > 1.5 * steps[0].loss
    assert "--on-divergence rollback" in events[-1].message


def wild(make_request, **chosen):
    return make_request(**{**WILD, "on_divergence": "rollback", **chosen})


@pytest.fixture(scope="module")
def rolled_back(tmp_path_factory, make_request):
    """A finished run that was taken back, and its events."""
    torch.set_num_threads(1)
    store = RunStore(tmp_path_factory.mktemp("rolled-back"))
    events = list(workflow.train(wild(make_request), store))
    return store.open("run"), events


def test_it_goes_back_to_a_good_state_and_on_at_a_lower_rate(rolled_back):
    run, events = rolled_back
    back = [event for event in events if isinstance(event, RolledBack)]
    assert 1 <= len(back) <= MOST_ROLLBACKS
    assert [event.number for event in back] == list(range(1, len(back) + 1))
    assert [event.rate_factor for event in back] == [0.5**event.number for event in back]
    assert events[-1].reason == "finished"
    said = [event.message for event in events if isinstance(event, Noticed)]
    assert any(f"went back to step {back[0].step} and goes on at 0.5 times" in message for message in said)
    lines = [json.loads(line) for line in (run.path / METRICS).read_text().splitlines()]
    noted = [line for line in lines if line["kind"] == "rollback"]
    assert [(line["from_step"], line["to_step"]) for line in noted] == [(event.from_step, event.step) for event in back]
    assert [line["step"] for line in lines if line["kind"] == "step"] == list(range(1, len(run.series()) + 1))
    assert [epoch.epoch for epoch in run.epochs()] == [sample.epoch for sample in run.samples()] == list(range(1, 7))
    best = min(run.epochs(), key=lambda epoch: epoch.valid_loss)
    assert run.info.best_epoch == best.epoch


def test_it_is_exact_however_often_it_is_interrupted(rolled_back, make_request, store):
    expected, whole = rolled_back
    marks = [place for place, event in enumerate(whole) if isinstance(event, RolledBack)]
    drawn = random.Random(3)
    request = wild(make_request)
    at_an_epochs_end = next(place for place, event in enumerate(whole) if isinstance(event, EpochDone))
    for near in (at_an_epochs_end, marks[0] - 3, marks[0], marks[-1] + drawn.randrange(1, 9)):
        for place, event in enumerate(events := workflow.train(request, store)):
            back = isinstance(event, RolledBack)
            if place >= near or back:
                events.close()
        request = resumed(request)
    last = list(workflow.train(request, store))
    assert isinstance(last[-1], Ended)
    run = store.open("run")
    assert_same_training(run, expected)
    assert run.samples() == expected.samples()
    kinds = [json.loads(line)["kind"] for line in (run.path / METRICS).read_text().splitlines()]
    assert kinds.count("rollback") == len(marks)


def test_a_run_that_ran_away_is_repeated_with_going_back(rolled_back, make_request, store):
    list(workflow.train(make_request(**WILD), store))
    asked = make_settings({"on_divergence": "rollback"})
    list(workflow.train(workflow.TrainingRequest(settings=asked, again="run", name="back"), store))
    assert_same_training(store.open("back"), rolled_back[0])


def pytest_generate_tests(metafunc):
    if "precision" in metafunc.fixturenames:
        both = metafunc.config.getoption("kills") is not None
        metafunc.parametrize("precision", ["float32", "bfloat16"] if both else ["float32"])


@pytest.mark.skipif(sys.platform != "linux", reason="finds the file being written through /proc")
def test_kill_9_inside_a_rollback_costs_nothing(rolled_back, make_request, store, tmp_path, precision, kills_asked):
    inside = [("rollback", moment) for moment in ("before", "noted", "half")]
    others = list(drawn_deaths(max((kills_asked or 0) - len(inside), 0), by_the_clock=True))
    before, after = others[: len(others) // 3], others[len(others) // 3 :]
    request, expected = wild(make_request), rolled_back[0]
    if kills_asked is not None:
        request, whole = wild(make_request, max_epochs=6 + len(others), precision=precision), RunStore(tmp_path)
        list(workflow.train(request, whole))
        expected = whole.open("run")
    list(workflow.train(killed(request, store, [*before, *inside, *after]), store))
    run = store.open("run")
    assert_same_training(run, expected)
    assert run.samples() == expected.samples()
    numbers, wanted = numbers_of_rollbacks(run), numbers_of_rollbacks(expected)
    assert numbers == wanted == list(range(1, len(wanted) + 1)) != []


def numbers_of_rollbacks(run):
    lines = map(json.loads, (run.path / METRICS).read_text().splitlines())
    return [line["number"] for line in lines if line["kind"] == "rollback"]


def spoil(job):
    with torch.no_grad():
        job._generator_parts[0].model.output_bias[0] = math.nan


def test_what_still_runs_away_ends(make_request, store):
    job = workflow.TrainingJob(wild(make_request), store, lambda: False)
    seen = []
    for event in job.events():
        seen.append(event)
        if isinstance(event, StepDone) and event.step == 2:
            spoil(job)
    assert len([event for event in seen if isinstance(event, RolledBack)]) == MOST_ROLLBACKS
    assert seen[-1].reason == "diverged"


def test_an_epoch_whose_loss_is_no_number_is_undone(make_request, store, trained):
    job = workflow.TrainingJob(
        wild(make_request, learning_rate=0.004, max_epochs=3, batch_size=8), store, lambda: False
    )
    last, seen = 2 * trained().epochs()[0].step, []
    for event in job.events():
        again = any(isinstance(earlier, RolledBack) for earlier in seen)
        seen.append(event)
        if isinstance(event, StepDone) and event.step == last and not again:
            spoil(job)
    assert [(event.from_step, event.epoch) for event in seen if isinstance(event, RolledBack)] == [(last, 2)]
    assert seen[-1].reason == "finished"
    assert [epoch.epoch for epoch in store.open("run").epochs()] == [1, 2, 3]
    assert [sample.epoch for sample in store.open("run").samples()] == [1, 2, 3]
