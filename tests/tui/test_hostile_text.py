from pathlib import Path

from app_harness import (
    FORBIDDEN,
    HOSTILE,
    corpus_file,
    made_up_run,
    notices,
    opens,
    running,
    screen_text,
    shows,
    until,
    use_trained_home,
)
from jokegen.core.runs.folder import SAMPLES
from jokegen.tui.app import JokegenApp
from jokegen.tui.requests import TrainingRequested
from jokegen.tui.screens.answers import AnswersScreen
from jokegen.tui.screens.copied import CopiedScreen
from jokegen.tui.screens.history import HistoryScreen
from jokegen.tui.screens.models import ModelDialog
from jokegen.tui.screens.new_run import NewRunDialog
from jokegen.tui.screens.own_word import OwnWordScreen
from jokegen.tui.screens.prompt import PromptScreen
from jokegen.tui.screens.talk_map import TalkMap
from jokegen.tui.workbench import Plan
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.screen import Screen

LINKS = "[@click=app.quit]x[/]"


def assert_harmless(app: JokegenApp) -> None:
    assert app.is_running
    assert not set(screen_text(app)) & FORBIDDEN
    assert not set(app.export_screenshot()) & FORBIDDEN
    assert not set(notices(app)) & FORBIDDEN


async def test_as_samples_and_corpus_name(home: Path):
    run = made_up_run(home, epochs=1)
    run.update_info(corpus=f"jokes {LINKS} [/foo]\x1b[31m.csv")
    run.append(SAMPLES, [{"epoch": n + 2, "text": text, "copied": 9, "words": 9} for n, text in enumerate(HOSTILE)])
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        await shows(pilot, "not a tag")
        await shows(pilot, "[/foo] is not a tag")
        await shows(pilot, LINKS)
        assert_harmless(app)
        assert all(cell_len(line) <= 120 for line in screen_text(app).splitlines())
        await pilot.click("#samples", offset=(12, 3))
        await pilot.press("o")
        await shows(pilot, "clever-otter")
        assert_harmless(app)


async def test_as_corpus_lines_and_vocabulary(tmp_path: Path, home: Path):
    path = corpus_file(tmp_path, *(line for line in HOSTILE for _ in range(4)), "long " * 20_000)
    app = JokegenApp()
    async with running(app) as pilot:
        values = {"preset": "small", "max_epochs": 1, "tokenizer": "spaces", "learning_rate": 0.02}
        app.post_message(TrainingRequested(Plan(str(path), values, "hostile")))
        await until(pilot, lambda: app.bench.session is not None and app.bench.session.done.is_set())
        assert app.bench.session.snapshot().state == "finished", app.bench.session.snapshot().message
        await shows(pilot, "finished")
        assert_harmless(app)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PromptScreen) and app.screen.talker is not None)
        screen = app.screen
        screen.panel.values["speed"] = 0
        for prompt in ("[/foo] is not a", LINKS):
            screen.line.value = prompt
            await pilot.press("enter")
            await until(pilot, lambda prompt=prompt: screen.desk.last and screen.desk.last.prompt == prompt)
            await until(pilot, lambda: screen.desk.last.ending)
            assert_harmless(app)
        await every_place_is_harmless(pilot, app, screen)


async def every_place_is_harmless(pilot: Pilot[None], app: JokegenApp, screen: PromptScreen) -> None:
    """Look at a talk of hostile words wherever words are shown."""
    await pilot.press("tab", "home", "right", "right", "u")
    await shows(pilot, "reminds it of", "[/foo]")
    await until(pilot, lambda: "is not a tag" in screen_text(app).split("reminds it of")[1])
    assert_harmless(app)
    await pilot.press("u", "down", "down")
    await until(pilot, lambda: screen.transcript.copying(screen.desk.turns[-1].number) is not None)
    places: tuple[tuple[str, type[Screen[object]], str], ...] = (
        ("t", CopiedScreen, "training texts"),
        ("m", TalkMap, LINKS),
        ("f10", HistoryScreen, LINKS),
        ("c", AnswersScreen, "goes on after"),
        ("w", OwnWordScreen, "word"),
        ("ctrl+o", ModelDialog, "hostile"),
    )
    for key, place, text in places:
        await pilot.press(key)
        await opens(pilot, place)
        await shows(pilot, text)
        if place is AnswersScreen:
            await until(pilot, lambda: app.screen.columns and all(column.ended for column in app.screen.columns))
            await pilot.press("s")
            await shows(pilot, "lists all")
        if place is HistoryScreen:
            await pilot.press("[", "@")
            await shows(pilot, LINKS)
        assert_harmless(app)
        await pilot.press("escape")
        await opens(pilot, PromptScreen)
        screen.transcript.focus()


async def test_as_prompts(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        await pilot.press("f3")
        screen = app.screen
        await until(pilot, lambda: screen.talker is not None)
        screen.panel.values["speed"] = 0
        for count, text in enumerate(HOSTILE):
            screen.line.value = text
            assert not set(screen.line.value) & FORBIDDEN
            await shows(pilot, "unknown:")
            assert_harmless(app)
            await pilot.press("enter")
            await until(pilot, lambda count=count: len(screen.desk.turns) == count + 1 and screen.desk.last.ending)
            assert_harmless(app)
        assert app.screen is screen


async def test_as_pasted_prompt_of_100_kilobytes(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        await pilot.press("f3")
        screen = app.screen
        await until(pilot, lambda: screen.talker is not None)
        screen.line.value = "why \x1b[31m" * 10_000
        assert len(screen.line.value) <= 20_000
        screen.panel.values["speed"] = 0
        await pilot.press("enter")
        await until(pilot, lambda: screen.desk.last is not None and screen.desk.last.ending)
        assert_harmless(app)


async def test_as_names_of_folders_among_the_runs(home: Path):
    for name in ("[bold]x[∕bold]", "[@click=app.quit]x[∕]", "a\x1b[31mb", "family 👨‍👩‍👧‍👦"):
        made_up_run(home, epochs=1).path.rename(home / "runs" / name)
    app = JokegenApp()
    async with running(app) as pilot:
        await pilot.press("o")
        await shows(pilot, "[bold]x")
        assert_harmless(app)
        for _ in range(4):
            await pilot.press("down", "enter")
            assert_harmless(app)
        await pilot.press("escape", "ctrl+p")
        await pilot.pause(0.3)
        assert_harmless(app)


async def test_as_path_in_the_dialog_and_its_error(tmp_path: Path):
    app = JokegenApp(corpus=f"{tmp_path}/{LINKS}\x1b]0;x\x07 [/foo].csv")
    async with running(app) as pilot:
        await until(pilot, lambda: isinstance(app.screen, NewRunDialog))
        dialog = app.screen
        await pilot.press("enter")
        await until(pilot, lambda: dialog.query_one("#estimate").has_class("error"))
        assert_harmless(app)
        assert "[/foo].csv" in str(dialog.query_one("#estimate").content)


async def test_as_notification(home: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        for text in HOSTILE:
            app.report(text)
        await pilot.pause(0.2)
        assert_harmless(app)
