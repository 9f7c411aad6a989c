"""Epochs are kept in half precision, few and well spread, and a run speaks as it was after any of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.core.errors import RunError
from jokegen.core.runs import snapshots
from jokegen.core.runs.checkpoints import load_checkpoint
from jokegen.core.runs.folder import BEST
from jokegen.core.runs.snapshots import keep_epoch, kept_epochs, load_epoch, snapshot_file, worth_keeping
from jokegen.core.speaking.choices import Sampling
from jokegen.core.speaking.loading import evaluate_run, load_generator
from jokegen.core.training import workflow
from trainings import resumed

EPOCHS = {"preset": "small", "max_epochs": 3}


@settings(max_examples=40)
@given(epochs=st.integers(1, 3000), most=st.integers(4, 20))
def test_few_are_kept_and_well_spread(epochs, most):
    kept = sorted(worth_keeping(epochs, most))
    assert len(kept) <= most
    assert kept[0] == 1
    assert kept[-1] == epochs
    assert kept == list(range(1, epochs + 1)) or len(kept) > most / 3
    gaps = np.diff(kept)
    assert max(gaps, default=1) <= max(1, 4 * epochs / most)


@settings(max_examples=40)
@given(epochs=st.integers(1, 1000), most=st.integers(4, 20))
def test_nothing_is_wanted_back_that_was_dropped(epochs, most):
    assert worth_keeping(epochs + 1, most) <= worth_keeping(epochs, most) | {epochs + 1}


def test_a_long_training_prunes_by_itself_and_large_weights_leave_fewer(tmp_path, monkeypatch):
    weights = {"bias": np.array([1e9, -1e9, 0.25], np.float32)}
    for epoch in range(1, 44):
        keep_epoch(tmp_path, epoch, weights)
    assert kept_epochs(tmp_path) == tuple(sorted(worth_keeping(43)))
    assert np.isfinite(load_epoch(tmp_path, 43, None).arrays["bias"]).all()
    monkeypatch.setattr(snapshots, "_BYTES", 600)
    large = tmp_path / "large"
    for epoch in range(1, 9):
        keep_epoch(large, epoch, {"output": np.zeros(100, np.float32)})
    assert kept_epochs(large) == (1, 4, 8)


def test_a_run_speaks_and_measures_as_it_was(trained):
    run = trained(**EPOCHS)
    assert run.snapshots() == (1, 2, 3)
    for epoch in run.epochs():
        found, _ = evaluate_run(run, "valid", epoch=epoch.epoch)
        assert found.loss == pytest.approx(epoch.valid_loss, rel=1e-3)
    first = load_generator(run, epoch=1)
    assert first.label == "run · epoch 1"
    said = {epoch: [word.text for word in _words(load_generator(run, epoch=epoch))] for epoch in (1, 2, 3)}
    assert said[3] == [word.text for word in _words(load_generator(run))]


def _words(generator):
    return generator.stream(generator.read("Why did the"), Sampling(), 5, 12)


def test_the_best_epoch_is_the_whole_checkpoint(trained):
    run = trained(**EPOCHS)
    best = load_checkpoint(run.path / BEST).arrays
    halves = load_checkpoint(run.path / snapshot_file(run.info.best_epoch)).arrays
    assert {array.dtype for array in halves.values()} == {np.dtype(np.float16)}
    for name, array in best.items():
        np.testing.assert_allclose(halves[name], array, rtol=1e-3, atol=1e-6)
    network = load_generator(run, epoch=run.info.best_epoch).predictor.network
    assert network is not None


def test_an_epoch_that_was_not_kept_is_a_sentence(copied, trained):
    run = copied(**EPOCHS)
    with pytest.raises(RunError, match=r"did not keep epoch 9; choose one of its epochs 1, 2, 3\.$"):
        load_generator(run, epoch=9)
    for epoch in run.snapshots():
        (run.path / snapshot_file(epoch)).unlink()
    with pytest.raises(RunError, match=r"kept none of its earlier epochs; leave --epoch out to hear its best one"):
        load_generator(run, epoch=1 if run.info.best_epoch != 1 else 2)
    counting = trained(preset="ngram")
    assert counting.snapshots() == ()
    with pytest.raises(RunError, match="counts n-grams and has no epochs"):
        load_generator(counting, epoch=2)


def test_a_damaged_snapshot_is_named(copied):
    run = copied(**EPOCHS)
    worse = next(epoch for epoch in run.snapshots() if epoch != run.info.best_epoch)
    (run.path / snapshot_file(worse)).write_bytes(b"no tensors")
    with pytest.raises(RunError, match=rf"run/epoch-{worse}.safetensors is damaged"):
        load_generator(run, epoch=worse)


def test_going_on_forgets_the_epochs_that_come_again(make_request, store):
    request = make_request(**EPOCHS)
    for event in (events := workflow.train(request, store)):
        if getattr(event, "epoch", 0) == 2:
            events.close()
    run = store.open("run")
    (run.path / snapshot_file(7)).write_bytes((run.path / snapshot_file(1)).read_bytes())
    list(workflow.train(resumed(request), store))
    assert run.snapshots() == (1, 2, 3)


def test_snapshots_travel_with_the_run(copied, store, tmp_path):
    run = copied(**EPOCHS)
    store.export("run", tmp_path / "run.zip")
    imported = store.open(store.import_(tmp_path / "run.zip", "copy"))
    assert imported.snapshots() == run.snapshots()
    assert load_generator(imported, epoch=1).label == "copy · epoch 1"
