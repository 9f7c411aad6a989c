"""The model that comes with JokeGen speaks at once, says what it is, and stays as it is."""

from __future__ import annotations

import numpy as np
import pytest
from jokegen.core.errors import RunError
from jokegen.core.runs.store import RunStore
from jokegen.core.runs.voice import BUNDLED, VOICE_FOLDER, WHAT_IT_IS
from jokegen.core.speaking.loading import evaluate_run, load_generator
from jokegen.core.training.workflow import TrainingRequest, train
from jokegen.data.corpus import build_corpus
from jokegen.data.reading import read_texts
from safetensors.numpy import load_file


def test_it_belongs_to_the_bundled_jokes_as_they_are(store):
    """After a change of the jokes: `make voice`."""
    info = store.open(BUNDLED).info
    assert info.fingerprint == build_corpus(read_texts("starter")).fingerprint, "the jokes have changed: make voice"


def test_it_is_small_and_in_half_precision():
    assert sum(file.stat().st_size for file in VOICE_FOLDER.iterdir()) <= 4_000_000
    weights = load_file(VOICE_FOLDER / "best.safetensors")
    assert {array.dtype for array in weights.values()} == {np.dtype(np.float16)}


def test_without_a_run_it_speaks_and_says_what_it_is(store):
    run = store.newest()
    assert run.name == BUNDLED
    generator = load_generator(run)
    assert generator.notice == WHAT_IT_IS
    words = "".join(word.text for word in generator.stream(generator.read("Why did the chicken"), _sampling(), 3))
    assert len(words.split()) > 3


def test_its_figures_are_those_of_the_weights_that_come_along(store):
    run = store.open(BUNDLED)
    found, _ = evaluate_run(run, "test")
    told = run.info.figures("test")
    assert told is not None
    assert found.perplexity == pytest.approx(told.perplexity, rel=1e-4)
    assert found.perplexity < 0.7 * found.ngram_perplexity


def test_a_run_of_ones_own_comes_first(store, make_request):
    list(train(make_request("mine", max_epochs=1), store))
    assert store.newest().name == "mine"
    assert [summary.name for summary in store.list()] == ["mine"]


def test_nothing_of_it_can_be_changed(store, make_request, tmp_path):
    before = {file.name: file.stat().st_mtime_ns for file in VOICE_FOLDER.iterdir()}
    with pytest.raises(RunError, match="stays as it is"):
        list(train(TrainingRequest(resume=BUNDLED), store))
    for change in (lambda: store.delete(BUNDLED), lambda: store.rename(BUNDLED, "mine")):
        with pytest.raises(RunError, match="stays as it is"):
            change()
    with pytest.raises(RunError, match="is the name of the model that comes with JokeGen"):
        list(train(make_request(BUNDLED, max_epochs=1), store))
    store.export(BUNDLED, tmp_path / "voice.zip")
    assert store.import_(tmp_path / "voice.zip", "copy") == "copy"
    assert RunStore(store.folder).open("copy").info.status == "finished"
    assert {file.name: file.stat().st_mtime_ns for file in VOICE_FOLDER.iterdir()} == before


def _sampling():
    from jokegen.core.speaking.choices import Sampling

    return Sampling()
