"""Sweeps: the poorer half is left behind, what was stopped anywhere goes on to the same runs."""

from __future__ import annotations

import json
import multiprocessing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interrupted_training import train_and_die
from jokegen.core.errors import EngineError, RunError, SettingsError
from jokegen.core.events import StepDone
from jokegen.core.runs.comparison import record
from jokegen.core.runs.store import RunStore
from jokegen.core.runs.sweeps import better_half, make_plan, read_plan, write_plan
from jokegen.core.settings import make_settings
from jokegen.core.speaking.loading import evaluate_run
from jokegen.core.training.session import TrainingSession
from jokegen.core.training.sweeping import Halved, RunBegins, RunDone, Sweep, SweepEnded, within_time
from trainings import assert_same_training

BASE = {"preset": "small", "max_epochs": 4, "batch_size": 32, "precision": "float32", "hidden": 8}


@pytest.fixture
def plan(corpus_file):
    grid = {"dropout": ["0.2", "0.6"], "learning_rate": ["0.02", "0.0001"]}
    return make_plan("four", [str(corpus_file)], make_settings(BASE), grid, 1)


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


def test_the_better_half_goes_on_and_a_sweep_that_was_stopped_ends_in_the_same_runs(plan, tmp_path):
    whole, parts = RunStore(tmp_path / "whole"), RunStore(tmp_path / "parts")
    events = list(Sweep(plan, whole).events())
    first, second = of(events, Halved)
    assert first.kept == ("dropout=0.2 learning-rate=0.02", "dropout=0.6 learning-rate=0.02")
    assert len(second.kept) == len(second.left_behind) == 1
    (ended,) = of(events, SweepEnded)
    assert ended.best == second.kept[0]
    assert ended.sentence.startswith(f"Best is {ended.best}: validation perplexity {ended.perplexities[0]:.1f}")
    runs = {name: record(whole.open(name)) for name in plan.runs}
    assert [run.epochs for run in runs.values()].count(1) == 2, "left behind after a quarter"
    assert all(run.tags == ("sweep four",) for run in runs.values())
    (best,) = [run for run in runs.values() if run.state == "finished"]
    assert best.valid_perplexity == pytest.approx(ended.perplexities[0], rel=1e-3)
    assert best.test_perplexity == pytest.approx(evaluate_run(whole.open(best.name), "test")[0].perplexity, rel=1e-5)

    write_plan(tmp_path, plan)
    for death in (("steps", 3), ("event", "Halved")):
        killed = multiprocessing.get_context("fork").Process(
            target=train_and_die, args=(read_plan(tmp_path, "four"), str(parts.folder), (death,))
        )
        killed.start()
        killed.join(60)
        assert killed.exitcode == -9
    for steps in (2, 3):
        left = [steps]
        sweep = Sweep(read_plan(tmp_path, "four"), parts, lambda left=left: left[0] <= 0)
        found = []
        for event in sweep.events():
            left[0] -= isinstance(event, StepDone)
            found.append(event)
        assert not of(found, SweepEnded)
    found = list(Sweep(read_plan(tmp_path, "four"), parts).events())
    assert found[-1] == ended
    assert of(found, Halved) == [first, second]
    for name in plan.runs:
        if runs[name].state == "finished":
            assert_same_training(parts.open(name), whole.open(name))
        assert parts.open(name).epochs()[-1].valid_loss == whole.open(name).epochs()[-1].valid_loss
    again = list(Sweep(plan, parts).events())
    assert not of(again, RunBegins), "nothing is left to be trained"
    assert {type(event) for event in again} == {RunDone, Halved, SweepEnded}


def test_a_session_goes_through_a_sweep_and_shows_the_run_that_is_trained(plan, store):
    plan = replace(plan, grid={"dropout": (0.2, 0.6)}, epochs=(2, 2))
    session = TrainingSession(plan, store)
    session.start()
    assert session.join(60)
    snapshot = session.snapshot()
    assert snapshot.state == "finished"
    assert snapshot.message.startswith("Best is dropout=")
    assert any("left behind: dropout=" in notice for notice in snapshot.notices)
    assert snapshot.started is not None
    assert {*snapshot.earlier, snapshot.started.run} == {"four-1", "four-2"}
    assert snapshot.started.run not in snapshot.earlier
    assert snapshot.sweep.endswith("round 2 of 2")
    assert session.live_generator().tokenizer
    with pytest.raises(EngineError, match="ended"):
        session.change("rate", 0.5)
    with pytest.raises(EngineError, match="none is changed on its way"):
        Sweep(plan, store).change("rate", 0.5)

    stopped = TrainingSession(replace(plan, name="other"), store)
    stopped.stop()
    stopped.start()
    assert stopped.join(60)
    assert stopped.snapshot().state == "stopped"
    assert stopped.snapshot().message.endswith("sweep --resume other")


def test_texts_that_changed_meanwhile_are_noticed(plan, store, tmp_path):
    text = tmp_path / "texts.txt"
    lines = [f"a text with the number {number} in it" for number in range(60)]
    text.write_text("\n".join(lines))
    plan = make_plan("s", [str(text)], make_settings({**BASE, "max_epochs": 1}), {"dropout": ["0.1", "0.2"]}, 1)

    def add_a_text(event):
        if isinstance(event, RunDone):
            text.write_text("\n".join([*lines, "and another one"]))

    with pytest.raises(RunError, match="texts have changed"):
        list(map(add_a_text, Sweep(plan, store).events()))


def test_a_time_limit_shortens_what_is_planned(plan):
    fitted = within_time(plan, 1e-3)
    shortened, said = fitted.plan, fitted.sentences
    assert "in full would take" in said[0]
    assert "too little" in said[1]
    assert shortened.epochs == (1, 1, 1, 1)
    assert shortened.settings_of(0, 0).max_epochs == 1
    fitted = within_time(plan, 1e6)
    assert fitted.sentences == ()
    assert fitted.plan.epochs == (4, 4, 4, 4)
    unlimited = within_time(plan, None)
    assert unlimited.plan == plan
    assert unlimited.seconds == pytest.approx(fitted.seconds)


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({}, "something to try"),
        ({"dropout": ["0.4", "2"]}, "dropout is '2'"),
        ({"dropout": ["0.4", "0.40"]}, "twice"),
        ({"speed": ["1"]}, "no setting 'speed'"),
        ({"seed": ["1", "2"]}, "--seeds"),
        ({"max_seconds": ["1", "2"]}, "--time"),
        ({"tokenizer": ["words", "bpe"]}, "could not be compared"),
        ({"preset": ["small", "ngram"]}, "predicts otherwise"),
        ({"hidden": list("123456789"), "batch_size": list("12345678"), "patience": list("12345678")}, "more than 500"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(grid, message):
    with pytest.raises(SettingsError, match=message):
        make_plan("s", ["starter"], make_settings({}), grid, 1)


@pytest.mark.parametrize("damage", ["{", "[]", '{"name": "s"}', '{"seeds": 0}'])
def test_a_damaged_plan_is_a_sentence(damage, tmp_path):
    write_plan(tmp_path, make_plan("s", ["starter"], make_settings({}), {"hidden": ["8", "16"]}, 2))
    assert read_plan(tmp_path, "s").runs == ["s-1-1", "s-1-2", "s-2-1", "s-2-2"]
    values = json.loads((tmp_path / "s.json").read_text())
    both = {**values, **json.loads(damage)} if damage == '{"seeds": 0}' else None
    (tmp_path / "s.json").write_text(damage if both is None else json.dumps(both))
    with pytest.raises(RunError, match="damaged"):
        read_plan(tmp_path, "s")
    with pytest.raises(RunError, match="no sweep named 't'"):
        read_plan(tmp_path, "t")


@given(st.dictionaries(st.integers(0, 50), st.floats(0, 10), min_size=1, max_size=20))
def test_the_better_half_is_the_better_half(scores):
    kept = better_half(scores)
    assert len(kept) == (len(scores) + 1) // 2
    others = [scores[place] for place in scores if place not in kept]
    assert not others or max(scores[place] for place in kept) <= min(others)
