from pathlib import Path

import pytest
from app_harness import corpus_file, made_up_run, running, screen_text, shows, until
from jokegen.tui.app import JokegenApp
from jokegen.tui.preferences import load_preferences
from jokegen.tui.screens.new_run import NewRunDialog
from jokegen.tui.widgets.source_suggester import SourceSuggester, complete_path
from textual.pilot import Pilot


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JOKEGEN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


async def open_dialog(pilot: Pilot[None], app: JokegenApp, corpus: Path | str) -> NewRunDialog:
    await pilot.press("n")
    dialog = app.screen
    assert isinstance(dialog, NewRunDialog)
    dialog.query_one("#source").value = str(corpus)
    await pilot.pause()
    return dialog


async def test_it_estimates_before_the_start_and_then_trains(tmp_path: Path, home: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        dialog = await open_dialog(pilot, app, corpus_file(tmp_path))
        dialog.query_one("#max_epochs").value = "1"
        dialog.query_one("#name").value = "mine"
        await until(pilot, lambda: "120 texts" in screen_text(app) and "1 epoch " in screen_text(app))
        text = " ".join(screen_text(app).split())
        assert "vocabulary" in text
        assert "parameters" in text
        assert "about" in text
        await pilot.press("enter")
        await until(pilot, lambda: app.bench.session is not None and app.bench.session.done.is_set())
        assert app.bench.session_run() == "mine"
    stored = load_preferences(home / "preferences.json").new_run
    assert stored["max_epochs"] == "1"
    assert stored["source"].endswith("jokes.txt")


async def test_a_missing_file_is_one_sentence_and_nothing_typed_is_lost(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        dialog = await open_dialog(pilot, app, tmp_path / "nowhere.csv")
        dialog.query_one("#max_epochs").value = "7"
        await pilot.press("enter")
        await until(pilot, lambda: dialog.query_one("#estimate").has_class("error"))
        assert "nowhere.csv" in str(dialog.query_one("#estimate").content)
        assert app.screen is dialog
        assert dialog.query_one("#max_epochs").value == "7"
        assert app.bench.session is None
        await pilot.press("escape", "n")
        assert app.screen.query_one("#max_epochs").value == "7"


async def test_a_number_that_makes_no_sense_is_said_before_the_start(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        dialog = await open_dialog(pilot, app, corpus_file(tmp_path))
        for field, value, said in (
            ("max_epochs", "0", "max-epochs"),
            ("learning_rate", "1e", "learning rate"),
            ("learning_rate", "99", "learning-rate"),
        ):
            line = dialog.query_one(f"#{field}")
            line.value = value
            await pilot.press("enter")
            await until(pilot, lambda said=said: said in str(dialog.query_one("#estimate").content))
            assert dialog.query_one("#estimate").has_class("error")
            line.value = ""
        assert app.bench.session is None


async def test_a_name_in_use_is_refused_before_the_start(tmp_path: Path, home: Path):
    made_up_run(home, "mine")
    app = JokegenApp()
    async with running(app) as pilot:
        dialog = await open_dialog(pilot, app, corpus_file(tmp_path))
        dialog.query_one("#name").value = "mine"
        await pilot.press("enter")
        await shows(pilot, "There is a run mine already")
        assert app.bench.session is None


async def test_a_corpus_that_must_be_fetched_is_not_fetched_by_looking_at_it(home: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        await open_dialog(pilot, app, "reddit-cleanjokes")
        await shows(pilot, "is fetched from its authors when you start")
        assert not (home / "corpora").exists()


async def test_letters_do_not_get_into_number_fields(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        dialog = await open_dialog(pilot, app, corpus_file(tmp_path))
        dialog.query_one("#seed").focus()
        await pilot.press("a", "4", "x", "2")
        assert dialog.query_one("#seed").value == "42"


async def test_names_and_paths_are_completed(tmp_path: Path):
    (tmp_path / "jokes of mine.csv").write_text("x")
    (tmp_path / "jokes.exe").write_text("x")
    (tmp_path / "folder").mkdir()
    suggester = SourceSuggester(["starter", "reddit-cleanjokes"])
    assert await suggester.get_suggestion("sta") == "starter"
    assert await suggester.get_suggestion(f"{tmp_path}/jo") == f"{tmp_path}/jokes of mine.csv"
    assert await suggester.get_suggestion(f"{tmp_path}/fo") == f"{tmp_path}/folder/"
    assert await suggester.get_suggestion(f"{tmp_path}/jokes.e") is None
    assert await suggester.get_suggestion("/no/such/folder/x") is None


def test_file_names_with_terminal_sequences_are_not_suggested(tmp_path: Path):
    (tmp_path / "a\x1b[31m.csv").write_text("x")
    assert complete_path(f"{tmp_path}/a") is None


async def test_a_column_and_the_cleaning_of_the_tutorial_can_be_chosen(tmp_path: Path):
    path = tmp_path / "table.csv"
    rows = "\n".join(f"{number},x{number % 7}, What is {number * 7 % 90}? It's a \U0001f600!" for number in range(90))
    path.write_text(f"first,second,third\n{rows}\n", encoding="utf-8")
    app = JokegenApp()
    async with running(app) as pilot:
        dialog = await open_dialog(pilot, app, path)
        dialog.query_one("#column").value = "fourth"
        await pilot.press("enter")
        await until(pilot, lambda: dialog.query_one("#estimate").has_class("error"))
        await shows(pilot, "fourth")
        dialog.query_one("#column").value = "third"
        await shows(pilot, "90 texts")
        dialog.query_one("#cleaning").value = "letters"
        # Without the digits all texts are the same one.
        await until(pilot, lambda: dialog.query_one("#estimate").has_class("error"))
        assert dialog.plan().values["letters_only"] is True
        assert app.bench.session is None


def test_where_one_folder_may_be_read_nothing_outside_is_suggested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "jokes.csv").touch()
    (tmp_path / "secret.csv").touch()
    monkeypatch.setenv("JOKEGEN_TEXTS", str(tmp_path / "texts"))
    assert complete_path("jo") == "jokes.csv"
    assert [complete_path(typed) for typed in ("../s", "/et", "~/", f"{tmp_path}/s")] == [None] * 4
