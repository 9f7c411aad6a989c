"""A corpus on the disk is trained on to the same losses as one in the memory, and resumed, and talked to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from jokegen.core.events import Ended, Noticed, Preparing, StepDone
from jokegen.core.runs.contents import load_corpus, load_tokenizer
from jokegen.core.runs.store import RunStore
from jokegen.core.settings import TrainingSettings
from jokegen.core.speaking import counting
from jokegen.core.speaking.exporting import export_texts
from jokegen.core.speaking.loading import evaluate_run, load_generator
from jokegen.core.training import token_choice, validation
from jokegen.core.training.gathering import TokensOnDisk
from jokegen.core.training.preparation import prepare_corpus, read_source
from jokegen.core.training.validation import log_probabilities
from jokegen.core.training.workflow import TrainingRequest, train
from jokegen.data import corpus
from jokegen.data.corpus import Split
from jokegen.data.large import pieces
from jokegen.data.sources import limits
from jokegen.models.configuration import ModelConfig
from jokegen.models.networks import build

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
    monkeypatch.setattr(counting, "MEASURED_TOKENS", 500)
    measured, notices = evaluate_run(run, "train")
    assert 0 < measured.tokens <= 500
    assert 2 < measured.characters / measured.tokens < 6
    assert any("the model was measured on" in notice for notice in notices)

    two = replace(SETTINGS, processes=2)
    shared = list(train(TrainingRequest(str(source), two, name="shared"), store))
    assert [event.loss for event in shared if isinstance(event, StepDone)] == pytest.approx(losses[0], rel=1e-4)
    counts = replace(SETTINGS, preset="ngram", hidden=None)
    counted = list(train(TrainingRequest(str(source), counts, name="counted"), store))
    assert isinstance(counted[-1], Ended)
    assert counted[-1].reason == "finished"
    files, _ = export_texts(run, tmp_path / "texts.txt")
    assert sum(len(file.read_text().splitlines()) for file in files) == 200


def test_of_a_large_corpus_the_words_seen_most_often_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOKEGEN_HOME", str(tmp_path / "home"))
    source = tmp_path / "jokes.txt"
    source.write_text(JOKES)
    everything = prepare_corpus(read_source(str(source), SETTINGS), SETTINGS)
    monkeypatch.setattr(limits, "LARGE_BYTES", 1000)
    for module in (corpus, token_choice):
        monkeypatch.setattr(module, "LARGE_VOCABULARY", 20)
    prepared = prepare_corpus(read_source(str(source), SETTINGS), SETTINGS)
    assert everything.corpus.tokenizer.vocabulary_size > prepared.corpus.tokenizer.vocabulary_size == 20
    assert prepared.corpus.tokenizer.words == everything.corpus.tokenizer.words[: len(prepared.corpus.tokenizer.words)]
    assert any("the 20 words that are seen most often are known" in notice for notice in prepared.notices)
    assert not any("seen most often" in notice for notice in everything.notices)


def test_held_out_texts_are_measured_in_little_memory_whatever_the_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build(ModelConfig(500, 8, 8), generator=torch.Generator().manual_seed(1))
    tokens = np.random.default_rng(1).integers(0, 500, 3000).astype(np.int32)
    split = Split("valid", tokens, np.arange(0, 3001, 10), 0, 0, 0)
    whole = log_probabilities(model, split, 0)
    logits: list[int] = []
    predict = model.predict
    monkeypatch.setattr(model, "predict", lambda features: logits.append(len(features) * 500) or predict(features))
    monkeypatch.setattr(validation, "_LOGITS_AT_ONCE", 40_000)
    np.testing.assert_allclose(log_probabilities(model, split, 0), whole, rtol=1e-5)
    assert max(logits) <= 40_000
    assert sum(logits) == 3000 * 500


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="only Linux says what a file takes of the memory")
def test_tokens_on_the_disk_take_little_memory_however_many_were_looked_up(tmp_path: Path) -> None:
    file, count = tmp_path / "tokens", 1 << 24
    np.zeros(count, dtype=np.uint16).tofile(file)
    tokens = TokensOnDisk(np.memmap(file, np.uint16, "r"), torch.device("cpu"))
    for places in np.array_split(np.arange(count), 1024):
        assert not tokens.at(places).any()
    lines = Path("/proc/self/smaps").read_text().splitlines()
    (first,) = (number for number, line in enumerate(lines) if line.endswith(str(file)))
    resident = next(int(line.split()[1]) for line in lines[first:] if line.startswith("Rss:"))
    assert resident * 1024 < tokens.array.nbytes / 8
