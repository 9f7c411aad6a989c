"""Runs side by side on the command line, and what a person says about a run."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from click.testing import Result
from command_line import json_lines, run_cli

HEADINGS = [
    "run", "texts", "size", "time", "epochs", "valid", "ppl", "test", "ppl", "×n-gram", "new", "copied", "held", "out",
    "state",
]  # fmt: skip
FIXTURES = Path(__file__).parents[2] / "fixtures" / "runs-0.1.0"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURES, tmp_path / "runs")
    path = tmp_path / "runs" / "other seed"
    shutil.copytree(FIXTURES / "finished", path)
    values = json.loads((path / "run.json").read_text())
    values["settings"]["seed"] = 8
    values["valid"]["perplexity"] += 2.0
    (path / "run.json").write_text(json.dumps(values))
    return tmp_path


def said(result: Result) -> str:
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_figures_differences_and_the_spread_over_seeds(home: Path) -> None:
    lines = said(run_cli(home, "runs", "compare", "finished", "other seed", "tutorial")).splitlines()
    assert lines[0].split() == HEADINGS
    assert next(line for line in lines if line.startswith("layout")).split() == ["layout", "texts", "texts", "windows"]
    assert next(line for line in lines if line.startswith("seed")).split()[1:3] == ["3", "8"]
    assert not any(line.startswith("corpus") for line in lines), "what is the same in all is left out"
    assert "finished, other seed differ in the seed alone" in lines[-1]
    assert "± 1.4" in lines[-1]


def test_json_and_csv_hold_the_same_figures_unrounded(home: Path) -> None:
    first, second, group = json_lines(said(run_cli(home, "runs", "compare", "finished", "other seed", "--json")))
    assert second["valid_perplexity"] == pytest.approx(first["valid_perplexity"] + 2)
    assert first["differs"] == {"seed": 3}
    assert group["runs"] == ["finished", "other seed"]
    assert group["valid_perplexity"]["mean"] == pytest.approx(first["valid_perplexity"] + 1)
    rows = list(
        csv.DictReader(io.StringIO(said(run_cli(home, "runs", "compare", "finished", "ngram", "tutorial", "--csv"))))
    )
    assert [row["run"] for row in rows] == ["finished", "ngram", "tutorial"]
    assert float(rows[0]["valid_perplexity"]) == pytest.approx(first["valid_perplexity"])
    assert [row["layers"] for row in rows] == ["1", "", "3"]


def test_misuse_is_a_sentence(home: Path) -> None:
    assert run_cli(home, "runs", "compare", "finished", "--json", "--csv").exit_code == 2
    result = run_cli(home, "runs", "compare", "finished", "nobody")
    assert result.exit_code == 1
    assert "no run named 'nobody'" in result.stderr


def test_tags_and_a_note_are_said_shown_and_taken_away(home: Path) -> None:
    assert said(run_cli(home, "runs", "tag", "finished", "good", "keep")) == "finished: good, keep\n"
    assert said(run_cli(home, "runs", "tag", "finished", "keep", "--remove")) == "finished: good\n"
    assert said(run_cli(home, "runs", "note", "finished", "[bold]funny\x1b[31m[/]")) == "finished: [bold]funny[31m[/]\n"
    shown = said(run_cli(home, "runs", "show", "finished"))
    assert "[bold]funny" in shown
    assert "good" in shown
    assert "good" in said(run_cli(home, "runs", "compare", "finished"))
    assert said(run_cli(home, "runs", "note", "finished", "")) == "finished has no note\n"
    assert said(run_cli(home, "runs", "note", "finished")) == "finished has no note\n"


def test_a_report_is_one_file_with_curve_figures_settings_and_samples(home: Path, tmp_path: Path) -> None:
    evil = "<script>alert('[x](y)')</script>"
    run_cli(home, "runs", "note", "finished", evil)
    page, text = tmp_path / "a.html", tmp_path / "a.md"
    assert "a.html" in said(run_cli(home, "runs", "report", "finished", "--output", page))
    html = page.read_text(encoding="utf-8")
    for part in (
        "<svg",
        "<polyline",
        "60.5",
        "learning rate",
        "0.004",
        "a the the and more only.",
        "epoch 3, the best",
    ):
        assert part in html
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert not {"src=", "href=", "url(", "@import"} & set(html.split())
    said(run_cli(home, "runs", "report", "finished", "--output", text))
    markdown = text.read_text(encoding="utf-8")
    assert "<script" not in markdown
    assert "| perplexity | 60.5 | 51.6 |" in markdown
    assert "┤" in markdown
    again = run_cli(home, "runs", "report", "finished", "--output", page)
    assert again.exit_code == 1
    assert "already a file" in again.stderr
    assert run_cli(home, "runs", "report", "finished", "--output", tmp_path / "a.pdf").exit_code == 2


@pytest.mark.parametrize("name", ["ngram", "tutorial", "interrupted", "bytes", "characters"])
def test_old_runs_are_reported_with_what_they_lack_left_out(home: Path, tmp_path: Path, name: str) -> None:
    page = tmp_path / "old.html"
    said(run_cli(home, "runs", "report", name, "--output", page))
    assert "perplexity" in page.read_text(encoding="utf-8")
