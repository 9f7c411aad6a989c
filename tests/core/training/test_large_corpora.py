"""A corpus on the disk is trained on to the same losses as one in the memory, and resumed, and talked to."""

from __future__ import annotations

from pathlib import Path

import pytest
from jokegen.core.events import Noticed, Preparing, StepDone
from jokegen.core.runs.contents import load_corpus, load_tokenizer
from jokegen.core.runs.store import RunStore
from jokegen.core.settings import TrainingSettings
from jokegen.core.speaking import counting
from jokegen.core.speaking.loading import evaluate_run, load_generator
from jokegen.core.training.workflow import TrainingRequest, train
from jokegen.data.large import pieces
from jokegen.data.sources import limits

JOKES = "".join(
    f"Why did number {number} cross road {number % 13}? To meet number {number % 7}.\n" for number in range(200)
)
SETTINGS = TrainingSettings(preset="small", hidden=8, max_epochs=1, device="cpu", precision="float32")


def test_a_corpus_on_the_disk_trains_like_one_in_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOKEGEN_HOME", str(tmp_path / "home"))
    source = tmp_path / "jokes.txt"
    source.write_text(JOKES)
    store = RunStore(tmp_path / "home" / "runs")
    small = list(train(TrainingRequest(str(source), SETTINGS, name="small"), store))
    monkeypatch.setattr(limits, "LARGE_BYTES", 1000)
    monkeypatch.setattr(pieces, "PIECE_BYTES", 3000)
    monkeypatch.setattr(counting, "KNOWN_TOKENS", 500)
    large = list(train(TrainingRequest(str(source), SETTINGS, name="large"), store))
    losses = [[event.loss for event in events if isinstance(event, StepDone)] for events in (small, large)]
    assert losses[0] == losses[1] != []
    said = [event.message for event in large if isinstance(event, Noticed | Preparing)]
    assert any("(1 of 2)" in sentence for sentence in said)
    assert any("stay on the disk" in sentence and "copies are looked for in" in sentence for sentence in said)
    run = store.open("large")
    assert load_corpus(run, load_tokenizer(run)).train.is_on_disk
    resumed = list(train(TrainingRequest(resume="large", epochs=2), store))
    assert any(isinstance(event, StepDone) for event in resumed)
    copies = load_generator(run).copies
    assert copies is not None
    assert 0 < len(copies.train.tokens) <= 500
    assert copies.nearest(copies.train.text(0).tolist())[0].likeness == pytest.approx(1)
    assert evaluate_run(run)[0].ngram_perplexity is not None
