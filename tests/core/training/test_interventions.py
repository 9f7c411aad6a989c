"""A training that is changed while it goes on: kills and resumes change nothing, and it can be repeated."""

import itertools
import json
import random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as quickly
from hypothesis import strategies as st
from jokegen.core.errors import EngineError, RunError, SettingsError
from jokegen.core.events import Changed, Ended, EpochDone, Noticed, StepDone
from jokegen.core.recipes import Recipe
from jokegen.core.runs.folder import TRAINER_STATE
from jokegen.core.runs.interventions import INTERVENTIONS, Intervention, read_interventions, write_interventions
from jokegen.core.runs.store import RunStore
from jokegen.core.training import recorder, workflow
from jokegen.core.training.progress import Progress
from jokegen.core.training.schedule import Schedule
from jokegen.core.training.session import TrainingSession
from jokegen.core.training.steering import changed
from trainings import assert_same_training, resumed

CHOSEN = {"preset": "small", "max_epochs": 4, "batch_size": 16}
WISHES = [
    ("rate", 0.5),
    ("rate", 2.0),
    ("dropout", 0.5),
    ("patience", 1),
    ("epochs", 6),
    ("epochs", 3),
    ("cores", 2),
    ("finish", 0),
]


def train(request, store, wishes=(), *, die_after=None):
    """Train; change it by ``wishes`` (step, kind, value); stop as a crash would after ``die_after`` steps."""
    job = workflow.TrainingJob(request, store, lambda: False)
    seen = []
    for event in (events := job.events()):
        seen.append(event)
        if isinstance(event, StepDone):
            for step, kind, value in wishes:
                if step == event.step:
                    job.change(kind, value)
            if event.step == die_after:
                return seen, events
    return seen, None


def crash(store, events):
    """Leave the run's folder as a kill at this moment does: what closing would still save is put back."""
    run = store.open("run")
    before = {path: path.read_bytes() for path in run.path.iterdir()}
    events.close()
    for path in run.path.iterdir():
        if path not in before:
            path.unlink()
    for path, content in before.items():
        path.write_bytes(content)


@pytest.mark.parametrize("seed", range(2))
def test_changes_kills_and_resumes_end_where_a_repetition_without_kills_does(make_request, store, seed, monkeypatch):
    """More seeds were tried by hand; each takes some seconds."""
    drawn = random.Random(seed)
    monkeypatch.setattr(recorder, "SECONDS_BETWEEN_CHECKPOINTS", 0.0 if seed % 2 else 1e9)
    request = make_request(**CHOSEN, seed=seed)
    killed, first = 0, True
    while True:
        done = 0 if first else len(store.open("run").series())
        wishes = [(done + drawn.randrange(1, 5), *drawn.choice(WISHES)) for _ in range(2)]
        die = None if killed == 3 else done + drawn.randrange(1, 6)
        _, events = train(request if first else resumed(request), store, wishes, die_after=die)
        first = False
        if events is None:
            break
        killed += 1
        (crash if drawn.random() < 0.5 else lambda _, events: events.close())(store, events)
    run = store.open("run")
    made = read_interventions(run.path)
    assert made
    again = workflow.TrainingRequest(again="run", name="again")
    list(workflow.train(again, store))
    repeated = store.open("again")
    assert read_interventions(repeated.path) == made
    assert_same_training(repeated, run)
    assert repeated.info.settings == run.info.settings


def test_each_change_is_told_noted_and_kept(make_request, store):
    wishes = [(3, "rate", 0.5), (5, "epochs", 2), (5, "dropout", 0.0)]
    events, _ = train(make_request(**CHOSEN), store, wishes)
    told = [event for event in events if isinstance(event, Changed)]
    assert [(event.step, event.kind, event.value, event.again) for event in told] == [
        (step, kind, value, False) for step, kind, value in wishes
    ]
    run = store.open("run")
    assert [(made.step, made.kind, made.value) for made in read_interventions(run.path)] == wishes
    rates = run.series()["learning_rate"]
    assert rates[4] < 0.6 * rates[3]
    epochs = [event for event in events if isinstance(event, EpochDone)]
    assert len(epochs) == 2
    assert told[1].total_epochs == 2
    assert run.info.total_epochs == 2
    assert events[-1].reason == "finished"
    assert all(event.message.endswith(".") for event in told)


def test_finishing_lets_the_rate_fall_to_nothing_and_then_measures(make_request, store):
    events, _ = train(make_request(**CHOSEN | {"max_epochs": 30}), store, [(20, "finish", 0)])
    rates = store.open("run").series()["learning_rate"]
    assert len(rates) == 22
    assert rates[22] < rates[21] <= rates[20]
    assert events[-1].reason == "finished"
    assert events[-1].valid is not None


def test_a_finished_run_goes_on_longer_with_a_rate_that_rises_again(make_request, store):
    request = make_request(**CHOSEN)
    list(workflow.train(request, store))
    run = store.open("run")
    per_epoch, before = len(run.series()) // 4, run.series()["loss"].tolist()
    longer = workflow.TrainingRequest(resume="run", epochs=8)
    events = list(workflow.train(longer, store))
    assert [event.kind for event in events if isinstance(event, Changed)] == ["epochs"]
    assert isinstance(events[-1], Ended)
    assert (events[-1].epochs, events[-1].reason) == (8, "finished")
    assert run.series()["loss"].tolist()[: len(before)] == before
    rates = run.series()["learning_rate"]
    assert rates[4 * per_epoch + per_epoch] > 10 * rates[4 * per_epoch]
    assert rates[8 * per_epoch] < 0.1 * max(rates)
    assert run.info.status == "finished"
    with pytest.raises(RunError, match="already has 8 epochs; ask for more"):
        list(workflow.train(longer, store))
    with pytest.raises(RunError, match="has nothing left to train"):
        list(workflow.train(resumed(request), store))
    list(workflow.train(workflow.TrainingRequest(again="run", name="again"), store))
    assert_same_training(store.open("again"), run)


def test_going_on_longer_lifts_a_time_limit_and_says_so(make_request, store):
    list(workflow.train(make_request(**CHOSEN, max_seconds=1e-6), store))
    run = store.open("run")
    assert run.info.status == "time"
    done = run.info.epochs
    events = list(workflow.train(workflow.TrainingRequest(resume="run", epochs=done + 1), store))
    assert any("without its time limit" in event.message for event in events if isinstance(event, Noticed))
    assert events[-1].epochs == done + 1
    assert run.info.settings.max_seconds is None
    list(workflow.train(workflow.TrainingRequest(again="run", name="again"), store))
    assert_same_training(store.open("again"), run)


def test_a_run_that_cannot_go_on_longer_says_why(trained, make_request, store):
    counting = trained(preset="ngram")
    with pytest.raises(RunError, match="counts n-grams"):
        list(workflow.train(workflow.TrainingRequest(resume="run", epochs=3), RunStore(counting.path.parent)))


@pytest.mark.parametrize("line", ['{"step": 1, "kind": "magic", "value": 1}', "[]", "no", '{"step": -1}'])
def test_a_note_that_is_not_understood_is_a_sentence(copied, line):
    run = copied(**CHOSEN)
    (run.path / INTERVENTIONS).write_text(line + "\n")
    with pytest.raises(RunError, match=rf"^The {INTERVENTIONS} of the run 'run' is damaged or newer"):
        read_interventions(run.path)


def test_changes_of_one_step_stay_in_their_order(tmp_path):
    changes = [Intervention(9, 1, "rate", 2.0), Intervention(3, 1, "rate", 0.1), Intervention(3, 1, "dropout", 0.2)]
    write_interventions(tmp_path, changes)
    assert read_interventions(tmp_path) == (*changes[1:], changes[0])


RECIPE = Recipe("small", "texts", "words", 10, 16, 128, 0.004)


@quickly(max_examples=60)
@given(
    wishes=st.lists(
        st.one_of(
            st.tuples(st.just("rate"), st.floats(0.01, 100)),
            st.tuples(st.just("epochs"), st.integers(1, 50)),
            st.tuples(st.just("finish"), st.just(0.0)),
        ),
        max_size=5,
    ),
    steps=st.lists(st.integers(0, 99), min_size=5, max_size=5).map(sorted),
)
def test_the_rate_stays_within_the_recipe_s_whatever_is_changed(wishes, steps):
    schedule = Schedule(RECIPE, 10)
    progress, factor, rates = Progress(total_steps=100), 1.0, []
    due = list(zip(steps, wishes, strict=False))
    for step in itertools.count():
        epoch, within = divmod(step, 10)
        progress = Progress(**{**progress.__dict__, "step": step, "epoch": epoch + 1, "step_in_epoch": within})
        while due and due[0][0] == step:
            _, (kind, value) = due.pop(0)
            progress = changed(progress, Intervention(step, epoch + 1, kind, value), schedule)
            factor *= value if kind == "rate" else 1.0
        if step >= progress.total_steps or progress.ended:
            break
        course = progress.course
        rates.append(course.plain_rate(schedule, step, progress.total_steps, planned=False))
        assert course.rate(schedule, step, progress.total_steps, planned=False) == pytest.approx(factor * rates[-1])
    assert all(0 <= rate <= RECIPE.learning_rate for rate in rates)
    assert json.loads(json.dumps(progress.course.__dict__)) == progress.course.__dict__


def test_dropout_changes_what_is_dropped_and_nothing_else(make_request, store):
    train(make_request("plain", **CHOSEN), store)
    train(make_request("run", **CHOSEN), store, [(3, "dropout", 0.0)])
    plain, run = store.open("plain"), store.open("run")
    assert run.series()["loss"].tolist()[:3] == plain.series()["loss"].tolist()[:3]
    assert not np.allclose(run.series()["loss"].tolist()[4:], plain.series()["loss"].tolist()[4:])


def test_the_session_takes_changes_and_refuses_nonsense(make_request, store):
    session = TrainingSession(make_request(**CHOSEN | {"max_epochs": 400}), store)
    with pytest.raises(EngineError, match="no training to change yet"):
        session.change("finish")
    session.start()
    while not session.snapshot().step:
        session.done.wait(0.01)
    with pytest.raises(SettingsError, match="rate must be between"):
        session.change("rate", 0)
    session.change("finish")
    assert session.join(60)
    snapshot = session.snapshot()
    assert snapshot.ended.reason == "finished"
    assert any(sentence.startswith("It finishes") for sentence in snapshot.notices)
    assert snapshot.total_steps == snapshot.step
    with pytest.raises(EngineError, match="has ended"):
        session.change("finish")
    assert (store.open("run").path / TRAINER_STATE).exists()


def test_fewer_cores_are_noted_and_used_from_that_step_on(make_request, store):
    job = workflow.TrainingJob(make_request(**CHOSEN, cores=2), store, lambda: False)
    threads = []
    for event in job.events():
        if isinstance(event, StepDone):
            threads.append(torch.get_num_threads())
            if event.step == 3:
                job.change("cores", 3)
            if event.step == 5:
                job.change("cores", 1)
    run = store.open("run")
    assert (threads[0], threads[3], threads[5]) == (run.info.threads, 3, 1)
    assert run.info.threads <= 2
    assert [(made.kind, made.value) for made in read_interventions(run.path)] == [("cores", 3), ("cores", 1)]
