import threading
from pathlib import Path

import pytest
from app_harness import corpus_file, made_up_run, opens, running, screen_text, shows, until
from filelock import FileLock
from jokegen.core.described import choices_of
from jokegen.core.runs.store import RunStore
from jokegen.core.settings import TrainingSettings
from jokegen.core.training import estimation
from jokegen.data.large import pieces
from jokegen.data.reading import read_texts
from jokegen.data.sources import limits
from jokegen.tui import handing_over
from jokegen.tui.app import JokegenApp
from jokegen.tui.candidates import candidates, split_path
from jokegen.tui.preferences import load_preferences
from jokegen.tui.screens.new_run import NewRunDialog
from jokegen.tui.screens.new_run_fields import fields_of_settings, plan_of
from jokegen.tui.screens.prompt import PromptScreen
from jokegen.tui.widgets.source_line import SourceLine
from jokegen.tui.workbench import Plan
from textual.pilot import Pilot


async def open_dialog(pilot: Pilot[None], app: JokegenApp, corpus: Path | str) -> NewRunDialog:
    app.bench.preferences.new_run.setdefault("preset", "ngram")  # needs no steps to be timed
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
        dialog.query_one("#preset").value = "small"
        dialog.query_one("#name").value = "mine"
        await shows(pilot, "120 texts", "1 epoch ", "vocabulary", "parameters", "about")
        # What stands in the empty fields is what starts.
        assert dialog.query_one("#tokenizer").placeholder == "auto: words"
        assert dialog.query_one("#batch_size").placeholder == "16"
        await pilot.press("enter")
        await until(pilot, lambda: app.bench.session is not None and app.bench.session.done.is_set())
        assert app.bench.session_run() == "mine"
    settings = RunStore(home / "runs").open("mine").info.settings
    assert (settings.preset, settings.tokenizer) == ("small", "words")
    stored = load_preferences(home / "preferences.json").new_run
    assert stored["max_epochs"] == "1"
    assert stored["source"].endswith("jokes.txt")


async def test_the_dial_says_what_a_time_buys_and_that_is_what_starts(tmp_path: Path, home: Path, monkeypatch):
    # However busy the machine is: what a time buys is not asked of it.
    monkeypatch.setattr(estimation, "seconds_a_token", lambda *_: 1e-6)
    app = JokegenApp()
    async with running(app) as pilot:
        app.bench.preferences.new_run = {"hidden": "8", "batch_size": "64"}
        await pilot.press("n")
        dialog = app.screen
        dialog.query_one("#source").value = str(corpus_file(tmp_path))
        # Without a word about it, it takes two minutes at most, and less where the texts need no more.
        await shows(pilot, "▸2 min◂", "120 texts", "GB of memory", "180 epochs", "no more is to be learned")
        assert dialog.plan().values["max_seconds"] == 120
        line = dialog.query_one("#max_seconds")
        await pilot.press("tab")
        assert app.focused is line
        await pilot.press("down")
        await shows(pilot, "▸10 min◂")
        line.value = ""
        await pilot.press("up")
        await shows(pilot, "▸½ min◂")
        line.value = "a while"
        await shows(pilot, "'a while' is no time; write 30s, 2m or 1h.")
        line.value = ""
        dialog.query_one("#max_epochs").value = "3"
        await shows(pilot, "▸no limit◂", " 3 epochs")
        assert "max_seconds" not in dialog.plan().values
        line.value = "90s"
        await shows(pilot, "about", " 3 epochs")
        await pilot.press("enter")
        await until(pilot, lambda: app.bench.session is not None and app.bench.session.done.is_set())
    (run,) = RunStore(home / "runs").all()
    assert (run.info.settings.max_seconds, run.info.settings.max_epochs, run.info.epochs) == (90, 3, 3)


async def test_what_was_chosen_for_other_texts_is_forgotten_with_them_however_soon(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        app.bench.preferences.new_run = {"source": "starter", "column": "Joke", "exclude": "ebfcbd8e2d"}
        await pilot.press("n")
        dialog = app.screen
        assert dialog.query_one("#exclude").value == "ebfcbd8e2d"
        dialog.query_one("#source").value = str(corpus_file(tmp_path))
        await until(pilot, lambda: not dialog.query_one("#exclude").value and not dialog.query_one("#column").value)


async def test_several_values_make_a_sweep_whose_runs_lie_over_each_other(tmp_path: Path, home: Path):
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        app.bench.preferences.new_run = {"hidden": "8", "batch_size": "64", "max_epochs": "2", "preset": "small"}
        await pilot.press("n")
        dialog = app.screen
        dialog.query_one("#source").value = str(corpus_file(tmp_path))
        dialog.query_one("#seed").value = "3,5"
        await shows(pilot, "Seeds follow each other, such as 0,1,2.")
        dialog.query_one("#seed").value = "3"
        dialog.query_one("#dropout").focus()
        await pilot.press(*"0.2,0.5")
        await shows(pilot, "▸10 min◂", "a sweep of 2 runs", "2 epochs each", "the better half goes on after 50%")
        dialog.query_one("#name").value = "drop"
        await pilot.press("enter")
        await until(pilot, lambda: app.bench.session is not None and app.bench.session.done.is_set())
        await shows(pilot, "Best is dropout=", "dropout=0.")
        await until(pilot, lambda: len(app.bench.marked) == 1)
    runs = {run.name: run.info for run in RunStore(home / "runs").all()}
    assert sorted(runs) == ["drop-1", "drop-2"]
    assert {info.settings.seed for info in runs.values()} == {3}
    assert {info.settings.dropout for info in runs.values()} == {0.2, 0.5}
    assert (home / "sweeps" / "drop.json").exists()


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
            ("learning_rate", "1e", "learning-rate"),
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


async def test_what_was_being_read_for_other_fields_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    app = JokegenApp()
    async with running(app) as pilot:
        reading, let_go, ended = threading.Event(), threading.Event(), threading.Event()
        read = app.bench.reading

        def slowly(plan: Plan):
            reading.set()
            let_go.wait(60)
            try:
                return (yield from read(plan))
            finally:
                ended.set()

        monkeypatch.setattr(app.bench, "reading", slowly)
        dialog = await open_dialog(pilot, app, corpus_file(tmp_path))
        await until(pilot, reading.is_set)
        dialog.query_one("#source").value = "reddit-cleanjokes"
        await shows(pilot, "is fetched from its authors when you start")
        let_go.set()
        await until(pilot, ended.is_set)
        await until(pilot, lambda: all(worker.is_finished for worker in app.workers if worker.group == "look"))
        await pilot.pause()
        assert "is fetched from its authors when you start" in screen_text(app)


async def test_letters_do_not_get_into_number_fields(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        dialog = await open_dialog(pilot, app, corpus_file(tmp_path))
        dialog.query_one("#seed").focus()
        await pilot.press("a", "4", "x", "2")
        assert dialog.query_one("#seed").value == "42"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_reading_is_shown_and_corrected_by_keys_alone(tmp_path: Path, size: tuple[int, int]):
    path = tmp_path / "table.csv"
    rows = "\n".join(
        f'{number},Why did number {number} laugh so loud?,"It saw   {number * 7 % 90}, and a cow."'
        for number in range(90)
    )
    path.write_text(f"id,[/question],answer\n{rows}\n", encoding="utf-8")
    app = JokegenApp()
    async with running(app, size) as pilot:
        dialog = await open_dialog(pilot, app, path)
        await shows(pilot, "table, column [/question], 90 texts", "id numbers", "✓ [/question] texts", "answer texts")
        await shows(pilot, "! The column 'answer' of table.csv holds texts too", "about")
        await pilot.press("ctrl+o")
        await shows(pilot, "columns [/question] + answer", "1 Why did number 0 laugh so loud? It saw 0,")
        await pilot.press("ctrl+o", "ctrl+b")
        await shows(pilot, "column [/question], spacing kept, 90 texts")
        assert dialog.query_one("#column").value == "[/question]"
        # The first press takes another kind than the one that is shown.
        assert dialog.query_one("#tokenizer").placeholder == "auto: words"
        await pilot.press("ctrl+t")
        assert dialog.query_one("#tokenizer").value == "spaces"
        await pilot.press("ctrl+t", "ctrl+t")
        assert dialog.query_one("#tokenizer").value == "chars"
        while app.focused is None or app.focused.id != "where":
            await pilot.press("tab")
        await pilot.press(*"id", "space", "less_than_sign", "space", "5", "0")
        await shows(pilot, "where id < 50", "50 texts")
        await pilot.press("ctrl+l", "ctrl+l")
        assert dialog.query_one("#texts").value == "blank"
        await shows(pilot, "texts between blank lines")
        # Another source has other columns, for which none of it was meant.
        dialog.query_one("#source").value = str(corpus_file(tmp_path))
        await until(pilot, lambda: not dialog.query_one("#column").value and not dialog.query_one("#where").value)
        assert app.bench.session is None


async def test_what_was_guessed_stays_in_sight_and_a_key_shows_the_rest(tmp_path: Path):
    path = tmp_path / "table.csv"
    rows = "\n".join(f"Why did number {number} laugh?,It saw   {number * 7 % 90} cows." for number in range(90))
    path.write_text(f"question,answer\n{rows}\n", encoding="utf-8")
    app = JokegenApp()
    app.bench.preferences.new_run = {"preset": "ngram"}
    async with running(app) as pilot:
        await open_dialog(pilot, app, path)
        await shows(pilot, "1 Why did number 0 laugh? It saw 0 cows.", "! The columns", "! Runs of blanks", "about 1 s")
        assert "3 Why did number 2 laugh?" not in screen_text(app)
        await shows(pilot, "pgdn more")
        await pilot.press("pagedown")
        await shows(pilot, "3 Why did number 2 laugh? It saw 14 cows.")


async def test_a_small_and_a_large_window_show_all_of_it(tmp_path: Path):
    path = tmp_path / "verses.txt"
    path.write_text(
        "\n\n".join(f"The cow {number}\n  jumped over\n  the moon." for number in range(60)), encoding="utf-8"
    )
    for size, text in (((80, 24), "1 The cow 0 ⏎ jumped over ⏎ the moon."), ((120, 40), "    jumped over")):
        app = JokegenApp(corpus=str(path))
        app.bench.preferences.new_run = {"preset": "ngram"}
        async with running(app, size) as pilot:
            await shows(pilot, "plain text, texts between blank lines", text, "spacing kept", "! ", "blank", "about")
            dialog = app.screen
            for line in dialog.query("FieldLine"):
                assert line.region.width > 10, (size, line.id)
                assert 0 < line.region.y < size[1]
            for name in ("estimate", "explanation", "start", "cancel"):
                assert dialog.query_one(f"#{name}").region.bottom < size[1]


async def test_candidates_are_listed_and_taken_by_keys(tmp_path: Path):
    folder = tmp_path / "texts [x]"
    folder.mkdir()
    corpus_file(folder)
    app = JokegenApp()
    async with running(app) as pilot:
        dialog = await open_dialog(pilot, app, f"{tmp_path}/tex")
        line = dialog.query_one(SourceLine)
        await pilot.press("down")
        await until(pilot, lambda: line.is_open)
        await pilot.press("enter")
        assert dialog.query_one("#source").value == f"{folder}/"
        await until(pilot, lambda: line.is_open)
        await shows(pilot, "jokes.txt")
        await pilot.press("escape")
        assert not line.is_open
        assert app.screen is dialog
        await pilot.press("down")
        await until(pilot, lambda: line.is_open)
        await pilot.press("enter")
        assert dialog.query_one("#source").value == f"{folder}/jokes.txt"
        assert app.screen is dialog
        assert app.bench.session is None


async def test_candidates_that_are_found_while_the_dialog_is_closed_end_nothing(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        dialog = await open_dialog(pilot, app, corpus_file(tmp_path).with_suffix(""))
        line = dialog.query_one(SourceLine)
        await line.list.remove()
        await pilot.press("down")
        await app.workers.wait_for_complete(list(app.workers))
        assert line.is_open


async def test_what_is_changed_while_it_waits_does_not_start(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        dialog = await open_dialog(pilot, app, corpus_file(tmp_path))
        dialog.query_one("#max_epochs").value = "2"
        dialog.action_start()
        dialog.query_one("#max_epochs").value = "3"
        await until(pilot, lambda: "3 epochs" in screen_text(app))
        assert app.screen is dialog
        assert app.bench.session is None


async def test_two_processes_are_started_paused_prompted_and_stopped_like_one(tmp_path: Path, home: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        dialog = await open_dialog(pilot, app, corpus_file(tmp_path))
        typed = {"preset": "small", "hidden": "8", "processes": "2", "max_epochs": "100000", "name": "team"}
        for name, value in typed.items():
            dialog.query_one(f"#{name}").value = value
        await pilot.press("enter")
        await until(pilot, lambda: app.bench.session is not None and app.bench.session.snapshot().step > 2, 120)
        session = app.bench.session
        await pilot.press("space")
        await shows(pilot, "‖ paused", "team")
        await pilot.press("f3")
        await opens(pilot, PromptScreen)
        await pilot.press(*"Why", "enter")
        await until(pilot, lambda: app.screen.desk.last is not None and "live" in app.screen.desk.last.model)
        await pilot.press("f2")
        step = session.snapshot().step
        session.resume()
        await until(pilot, lambda: session.snapshot().step > step + 2)
        await pilot.press("s")
        await until(pilot, session.done.is_set)
    run = RunStore(home / "runs").open("team")
    assert run.info.settings.processes == 2
    assert (run.info.status, run.resumable) == ("stopped", True)


async def test_how_far_a_large_file_is_read_stands_in_the_dialog(tmp_path: Path, home: Path, monkeypatch):
    monkeypatch.setattr(limits, "LARGE_BYTES", 1000)
    monkeypatch.setattr(pieces, "PIECE_BYTES", 1500)
    monkeypatch.setattr(handing_over, "_SECONDS_BETWEEN_WORDS", 0.0)
    corpus = corpus_file(tmp_path)
    read_texts(corpus, cache=home / "corpora")
    (folder,) = (home / "corpora" / "prepared").iterdir()
    app = JokegenApp()
    async with running(app) as pilot:
        with FileLock(folder / "lock"):  # somebody else reads the same file
            await open_dialog(pilot, app, corpus)
            await shows(pilot, "waiting for another reading of jokes.txt …")
            await pilot.press("enter")
            await shows(pilot, "waiting for another reading of jokes.txt. It starts when that is done.")
        await until(pilot, lambda: app.bench.session is not None and app.bench.session.done.is_set())
    assert app.bench.session.snapshot().state == "finished"
    assert any("stay on the disk" in notice for notice in app.bench.session.snapshot().notices)


def test_every_setting_has_a_field_so_every_advice_can_be_taken():
    assert {choice.name for choice in fields_of_settings()} == {choice.name for choice in choices_of(TrainingSettings)}
    typed = dict.fromkeys(("source", "name", *(choice.name for choice in fields_of_settings())), "")
    plan = plan_of({**typed, "source": "a.csv", "where": "score > 2; lang = en", "keep_spacing": "no", "seed": "3"})
    where = ("score > 2", "lang = en")
    assert plan.values == {"where": where, "keep_spacing": False, "seed": 3, "max_seconds": 120.0}


def test_names_and_paths_are_completed(tmp_path: Path):
    for name in ("jokes of mine.csv", "jokes.exe", "jokes", "jokes.vtt", ".jokes.csv", "a\x1b[31m.csv"):
        (tmp_path / name).write_text("x")
    (tmp_path / "jokes of others").mkdir()
    assert candidates("sta") == ["starter"]
    assert candidates(f"{tmp_path}/jo") == [
        f"{tmp_path}/{name}" for name in ("jokes of mine.csv", "jokes.vtt", "jokes", "jokes of others/")
    ]
    assert candidates(f"{tmp_path}/jokes.e") == candidates("/no/such/folder/x") == candidates(f"{tmp_path}/a") == []


def test_a_path_is_parted_at_separators_of_both_kinds():
    assert split_path("C:\\texts/mine\\jo", "\\/") == ("C:\\texts/mine\\", "jo")
    assert split_path("a\\b/c", "/") == ("a\\b/", "c")
    assert split_path("jo") == ("", "jo")


async def test_letters_only_is_as_the_command_line_has_it(tmp_path: Path):
    path = tmp_path / "digits.txt"
    path.write_text("\n".join(f"What is {number}? It's a \U0001f600!" for number in range(90)), encoding="utf-8")
    app = JokegenApp()
    async with running(app) as pilot:
        dialog = await open_dialog(pilot, app, path)
        dialog.query_one("#letters_only").value = "yes"
        # Without the digits all texts are the same one.
        await until(pilot, lambda: dialog.query_one("#estimate").has_class("error"))
        assert dialog.plan().values["letters_only"] is True
        assert app.bench.session is None


def test_where_one_folder_may_be_read_nothing_outside_is_suggested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "jokes.csv").touch()
    (tmp_path / "secret.csv").touch()
    monkeypatch.setenv("JOKEGEN_TEXTS", str(tmp_path / "texts"))
    assert candidates("jo") == ["jokes.csv"]
    assert [candidates(typed) for typed in ("../s", "/et", "~/", f"{tmp_path}/s")] == [[]] * 4
