import json
import shutil
from pathlib import Path

from app_harness import (
    footer_fits,
    hides,
    made_up_run,
    running,
    screen_text,
    shows,
    start_and_pause,
    until,
    use_trained_home,
)
from jokegen.core.runs.info import INFO
from jokegen.core.runs.store import RunStore
from jokegen.tui.app import JokegenApp
from jokegen.tui.screens.runs import RunsScreen


def several_runs(home: Path) -> None:
    """Three runs, the newest first: ``zebra``, ``[b]est``-tagged ``middle`` and ``apple``; two differ in the seed."""
    for number, (name, loss) in enumerate((("apple", 3.4), ("middle", 3.1), ("zebra", 3.6))):
        run = made_up_run(home, name)
        values = json.loads((run.path / INFO).read_text())
        values["created"] = f"2026-01-0{number + 1}T00:00:00+00:00"
        values["settings"]["seed"] = number
        values["best_loss"] = loss
        values["recipe"]["learning_rate"] = 0.5 if name == "apple" else 0.25
        values["tags"] = ["[b]est"] if name == "middle" else []
        (run.path / INFO).write_text(json.dumps(values))


def order(app: JokegenApp) -> list[str]:
    table = app.screen.table
    return [str(table.get_row_at(row)[1]).strip() for row in range(table.row_count)]


async def opened(pilot, app: JokegenApp) -> RunsScreen:
    await pilot.press("o")
    await until(pilot, lambda: isinstance(app.screen, RunsScreen) and app.screen.table.row_count)
    return app.screen


async def test_the_runs_list_opens_another_run(home: Path):
    made_up_run(home, "older")
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        await shows(pilot, "trained")
        await pilot.press("o")
        await shows(pilot, "older")
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.screen.query("#numbers") and app.screen.view.name == "older")


async def test_runs_are_renamed_and_deleted_only_on_purpose(home: Path):
    made_up_run(home, "older")
    app = JokegenApp()
    store = RunStore(home / "runs")
    async with running(app) as pilot:
        await pilot.press("o")
        await shows(pilot, "starter")
        await pilot.press("r", "ctrl+u", *"newer", "enter")
        await until(pilot, lambda: [run.name for run in store.list()] == ["newer"])
        await shows(pilot, "newer")
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
        await shows(pilot, "starter")
        await pilot.press("r", "ctrl+u")
        app.screen.query_one("#line").value = "../outside"
        await pilot.press("enter")
        await shows(pilot, "cannot be a run's name")
        assert [run.name for run in RunStore(home / "runs").list()] == ["older"]


async def test_a_refused_name_stays_in_the_line_and_the_list_where_it_was(home: Path):
    several_runs(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await opened(pilot, app)
        await pilot.press("down", "r", *"zebra", "enter")
        await shows(pilot, "already a run named")
        assert screen.line.value == "zebra"
        assert screen.table.highlighted == "middle"
        screen.line.value = "Zw\u00f6lf \u7b11"
        await pilot.press("enter")
        await until(pilot, lambda: screen.table.highlighted == "Zw\u00f6lf \u7b11")
        assert order(app) == ["zebra", "Zw\u00f6lf \u7b11", "apple"]
        await pilot.press("d", *"yes", "enter")
        await until(pilot, lambda: order(app) == ["zebra", "apple"])
        assert screen.table.highlighted == "apple"
        await pilot.press("r")
        await shows(pilot, "Another name for apple")
        await pilot.press("escape")
        await hides(pilot, "Another name for")


async def test_the_list_starts_on_the_run_on_show_and_filters_and_sorts(home: Path):
    several_runs(home)
    app = JokegenApp(run="apple")
    async with running(app) as pilot:
        screen = await opened(pilot, app)
        await footer_fits(pilot)
        assert screen.table.highlighted == "apple"
        await pilot.resize_terminal(120, 40)
        await shows(pilot, "\u203a apple", "[b]est")
        await pilot.press("slash", *"learning_rate=0.25")
        assert order(app) == ["zebra", "middle"]
        await pilot.press("space", *"]est", "enter")
        assert order(app) == ["middle"]
        await pilot.press("escape")
        assert order(app) == ["zebra", "middle", "apple"]
        screen.bench.runs_order = ("time", False)
        await pilot.press("s")
        await shows(pilot, "by valid")
        assert order(app) == ["middle", "apple", "zebra"]
        await pilot.press("S")
        assert order(app) == ["zebra", "apple", "middle"]
        await pilot.click("#table", offset=(4, 0))  # the heading over the names
        assert order(app) == ["apple", "middle", "zebra"]
        assert screen.table.highlighted == "middle", "the cursor stays on its run"


async def test_marked_runs_show_what_they_differ_in_and_the_spread_over_seeds(home: Path):
    several_runs(home)
    app = JokegenApp(run="zebra")
    async with running(app, (120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("space", "down", "space")
        await shows(pilot, "A zebra", "B middle", "differ in the seed alone", "\u00b1")
        assert "learning rate" not in screen_text(app)
        await pilot.press("down", "space")
        await shows(pilot, "learning rate", "0.25", "0.5")
        assert app.bench.marked == ("zebra", "middle", "apple")
        await pilot.press("up", "space")
        assert app.bench.marked == ("zebra", "apple")
        await pilot.press("u")
        await hides(pilot, "differs in")


async def test_tags_and_a_note_are_written_where_the_runs_are_listed(home: Path):
    several_runs(home)
    app = JokegenApp()
    store = RunStore(home / "runs")
    async with running(app, (120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("down", "t")
        app.screen.line.value = "good, [b]est"
        await pilot.press("enter")
        await until(pilot, lambda: set(store.open("middle").info.tags) == {"good", "[b]est"})
        await shows(pilot, "good")
        await pilot.press("n", *"why", "enter")
        await until(pilot, lambda: store.open("middle").info.note == "why")
        await pilot.press("p")
        await until(pilot, lambda: order(app) == ["▲ middle", "zebra", "apple"])
        assert app.screen.table.highlighted == "middle"


async def test_a_run_in_training_says_so_and_is_not_renamed(tmp_path: Path, home: Path):
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        screen = await opened(pilot, app)
        await shows(pilot, "\u25cf training")
        assert screen.table.highlighted == "tiny"
        await pilot.press("r")
        await shows(pilot, "in training; stop it first")


async def test_a_damaged_run_is_listed_with_what_is_wrong_and_can_be_deleted(home: Path):
    several_runs(home)
    (home / "runs" / "zebra" / INFO).write_text("{")
    shutil.rmtree(home / "runs" / "middle")
    app = JokegenApp(run="apple")
    store = RunStore(home / "runs")
    async with running(app) as pilot:
        screen = await opened(pilot, app)
        await pilot.press("down")
        await shows(pilot, "is damaged")
        await pilot.press("space", "enter")
        assert app.screen is screen
        assert app.bench.marked == ()
        await pilot.press("d", *"yes", "enter")
        await until(pilot, lambda: [run.name for run in store.list()] == ["apple"])


async def test_marked_runs_lie_over_the_one_on_show_until_the_marks_are_taken_away(home: Path):
    several_runs(home)
    app = JokegenApp(run="zebra")
    async with running(app, (120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("space", "down", "space", "down", "space", "escape")
        await until(pilot, lambda: set(app.screen.chart.others) == {"B", "C"})
        await shows(pilot, "B middle", "C apple")
        assert "A zebra" not in screen_text(app), "a run does not lie over itself"
        await pilot.press("c", "left")
        await shows(pilot, "epoch 8.")
        line = app.screen.query_one("SampleLine.-read")
        assert line.sample.epoch == 9
        await pilot.press("c", "4")
        await shows(pilot, "(★ best)")
        await pilot.press("u")
        await hides(pilot, "B middle")
        assert app.bench.marked == ()
