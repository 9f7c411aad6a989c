"""Several processes train as one would: the same losses, the same bits again, and nothing lost when one is killed."""

from __future__ import annotations

import shutil
import signal
import threading
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import numpy as np
import pytest
import torch
from jokegen.core.errors import EngineError, SettingsError
from jokegen.core.events import EpochDone, Noticed, StepDone
from jokegen.core.recipes import network_for, recipe_for
from jokegen.core.runs.folder import Run
from jokegen.core.runs.store import RunStore
from jokegen.core.settings import make_settings
from jokegen.core.speaking.choices import Sampling
from jokegen.core.speaking.side_by_side import generate_batch
from jokegen.core.training import assembling, preparation, resuming, workflow
from jokegen.core.training.device import Machine
from jokegen.core.training.preparation import make_trainer
from jokegen.core.training.session import TrainingSession
from jokegen.core.training.team import ALONE, Team, TeamError
from jokegen.data.corpus import build_corpus
from jokegen.data.reading import read_texts
from test_session import wait_for
from trainings import assert_same_training, resumed

CHOSEN = {"max_epochs": 16, "batch_size": 2}
"""More than 300 steps."""


class ThreadTeam(Team):
    """Threads in the place of processes; only the wire between them is another one."""

    def __init__(self, rank, size, shared):
        super().__init__(rank, size)
        self.shared = shared

    def _exchange(self, exchange, tensor):
        tensors, barrier = self.shared
        tensors[self.rank] = tensor.clone()
        barrier.wait(60)
        if exchange.__name__ == "_sum":
            tensor.copy_(sum(tensors[rank] for rank in range(self.size)))
        else:
            tensor.copy_(tensors[0])
        barrier.wait(60)


def trained_by(size, corpus, recipe, during=lambda rank, trainer, event: None, stops=None):
    """Train in so many threads; return each one's trainer and its events."""
    shared, done = ({}, threading.Barrier(size)), {}

    def work(rank):
        torch.set_num_threads(1)
        team = ThreadTeam(rank, size, shared) if size > 1 else ALONE
        stop = stops if stops is not None and rank == 0 else lambda: False
        settings = make_settings({"preset": "small", "seed": 3})
        trainer = make_trainer(corpus, recipe, Machine("cpu", "float32", 1), settings, stop, team=team)
        events = []
        for event in trainer.events():
            events.append(event)
            during(rank, trainer, event)
        done[rank] = trainer, events

    threads = [threading.Thread(target=work, args=(rank,)) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return [done[rank] for rank in range(size)]


def losses(events):
    return [event.loss for event in events if isinstance(event, StepDone)]


@pytest.mark.parametrize(
    ("preset", "layout", "size", "changes"),
    [
        ("small", "stream", 3, {"batch_size": 4}),
        ("small", "texts", 3, {"batch_size": 2, "frequent_tokens": 8, "sampled_tokens": 12}),
        ("tutorial", "windows", 2, {"batch_size": 64, "sequence_length": 3}),
    ],
)
def test_a_batch_that_is_shared_is_the_same_batch(corpus_file, preset, layout, size, changes):
    texts = read_texts(corpus_file)
    if layout == "stream":
        texts = replace(texts, layout="whole")
    corpus = build_corpus(texts, "words", held_out=preset != "tutorial")
    recipe = replace(recipe_for(make_settings({"max_epochs": 1}), preset), layout=layout, **changes)
    ((one, expected),) = trained_by(1, corpus, recipe)
    several = trained_by(size, corpus, recipe)
    for trainer, events in several:
        assert losses(events) == pytest.approx(losses(expected), rel=1e-4)
        weights = zip(trainer.model.parameters(), several[0][0].model.parameters(), strict=True)
        assert all(torch.equal(mine, firsts) for mine, firsts in weights)
    checkpoint, other = several[0][0].checkpoint(), one.checkpoint()
    assert checkpoint.arrays.keys() == other.arrays.keys()
    assert np.array_equal(checkpoint.arrays["random.cpu"], other.arrays["random.cpu"])
    if layout != "texts":
        np.testing.assert_allclose(checkpoint.arrays["state.h"], other.arrays["state.h"], atol=1e-3)


def test_wishes_and_the_wish_to_stop_reach_all_at_the_same_step(corpus_file):
    corpus = build_corpus(read_texts(corpus_file), "words")
    recipe = replace(recipe_for(make_settings({"max_epochs": 50}), "small"), batch_size=8)
    stopping = threading.Event()

    def wish(rank, trainer, event):
        if rank == 0 and isinstance(event, StepDone):
            if event.step == 4:
                for number in range(6):
                    trainer.wishes.ask("rate", 0.5 if number % 2 else 2.0)
                trainer.wishes.ask("dropout", 0.5)
            if event.step == 20:
                stopping.set()

    (first, told), (second, heard) = trained_by(2, corpus, recipe, wish, stops=stopping.is_set)
    assert first.progress.ended == second.progress.ended == "stopped"
    assert first.progress.step == second.progress.step >= 20
    assert first.progress.interventions == second.progress.interventions == 7
    assert first.model.config == second.model.config
    assert losses(told) == losses(heard)


def test_what_is_handed_out_arrives_whatever_its_size(tmp_path):
    contents = {"large": np.random.default_rng(1).bytes(9_000_001), "empty": b"", "small": b"{}"}
    shared = {}, threading.Barrier(2)
    helper = threading.Thread(target=ThreadTeam(1, 2, shared).receive, args=(tmp_path,))
    helper.start()
    ThreadTeam(0, 2, shared).hand_out({name: BytesIO(content) for name, content in contents.items()})
    helper.join(60)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == contents


def test_a_step_that_another_process_left_has_changed_nothing(corpus_file):
    corpus = build_corpus(read_texts(corpus_file), "words")
    recipe = replace(recipe_for(make_settings({"max_epochs": 3}), "small"), batch_size=8)
    settings = make_settings({"preset": "small"})

    class Torn(Team):
        steps = 0

        def _exchange(self, exchange, tensor):
            self.steps += exchange.__name__ == "_sum"
            if self.steps > 5:
                raise TeamError("gone")
            tensor.mul_(2.0 if exchange.__name__ == "_sum" else 1.0)

    def trainer(team=ALONE):
        return make_trainer(corpus, recipe, Machine("cpu", "float32", 1), settings, team=team)

    torn, events = trainer(Torn(0, 2)), []
    with pytest.raises(TeamError):
        events.extend(torn.events())
    left = torn.checkpoint()
    assert left.values["step"] == 5
    plain = trainer()
    for _, _event in zip(range(5), plain.events(), strict=False):
        pass
    assert np.array_equal(left.arrays["random.cpu"], plain.checkpoint().arrays["random.cpu"])
    assert all(parameter.grad is None for parameter in torn.model.parameters())


def tiny(recipe, vocabulary):
    return replace(network_for(recipe, vocabulary), embedding_size=16, hidden_size=16)


@pytest.fixture
def tiny_network(monkeypatch):
    for module in (preparation, resuming):
        monkeypatch.setattr(module, "network_for", tiny)


@pytest.fixture(scope="module")
def by_two(tmp_path_factory, make_request):
    """Train a tiny network once in one process and once in two, to the end."""
    torch.set_num_threads(1)
    store = RunStore(tmp_path_factory.mktemp("two"))
    with pytest.MonkeyPatch.context() as patched:
        for module in (preparation, resuming):
            patched.setattr(module, "network_for", tiny)
        for name, processes in (("one", None), ("run", 2)):
            events = list(workflow.train(make_request(name, **CHOSEN, processes=processes), store))
            assert events[-1].reason == "finished"
    return store.open("run")


def test_two_processes_have_the_losses_of_one(by_two):
    alone = Run(by_two.path.with_name("one"))
    one, two = (run.series()["loss"].to_numpy() for run in (alone, by_two))
    assert len(one) == len(two) > 300
    np.testing.assert_allclose(two, one, rtol=1e-4)
    assert by_two.info.settings.processes == 2
    expected = [epoch.valid_loss for epoch in alone.epochs()]
    assert [epoch.valid_loss for epoch in by_two.epochs()] == pytest.approx(expected, rel=1e-4)


def test_a_helper_that_no_longer_answers_does_not_keep_the_first_process_for_ever(
    make_request, store, monkeypatch, tiny_network
):
    started, real = [], assembling.subprocess.Popen
    monkeypatch.setattr(assembling.subprocess, "Popen", lambda *a, **k: started.append(real(*a, **k)) or started[-1])
    monkeypatch.setattr(assembling, "FIRST_WAITS", timedelta(seconds=8))
    session = TrainingSession(make_request(**CHOSEN, processes=2), store)
    session.start()
    wait_for(lambda: session.snapshot().step > 5, 60)
    started[0].send_signal(signal.SIGSTOP)
    assert session.join(90)
    assert "2 training processes ended" in session.snapshot().message
    assert started[0].poll() is not None


def test_a_killed_helper_costs_a_sentence_and_the_training_goes_on_with_as_many_or_fewer(
    by_two, make_request, store, monkeypatch, tiny_network
):
    started, real = [], assembling.subprocess.Popen
    monkeypatch.setattr(assembling.subprocess, "Popen", lambda *a, **k: started.append(real(*a, **k)) or started[-1])
    monkeypatch.setattr(assembling, "FIRST_WAITS", timedelta(seconds=30))
    request = make_request(**CHOSEN, processes=2)
    session = TrainingSession(request, store)
    session.start()
    wait_for(lambda: session.snapshot().step > 290, 60)
    session.pause()
    generator = session.live_generator()
    assert generate_batch(generator, "Why did", Sampling(), 1, 1, 5)[0].text.startswith("Why did")
    (helper,) = started
    helper.kill()
    session.resume()
    assert session.join(120)
    snapshot = session.snapshot()
    assert (snapshot.state, snapshot.traceback) == ("failed", None)
    assert "2 training processes ended" in snapshot.message
    run = store.open("run")
    assert run.resumable
    assert len(run.series()) == run.series().index[-1] >= snapshot.step > 290

    shutil.copytree(run.path, store.folder / "alone")
    list(workflow.train(resumed(make_request()), store))
    assert_same_training(store.open("run"), by_two)

    alone = resumed(replace(make_request(), settings=make_settings({"processes": 1})), "alone")
    events = list(workflow.train(alone, store))
    assert any("by 2 processes" in event.message for event in events if isinstance(event, Noticed))
    assert len(started) == 2
    valid = [event.valid_loss for event in events if isinstance(event, EpochDone)]
    assert valid == pytest.approx([epoch.valid_loss for epoch in by_two.epochs()][-len(valid) :], rel=1e-4)
    assert Run(store.folder / "alone").info.settings.processes == 1


def test_what_several_processes_cannot_do_is_said(make_request, store, monkeypatch):
    with pytest.raises(SettingsError, match="counted by one process"):
        list(workflow.train(make_request(preset="ngram", processes=2), store))
    with pytest.raises(SettingsError, match="on processors or on CUDA"), assembling.assembled(2, "mps"):
        pass
    with pytest.raises(SettingsError, match="GPU of its own"), assembling.assembled(999, "cuda"):
        pass
    monkeypatch.setattr(assembling.sys, "executable", shutil.which("false"))
    with pytest.raises(EngineError, match="could not be started"), assembling.assembled(2, "cpu"):
        pass
