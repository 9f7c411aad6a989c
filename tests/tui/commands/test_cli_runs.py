"""``runs`` and ``corpora``: what is there, moving it about, and damaged things among it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from command_line import RUN, json_lines, run_cli
from jokegen.data.catalogue import CORPORA

Cli = Callable[..., Result]


def _names(jokegen: Cli) -> list[str]:
    return [run["name"] for run in json_lines(jokegen("runs", "list", "--json").stdout)]


def test_the_list_shows_what_one_chooses_by(jokegen: Cli) -> None:
    shown = jokegen("runs").stdout
    assert shown == jokegen("runs", "list").stdout
    for part in (RUN, "small", "finished", "valid ppl", "MB"):
        assert part in shown
    (run,) = json_lines(jokegen("runs", "--json").stdout)
    assert (run["name"], run["epochs"], run["problem"]) == (RUN, 2, None)
    assert run["size_bytes"] > 1000


def test_an_empty_list_says_how_to_begin(tmp_path: Path) -> None:
    assert "jokegen-tui train" in run_cli(tmp_path, "runs").stdout
    assert run_cli(tmp_path, "runs", "--json").stdout == ""


def test_a_damaged_run_is_listed_with_its_problem(jokegen: Cli, home: Path) -> None:
    (home / "runs" / RUN / "run.json").write_text("{", encoding="utf-8")
    result = jokegen("runs")
    assert result.exit_code == 0
    assert "damaged" in result.stdout
    assert "run.json" in result.stdout
    assert jokegen("runs", "show", RUN).exit_code == 1
    assert jokegen("runs", "delete", RUN, "--yes").exit_code == 0
    assert _names(jokegen) == []


def test_markup_in_a_corpus_name_is_text(jokegen: Cli, home: Path) -> None:
    path = home / "runs" / RUN / "run.json"
    info = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**info, "corpus": "[/foo][@click=app.quit]x\x1b[2J"}), encoding="utf-8")
    for verb in (["runs"], ["runs", "show", RUN]):
        shown = jokegen(*verb).stdout
        assert "[/foo][@click=app.quit]x" in shown
        assert "\x1b" not in shown


def test_show_tells_the_whole_story(jokegen: Cli) -> None:
    (story,) = json_lines(jokegen("runs", "show", RUN, "--json").stdout)
    assert story["run"] == RUN
    assert [epoch["epoch"] for epoch in story["history"]] == [1, 2]
    assert len(story["samples"]) == 2
    assert story["settings"]["max_epochs"] == 2
    shown = jokegen("runs", "show", RUN).stdout
    assert "best so far" in shown
    assert "bits per character" in shown


def test_rename(jokegen: Cli) -> None:
    assert jokegen("runs", "rename", RUN, "better").exit_code == 0
    assert _names(jokegen) == ["better"]
    assert jokegen("runs", "rename", RUN, "again").exit_code == 1
    refused = jokegen("runs", "rename", "better", "../outside")
    assert refused.exit_code == 1
    assert _names(jokegen) == ["better"]


def test_delete_never_happens_unasked(jokegen: Cli) -> None:
    refused = jokegen("runs", "delete", RUN, given="y\n")
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    assert _names(jokegen) == [RUN]
    assert jokegen("runs", "delete", RUN, "--yes").exit_code == 0
    assert _names(jokegen) == []


def test_a_run_travels_as_a_file(jokegen: Cli, tmp_path: Path) -> None:
    file = tmp_path / "first.zip"
    assert jokegen("runs", "export", RUN, file).exit_code == 0
    assert jokegen("runs", "export", RUN, file).exit_code == 1  # it is not overwritten
    taken = jokegen("runs", "import", file)
    assert taken.exit_code == 1
    assert "--overwrite" not in taken.stderr, "this verb has no such option"
    assert jokegen("runs", "import", file, "--name", "copy").exit_code == 0
    assert sorted(_names(jokegen)) == ["copy", RUN]
    texts = {jokegen("generate", "--run", name, "--seed", "1").stdout for name in (RUN, "copy")}
    assert len(texts) == 1
    elsewhere = tmp_path / "elsewhere"
    assert RUN in run_cli(elsewhere, "runs", "import", file).stdout


def test_a_hostile_archive_writes_nothing_outside(jokegen: Cli, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "hostile.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../run.json", "{}")
    before = sorted(home.rglob("*"))
    result = jokegen("runs", "import", file, "--name", "hostile")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert sorted(home.rglob("*")) == before


@pytest.mark.parametrize("arguments", [["show", "nothing"], ["delete", "nothing", "--yes"], ["import", "nothing.zip"]])
def test_what_is_not_there_is_a_sentence(jokegen: Cli, arguments: list[str]) -> None:
    result = jokegen("runs", *arguments)
    assert result.exit_code == 1
    assert "nothing" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_json_belongs_behind_the_verb(jokegen: Cli) -> None:
    assert jokegen("runs", "--json", "show", RUN).exit_code == 2


def test_corpora_lists_the_catalogue(tmp_path: Path) -> None:
    listed = json_lines(run_cli(tmp_path, "corpora", "--json").stdout)
    assert [entry["name"] for entry in listed] == [entry.name for entry in CORPORA]
    assert listed[0]["present"] is True
    shown = run_cli(tmp_path, "corpora", "list").stdout
    assert "starter" in shown
    assert "to be fetched" in shown


def test_a_bundled_corpus_needs_no_fetching(tmp_path: Path) -> None:
    result = run_cli(tmp_path, "corpora", "fetch", "starter", "--json")
    assert result.exit_code == 0
    assert Path(json_lines(result.stdout)[0]["path"]).is_file()


def test_an_unknown_corpus_is_a_sentence(tmp_path: Path) -> None:
    result = run_cli(tmp_path, "corpora", "fetch", "[/nope]")
    assert result.exit_code == 1
    assert "[/nope]" in result.stderr
    assert "starter" in result.stderr
