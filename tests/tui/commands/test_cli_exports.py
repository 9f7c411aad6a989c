"""``runs export`` and ``runs series``: what they write is read by the tools it is meant for."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
import pytest
import torch
from click.testing import Result
from command_line import RUN
from jokegen.core.runs.folder import Run
from jokegen.core.speaking.loading import load_run
from jokegen.data.reading import read_texts
from jokegen.models.configuration import ModelConfig
from jokegen.models.networks import build
from safetensors import safe_open
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tokenizers import Tokenizer

Cli = Callable[..., Result]
PROMPT = "Why did the hen cross"


def test_onnxruntime_and_tokenizers_continue_a_prompt_like_the_run(jokegen: Cli, home: Path, tmp_path: Path) -> None:
    result = jokegen("runs", "export", RUN, tmp_path / "first.onnx")
    assert result.exit_code == 0, result.stderr
    assert "first.tokenizer.json" in result.stdout
    loaded = load_run(Run(home / "runs" / RUN))
    tokenizer = Tokenizer.from_file(str(tmp_path / "first.tokenizer.json"))
    ids = [*tokenizer.encode(PROMPT, add_special_tokens=False).ids]
    assert ids == list(loaded.tokenizer.encode(PROMPT))
    session = onnxruntime.InferenceSession(tmp_path / "first.onnx", providers=["CPUExecutionProvider"])
    assert session.get_modelmeta().custom_metadata_map["run"] == RUN
    network = loaded.predictor.network
    state = network.initial_state(1)
    tokens = np.array(ids, dtype=np.int64)[:, None]
    logits, *_ = session.run(None, {"tokens": tokens, "h": state[0], "c": state[1]})
    np.testing.assert_allclose(logits, network.predict(network.read(tokens, state)[0]), atol=1e-4)


def test_torch_loads_the_safetensors(jokegen: Cli, tmp_path: Path) -> None:
    file = tmp_path / "weights"
    assert jokegen("runs", "export", RUN, file, "--format", "safetensors").exit_code == 0
    with safe_open(file, "numpy") as opened:
        config = ModelConfig.from_dict(json.loads(opened.metadata()["config"]))
    model = build(config, generator=torch.Generator())
    assert not model.load_state_dict(load_file(file), strict=False).unexpected_keys


@pytest.mark.parametrize(("ending", "read"), [("csv", pd.read_csv), ("parquet", pd.read_parquet)])
def test_pandas_reads_the_series(jokegen: Cli, home: Path, tmp_path: Path, ending: str, read: Callable) -> None:
    file = tmp_path / f"series.{ending}"
    assert jokegen("runs", "series", RUN, "--output", file).exit_code == 0
    pd.testing.assert_frame_equal(read(file), Run(home / "runs" / RUN).series().reset_index(), check_dtype=False)


def test_tensorboards_own_reader_finds_series_epochs_and_samples(jokegen: Cli, home: Path, tmp_path: Path) -> None:
    assert jokegen("runs", "export", RUN, "--tensorboard", tmp_path).exit_code == 0
    run = Run(home / "runs" / RUN)
    read = EventAccumulator(str(tmp_path / RUN), size_guidance={"scalars": 0, "tensors": 0}).Reload()
    losses, table, epochs = read.Scalars("loss"), run.series(), run.epochs()
    assert [event.step for event in losses] == table.index.tolist()
    assert [event.value for event in losses] == pytest.approx(table["loss"].tolist(), rel=1e-6)
    began = datetime.fromisoformat(run.info.created).timestamp()
    assert losses[-1].wall_time - began == pytest.approx(table["seconds"].iloc[-1], abs=1e-3)
    assert set(read.Tags()["scalars"]) >= {"learning_rate", "gradient_norm", "tokens", "epoch/train_loss"}
    valid = read.Scalars("epoch/validation_loss")
    assert [(event.step, event.value) for event in valid] == [
        (epoch.step, pytest.approx(epoch.valid_loss, rel=1e-6)) for epoch in epochs
    ]
    assert len(read.Tensors("sample/text_summary")) == len(run.samples())
    again = jokegen("runs", "export", RUN, "--tensorboard", tmp_path)
    assert (again.exit_code, again.stderr.count("\n"), "already exists" in again.stderr) == (1, 1, True)


def test_the_texts_of_each_split_are_written_and_read_again(jokegen: Cli, home: Path, tmp_path: Path) -> None:
    result = jokegen("runs", "export", RUN, tmp_path / "first.txt")
    assert result.exit_code == 0, result.stderr
    corpus = load_run(Run(home / "runs" / RUN)).corpus
    for split in (corpus.train, corpus.valid, corpus.test):
        texts = read_texts(str(tmp_path / f"first.{split.name}.txt")).texts.tolist()
        assert texts == [corpus.tokenizer.decode(split.text(index)) for index in range(len(split))]


def test_nothing_is_written_over_and_no_format_is_guessed(jokegen: Cli, tmp_path: Path) -> None:
    there = tmp_path / "there.csv"
    there.write_text("mine", encoding="utf-8")
    (tmp_path / "new.tokenizer.json").write_text("mine", encoding="utf-8")
    for verb in (
        ("series", RUN, "--output", there),
        ("series", RUN, "--output", tmp_path / "series.xyz"),
        ("export", RUN, there, "--format", "safetensors"),
        ("export", RUN, tmp_path / "new.onnx"),
        ("export", RUN, tmp_path / "nowhere" / "first.onnx"),
    ):
        result = jokegen("runs", *verb)
        assert result.exit_code == 1, verb
        assert len(result.stderr.strip().splitlines()) == 1
    assert there.read_text(encoding="utf-8") == "mine"
    assert sorted(path.name for path in tmp_path.glob("*.*")) == ["new.tokenizer.json", "there.csv"]
