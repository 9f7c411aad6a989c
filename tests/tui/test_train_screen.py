import asyncio
from pathlib import Path

import pytest
from app_harness import made_up_run, quick_plan, running, screen_text, start_and_pause, until, use_trained_home
from jokegen.core.runs import RunStore
from jokegen.tui.app import JokegenApp
from jokegen.tui.requests import TrainingRequested


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JOKEGEN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


async def test_the_figures_and_the_chart_move_while_it_trains(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        screen = app.screen
        await until(pilot, lambda: screen.chart.curves and len(screen.chart.curves.steps) > 2)
        seen = len(screen.chart.curves.steps)
        app.bench.session.resume()
        await until(pilot, lambda: len(screen.chart.curves.steps) > seen)
        assert "● training" in screen_text(app)
        assert "tiny" in screen_text(app)


async def test_space_pauses_and_goes_on(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        await until(pilot, lambda: "‖ paused" in screen_text(app))
        step = app.bench.session.snapshot().step
        await pilot.press("space")
        await until(pilot, lambda: "● training" in screen_text(app))
        await until(pilot, lambda: app.bench.session.snapshot().step > step + 2)
        await pilot.press("space")
        await until(pilot, lambda: "‖ paused" in screen_text(app))
        await asyncio.sleep(0.2)
        step = app.bench.session.snapshot().step
        await asyncio.sleep(0.3)
        assert app.bench.session.snapshot().step == step


async def test_stop_saves_and_r_goes_on_from_there(tmp_path: Path, home: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        first = app.bench.session
        await pilot.press("s")
        await until(pilot, lambda: "■ stopped" in screen_text(app))
        stopped_at = first.snapshot().step
        assert RunStore(home / "runs").list()[0].resumable
        await pilot.press("r")
        await until(pilot, lambda: app.bench.session is not first)
        await until(pilot, lambda: app.bench.session.snapshot().step > stopped_at)
        app.bench.session.pause()
        assert app.bench.session_run() == "tiny"


async def test_a_finished_training_shows_its_test_figures_and_samples(tmp_path: Path):
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        app.post_message(TrainingRequested(quick_plan(tmp_path, epochs=2)))
        await until(pilot, lambda: "✓ finished" in screen_text(app))
        text = screen_text(app)
        assert "test" in text
        assert "epoch 1" in text
        assert "epoch 2" in text
        assert "copied" in text


async def test_tomorrow_the_last_run_is_there_with_curve_epochs_and_samples(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        await until(pilot, lambda: "✓ finished" in screen_text(app))
        assert len(app.screen.chart.curves.steps) > 5
        assert len(app.screen.chart.curves.valid_steps) == 2
        assert "2 / 2" in screen_text(app)
        assert "Why did the" in screen_text(app) or "epoch 2" in screen_text(app)


async def test_the_runs_list_opens_another_run(home: Path):
    made_up_run(home, "older")
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        await until(pilot, lambda: "trained" in screen_text(app))
        await pilot.press("o")
        await until(pilot, lambda: "older" in screen_text(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.screen.query("#numbers") and app.screen.view.name == "older")


async def test_runs_are_renamed_and_deleted_only_on_purpose(home: Path):
    made_up_run(home, "older")
    app = JokegenApp()
    store = RunStore(home / "runs")
    async with running(app) as pilot:
        await pilot.press("o")
        await until(pilot, lambda: "starter" in screen_text(app))
        await pilot.press("r", "ctrl+u", *"newer", "enter")
        await until(pilot, lambda: [run.name for run in store.list()] == ["newer"])
        await until(pilot, lambda: "newer" in screen_text(app))
        await pilot.press("d", *"no", "enter")
        await pilot.pause(0.3)
        assert [run.name for run in store.list()] == ["newer"]
        await pilot.press("d", *"yes", "enter")
        await until(pilot, lambda: not store.list())


async def test_a_new_name_that_would_leave_the_folder_is_refused(home: Path):
    made_up_run(home, "older")
    app = JokegenApp()
    async with running(app) as pilot:
        await pilot.press("o")
        await until(pilot, lambda: "starter" in screen_text(app))
        await pilot.press("r", "ctrl+u")
        app.screen.query_one("#line").value = "../outside"
        await pilot.press("enter")
        await until(pilot, lambda: "cannot be a run's name" in screen_text(app))
        assert [run.name for run in RunStore(home / "runs").list()] == ["older"]


async def test_a_small_window_shows_numbers_instead_of_the_chart(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        assert app.screen.chart.display
        await pilot.resize_terminal(50, 14)
        await until(pilot, lambda: not app.screen.chart.display)
        await until(pilot, lambda: "paused" in screen_text(app) and "words/s" in screen_text(app))
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: app.screen.chart.display and app.screen.chart.size.width > 60)
        assert app.bench.training


async def test_no_window_size_breaks_the_screens(home: Path):
    made_up_run(home)
    app = JokegenApp()
    async with running(app) as pilot:
        await until(pilot, lambda: "clever-otter" in screen_text(app))
        for size in ((1, 1), (20, 5), (60, 16), (300, 80)):
            for mode_key in ("f2", "f3"):
                await pilot.press(mode_key)
                await pilot.resize_terminal(*size)
                await pilot.pause()
                assert app.is_running


async def test_keys_switch_metric_scale_and_zoom(home: Path):
    made_up_run(home)
    app = JokegenApp()
    async with running(app) as pilot:
        await until(pilot, lambda: "nats per token" in screen_text(app))
        await pilot.press("l")
        assert "nats per token · log" in screen_text(app)
        await pilot.press("m")
        assert "perplexity" in screen_text(app)
        await pilot.press("m")
        assert "bits per character" in screen_text(app)
        await pilot.press("plus", "plus")
        assert "zoom 2.2×" in screen_text(app)
        await pilot.press("0")
        assert "zoom" not in screen_text(app).replace("+/− zoom", "")


async def test_the_chart_is_not_drawn_again_when_nothing_changed(home: Path, monkeypatch: pytest.MonkeyPatch):
    made_up_run(home)
    app = JokegenApp()
    async with running(app) as pilot:
        await until(pilot, lambda: "clever-otter" in screen_text(app))
        await pilot.pause(0.3)
        drawn = []
        monkeypatch.setattr(type(app.screen.chart), "show", lambda chart, curves: drawn.append(curves))
        await pilot.pause(0.8)
        assert not drawn


async def test_only_keys_that_do_something_are_offered(home: Path, tmp_path: Path):
    made_up_run(home)
    app = JokegenApp()
    async with running(app) as pilot:
        await until(pilot, lambda: "clever-otter" in screen_text(app))
        await pilot.pause(0.2)
        footer = screen_text(app).splitlines()[-1]
        assert "pause" not in footer
        assert "go on" not in footer
        await start_and_pause(pilot, app, tmp_path)
        await until(pilot, lambda: "pause" in screen_text(app).splitlines()[-1])
