"""Tests of the picture of a run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from jokegen.core.runs.store import RunStore
from jokegen.tui.view import view_of_run

RUNS = Path(__file__).parents[1] / "fixtures" / "runs-0.1.0"


@pytest.mark.parametrize(("status", "all_done"), [("time", True), ("patience", True), ("stopped", False)])
def test_what_ended_before_its_epochs_were_done_is_whole_and_what_was_stopped_is_not(
    tmp_path: Path, status: str, all_done: bool
):
    shutil.copytree(RUNS / "finished", tmp_path / "finished")
    run = RunStore(tmp_path).open("finished")
    epochs = run.info.total_epochs
    run.update_info(status=status, recipe={**run.info.recipe, "epochs": 2 * (epochs or 1)})
    view = view_of_run(run)
    assert view.total_epochs == (view.epoch if all_done else 2 * (epochs or 1))
    assert view.total_steps == (view.step if all_done else 2 * view.step)


def test_a_run_that_another_process_trains_is_in_training_and_has_nothing_to_go_on_with(tmp_path: Path):
    shutil.copytree(RUNS / "interrupted", tmp_path / "interrupted")
    run = RunStore(tmp_path).open("interrupted")
    run.update_info(status="training")
    assert view_of_run(run).message.endswith("Press r to go on with it.")
    lock = run.lock()  # as the one that trains it has it
    try:
        view = view_of_run(run)
        assert (view.state, view.resumable) == ("training", False)
        assert view.message == "It is in training; stop it where it was started."
        assert view.epoch == len(run.epochs())
    finally:
        lock.release()
