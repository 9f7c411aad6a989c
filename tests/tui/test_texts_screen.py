"""The texts of a training on the screen: looked at, left out, corrected."""

from __future__ import annotations

from pathlib import Path

from app_harness import (
    HOSTILE,
    corpus_file,
    jokes,
    notices,
    opens,
    running,
    screen_text,
    shows,
    until,
    use_trained_home,
)
from jokegen.data.amendments import number_of
from jokegen.tui.app import JokegenApp
from jokegen.tui.screens.new_run import NewRunDialog
from jokegen.tui.screens.new_run_fields import plan_of
from jokegen.tui.screens.texts import TextsScreen


async def test_texts_are_looked_at_and_left_out_before_the_training(tmp_path: Path):
    longest = f"{HOSTILE[2]} " + "word " * 40
    app = JokegenApp()
    async with running(app, (100, 30)) as pilot:
        app.bench.preferences.new_run = {"preset": "ngram", "source": str(corpus_file(tmp_path, longest))}
        await pilot.press("n")
        await opens(pilot, NewRunDialog)
        await pilot.press("ctrl+g")
        await opens(pilot, TextsScreen)
        await shows(pilot, "121 texts", "frequent", "1 longest", "Why did the bear")
        number = number_of(app.screen._texts[next(iter(app.screen._texts))].text)
        await shows(pilot, number)
        assert "\x1b" not in screen_text(app)
        await pilot.press("x")
        await shows(pilot, "6 changed 1", "✗")
        await pilot.press("down", "e")
        await until(pilot, lambda: app.screen.query_one("#line").display)
        app.screen.query_one("#line").value = r"Better; so it is.\nReally."
        await pilot.press("enter")
        await shows(pilot, "6 changed 2", "corrected: Better")
        await pilot.press("3")
        await shows(pilot, "like: Why did the")
        await pilot.press("4")
        await shows(pilot, "No model is there")
        await pilot.press("escape")
        await opens(pilot, NewRunDialog)
        dialog = app.screen
        assert dialog.query_one("#exclude").value == number
        await shows(pilot, "1 text of jokes.txt was left out by number", "1 text of jokes.txt was corrected by hand")
        (correction,) = plan_of(dialog._typed()).values["correct"]
        assert correction.endswith(r"=Better; so it is.\nReally.")
        # What was decided is there again, and can be taken back.
        await pilot.press("ctrl+g")
        await shows(pilot, "6 changed 2")
        await pilot.press("x")
        await shows(pilot, "6 changed 1")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, NewRunDialog) and not dialog.query_one("#exclude").value)
        dialog.query_one("#source").value = "starter"
        await until(pilot, lambda: not dialog.query_one("#correct").value)


async def test_the_texts_of_a_run_come_with_those_that_surprise_it(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (80, 24)) as pilot:
        await shows(pilot, "trained")
        await pilot.press("d")
        await opens(pilot, TextsScreen)
        await shows(pilot, f"{len(jokes())} texts")
        await pilot.press("4")
        await until(pilot, lambda: app.screen._strangest)
        await shows(pilot, "Why did the")
        await pilot.press("x", "escape")
        await until(pilot, lambda: "The next run on jokes.txt leaves out" in notices(app))
        await pilot.press("n")
        await opens(pilot, NewRunDialog)
        assert len(app.screen.query_one("#exclude").value) == 10
