"""An app that is ended, by a signal for example, while a screen is being made: it ends without a word."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from app_harness import made_up_run
from jokegen.tui.app import JokegenApp
from textual.css.query import NoMatches
from textual.pilot import Pilot
from textual.worker import WorkerFailed

OPENING = [("app.new_run", 0), ("app.new_run", 2), ("app.command_palette", 0), ("app.switch_mode('prompt')", 0)]
"""What opens a screen, and after how many turns of the event loop the app is ended."""


@pytest.mark.parametrize(("action", "turns"), OPENING)
async def test_ended_while_a_screen_opens(home: Path, action: str, turns: int) -> None:
    made_up_run(home, epochs=1)
    app = JokegenApp()

    async def end(_pilot: Pilot[None]) -> None:
        while not (app.screen_stack and app.screen.is_mounted):
            await asyncio.sleep(0.01)
        await app.run_action(action)
        for _ in range(turns):
            await asyncio.sleep(0)
        app.exit()

    await asyncio.wait_for(app.run_async(headless=True, size=(80, 24), auto_pilot=end), 60)
    assert app._exception is None
    assert app.return_code == 0


@pytest.mark.parametrize("error", [NoMatches("gone"), WorkerFailed(NoMatches("gone"))])
async def test_what_is_looked_for_in_vain_ends_an_app_that_is_not_being_ended(error: Exception) -> None:
    app = JokegenApp()
    with pytest.raises(type(error)):
        async with app.run_test():
            app._handle_exception(error)
    assert app.return_code == 1
