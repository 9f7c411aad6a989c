"""The file in which a person sets keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_harness import made_up_run, notices, running, shows, until
from hypothesis import given
from hypothesis import strategies as st
from jokegen.tui.app import KEYS, JokegenApp
from jokegen.tui.keymap import read_keymap, template
from textual.binding import Binding


@pytest.fixture
def home(own_home: Path) -> Path:
    own_home.mkdir()
    return own_home


PLACES = [*JokegenApp.PLACES.values()]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / KEYS
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_all_keys_stay(tmp_path: Path):
    assert read_keymap(tmp_path / KEYS, PLACES).keys == {}


def test_a_key_or_several_are_set(tmp_path: Path):
    path = written(tmp_path, '[talk]\nword-before = ["b", "left"]\n[train]\npause = "ctrl+k"\nzoom-in = ["+"]\n')
    keymap = read_keymap(path, PLACES)
    assert keymap.keys == {"talk.word-before": "b,left", "train.pause": "ctrl+k", "train.zoom-in": "+"}
    assert keymap.problems == ()


def test_the_template_says_what_is_there_and_changes_nothing(tmp_path: Path):
    text = template(PLACES)
    assert read_keymap(written(tmp_path, text), PLACES).keys == {}
    uncommented = "\n".join(
        line.removeprefix("# ") if " = [" in line else line for line in text.splitlines() if "Take the mark" not in line
    )
    keymap = read_keymap(written(tmp_path, uncommented), PLACES)
    assert keymap.problems == ()
    for bindings in PLACES:
        for binding in bindings:
            assert isinstance(binding, Binding)
            if binding.id is not None:
                assert keymap.keys[binding.id] == binding.key


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[talk]\nword-befor = 'x'", "there is no action named talk.word-befor; did you mean 'talk.word-before'?"),
        ("[train]\npause = 'spacebar'", "'spacebar' of train.pause is not a key"),
        ("[train]\npause = 'hyperctrl+a'", "'hyperctrl+a' of train.pause is not a key"),
        ("[train]\npause = 3", "train.pause wants a key or a list of keys"),
        ("[train]\npause = ['a', 3]", "train.pause wants a key or a list of keys"),
        ("pause = 'a'", "there is no action named pause"),
        ("[train\n", "is not valid TOML"),
        ("[train]\npause = 's'", "'s' is now train.pause, so train.stop has lost it."),
        ("\udcff", "is not valid TOML"),
        ("#" * 70_000, "too large"),
    ],
)
def test_mistakes_are_told_in_a_sentence(tmp_path: Path, text: str, sentence: str):
    path = tmp_path / KEYS
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    problems = read_keymap(path, PLACES).problems
    assert len(problems) == 1
    assert sentence in problems[0]
    assert KEYS in problems[0]


@given(text=st.text())
def test_any_file_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, text: str):
    path = tmp_path_factory.mktemp("keys") / KEYS
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    read_keymap(path, PLACES)


async def test_help_and_footer_follow_the_file_and_the_key_works(home: Path):
    made_up_run(home)
    written(home, '[app]\nhelp = "ctrl+g"\n[train]\nruns = "z"\nfoo = "k"\n')
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        await until(pilot, lambda: "no action named train.foo" in notices(app))
        app.clear_notifications()
        await shows(pilot, "z runs")
        await pilot.press("ctrl+g")
        await shows(pilot, "ctrl+g", "Everywhere")
        await pilot.press("escape", "z")
        await until(pilot, lambda: type(app.screen).__name__ == "RunsScreen")


async def test_every_binding_of_every_screen_stands_in_the_help():
    listed = {id(binding) for bindings in PLACES for binding in bindings}
    import importlib
    import pkgutil

    import jokegen.tui.screens as screens
    import jokegen.tui.widgets as widgets

    for package in (screens, widgets):
        for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
            for thing in vars(importlib.import_module(module.name)).values():
                own = vars(thing).get("BINDINGS", ()) if isinstance(thing, type) else ()
                if getattr(thing, "__module__", "") == module.name and thing.__name__ != "HelpScreen":
                    missing = [binding for binding in own if id(binding) not in listed]
                    assert not missing, (thing, missing)
