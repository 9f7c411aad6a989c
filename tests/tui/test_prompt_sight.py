"""What the Prompt screen says stays in sight in a small window, and nothing is painted that nobody sees."""

from pathlib import Path

import pytest
from app_harness import hides, opens, running, screen_text, shows, until, use_trained_home
from jokegen.core.keeping.tree import Said
from jokegen.core.speaking.changes import UnitChange
from jokegen.tui.app import JokegenApp
from jokegen.tui.screens.answers import AnswersScreen
from jokegen.tui.screens.help import HelpScreen
from jokegen.tui.screens.kept import KeptScreen
from jokegen.tui.screens.prompt import PromptScreen
from jokegen.tui.talk.reasons import Reasons, Reminded, UnitLine
from jokegen.tui.widgets.title_line import TitleLine
from jokegen.tui.workbench import Workbench
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

SMALL, LARGE = (80, 24), (120, 40)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JOKEGEN_HOME", str(tmp_path / "home"))
    return use_trained_home(tmp_path / "home")


async def open_prompt(pilot: Pilot[None], app: JokegenApp) -> PromptScreen:
    await pilot.press("f3")
    await opens(pilot, PromptScreen)
    screen = app.screen
    await until(pilot, lambda: screen.talker is not None)
    return screen


async def test_a_hint_that_is_longer_than_a_row_is_shown_whole_and_apart_from_the_state():
    app = JokegenApp()
    async with running(app, SMALL) as pilot:
        screen = await open_prompt(pilot, app)
        screen.status.hint(
            "This model comes with JokeGen, trained on its own jokes; train one of yours whenever you like."
        )
        await shows(pilot, "comes with JokeGen", "you like.", "  state ○ fresh")
        screen.status.hint("short")
        await hides(pilot, "you like.")
        await until(pilot, lambda: screen.status.size.height == 1)


async def test_a_frame_says_how_many_dials_are_out_of_sight():
    app = JokegenApp()
    async with running(app, SMALL) as pilot:
        screen = await open_prompt(pilot, app)
        await shows(pilot, "↓6 more")
        screen.panel.focus()
        await shows(pilot, "between 0.01 and 100")
        await pilot.press("up")  # the last one
        await pilot.press("escape")
        await shows(pilot, "↑6 more", "words/s")
        await pilot.resize_terminal(*LARGE)
        await shows(pilot, "temperature", "words/s")
        await hides(pilot, " more ")


async def test_what_was_said_about_a_wrong_value_goes_with_the_value():
    app = JokegenApp()
    async with running(app, SMALL) as pilot:
        screen = await open_prompt(pilot, app)
        screen.panel.focus()
        await pilot.press("down", "down", "2", "5")
        await shows(pilot, "top-p must be above 0 and at most 1, not 25.")
        await pilot.press("escape")
        await hides(pilot, "top-p must be")
        await shows(pilot, "0.95")


async def test_why_marks_the_word_without_colour_and_says_whole_why_it_is_reminded_of_nothing():
    app = JokegenApp()
    async with running(app, SMALL) as pilot:
        screen = await open_prompt(pilot, app)
        screen.add_class("-why")
        units = tuple(UnitLine(UnitChange(1, 0, unit, 0.0, 0.5), (0.1, 0.9, 0.4)) for unit in range(12))
        reasons = Reasons(1, units)
        screen.why.show(reasons)
        screen.why.remind(reasons, Reminded((), "A model in training changes too fast; choose a saved run."))
        await shows(pilot, "c1·0", "reminds it of", "saved run.")
        lines = screen_text(app).splitlines()
        (mark,) = (line for line in lines if "this word" in line)
        (bars,) = (line for line in lines if "c1·0 " in line)
        assert bars[mark.index("▾")] == "█"


async def test_help_begins_with_the_keys_of_where_one_is():
    app = JokegenApp()
    async with running(app, SMALL) as pilot:
        await open_prompt(pilot, app)
        await pilot.press("f1")
        await opens(pilot, HelpScreen)
        await shows(pilot, "Another answer from the same place")
        await pilot.press("escape", "f8")
        await opens(pilot, KeptScreen)
        await pilot.press("f1")
        await opens(pilot, HelpScreen)
        await shows(pilot, "Make the text anew by the weights that said it")
        await pilot.press("f1")
        await opens(pilot, KeptScreen)


async def test_a_step_more_in_the_title_moves_nothing_else(monkeypatch: pytest.MonkeyPatch):
    line = ["● tiny 98/700"]
    monkeypatch.setattr(Workbench, "training_line", property(lambda _: line[0]))
    app = JokegenApp()
    async with running(app, SMALL) as pilot:
        screen = await open_prompt(pilot, app)
        await shows(pilot, "tiny 98/700")
        arranged: list[bool] = []
        refresh = Widget.refresh

        def noted(self: Widget, *regions: Region, layout: bool = False, **others: bool) -> Widget:
            arranged.append(layout)
            return refresh(self, *regions, layout=layout, **others)

        line[0] = "● tiny 99/700"
        with monkeypatch.context() as patched:
            patched.setattr(Widget, "refresh", noted)
            screen.query_one(TitleLine).tell_training(line[0])
        assert arranged == [False]
        await shows(pilot, "tiny 99/700")
        line[0] = "● tiny 100/700"
        await shows(pilot, "tiny 100/700")
        line[0] = ""
        await hides(pilot, "tiny 100")


async def test_a_talk_below_its_columns_has_nothing_painted_anew(monkeypatch: pytest.MonkeyPatch):
    app = JokegenApp()
    async with running(app, SMALL) as pilot:
        screen = await open_prompt(pilot, app)
        screen.panel.set_dial("speed", "0")
        screen.line.value = "Why did the bear"
        await pilot.press("f5")
        await opens(pilot, AnswersScreen)
        columns = app.screen
        await until(pilot, lambda: columns.columns and all(column.ended for column in columns.columns))
        await pilot.pause()
        painted: list[object] = []
        refresh = Screen.refresh
        monkeypatch.setattr(Screen, "refresh", lambda self, *a, **k: (painted.append(self), refresh(self, *a, **k))[1])
        for _ in range(3):
            screen.line.refresh()
            screen.call_later(lambda: None)
            await pilot.pause(0.05)
        assert columns not in painted
        monkeypatch.undo()
        await pilot.press("escape")
        await opens(pilot, PromptScreen)
        await shows(pilot, "sampling")


async def test_an_answer_is_in_sight_also_for_whoever_has_scrolled_up():
    app = JokegenApp()
    async with running(app, SMALL) as pilot:
        screen = await open_prompt(pilot, app)
        screen.panel.set_dial("speed", "0")
        for number, animal in enumerate(("bear", "duck", "cow", "hen"), 1):
            screen.line.value = f"Why did the {animal}"
            await pilot.press("enter")
            await until(
                pilot,
                lambda n=number: screen.speaker is None and len(screen.desk.turns) == n and screen.desk.last.ending,
            )
        await pilot.press("pageup", "pageup")
        await shows(pilot, "the bear")
        screen.line.value = "Why did the mouse"
        await pilot.press("enter")
        await shows(pilot, "the mouse")
        await until(pilot, lambda: screen.speaker is None and screen.desk.last.ending)
        await shows(pilot, "the mouse", "seed 7")


async def test_an_answer_that_a_person_ends_at_once_has_its_note():
    app = JokegenApp()
    async with running(app, SMALL) as pilot:
        screen = await open_prompt(pilot, app)
        screen.panel.set_dial("speed", "0")
        screen.line.value = "Why did the bear"
        await pilot.press("enter")
        await until(pilot, lambda: screen.speaker is None and screen.desk.last is not None and screen.desk.last.ending)
        screen.desk.cursor = screen.desk.last.places[0]
        end = screen.talker.generator.tokenizer.end_id
        await screen.go_on_with((Said("", end, 0.5, True),))
        await until(pilot, lambda: screen.speaker is None)
        await shows(pilot, "0 words", "‹2/2›")
