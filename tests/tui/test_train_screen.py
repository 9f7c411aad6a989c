import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from app_harness import (
    footer_fits,
    hides,
    made_up_run,
    notices,
    quick_plan,
    running,
    screen_text,
    shows,
    start_and_pause,
    until,
    use_trained_home,
)
from jokegen.core.events import EpochDone
from jokegen.core.runs.folder import METRICS, epoch_line
from jokegen.core.runs.interventions import read_interventions
from jokegen.core.runs.store import RunStore
from jokegen.tui.app import JokegenApp
from jokegen.tui.farewell import farewell
from jokegen.tui.requests import RunChosen, TrainingRequested
from jokegen.tui.widgets.figures import RunNumbers
from rich.cells import cell_len


async def test_the_figures_and_the_chart_move_while_it_trains(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        screen = app.screen
        await until(pilot, lambda: screen.chart.curves and screen.chart.curves.last_step > 2)
        seen = screen.chart.curves.last_step
        app.bench.session.resume()
        await until(pilot, lambda: screen.chart.curves.last_step > seen)
        await shows(pilot, "● training")
        await shows(pilot, "tiny")


async def test_a_training_stays_in_sight_and_at_hand_whatever_is_on_show(tmp_path: Path, home: Path):
    made_up_run(home, "older")
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        await shows(pilot, "space go on", "s stop")
        app.post_message(RunChosen("older"))
        await shows(pilot, "‖ tiny", "✓ finished", "w watch", "space go on")
        await footer_fits(pilot)
        await pilot.press("space")
        await shows(pilot, "● tiny", "space pause")
        await pilot.press("space")
        await shows(pilot, "‖ tiny")
        await pilot.press("f3")
        await shows(pilot, "‖ tiny")
        await pilot.press("f2", "w")
        await shows(pilot, "‖ paused")
        await hides(pilot, "w watch", "‖ tiny")
        app.post_message(RunChosen("older"))
        await shows(pilot, "‖ tiny")
        await pilot.press("s")
        await until(pilot, app.bench.session.done.is_set)
        await until(pilot, lambda: "tiny: Stopped" in notices(app))
        assert farewell(app.bench).startswith("tiny is saved after")
        assert farewell(app.bench).endswith("go on with: jokegen-tui train --resume tiny")


async def test_a_notice_takes_lines_of_its_own_and_covers_nothing(home: Path):
    made_up_run(home)
    app = JokegenApp()
    async with running(app) as pilot:
        await shows(pilot, "clever-otter", "knows")
        app.notify("Something happened that is worth a sentence.")
        await shows(pilot, "worth a sentence")
        toast = app.screen.query_one("Toast").region
        for part in ("#chart", "#numbers", "#samples", "KeyLine", "TitleLine"):
            assert not app.screen.query_one(part).region.intersection(toast), part


async def test_the_end_of_a_training_calls_back_who_looks_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    app = JokegenApp()
    async with running(app) as pilot:
        written = []
        await start_and_pause(pilot, app, tmp_path)
        monkeypatch.setattr(type(app._driver), "write", lambda _, data: written.append(data))
        app.app_focus = False
        app.bench.session.stop()
        await until(pilot, lambda: any(data.startswith("\a\x1b]9;JokeGen: tiny") for data in written))


async def test_space_pauses_and_goes_on(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        await shows(pilot, "‖ paused")
        step = app.bench.session.snapshot().step
        await pilot.press("space")
        await shows(pilot, "● training")
        await until(pilot, lambda: app.bench.session.snapshot().step > step + 2)
        await pilot.press("space")
        await shows(pilot, "‖ paused")
        await asyncio.sleep(0.2)
        step = app.bench.session.snapshot().step
        await asyncio.sleep(0.3)
        assert app.bench.session.snapshot().step == step


async def test_t_changes_the_training_by_key_and_by_choice(tmp_path: Path, home: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        session = app.bench.session
        total = session.snapshot().total_epochs
        await pilot.press("t")
        await shows(pilot, f"fewer epochs: {total - 5:,} instead of {total:,}")
        await pilot.press("minus")
        await hides(pilot, "fewer epochs")
        await pilot.press("t")
        await shows(pilot, "finish now")
        await pilot.press("enter")
        session.resume()
        await until(pilot, lambda: session.done.is_set())
        snapshot = session.snapshot()
        assert snapshot.ended.reason == "finished"
        assert snapshot.step < 0.5 * total * snapshot.started.steps_per_epoch
        assert [sentence[:20] for sentence in snapshot.notices[-2:]] == ["The learning rate is", "It finishes: the lea"]
        kinds = [made.kind for made in read_interventions(RunStore(home / "runs").open("tiny").path)]
        assert kinds == ["rate", "finish"]
        await pilot.press("t")
        await hides(pilot, "finish now")


async def test_stop_saves_and_r_goes_on_from_there(tmp_path: Path, home: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        first = app.bench.session
        await pilot.press("s")
        await shows(pilot, "■ stopped")
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
        await shows(pilot, "✓ finished")
        # The samples are widgets of their own and are mounted after the figures have been painted.
        await shows(pilot, "test ", "epoch 1", "epoch 2", "copied")


async def test_tomorrow_the_last_run_is_there_with_curve_epochs_and_samples(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        await shows(pilot, "✓ finished")
        assert app.screen.chart.curves.last_step > 5
        assert len(app.screen.chart.curves.valid_steps) == 2
        await shows(pilot, "2 / 2")
        await shows(pilot, "epoch 2", "copied")


async def test_a_small_window_keeps_a_small_chart_the_figures_and_the_last_sample(home: Path):
    made_up_run(home)
    app = JokegenApp()
    async with running(app, (50, 14)) as pilot:
        await shows(pilot, "epoch 12", "copied 4/9", "★", "●", "valid", "q quit")
        assert app.screen.chart.size.height == 4
        await pilot.resize_terminal(20, 5)
        await until(pilot, lambda: not app.screen.chart.display)
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: app.screen.chart.display and app.screen.chart.size.width > 60)


async def test_no_window_size_breaks_the_screens(home: Path):
    made_up_run(home)
    app = JokegenApp()
    async with running(app) as pilot:
        await shows(pilot, "clever-otter")
        for size in ((1, 1), (20, 5), (60, 16), (300, 80)):
            for mode_key in ("f2", "f3"):
                await pilot.press(mode_key)
                await pilot.resize_terminal(*size)
                await until(pilot, lambda size=size: fills(app, size))
        await pilot.press("f2")
        await shows(pilot, "clever-otter", "nats per token", "numbers")


def fills(app: JokegenApp, size: tuple[int, int]) -> bool:
    """Whether the screen has so many rows of so many cells, no more and no fewer."""
    rows = screen_text(app).splitlines()
    return len(rows) == size[1] and all(cell_len(row) == size[0] for row in rows)


async def test_keys_switch_metric_scale_and_zoom(home: Path):
    made_up_run(home)
    app = JokegenApp()
    async with running(app) as pilot:
        await shows(pilot, "nats per token")
        await pilot.press("l")
        await shows(pilot, "nats per token · log")
        await pilot.press("m")
        await shows(pilot, "perplexity")
        await pilot.press("m")
        await shows(pilot, "bits per character")
        await pilot.press("plus", "plus")
        await shows(pilot, "zoom 2.2×")
        await pilot.press("0")
        await hides(pilot, "zoom 2.2×")


async def test_the_chart_is_not_drawn_again_when_nothing_changed(home: Path, monkeypatch: pytest.MonkeyPatch):
    made_up_run(home)
    app = JokegenApp()
    async with running(app) as pilot:
        await shows(pilot, "clever-otter")
        await pilot.pause(0.3)
        drawn = []
        monkeypatch.setattr(type(app.screen.chart), "show", lambda chart, curves: drawn.append(curves))
        await pilot.pause(0.8)
        assert not drawn


async def test_only_keys_that_do_something_are_offered(home: Path, tmp_path: Path):
    made_up_run(home)
    app = JokegenApp()
    async with running(app) as pilot:
        await shows(pilot, "clever-otter")
        await pilot.pause(0.2)
        footer = screen_text(app).splitlines()[-1]
        assert "pause" not in footer
        assert "go on" not in footer
        await start_and_pause(pilot, app, tmp_path)
        await until(pilot, lambda: "space go on" in screen_text(app).splitlines()[-1])


async def test_a_state_that_changes_between_two_steps_is_shown_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        await shows(pilot, "‖ paused")
        resting = app.bench.session.snapshot()
        with monkeypatch.context() as patch:
            patch.setattr(app.bench.session, "snapshot", lambda: replace(resting, state="stopping"))
            await shows(pilot, "◌ stopping")


async def test_n_is_not_offered_while_it_trains(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        await until(pilot, lambda: " n new" in screen_text(app).splitlines()[-1])
        await start_and_pause(pilot, app, tmp_path)
        await until(pilot, lambda: " n new" not in screen_text(app).splitlines()[-1])


async def test_while_torch_loads_only_keys_that_work_are_offered(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        await shows(pilot, "train on jokes")
        app.post_message(TrainingRequested(quick_plan(tmp_path, 100_000)))
        await until(pilot, lambda: app.bench.training)
        await until(pilot, lambda: "train on jokes" not in screen_text(app) and "p prompt" in screen_text(app))
        await until(pilot, lambda: app.bench.session is not None and app.bench.session.snapshot().step > 2)
        app.bench.session.pause()


async def test_only_rows_that_changed_are_painted_and_nothing_old_stays(home: Path, monkeypatch: pytest.MonkeyPatch):
    made_up_run(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        await shows(pilot, "clever-otter", "480 / 480")
        numbers, view = app.screen.numbers, app.screen.view
        painted = []
        refresh = numbers.refresh
        monkeypatch.setattr(numbers, "refresh", lambda *regions, **how: (painted.append(regions), refresh(*regions))[1])
        numbers.show(replace(view, step=240))
        assert [len(regions) for regions in painted] == [2]
        for change in (
            {"state": "failed", "message": "Something long went wrong, so long that it takes two rows of the panel."},
            {"message": "Short."},
            {"train_loss": None, "epochs": view.epochs[:3]},
            {"notices": ("A notice that takes more than a row, as they often do.",), "test": None},
            {},
        ):
            numbers.show(replace(view, **change))
            await pilot.pause()
            in_part = screen_text(app)
            numbers._draw_anew()
            await pilot.pause()
            assert screen_text(app) == in_part
        await pilot.resize_terminal(80, 24)
        await shows(pilot, "480 / 480")


async def test_the_latest_epoch_is_in_the_table_below_a_sentence_of_several_lines(home: Path):
    made_up_run(home, status="stopped", epochs=30)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        await shows(pilot, "■ stopped", "Stopped and saved.")
        numbers = app.screen.query_one(RunNumbers)
        rows = [numbers.render_line(y).text for y in range(numbers.content_size.height)]
        told = [row.split() for row in rows]
        assert ["epoch", "train", "valid"] in told
        assert told[-1][0] == "30"


async def test_the_keys_in_the_edge_of_the_chart_are_never_cut(home: Path):
    made_up_run(home)
    app = JokegenApp()
    async with running(app) as pilot:
        await shows(pilot, "m metric · v series · c read · x axis ─")
        await pilot.press("b")
        await shows(pilot, "m metric · c read · x axis · l log ─", "v series · b one chart")
        await pilot.press("b")
        await pilot.resize_terminal(120, 40)
        await shows(pilot, "m metric · v series · c read · x axis · l log · +/− zoom")
        await pilot.resize_terminal(60, 24)
        await hides(pilot, "+/")


async def test_a_second_chart_below_shows_another_series_at_the_same_place(home: Path):
    made_up_run(home)
    app = JokegenApp()
    async with running(app) as pilot:
        await shows(pilot, "clever-otter", "m metric · v series")
        screen = app.screen
        await pilot.press("b")
        await shows(pilot, "b one chart", "gap · validation above training")
        await pilot.press("v", "plus", "x", "c")
        await shows(pilot, "learning rate")
        await until(pilot, lambda: screen.below.look.cursor is not None)
        upper, lower = screen.chart.look, screen.below.look
        assert upper.of_loss
        assert (lower.series, lower.zoom, lower.axis) == ("learning_rate", upper.zoom, upper.axis)
        assert lower.cursor == upper.cursor
        await pilot.press("left")
        await until(pilot, lambda: screen.below.look.cursor == upper.cursor - 1)
        await pilot.press("b")
        await hides(pilot, "learning rate")
        await pilot.press("v")
        await shows(pilot, "validation · loss")


async def test_a_run_that_is_laid_over_is_followed_while_another_process_trains_it(home: Path):
    made_up_run(home, "first")
    grows = made_up_run(home, "second", status="training", epochs=2)
    lock = grows.lock()
    app = JokegenApp()
    try:
        async with running(app) as pilot:
            app.bench.shown, app.bench.marked = "first", ("second",)
            app.screen.show_again()
            app.screen.lay_over()
            await until(pilot, lambda: "A" in app.screen.chart.others)
            assert app.screen.chart.others["A"].last_step == 80
            grows.append(METRICS, [epoch_line(EpochDone(3, 120, 3.0, 3.5, 1.0, 9.0, best=True))])
            await until(pilot, lambda: app.screen.chart.others["A"].last_step == 120)
            assert app.screen.growing == {"second"}
    finally:
        lock.release()


async def test_a_training_that_ran_away_is_done_again_with_a_key(tmp_path: Path, home: Path):
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        app.post_message(TrainingRequested(quick_plan(tmp_path, 6, learning_rate=9.0, precision="float32")))
        await until(pilot, lambda: app.bench.session is not None and app.bench.session.done.is_set())
        await shows(pilot, "ran away", "Press h to train it again", "h go back")
        await pilot.press("h")
        await until(pilot, lambda: len(list((home / "runs").iterdir())) == 2)
        await hides(pilot, "h go back")
        new = next(path for path in (home / "runs").iterdir() if path.name != "tiny")
        assert RunStore(home / "runs").open(new.name).info.settings.on_divergence == "rollback"
        await until(pilot, lambda: "went back to step" in " ".join(app.screen.view.notices))
