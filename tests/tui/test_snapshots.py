"""Pictures of the screens: a change in how they look shows here and is accepted with --snapshot-update."""

from pathlib import Path

import pytest
from app_harness import made_up_run, screen_text, until
from jokegen.tui.app import JokegenApp
from textual.pilot import Pilot
from textual.widgets import Input


@pytest.fixture(autouse=True)
def home(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("NO_COLOR", raising=False)
    # Pictures must not depend on how fast torch loads.
    monkeypatch.setattr("jokegen.tui.workbench.Workbench.load_engine", lambda bench: None)
    return own_home


def still_app() -> JokegenApp:
    app = JokegenApp()
    app.animation_level = "none"
    return app


def wait_for(text: str, *keys: str, then: str = ""):
    """Wait for ``text``, press ``keys`` and wait for what they bring; the chart paints twice a second."""

    async def wait(pilot: Pilot[None]) -> None:
        for line in pilot.app.screen.query(Input):
            line.cursor_blink = False
        await until(pilot, lambda: text in screen_text(pilot.app))
        if keys:
            await pilot.pause(0.6)
            await pilot.press(*keys)
            for line in pilot.app.screen.query(Input):
                line.cursor_blink = False
            await until(pilot, lambda: then in screen_text(pilot.app))
        await pilot.pause(0.6)

    return wait


def test_welcome(snap_compare):
    assert snap_compare(still_app(), run_before=wait_for("train your own on the jokes"))


def test_train_in_80_columns(snap_compare, home: Path):
    made_up_run(home)
    assert snap_compare(still_app(), run_before=wait_for("epoch 12"))


def test_train_in_120_columns_in_a_light_theme(snap_compare, home: Path):
    made_up_run(home)
    app = still_app()
    app.theme = "catppuccin-latte"
    assert snap_compare(app, terminal_size=(120, 40), run_before=wait_for("epoch 12", "m", then="perplexity"))


def test_train_without_colour(snap_compare, home: Path, monkeypatch: pytest.MonkeyPatch):
    made_up_run(home)
    monkeypatch.setenv("NO_COLOR", "")
    assert snap_compare(still_app(), run_before=wait_for("epoch 12"))


def test_train_in_a_tiny_window(snap_compare, home: Path):
    made_up_run(home)
    assert snap_compare(still_app(), terminal_size=(50, 14), run_before=wait_for("clever-otter"))


def test_prompt_without_a_model(snap_compare, monkeypatch, tmp_path):
    monkeypatch.setattr("jokegen.core.runs.voice.VOICE_FOLDER", tmp_path / "nothing")
    assert snap_compare(
        still_app(), run_before=wait_for("train your own on the jokes", "f3", then="There is no model yet")
    )
