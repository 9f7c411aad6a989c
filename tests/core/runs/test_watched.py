"""A run of another process is read as it grows and never changed."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jokegen.core.errors import RunError
from jokegen.core.events import EpochDone
from jokegen.core.runs import watched
from jokegen.core.runs.folder import METRICS, SAMPLES, Run, epoch_line
from jokegen.core.runs.watched import WatchedRun, WatchedStore

FIXTURE = Path(__file__).parents[2] / "fixtures" / "runs-0.1.0" / "finished"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run that is in training somewhere."""
    shutil.copytree(FIXTURE, tmp_path / "runs" / "far-away")
    run = Run(tmp_path / "runs" / "far-away")
    run.update_info(status="training")
    for file in (METRICS, SAMPLES):
        (run.path / file).write_text("", encoding="utf-8")
    return run


def _step(step: int, loss: float) -> str:
    return json.dumps({"kind": "step", "step": step, "epoch": 1, "loss": loss, "tokens": 10, "seconds": step}) + "\n"


def _note(run: Run, text: str) -> None:
    with (run.path / METRICS).open("a", encoding="utf-8") as file:
        file.write(text)


def _same(left: Run, right: Run) -> None:
    ours, theirs = left.book(), right.book()
    assert (ours.names, ours.last_step, left.epochs()) == (theirs.names, theirs.last_step, right.epochs())
    for name in ours.names:
        np.testing.assert_array_equal(
            ours.thinned(name, 0, 1e9, 10_000).mean, theirs.thinned(name, 0, 1e9, 10_000).mean
        )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 4000), max_size=8))
def test_read_in_pieces_it_is_what_it_is_read_at_once(run: Run, cuts: list[int]) -> None:
    whole = "".join(_step(step, 5 / step) for step in range(1, 30))
    whole += json.dumps(epoch_line(EpochDone(1, 29, 3.0, 2.9, 100.0, 5.0, True))) + "\n{broken\n"
    (run.path / METRICS).write_text("", encoding="utf-8")
    seen, before = WatchedRun(run.path, "far"), 0
    for cut in sorted(cuts):
        _note(run, whole[before:cut])
        before = max(before, cut)
        seen.book()
    _note(run, whole[before:])
    _same(seen, run)
    assert len(seen.epochs()) == 1


def test_each_look_reads_what_is_new_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def counted(text: str) -> list[dict[str, object]]:
        read.append(len(text.splitlines()))
        return [json.loads(line) for line in text.splitlines()]

    monkeypatch.setattr(watched, "parsed", counted)
    seen = WatchedRun(run.path, "far")
    for count in (50, 3, 0):
        _note(run, "".join(_step(step, 1.0) for step in range(count)))
        seen.book()
    assert read == [50, 3, 0]


def test_a_file_that_was_cut_back_is_read_anew(run: Run) -> None:
    seen = WatchedRun(run.path, "far")
    _note(run, "".join(_step(step, 1.0) for step in range(1, 9)))
    assert seen.book().last_step == 8
    run.truncate(step=4, epoch=0)  # resumed from an earlier checkpoint
    _note(run, _step(5, 0.5))
    assert seen.book().last_step == 5
    _same(seen, run)


def test_it_stands_as_what_it_writes_says(run: Run) -> None:
    seen = WatchedRun(run.path, "far")
    assert seen.standing.state == "training"
    for file in run.path.iterdir():
        os.utime(file, (1, 1))
    assert seen.standing.state == "interrupted"
    run.update_info(status="finished")
    assert seen.standing.state == "finished"


def test_a_folder_that_vanishes_is_one_sentence_and_what_was_seen_stays(run: Run) -> None:
    seen = WatchedRun(run.path, "far")
    _note(run, _step(1, 1.0))
    assert (seen.info.status, seen.book().last_step) == ("training", 1)
    shutil.rmtree(run.path)
    assert seen.book().last_step == 1
    assert seen.standing.state == "interrupted"
    assert "not there any more" in seen.standing.sentence


def test_looking_changes_nothing(run: Run, tmp_path: Path) -> None:
    _note(run, _step(1, 1.0))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    store = WatchedStore(tmp_path / "runs", [run.path])
    seen = store.open("far-away")
    assert seen.summary().status == "training"
    assert (seen.in_training(), seen.resumable, seen.samples()) == (True, False, [])
    for change in (
        seen.lock,
        lambda: seen.update_info(status="finished"),
        lambda: seen.append(METRICS, [{}]),
        lambda: store.create("new"),
        lambda: store.rename("far-away", "near"),
        lambda: store.delete("far-away"),
    ):
        with pytest.raises(RunError, match="only watched"):
            change()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_folders_of_one_name_have_two_here_and_one_folder_has_one(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "mount" / run.name
    shutil.copytree(run.path, other)
    store = WatchedStore(tmp_path / "runs", [run.path, other, run.path / ".." / run.name])
    assert store.names() == ["far-away", "far-away 2"]
    assert store.open("far-away 2").path == other
    with pytest.raises(RunError, match="no folder of a run"):
        WatchedStore(tmp_path / "runs", [tmp_path])
