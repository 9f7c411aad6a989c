"""What is worth keeping is kept with a key, found again, changed, made anew, and never lost by a slip."""

import subprocess
import sys
from pathlib import Path

import pytest
from app_harness import HOSTILE, hides, opens, running, screen_text, shows, until, use_trained_home
from jokegen.core.errors import EngineError
from jokegen.core.keeping.collection import Collection, new
from jokegen.core.keeping.talks import TalkStore
from jokegen.core.keeping.turns import turn_text
from jokegen.tui.app import JokegenApp
from jokegen.tui.clipboard import UNABLE, copy
from jokegen.tui.editor import edited, editor_command
from jokegen.tui.screens.kept import KeptScreen
from test_talks_screen import talk_about
from textual.app import App
from textual.driver import Driver
from textual.drivers.web_driver import WebDriver


@pytest.fixture(autouse=True)
def home(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.chdir(tmp_path)
    return use_trained_home(own_home)


@pytest.fixture
def collection(home: Path) -> Collection:
    return Collection(home / "corpora" / "kept.jsonl")


def texts(collection):
    return [kept.text for kept in collection.read().texts]


async def test_an_answer_is_kept_copied_made_again_and_taken_back(collection):
    app = JokegenApp()
    async with running(app, (110, 36)) as pilot:
        await pilot.press("f3")
        prompts = await talk_about(pilot, app, "Why did the bear")
        await pilot.press("ctrl+n", "f7")
        await shows(pilot, "There is nothing to keep yet")
        prompts = await talk_about(pilot, app, "Why did the bear")
        said = turn_text(prompts.desk.last)
        await pilot.press("f7")
        await shows(pilot, "★ Kept as", "★ kept")
        assert texts(collection) == [said]
        await pilot.press("f7")
        await shows(pilot, "not kept any more")
        assert texts(collection) == []
        await pilot.press("tab", "s")
        await shows(pilot, "★ Kept as")
        assert texts(collection) == [said]
        await pilot.press("y")
        await shows(pilot, "Copied")
        assert app.clipboard == said
        (kept,) = collection.read().texts
        assert (kept.prompt, kept.origin.run, kept.origin.seed) == ("Why did the bear", "trained", 7)
        assert kept.copied is not None
        assert kept.bits > 0
        await pilot.press("f8")
        await opens(pilot, KeptScreen)
        await shows(pilot, "Why did the bear", "trained · epoch", "seed 7")
        await pilot.press("a")
        await shows(pilot, "the same again, word for word")


async def test_whatever_was_kept_is_made_again_in_a_fresh_process_when_its_talk_is_gone(home, collection):
    """An answer that goes on with another word, one in a carried state, and one to a prompt that was cut short."""
    app = JokegenApp()
    async with running(app, (110, 36)) as pilot:
        prompts = await talk_about(pilot, app, "Why did the bear")
        for count, keys in enumerate((("left", "left", "2"), (), ("up", "left", "2")), 1):
            if keys:
                await pilot.press("tab", *keys)
                await until(pilot, lambda: prompts.desk.last.said[-1].chosen and prompts.desk.last.ending)
            else:
                prompts.line.focus()
                await talk_about(pilot, app, "Why did the duck")
            await pilot.press("f7")
            await until(pilot, lambda count=count: len(texts(collection)) == count)
        talk = app.bench.open_talk
    TalkStore(home / "talks").delete(talk)
    program = Path(sys.executable).with_name("jokegen-tui")
    for kept in collection.read().texts:
        again = subprocess.run([program, "kept", "again", kept.id], check=True, capture_output=True, text=True)
        assert (again.stdout, again.stderr) == (f"{kept.text}\n", "")


async def test_the_collection_is_searched_ordered_changed_and_every_change_taken_back(collection, tmp_path):
    for number, text in enumerate(("A cow laughs.", "Two long words about cows, and more.", "A hen.")):
        collection.keep(new(text, bits=float(number), copied=number / 10, tags=("farm",) * (number == 1)))
    app = JokegenApp()
    async with running(app, (110, 36)) as pilot:
        await pilot.press("f8")
        await opens(pilot, KeptScreen)
        await shows(pilot, "A cow laughs.", "#farm", "A hen.")
        await pilot.press("/", *"#farm", "enter")
        await hides(pilot, "A hen.")
        await pilot.press("escape")
        await shows(pilot, "A hen.")
        await pilot.press("s")
        await shows(pilot, "most surprising first")
        assert [kept.bits for kept in app.screen.shown_items()] == [2.0, 1.0, 0.0]
        listing = app.screen.query_one("#list")
        listing.highlighted = 0
        await pilot.press("d")
        await shows(pilot, "The text is dropped")
        assert "A hen." not in texts(collection)
        await pilot.press("u")
        await shows(pilot, "The text is back.")
        assert texts(collection)[2] == "A hen."
        listing.highlighted = 0
        await pilot.press("e")
        app.screen.query_one("#line").value = "A duck."
        await pilot.press("enter")
        await shows(pilot, "The text is changed", "A duck.")
        assert collection.read().texts[2].made == "A hen."
        await pilot.press("t", *"pond", "enter")
        await shows(pilot, "#pond")
        await pilot.press("u")
        await hides(pilot, "#pond")
        await pilot.press("u")
        await shows(pilot, "A hen.")
        await pilot.press("u")
        await shows(pilot, "nothing to take back")
        await pilot.press("x", "enter")
        await shows(pilot, "3 texts in")
        assert (tmp_path / "kept.md").read_text(encoding="utf-8").startswith("- A hen.")


async def test_texts_of_strangers_show_as_text(collection):
    for text in HOSTILE:
        collection.keep(new(text, tags=(text,)))
    collection.path.write_bytes(collection.path.read_bytes() + b'{"torn')
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        await pilot.press("f8")
        await shows(
            pilot,
            "[/foo] is not a tag",
            "[@click=app.quit]x[/] is not a link",
            "#[/foo]",
            "One line of kept.jsonl is damaged",
        )
        assert not any(character in screen_text(app) for character in "\x1b\x07\x9b\u202e")
        await pilot.press("e")
        await shows(pilot, "Other words?")


def test_a_terminal_that_takes_no_copies_is_told_of(monkeypatch):
    app = JokegenApp()
    assert copy(app, "text", {"TERM": "linux"}) == UNABLE
    assert copy(app, "text", {"TERM": "xterm", "TERM_PROGRAM": "Apple_Terminal"}) == UNABLE
    assert "Copied 2 words" in copy(app, "two\x1b words", {"TERM": "tmux-256color"})
    assert app.clipboard == "two words"
    assert "too many for a terminal's clipboard" in copy(app, "x" * 60_000, {"TERM": "xterm"})


def test_the_editor_is_the_persons_own(monkeypatch):
    assert editor_command({"EDITOR": "vim", "VISUAL": f"{sys.executable} -c 'pass'"}) == [sys.executable, "-c", "pass"]
    with pytest.raises(EngineError, match="EDITOR is no command"):
        editor_command({"EDITOR": "vim 'unfinished"})
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineError, match="There is no editor"):
        editor_command({})


async def test_a_served_app_opens_no_editor(tmp_path, monkeypatch):
    assert WebDriver.can_suspend is Driver.can_suspend  # no: what has no terminal of its own cannot step aside
    opened = tmp_path / "opened"
    monkeypatch.setenv("VISUAL", f"{sys.executable} -c \"open({str(opened)!r}, 'w')\"")
    app = App()
    async with app.run_test():
        assert not app._driver.can_suspend  # like a browser's
        with pytest.raises(EngineError, match=r"^No other program can be opened from here; change the text in place"):
            edited(app, "a text")
    assert not opened.exists()
