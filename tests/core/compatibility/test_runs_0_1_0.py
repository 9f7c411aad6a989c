"""Runs written by version 0.1.0 open, say what they said, measure as they did and go on to the same weights."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from jokegen.core.events import Ended
from jokegen.core.runs.checkpoints import load_checkpoint
from jokegen.core.runs.folder import LAST
from jokegen.core.runs.store import RunStore
from jokegen.core.speaking.choices import Sampling
from jokegen.core.speaking.loading import evaluate_run, load_generator
from jokegen.core.speaking.scoring import score
from jokegen.core.speaking.side_by_side import generate_many
from jokegen.core.training import recorder
from jokegen.core.training.workflow import TrainingRequest, train

FIXTURES = Path(__file__).parents[2] / "fixtures" / "runs-0.1.0"
EXPECTED = json.loads((FIXTURES / "expected.json").read_text(encoding="utf-8"))
INTERRUPTED = ("interrupted", "interrupted-stream")
SAMPLINGS = {
    "default": Sampling(),
    "filtered": Sampling(1.1, 40, 0.9, 0.01, 1.3),
    "greedy": Sampling(greedy=True),
}
FIGURES = ("loss", "perplexity", "bits_per_character", "ngram_perplexity", "mixed_perplexity")


@pytest.fixture
def store(tmp_path):
    shutil.copytree(FIXTURES, tmp_path / "runs")
    return RunStore(tmp_path / "runs")


@pytest.mark.parametrize("name", EXPECTED)
def test_it_opens_with_all_that_was_noted(store, name):
    run, expected = store.open(name), EXPECTED[name]
    assert run.info.status == expected["status"]
    assert [epoch.valid_loss for epoch in run.epochs()] == [epoch["valid_loss"] for epoch in expected["epochs"]]
    series = run.series()
    assert len(series) == expected["steps"]
    if expected["steps"]:
        assert series["loss"].iloc[-1] == expected["last_loss"]
        assert series["gradient_norm"].isna().all()  # 0.1.0 did not write it
    assert len(run.samples()) == len(expected["epochs"])
    summary = run.summary()
    assert summary.problem is None
    assert summary.resumable == (name in INTERRUPTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_it_says_what_it_said(store, name):
    run, expected = store.open(name), EXPECTED[name]
    generator = load_generator(run)
    generator.gluing = None  # that version glued words to each other; whatever else it says is to be the same
    for kind, texts in expected["said"].items():
        made = generate_many(generator, "Why did the", SAMPLINGS[kind], 11, 3, 20)
        assert [text.text for text in made] == texts
        streamed = generator.stream(generator.read("Why did the"), SAMPLINGS[kind], 11, 20)
        assert "Why did the" + "".join(word.text for word in streamed) == texts[0]
    if "mixed" in expected:
        mixed = load_generator(run, mixed=True)
        mixed.gluing = None
        assert next(generate_many(mixed, "Why did the", Sampling(), 5, 1, 20)).text == expected["mixed"]


@pytest.mark.parametrize("name", EXPECTED)
def test_it_measures_as_it_did(store, name):
    run, expected = store.open(name), EXPECTED[name]
    scored = score(load_generator(run), "What do you call a cow in the garden?")
    assert scored.loss == pytest.approx(expected["score"]["loss"], rel=1e-5)
    assert [t.surprisal for t in scored.tokens] == pytest.approx(expected["score"]["surprisals"], rel=1e-4, abs=1e-4)
    for split in ("valid", "test"):
        if split in expected:
            found, _ = evaluate_run(run, split)
            for figure in FIGURES:
                assert getattr(found, figure) == pytest.approx(expected[split][figure], rel=1e-5), figure


@pytest.mark.parametrize("name", INTERRUPTED)
def test_it_goes_on_to_the_weights_it_would_have_had(store, name, monkeypatch):
    made_with = store.open(name).info.versions["torch"].partition("+")[0]
    if torch.__version__.partition("+")[0] != made_with:
        pytest.skip(f"torch {made_with} drew other random numbers than torch {torch.__version__}; the resuming says so")
    torch.set_num_threads(1)
    monkeypatch.setattr(recorder, "SECONDS_BETWEEN_CHECKPOINTS", 1e9)
    events = list(train(TrainingRequest(resume=name), store))
    assert isinstance(events[-1], Ended)
    assert events[-1].reason == "finished"
    after = load_checkpoint(FIXTURES / f"{name}.after.safetensors")
    found = load_checkpoint(store.open(name).path / LAST)
    assert found.values == after.values
    for tensor, array in after.arrays.items():
        # To the bit on the machine that made them; another processor rounds otherwise.
        np.testing.assert_allclose(found.arrays[tensor], array, rtol=2e-3, atol=2e-4, err_msg=tensor)
