import threading
import time

import numpy as np
import pytest
import torch
from jokegen.core.errors import EngineError
from jokegen.core.events import EpochDone, SampleMade
from jokegen.core.speaking.choices import Sampling
from jokegen.core.speaking.predictors import MixturePredictor
from jokegen.core.speaking.side_by_side import generate_batch
from jokegen.core.training.session import TrainingSession
from trainings import assert_same_training


def wait_for(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.005)


@pytest.fixture
def make_session(make_request, store):
    made = []

    def make(**chosen):
        from dataclasses import replace

        resume = chosen.pop("resume", None)
        session = TrainingSession(replace(make_request(**chosen), resume=resume), store)
        made.append(session)
        session.start()
        return session

    yield make
    for session in made:
        session.stop()
        assert session.join(90)
    wait_for(lambda: not [t for t in threading.enumerate() if t.name == "jokegen-training"])


def seen(session):
    """The loss of every step, as a chart gets it."""
    return session.source.thinned("loss", 0, 10**9, 10**6)


def test_a_session_trains_to_its_end(make_session, store, trained):
    session = make_session()
    assert session.join(60)
    snapshot, losses = session.snapshot(), seen(session)
    assert snapshot.state == "finished"
    assert snapshot.ended.reason == "finished"
    assert snapshot.step == snapshot.total_steps == len(losses)
    assert snapshot.epoch == snapshot.total_epochs == 2
    assert len(snapshot.epochs) == len(snapshot.samples) == 2
    assert snapshot.best_epoch == snapshot.ended.best_epoch
    assert losses.low.min() <= snapshot.train_loss <= losses.high.max()
    assert_same_training(store.open("run"), trained())


def test_pause_resume_and_stop(make_session, store):
    session = make_session(max_epochs=500)
    wait_for(lambda: session.snapshot().step > 2)
    assert session.snapshot().state in ("training", "evaluating")
    session.pause()
    assert session.snapshot().state == "paused"
    time.sleep(0.3)
    step = session.snapshot().step
    time.sleep(0.3)
    assert session.snapshot().step == step
    session.resume()
    wait_for(lambda: session.snapshot().step > step)
    version = session.snapshot().version
    wait_for(lambda: session.snapshot().version > version)
    session.pause()
    session.stop()
    assert session.join(90)
    snapshot = session.snapshot()
    assert snapshot.state == "finished"
    assert snapshot.ended.reason == "stopped"
    assert store.open("run").info.status == "stopped"
    assert seen(session).steps.tolist() == list(range(1, snapshot.step + 1))


def test_a_resumed_session_shows_what_came_before(make_session):
    session = make_session(max_epochs=40)
    wait_for(lambda: len(session.snapshot().epochs) >= 2)
    session.stop()
    assert session.join(90)
    before = session.snapshot()
    again = make_session(resume="run")
    wait_for(lambda: again.snapshot().step > before.step)
    snapshot = again.snapshot()
    assert snapshot.epochs[: len(before.epochs)] == before.epochs
    assert snapshot.samples[: len(before.samples)] == before.samples
    assert seen(again).mean[: before.step].tolist() == seen(session).mean.tolist()
    assert snapshot.best_epoch is not None


def test_the_model_can_be_asked_while_it_trains_while_it_pauses_and_afterwards(make_session):
    session = make_session(max_epochs=500)
    wait_for(lambda: session.snapshot().started is not None)
    first = session.live_generator(30)
    text = generate_batch(first, "Why did", Sampling(), 1, 1, 5)[0].text
    wait_for(lambda: session.snapshot().step > 10)
    session.pause()
    second = session.live_generator()
    third = session.live_generator()
    logits = [generator.logits(generator.start()) for generator in (first, second, third)]
    assert isinstance(second.judge, MixturePredictor)  # the best of some is chosen as it will be once it is saved
    assert 0 < second.judge.weight < 1
    assert not np.array_equal(logits[0], logits[1])
    assert np.array_equal(logits[1], logits[2])
    session.resume()
    session.stop()
    assert session.join(90)
    last = session.live_generator()
    assert generate_batch(last, "Why did", Sampling(), 1, 1, 5)[0].text.startswith("Why did")
    assert generate_batch(first, "Why did", Sampling(), 1, 1, 5)[0].text == text  # a copy that training left alone
    assert second.label.startswith("live · epoch ")


def test_the_label_after_the_end_names_an_epoch_there_was(make_session):
    session = make_session()
    assert session.join(60)
    assert session.live_generator().label == "live · epoch 2"


def test_asking_does_not_change_what_is_learned(make_session, store, trained):
    session = make_session()
    while not session.done.is_set():
        try:
            generate_batch(session.live_generator(5), "", Sampling(), 1, 1, 3)
        except EngineError:
            time.sleep(0.01)
    assert_same_training(store.open("run"), trained())


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("out of memory"), EngineError("Not now.")])
def test_a_prompt_never_ends_a_training(make_session, store, trained, monkeypatch, error):
    def fail(job):
        raise error

    session = make_session()
    wait_for(lambda: session.snapshot().step > 1)
    with monkeypatch.context() as patch:
        patch.setattr(type(session._job), "live_generator", fail)
        with pytest.raises(EngineError, match=r"Not now|cannot be copied just now \(.*\); the training goes on\."):
            session.live_generator()
        with pytest.raises(EngineError):
            session.live_generator(0.0)  # gone before it is answered
    assert session.join(60)
    assert session.snapshot().state == "finished"
    assert_same_training(store.open("run"), trained())


def test_a_long_training_is_shown_in_bounded_lists(make_request, store):
    session = TrainingSession(make_request(), store)
    for epoch in range(1, 701):
        session._take(EpochDone(epoch, epoch, 3.0, 3.0, 1.0, 1.0, best=epoch == 7))
        session._take(SampleMade(epoch, "ha", 0, 1))
    snapshot = session.snapshot()
    assert max(len(snapshot.epochs), len(snapshot.samples)) <= 256
    assert snapshot.samples[-1].epoch == snapshot.epochs[-1].epoch == 700
    assert 7 in [epoch.epoch for epoch in snapshot.epochs]


def test_stopping_at_once_ends_in_order(make_session, store):
    session = make_session(max_epochs=500)
    session.stop()
    assert session.snapshot().state in ("stopping", "finished")
    assert session.join(90)
    assert session.snapshot().ended.reason == "stopped"
    assert store.list()[0].resumable


@pytest.mark.parametrize("wrong", [{"source": "/no/such/file.csv"}, {"name": "../x"}, {"resume": "nothing"}])
def test_a_request_that_cannot_be_met_fails_with_a_sentence(make_session, wrong):
    session = make_session(**wrong)
    assert session.join(90)
    snapshot = session.snapshot()
    assert snapshot.state == "failed"
    assert snapshot.message.endswith(".")
    assert snapshot.traceback is None
    assert snapshot.ended is None
    with pytest.raises(EngineError, match="not ready yet"):
        session.live_generator()


def test_a_training_that_diverges_has_failed_with_a_sentence(make_session):
    session = make_session(max_epochs=500)
    wait_for(lambda: session.snapshot().step > 1)
    session.pause()
    time.sleep(0.2)
    with torch.no_grad():
        session._job._generator_parts[0].model.output_bias.fill_(float("nan"))
    session.resume()
    assert session.join(90)
    assert session.snapshot().state == "failed"
    assert "ran away" in session.snapshot().message
