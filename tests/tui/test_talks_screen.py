"""No talk is lost: each is saved by itself, listed, and taken up again where it was."""

import json
from pathlib import Path

import pytest
from app_harness import HOSTILE, hides, opens, running, screen_text, shows, until, use_trained_home
from jokegen.core.keeping.talks import TalkStore
from jokegen.tui.app import JokegenApp
from jokegen.tui.screens.prompt import PromptScreen
from jokegen.tui.screens.talks import TalksScreen


@pytest.fixture(autouse=True)
def home(own_home: Path) -> Path:
    return use_trained_home(own_home)


async def talk_about(pilot, app: JokegenApp, prompt: str) -> PromptScreen:
    await pilot.press("f3")
    await opens(pilot, PromptScreen)
    prompts = app.screen
    await until(pilot, lambda: prompts.talker is not None)
    prompts.panel.set_dial("speed", "0")
    prompts.line.value = prompt
    await pilot.press("enter")
    await until(pilot, lambda: prompts.desk.last and prompts.desk.last.ending)
    return prompts


async def test_quitting_and_a_new_talk_lose_nothing_and_a_talk_is_taken_up_again(home: Path):
    store = TalkStore(home / "talks")
    app = JokegenApp()
    async with running(app) as pilot:
        prompts = await talk_about(pilot, app, "Why did the bear")
        await until(pilot, store.list)
        first, texts = app.bench.open_talk, [prompts.desk.talk.text()]
        await pilot.press("ctrl+n")
        await until(pilot, lambda: not prompts.desk.turns)
        assert app.bench.open_talk == ""
        await talk_about(pilot, app, "Why did the duck")
        texts.append(prompts.desk.talk.text())
    assert {store.open(summary.id).talk.text() for summary in store.list()} == set(texts)

    app = JokegenApp()
    async with running(app) as pilot:
        await pilot.press("f9")
        await opens(pilot, TalksScreen)
        await shows(pilot, "Why did the bear", "Why did the duck", "trained")
        await pilot.press("/", *"bear", "enter")
        await hides(pilot, "Why did the duck")
        await pilot.press("enter")
        await opens(pilot, PromptScreen)
        prompts = app.screen
        await until(pilot, lambda: prompts.desk.turns and prompts.talker is not None)
        await shows(pilot, "Why did the bear")
        assert prompts.desk.talk.text() == texts[0]
        assert prompts.desk.talk.path()[-1].author.weights == prompts.talker.generator.weights
        await pilot.press("ctrl+r")
        await until(pilot, lambda: prompts.desk.last.seed == 8 and prompts.desk.last.ending)
        longer = prompts.desk.talk.text()
    assert len(store.list()) == 2
    assert store.open(first).talk.text() == longer


async def test_a_talk_is_renamed_taken_along_and_deleted_from_the_list(home: Path, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = TalkStore(home / "talks")
    app = JokegenApp()
    async with running(app, (100, 30)) as pilot:
        await talk_about(pilot, app, "Why did the bear")
        await until(pilot, store.list)
        talk = app.bench.open_talk
        await pilot.press("f9")
        await shows(pilot, "Why did the bear")
        await pilot.press("d")
        await shows(pilot, "begin a new one there")
        await pilot.press("escape")
        await opens(pilot, PromptScreen)
        await pilot.press("ctrl+n", "f9")
        await opens(pilot, TalksScreen)
        await shows(pilot, "Why did the bear")
        await pilot.press("r")
        app.screen.query_one("#line").value = "Bears"
        await pilot.press("enter")
        await shows(pilot, "It is called Bears now.")
        await pilot.press("e", "enter")
        await shows(pilot, "The talk is in")
        assert "**you:** Why did the bear" in (tmp_path / f"talk-{talk}.md").read_text(encoding="utf-8")
        await pilot.press("e", "enter")
        await shows(pilot, "already a file")
        await pilot.press("d", *"no", "enter")
        await shows(pilot, "Nothing was deleted.")
        await pilot.press("d", *"yes", "enter")
        await shows(pilot, "The talk is deleted.")
    assert store.list() == []


async def test_talks_of_strangers_show_as_text(home: Path):
    folder = home / "talks"
    folder.mkdir()
    for number, text in enumerate(HOSTILE):
        lines = [
            {"talk": 1, "title": text, "created": text},
            {"stretch": 0, "parent": None, "prompt": text, "fresh": True},
            {"stretch": 1, "parent": 0, "author": {"run": text, "label": text, "seed": 1}, "tokens_of": "trained",
             "words": [[text, 2**40, 0.5]]},
            {"roots": [0], "head": [1, 1]},
        ]  # fmt: skip
        (folder / f"evil{number}.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        await pilot.press("f9")
        await shows(pilot, "[/foo] is not a tag", "[@click=app.quit]x[/] is not a link")
        await pilot.press("/", *"[@click", "enter", "enter")
        await opens(pilot, PromptScreen)
        await shows(pilot, "[@click=app.quit]x[/] is not a link")
        prompts = app.screen
        await until(pilot, lambda: prompts.talker is not None)
        prompts.panel.set_dial("speed", "0")
        await pilot.press(*"so", "enter")
        await until(pilot, lambda: len(prompts.desk.turns) == 2 and prompts.desk.last.ending == "end of text")
        assert not any(character in screen_text(app) for character in "\x1b\x07\x9b\u202e")
