import os
import signal
from pathlib import Path

import pytest
from app_harness import (
    footer_fits,
    hides,
    made_up_run,
    notices,
    opens,
    quick_plan,
    running,
    screen_text,
    shows,
    start_and_pause,
    until,
    use_trained_home,
)
from jokegen.core.runs.store import RunStore
from jokegen.tui.app import JokegenApp
from jokegen.tui.preferences import Preferences, load_preferences, save_preferences
from jokegen.tui.requests import TrainingRequested
from jokegen.tui.screens.help import HelpScreen
from jokegen.tui.screens.leave import LeaveScreen
from jokegen.tui.screens.new_run import NewRunDialog
from jokegen.tui.screens.prompt import PromptScreen
from jokegen.tui.screens.train import TrainScreen
from jokegen.tui.widgets.welcome import FirstKey
from jokegen.tui.workbench import Plan


async def test_the_first_launch_explains_itself_and_one_key_starts_a_training():
    app = JokegenApp()
    async with running(app) as pilot:
        await shows(pilot, "train your own on the jokes")
        await pilot.press("enter")
        await until(pilot, lambda: app.bench.session is not None)
        await until(pilot, lambda: app.bench.session.snapshot().started is not None)
        assert app.bench.session.snapshot().started.corpus == "starter"
        await hides(pilot, "train your own on the jokes")


async def test_a_click_on_a_first_key_is_that_key():
    app = JokegenApp()
    async with running(app) as pilot:
        _, _, own = app.screen.query(FirstKey)
        await pilot.click(own)
        await opens(pilot, NewRunDialog)
        await pilot.press("escape")
        await opens(pilot, TrainScreen)
        await pilot.click(app.screen.query(FirstKey).first())
        await opens(pilot, PromptScreen)


async def test_switching_modes_never_stops_a_training(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        await pilot.press("f3")
        await opens(pilot, PromptScreen)
        app.bench.session.resume()
        before = app.bench.session.snapshot().step
        await until(pilot, lambda: app.bench.session.snapshot().step > before + 3)
        app.bench.session.pause()
        await pilot.press("f2")
        await opens(pilot, TrainScreen)
        assert app.bench.training


async def test_every_way_out_asks_while_a_training_goes_on(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        for way in ("q", "ctrl+q", "ctrl+c", "palette"):
            if way == "palette":
                await pilot.press("ctrl+p", *"quit")
                await shows(pilot, "a training is saved first")
                await pilot.press("enter")
            else:
                await pilot.press(way)
            await opens(pilot, LeaveScreen)
            await pilot.press("escape")
            await opens(pilot, TrainScreen)
            assert app.bench.training


async def test_save_and_quit_saves_and_quits(tmp_path: Path, home: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        await pilot.press("q", "enter")
        await until(pilot, lambda: app.bench.session.done.is_set())
        await until(pilot, lambda: not app.is_running)
    (summary,) = RunStore(home / "runs").list()
    assert summary.problem is None
    assert summary.resumable


async def test_ctrl_c_in_the_prompt_copies_a_selection_and_otherwise_quits(home: Path):
    made_up_run(home)
    app = JokegenApp()
    async with running(app) as pilot:
        await pilot.press("f3")
        line = app.screen.line
        line.value = "copy me"
        line.select_all()
        await pilot.press("ctrl+c")
        assert app.clipboard == "copy me"
        line.cursor_position = 0
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not app.is_running)


async def test_without_a_training_the_app_closes_at_once():
    app = JokegenApp()
    async with running(app) as pilot:
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)


async def test_a_second_training_is_refused_while_one_goes_on(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        first = app.bench.session
        await pilot.press("n")
        await until(pilot, lambda: "stop it (s)" in notices(app))
        assert not isinstance(app.screen, NewRunDialog)
        app.post_message(TrainingRequested(quick_plan(tmp_path, name="second")))
        await until(pilot, lambda: "A training is going on" in notices(app))
        assert app.bench.session is first


async def test_a_training_that_fails_says_why_and_the_app_stays(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        app.post_message(TrainingRequested(Plan(resume="trained")))
        await until(pilot, lambda: "nothing left to train" in notices(app))
        assert app.is_running


async def test_a_run_in_use_by_another_jokegen_is_said_in_words(home: Path):
    run = made_up_run(home, status="stopped")
    lock = run.lock()
    app = JokegenApp()
    try:
        async with running(app) as pilot:
            await shows(pilot, "clever-otter")
            await pilot.press("r")
            await until(pilot, lambda: "another JokeGen" in notices(app))
            app.clear_notifications()
            await shows(pilot, "■ stopped", "r go on")
    finally:
        lock.release()


async def test_a_home_that_cannot_be_written_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a-file").write_text("not a folder")
    monkeypatch.setenv("JOKEGEN_HOME", str(tmp_path / "a-file" / "home"))
    app = JokegenApp()
    async with running(app) as pilot:
        app.post_message(TrainingRequested(quick_plan(tmp_path)))
        await until(pilot, lambda: "cannot be written" in notices(app) or "JOKEGEN_HOME" in notices(app))
        app.clear_notifications()
        await shows(pilot, "enter  train your own on the jokes")
        assert app.is_running


async def test_a_run_that_is_not_there_is_named_and_another_is_shown(home: Path):
    made_up_run(home)
    app = JokegenApp(run="nobody")
    async with running(app) as pilot:
        await until(pilot, lambda: "no run named 'nobody'" in notices(app))
        await shows(pilot, "clever-otter")


async def test_a_corpus_given_at_the_start_opens_the_dialog_with_it(tmp_path: Path):
    app = JokegenApp(corpus=str(tmp_path / "mine.csv"))
    async with running(app) as pilot:
        await opens(pilot, NewRunDialog)
        assert app.screen.query_one("#source").value == str(tmp_path / "mine.csv")


async def test_the_theme_is_remembered(home: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        app.theme = "catppuccin-latte"
        await pilot.pause()
    assert load_preferences(home / "preferences.json").theme == "catppuccin-latte"
    assert JokegenApp().theme == "catppuccin-latte"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"theme": 3, "sampler": {"seed": 1}, "carry_state": "yes"}', "\0"])
def test_damaged_preferences_cost_nothing(tmp_path: Path, content: str):
    (tmp_path / "preferences.json").write_text(content)
    assert load_preferences(tmp_path / "preferences.json") == Preferences()


def test_preferences_come_back_as_they_were_saved(tmp_path: Path):
    preferences = Preferences("nord", {"source": "[/x]"}, {"seed": "3"}, carry_state=False, side_panel=False)
    save_preferences(preferences, tmp_path / "new" / "preferences.json")
    assert load_preferences(tmp_path / "new" / "preferences.json") == preferences


async def test_help_lists_the_keys_on_both_screens():
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        for mode_key in ("f2", "f3"):
            await pilot.press(mode_key, "f1")
            await opens(pilot, HelpScreen)
            await pilot.press("pagedown")
            await shows(pilot, "ctrl+r")
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(app.screen, HelpScreen))


async def test_the_palette_finds_commands_and_runs(home: Path):
    made_up_run(home, "sunny-heron")
    app = JokegenApp()
    async with running(app) as pilot:
        await pilot.press("ctrl+p", *"heron")
        await shows(pilot, "Talk to sunny-heron")


async def test_the_footer_fits_into_80_columns(home: Path):
    made_up_run(home, status="stopped")
    app = JokegenApp()
    async with running(app) as pilot:
        await shows(pilot, "clever-otter")
        for mode_key in ("f2", "f3"):
            await pilot.press(mode_key)
            await footer_fits(pilot)


async def test_being_told_to_end_saves_the_training(tmp_path: Path, home: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
        os.kill(os.getpid(), signal.SIGTERM)
        await until(pilot, lambda: not app.is_running)
    (summary,) = RunStore(home / "runs").list()
    assert (summary.status, summary.resumable) == ("stopped", True)


async def test_quitting_without_waiting_does_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jokegen.tui.screens.leave.PATIENCE_SECONDS", 0.2)
    waited = []
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        session = app.bench.session
        join = session.join
        session.join = lambda seconds: waited.append(seconds) or join(seconds)
        with monkeypatch.context() as patch:
            patch.setattr(session, "stop", lambda: None)
            await pilot.press("q", "enter")
            await shows(pilot, "Quit without waiting")
            await pilot.press("enter")
            await until(pilot, lambda: not app.is_running)
    assert waited[0] == 0.0


async def test_the_palette_offers_what_the_screen_can_do_and_quit_last(tmp_path: Path):
    app = JokegenApp()
    async with running(app, (120, 70)) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        await until(pilot, lambda: app.screen.view.state == "paused")
        await pilot.press("ctrl+p")
        await shows(pilot, "Go on with the training", "Stop the training and save it", "Theme")
        text = screen_text(app)
        assert text.index("Go on with the training") < text.index("Theme") < text.index("Quit")
        assert "Go on with this run" not in text
        await pilot.press(*"with the training")
        await until(pilot, lambda: "Stop the training" not in screen_text(app) and "Go on" in screen_text(app))
        await pilot.press("enter")
        await shows(pilot, "● training")
        app.bench.session.pause()


async def test_the_footer_fits_while_it_trains_and_while_it_speaks(home: Path, tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        await footer_fits(pilot)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PromptScreen) and app.screen.talker is not None)
        app.screen.panel.values["speed"] = 1
        await pilot.press(*"Why", "enter")
        await until(pilot, lambda: "esc stop" in screen_text(app).splitlines()[-1])
        await footer_fits(pilot)


async def test_keys_do_not_run_into_the_palette_between_60_and_80_columns(home: Path):
    made_up_run(home, status="stopped")
    app = JokegenApp()
    async with running(app, (66, 20)) as pilot:
        await shows(pilot, "clever-otter", "q quit")
        await hides(pilot, "palette")
