import json
import os
import stat
import zipfile
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest
from jokegen.core.errors import RunError
from jokegen.core.events import StepDone
from jokegen.core.recipes import Recipe
from jokegen.core.runs import archives, files
from jokegen.core.runs import store as runs
from jokegen.core.runs.folder import BEST, CORPUS, FILES, LAST, LOCK, METRICS, SAMPLES, TOKENIZER, TRAINER_STATE
from jokegen.core.runs.info import INFO
from jokegen.core.speaking.loading import load_generator
from jokegen.core.training import workflow
from jokegen.core.training.workflow import TrainingRequest

SMALL = {"preset": "small", "max_epochs": 2}
SCRIPTS = ["Müller zwei", "笑い話", "анекдоты 2", "चुटकुले", "نكت", "é" * 64]
BAD_NAMES = [
    "笑" * 65,
    "笑/い",
    "\u0301x",
    "x\ud800",
    "😀",
    "../x",
    "..",
    ".",
    "",
    " ",
    "a/b",
    "a\\b",
    "/etc/passwd",
    "con",
    "CON.txt",
    "nul",
    "com1",
    ".hidden",
    "ends.",
    "ends ",
    "new\nline",
    "esc\x1b[31m",
    "nul\0",
    "~",
    "$HOME",
    "a" * 65,
    "name\u202e",
    "C:",
]


def one_sentence(message):
    return (
        message.endswith(".") and ". " not in message and not any(ord(c) < 32 or c in "\x7f\x9b\u202e" for c in message)
    )


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_cannot_leave_the_runs_folder(store, tmp_path, name):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "precious").write_text("stays")
    store.create("mine")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    for action in (
        lambda: store.create(name),
        lambda: store.create(name, overwrite=True),
        lambda: store.open(name),
        lambda: store.delete(name),
        lambda: store.rename("mine", name),
        lambda: store.rename(name, "other"),
        lambda: store.export(name, tmp_path / "out.zip"),
    ):
        with pytest.raises(RunError, match="cannot be a run's name") as caught:
            action()
        assert one_sentence(str(caught.value))
    after = sorted(path.name for path in tmp_path.rglob("*"))
    assert [path for path in after if path != LOCK] == before


@pytest.mark.parametrize("name", ["a", "first", "a b", "x_1-2.3", "A" * 64, "..a"[2:], "a..b", "[bold]"[1:5], *SCRIPTS])
def test_ordinary_names_are_taken(store, name):
    assert store.create(name).path.parent == store.folder
    with pytest.raises(RunError, match="already a run named"):
        store.create(name)
    store.delete(name)
    assert store.list() == []


def test_a_name_is_the_same_however_its_accents_are_written(store):
    decomposed = "Mu\u0308ller"
    assert store.create(decomposed).name == "M\u00fcller"
    assert store.open(decomposed).path == store.open("M\u00fcller").path
    assert store.rename("M\u00fcller", "e\u0301") == "\u00e9"


def test_without_a_name_a_run_gets_a_free_one(store):
    names = {store.create().name for _ in range(30)}
    assert len(names) == 30


def test_the_newest_run_comes_first_and_damaged_ones_are_listed_with_what_is_wrong(copied, store):
    run = copied(**SMALL)
    (store.folder / "empty").mkdir()
    (store.folder / "garbled").mkdir()
    (store.folder / "garbled" / INFO).write_bytes(b"\xff{not json")
    (store.folder / "list").mkdir()
    (store.folder / "list" / INFO).write_text("[1, 2]")
    (store.folder / "deep").mkdir()
    (store.folder / "deep" / INFO).write_text("[" * 100_000)
    newer = store.folder / "newer"
    newer.mkdir()
    values = json.loads((run.path / INFO).read_text())
    (newer / INFO).write_text(json.dumps({**values, "format": 99}))
    (store.folder / "esc\x1b[31m").mkdir()
    (store.folder / "esc\x1b[31m" / INFO).write_text(json.dumps(values))
    listed = {summary.name: summary for summary in store.list()}
    assert store.list()[0].name == "run"
    assert listed["run"].problem is None
    assert listed["run"].test_perplexity == run.info.figures("test").perplexity
    problems = {name: summary.problem for name, summary in listed.items() if name != "run"}
    assert set(problems) == {"empty", "garbled", "list", "deep", "newer", "esc[31m"}
    assert "newer JokeGen" in problems["newer"]
    assert all(one_sentence(problem) for problem in problems.values())
    assert store.newest().name == "run"


def test_figures_of_another_shape_do_not_break_the_list(copied, store):
    run = copied(**SMALL)
    values = json.loads((run.path / INFO).read_text())
    (run.path / INFO).write_text(json.dumps({**values, "test": {"surprise": 1}}))
    assert store.list()[0].test_perplexity is None
    assert load_generator(run)


def test_damaged_lines_of_the_metrics_are_passed_over(copied):
    run = copied(**SMALL)
    epochs, losses = run.epochs(), run.series()["loss"].tolist()
    with (run.path / METRICS).open("a") as handle:
        handle.write("[" * 100_000 + '\n[]\n7\nnull\n{"kind": "st\n{"kind": "epoch"}\n{"kind": "step"}\n{}\n')
    with (run.path / SAMPLES).open("a") as handle:
        handle.write('{"epoch": 3}\n{"epo')
    assert run.epochs() == epochs
    assert run.series()["loss"].tolist() == losses
    assert len(run.samples()) == 2
    run.truncate(step=10**6, epoch=1)
    assert len(run.epochs()) == len(run.samples()) == 1


def change_a_byte(path, place):
    data = bytearray(path.read_bytes())
    data[int(len(data) * place)] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("place", [0.3, 0.6, 0.99])
def test_a_single_changed_bit_of_the_weights_is_noticed(copied, place):
    run = copied(**SMALL)
    change_a_byte(run.path / BEST, place)
    assert load_generator(run).notice == (f"The checkpoint run/{BEST} is damaged, so {LAST} was loaded instead.")
    change_a_byte(run.path / LAST, place)
    with pytest.raises(RunError, match="no checkpoint that can be read"):
        load_generator(run)


def test_a_single_changed_bit_of_the_texts_or_of_a_word_is_noticed(copied):
    run = copied(**SMALL)
    tokenizer = (run.path / TOKENIZER).read_text(encoding="utf-8")
    assert " duck" in tokenizer
    (run.path / TOKENIZER).write_text(tokenizer.replace(" duck", " dusk"), encoding="utf-8")
    with pytest.raises(RunError, match=TOKENIZER):
        load_generator(run)
    (run.path / TOKENIZER).write_text(tokenizer, encoding="utf-8")
    change_a_byte(run.path / CORPUS, 0.7)
    with pytest.raises(RunError, match=CORPUS):
        load_generator(run)


def test_a_run_keeps_everything_when_exported_and_imported(copied, store, tmp_path):
    run = copied(**SMALL)
    store.export("run", tmp_path / "run.zip")
    with pytest.raises(RunError, match="already exists"):
        store.export("run", tmp_path / "run.zip")
    assert store.import_(tmp_path / "run.zip", "copy") == "copy"
    for file in FILES:
        if (run.path / file).exists():
            assert (store.folder / "copy" / file).read_bytes() == (run.path / file).read_bytes()
    with pytest.raises(RunError, match="already a run named 'run'"):
        store.import_(tmp_path / "run.zip")
    store.delete("run")
    assert store.import_(tmp_path / "run.zip") == "run"
    assert load_generator(store.open("run")).notice is None


def test_exporting_to_nowhere_is_a_sentence(copied, store, tmp_path):
    copied(**SMALL)
    (tmp_path / "file").write_text("")
    for target in (tmp_path / "no" / "where.zip", tmp_path / "file" / "run.zip"):
        with pytest.raises(RunError, match="cannot be written"):
            store.export("run", target)


@pytest.mark.parametrize("prefix", ["../", "../../", "/", "a/../../"])
def test_a_hostile_archive_writes_nothing_outside(copied, store, tmp_path, prefix):
    run = copied(**SMALL)
    archive = tmp_path / "hostile.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for file in (INFO, TOKENIZER, CORPUS, BEST):
            made.write(run.path / file, prefix + file)
        made.writestr(prefix + "evil.py", "raise SystemExit")
        made.writestr("run/sub/evil.pkl", b"x")
    before = sorted(path for path in tmp_path.rglob("*") if store.folder not in path.parents)
    if PurePosixPath(prefix).name == "..":
        with pytest.raises(RunError) as caught:
            store.import_(archive)
        assert one_sentence(str(caught.value))
    name = store.import_(archive, "chosen")
    assert (store.folder / name).is_dir()
    assert {path.name for path in (store.folder / name).iterdir()} <= set(FILES)
    assert sorted(path for path in tmp_path.rglob("*") if store.folder not in path.parents) == before


def archive_of(run, path, *extra):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for file in (INFO, TOKENIZER, CORPUS, BEST):
            made.write(run.path / file, f"run/{file}")
        for name, content in extra:
            made.writestr(name, content)
    return path


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("twice", ["run/run.json", "run/best.safetensors", "other/run.json"])
def test_an_archive_of_two_runs_is_refused(copied, store, tmp_path, twice):
    path = archive_of(copied(**SMALL), tmp_path / "two.zip", (twice, "{}"))
    with pytest.raises(RunError, match="more than one run"):
        store.import_(path, "imported")
    assert [run.name for run in store.list()] == ["run"]


def test_only_the_files_beside_the_run_json_are_taken(copied, store, tmp_path):
    run = copied(**SMALL)
    path = archive_of(run, tmp_path / "more.zip", ("run/deep/last.safetensors", "x"), ("last.safetensors", "x"))
    store.import_(path, "imported")
    assert not (store.folder / "imported" / LAST).exists()


def test_an_archive_that_swells_is_refused_before_it_fills_the_disk(copied, store, tmp_path, monkeypatch):
    run = copied(**SMALL)
    path = archive_of(run, tmp_path / "bomb.zip", (f"run/{LAST}", bytes(50_000_000)))
    monkeypatch.setattr(archives, "_MAXIMUM_BYTES", 40_000_000)
    with pytest.raises(RunError, match="more than 8 GB"):
        store.import_(path, "imported")
    monkeypatch.undo()
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    with pytest.raises(RunError, match="has only 1 MB free"):
        store.import_(path, "imported")
    assert [path.name for path in store.folder.iterdir()] == ["run"]


def test_an_archive_that_lies_about_its_sizes_is_refused(copied, store, tmp_path):
    path = archive_of(copied(**SMALL), tmp_path / "lie.zip", (f"run/{LAST}", bytes(1_000_000)))
    data = path.read_bytes()
    size = (1_000_000).to_bytes(4, "little")
    assert size in data
    path.write_bytes(data.replace(size, (10).to_bytes(4, "little")))
    with pytest.raises(RunError, match="damaged"):
        store.import_(path, "imported")
    assert [path.name for path in store.folder.iterdir()] == ["run"]


def test_what_is_interrupted_while_it_is_written_leaves_nothing(copied, store, tmp_path, monkeypatch):
    copied(**SMALL)
    store.export("run", tmp_path / "run.zip")
    before = sorted(path.name for path in tmp_path.iterdir())

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(archives.shutil, "copyfileobj", interrupt)
        with pytest.raises(KeyboardInterrupt):
            store.import_(tmp_path / "run.zip", "imported")
    with monkeypatch.context() as patch:
        patch.setattr(archives.zipfile.ZipFile, "write", interrupt)
        with pytest.raises(KeyboardInterrupt):
            store.export("run", tmp_path / "other.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert [path.name for path in store.folder.iterdir()] == ["run"]


def test_a_run_appears_whole_or_not_at_all(copied, store):
    copied(**SMALL)

    def fill(run):
        (run.path / TOKENIZER).write_text("{}")
        assert [summary.name for summary in store.list()] == ["run"]
        raise RunError("The disk is full.")

    with pytest.raises(RunError, match="disk is full"):
        store.create("new", fill=fill)
    with pytest.raises(RunError, match="disk is full"):
        store.create("run", overwrite=True, fill=fill)
    assert [path.name for path in store.folder.iterdir()] == ["run"]
    assert load_generator(store.open("run"))


def test_what_a_killed_process_left_out_of_sight_is_deleted_a_day_later(store):
    for name in (".jokegen-new-1", ".jokegen-new-2"):
        (store.folder / name).mkdir(parents=True)
    os.utime(store.folder / ".jokegen-new-1", (0, 0))
    store.create("mine")
    assert sorted(path.name for path in store.folder.iterdir()) == [".jokegen-new-2", "mine"]
    assert [run.name for run in store.list()] == ["mine"]


def test_a_name_in_use_is_refused_before_anything_is_read(make_request, store):
    store.create("run")
    with pytest.raises(RunError, match="already a run named"):
        next(workflow.train(make_request(source="nowhere.csv"), store))
    with pytest.raises(RunError, match="cannot be a run's name"):
        next(workflow.train(make_request(source="nowhere.csv", name="../run"), store))


def test_a_training_that_was_killed_is_listed_as_interrupted(copied, store):
    run = copied(**SMALL)
    run.update_info(status="training")
    assert store.list()[0].status == "interrupted"
    lock = run.lock()
    assert store.list()[0].status == "training"
    lock.release()
    assert store.list()[0].resumable


def test_what_another_version_wrote_into_run_json_stays_when_it_is_rewritten(copied):
    run = copied(**SMALL)
    path = run.path / INFO
    values = json.loads(path.read_text())
    values |= {"mood": {"of": ["the", "day"]}, "status": "hibernating"}
    values["settings"]["warp"] = 9
    values["recipe"]["spin"] = "left"
    path.write_text(json.dumps(values))
    assert run.summary().status == "hibernating"
    run.update_info(seconds=12.5)
    assert json.loads(path.read_text()) == values | {"seconds": 12.5}


def test_a_recipe_of_another_version_is_a_sentence(copied, store):
    run = copied(**SMALL)
    run.update_info(status="stopped", recipe=run.info.recipe | {"spin": "left"})
    with pytest.raises(RunError, match="'spin', which this JokeGen does not know; update JokeGen"):
        list(workflow.train(TrainingRequest(resume=run.name), store))
    values = {key: value for key, value in run.info.recipe.items() if key not in ("spin", "cell", "clip")}
    assert Recipe.from_dict(values).cell == "lstm"


def test_a_run_in_its_first_epoch_says_when_it_speaks(copied, store):
    run = copied(**SMALL)
    run.update_info(status="training")
    for file in (BEST, LAST):
        (run.path / file).unlink()
    lock = run.lock()
    try:
        summary = store.list()[0]
        assert (summary.status, summary.resumable) == ("training", False)
        assert "first epoch" in summary.problem
        assert one_sentence(summary.problem)
        with pytest.raises(RunError, match="is in its first epoch"):
            load_generator(run)
        assert run.standing.sentence == "It is in training; stop it where it was started."
    finally:
        lock.release()
    assert "resume it or delete it" in store.list()[0].problem
    run.update_info(status="diverged")
    with pytest.raises(RunError, match="ran away before its first epoch was done"):
        load_generator(run)
    assert one_sentence(store.list()[0].problem)


@pytest.mark.parametrize("move", ["rename", "delete"])
def test_no_training_starts_in_a_run_while_it_moves(store, monkeypatch, move):
    run, seen, plain = store.create("mine"), [], Path.rename

    def watched(self, target):
        seen.append(run.in_training())
        return plain(self, target)

    monkeypatch.setattr(Path, "rename", watched)
    store.rename("mine", "yours") if move == "rename" else store.delete("mine")
    assert seen == [True]
    assert [path.name for path in store.folder.iterdir()] == (["yours"] if move == "rename" else [])
    store.create("mine").lock().release()


@pytest.mark.parametrize("move", ["rename", "delete"])
def test_a_run_whose_files_another_program_holds_is_a_sentence(store, monkeypatch, move):
    store.create("mine")

    def refuse(self, target):
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(RunError, match="'mine' is in use by another program; close") as caught:
        store.rename("mine", "yours") if move == "rename" else store.delete("mine")
    assert one_sentence(str(caught.value))
    assert (store.folder / "mine").is_dir()


def test_a_file_that_somebody_reads_is_replaced_a_moment_later(tmp_path, monkeypatch):
    path, refusals, plain = tmp_path / "file.json", [1, 1], Path.replace

    def refuse_twice(self, target):
        if refusals:
            refusals.pop()
            raise PermissionError(13, "Access is denied")
        return plain(self, target)

    monkeypatch.setattr(Path, "replace", refuse_twice)
    files.write_atomically(path, "new")
    assert path.read_text() == "new"
    monkeypatch.setattr(Path, "replace", lambda _self, _target: (_ for _ in ()).throw(PermissionError(13, "denied")))
    with pytest.raises(RunError, match="cannot be written"):
        files.write_atomically(path, "newer")
    assert path.read_text() == "new"


def test_a_folder_that_cannot_be_synced_is_no_failure(tmp_path, monkeypatch):
    plain = os.fsync

    def files_only(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(22, "Invalid argument")
        plain(descriptor)

    monkeypatch.setattr(os, "fsync", files_only)
    files.write_atomically(tmp_path / "file.json", "new")
    assert (tmp_path / "file.json").read_text() == "new"


def test_metrics_are_on_the_disk_before_the_state_that_counts_on_them(copied, monkeypatch):
    run, synced, plain = copied(**SMALL), [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (synced.append(os.fstat(descriptor).st_ino), plain(descriptor)))
    run.append(METRICS, [{"kind": "note"}])
    assert (run.path / METRICS).stat().st_ino in synced


def test_files_that_come_and_go_do_not_break_the_list(copied, store, monkeypatch):
    copied(**SMALL)
    original = os.stat

    def vanish(path, *arguments, **keywords):
        if str(path).endswith(".tmp"):
            raise FileNotFoundError(path)
        return original(path, *arguments, **keywords)

    (store.folder / "run" / ".best.safetensors.1.tmp").write_bytes(b"x")
    monkeypatch.setattr(os, "stat", vanish)
    assert store.list()[0].problem is None


def test_lines_with_values_of_another_kind_are_passed_over(copied):
    run = copied(**SMALL)
    epoch = {"kind": "epoch", **asdict(run.epochs()[0])}
    step = {"kind": "step", "step": 1, "epoch": 1, "loss": 1.0, "learning_rate": 0.1}
    sample = asdict(run.samples()[0])
    epochs, steps, samples = len(run.epochs()), len(run.series()), len(run.samples())
    run.append(METRICS, [{**epoch, "train_loss": "low"}, {**step, "step": "1"}, {**step, "loss": None}])
    run.append(SAMPLES, [{**sample, "text": 7}, {**sample, "copied": "many"}])
    assert (len(run.epochs()), len(run.series()), len(run.samples())) == (epochs, steps, samples)
    values = json.loads((run.path / INFO).read_text())
    values["test"]["perplexity"] = "low"
    (run.path / INFO).write_text(json.dumps(values))
    assert run.info.figures("test") is None


def test_what_a_newer_version_adds_to_a_line_is_passed_over_and_stays(copied):
    run = copied(**SMALL)
    before, more = [run.epochs(), run.samples(), len(run.series())], []
    for file in (METRICS, SAMPLES):
        lines = [json.loads(line) | {"mood": file} for line in (run.path / file).read_text().splitlines()]
        (run.path / file).write_text("".join(json.dumps(line) + "\n" for line in lines))
        more.append(lines)
    assert [run.epochs(), run.samples(), len(run.series())] == before
    run.truncate(step=10**6, epoch=10**6)  # as whoever goes on with it does
    for file, lines in zip((METRICS, SAMPLES), more, strict=True):
        assert [json.loads(line) for line in (run.path / file).read_text().splitlines()] == lines


def test_what_is_no_exported_run_is_refused_and_leaves_nothing(copied, store, tmp_path):
    run = copied(**SMALL)
    (tmp_path / "text.zip").write_text("no archive")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as made:
        made.writestr("holiday.jpg", b"x")
    values = json.loads((run.path / INFO).read_text())
    with zipfile.ZipFile(tmp_path / "newer.zip", "w") as made:
        made.writestr("future/run.json", json.dumps({**values, "format": 99}))
    store.export("run", tmp_path / "good.zip")
    data = bytearray((tmp_path / "good.zip").read_bytes())
    data[len(data) // 3 : len(data) // 3 + 200] = os.urandom(200)
    (tmp_path / "corrupt.zip").write_bytes(data)
    for file in ("text.zip", "other.zip", "newer.zip", "corrupt.zip", "missing.zip", "."):
        with pytest.raises(RunError) as caught:
            store.import_(tmp_path / file, "imported")
        assert one_sentence(str(caught.value).replace(str(tmp_path), "")), file
    assert [path.name for path in store.folder.iterdir()] == ["run"]


def test_a_run_in_training_is_not_touched_by_another(make_request, store):
    request = make_request(**SMALL)
    events = workflow.train(request, store)
    for event in events:
        if isinstance(event, StepDone):
            break
    from dataclasses import replace

    for action in (
        lambda: list(workflow.train(replace(request, resume="run"), store)),
        lambda: list(workflow.train(replace(request, overwrite=True), store)),
        lambda: store.delete("run"),
        lambda: store.rename("run", "other"),
    ):
        with pytest.raises(RunError, match="being trained by another JokeGen") as caught:
            action()
        assert one_sentence(str(caught.value).replace("; ", ", "))
    events.close()
    store.rename("run", "other")
    assert [run.name for run in store.list()] == ["other"]


def test_writing_is_all_or_nothing(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "file.json"
    files.write_atomically(path, "old")
    files.write_atomically(path, "new", keep_previous=tmp_path / "deep" / "previous.json")
    assert path.read_text() == "new"
    assert (tmp_path / "deep" / "previous.json").read_text() == "old"

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="The disk is full") as caught:
        files.write_atomically(path, "newest", keep_previous=tmp_path / "deep" / "previous.json")
    assert one_sentence(str(caught.value).replace(str(tmp_path), ""))
    assert path.read_text() == "new"
    assert (tmp_path / "deep" / "previous.json").read_text() == "old"
    assert sorted(file.name for file in path.parent.iterdir()) == ["file.json", "previous.json"]


def test_a_disk_that_fills_up_ends_the_training_in_one_sentence_and_keeps_what_was_saved(
    make_request, store, monkeypatch
):
    request = make_request(**SMALL)
    events = workflow.train(request, store)
    for event in events:
        if isinstance(event, StepDone) and event.step == 3:
            break
    events.close()
    run = store.open("run")
    before = (run.path / TRAINER_STATE).read_bytes()
    from dataclasses import replace

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    events = workflow.train(replace(request, resume="run"), store)
    for event in events:
        if isinstance(event, StepDone):
            monkeypatch.setattr(os, "fsync", full)
            break
    with pytest.raises(RunError, match="The disk is full"):
        list(events)
    assert (run.path / TRAINER_STATE).read_bytes() == before
    assert load_generator(run, "last")


def test_a_home_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="JOKEGEN_HOME"):
        runs.RunStore(tmp_path / "file" / "runs").create("x")
