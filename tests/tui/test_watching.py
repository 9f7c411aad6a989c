"""The app on runs that other processes train: it follows them, speaks with their weights and survives their end."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from app_harness import made_up_run, notices, running, screen_text, shows, until
from jokegen.core.events import EpochDone
from jokegen.core.runs.folder import METRICS, Run, epoch_line
from jokegen.core.runs.watched import WatchedStore
from jokegen.tui.app import JokegenApp
from jokegen.tui.screens import train
from jokegen.tui.workbench import Plan

FINISHED = Path(__file__).parents[1] / "fixtures" / "runs-0.1.0" / "finished"


@pytest.fixture(autouse=True)
def look_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "FOLLOW_EVERY", 0.5)


def _watching(*runs: Run) -> JokegenApp:
    store = WatchedStore(Path("nowhere"), [run.path for run in runs])
    app = JokegenApp(run=store.names()[0], store=store)
    app.bench.marked = tuple(store.names()[1:])
    return app


async def test_runs_are_followed_over_each_other_and_vanish_in_a_sentence(tmp_path: Path) -> None:
    run, other = (made_up_run(tmp_path / name, name, status="training") for name in ("far", "farther"))
    app = _watching(run, other)
    async with running(app, (100, 30)) as pilot:
        await shows(pilot, "far", "farther", "12 / 12")
        run.append(METRICS, [epoch_line(EpochDone(13, 520, 3.3, 1.2345, 30_000.0, 80.0, True))])
        await until(pilot, lambda: app.screen.view.best.epoch == 13)
        other.append(METRICS, [epoch_line(EpochDone(13, 999, 3.3, 1.5, 30_000.0, 80.0, True))])
        await until(pilot, lambda: getattr(app.screen._curves_over.get("farther"), "last_step", 0) == 999)
        shutil.rmtree(run.path)
        await until(pilot, lambda: "not there any more" in app.screen.view.message)
        assert app.screen.view.best.epoch == 13
        assert "failed" not in notices(app)
        assert app.screen.view.resumable is False


async def test_the_newest_weights_speak_and_nothing_is_trained_meanwhile(tmp_path: Path, home: Path) -> None:
    run = Run(shutil.copytree(FINISHED, tmp_path / "finished"))
    before = {path.name for path in run.path.iterdir()}
    app = _watching(run)
    async with running(app, (100, 30)) as pilot:
        await shows(pilot, "finished")
        await pilot.press("p")
        await until(pilot, lambda: getattr(app.screen, "talker", None) is not None)
        first = app.screen.talker
        await pilot.press("f2", "p")
        await until(pilot, lambda: app.screen.talker is not first)  # read anew: there may be better ones
        app.screen.use_model(None)
        await pilot.press("f2")
        app._begin(Plan(name="mine"))
        await until(pilot, lambda: "only watched" in notices(app) + screen_text(app))
    assert {path.name for path in run.path.iterdir()} == before
    assert not (home / "runs").exists()
