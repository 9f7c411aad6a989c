"""``settings.toml``: what it sets is obeyed, flags win, and a mistake is one sentence."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from command_line import RUN, json_lines
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jokegen.core.errors import SettingsError
from jokegen.core.runs.folder import Run
from jokegen.tui.commands.defaults import read_defaults
from jokegen.tui.main import cli

Cli = Callable[..., Result]


def _set(home: Path, text: str) -> None:
    (home / "settings.toml").write_text(text, encoding="utf-8")


def test_what_the_file_sets_is_obeyed_and_a_flag_wins(jokegen: Cli, home: Path) -> None:
    _set(home, "[generate]\nseed = 3\nwords = 4\njson = true\n")
    (made,) = json_lines(jokegen("generate").stdout)
    assert (made["seed"], made["ended"], len(made["text"].split())) == (3, "word limit", 4)
    (made,) = json_lines(jokegen("generate", "--seed", 5).stdout)
    assert made["seed"] == 5


def test_a_verb_within_a_verb_and_an_option_that_is_given_several_times(jokegen: Cli, home: Path) -> None:
    _set(home, '[runs.list]\njson = true\n[score]\nwhere = ["ID > 3", "ID < 6"]\njson = true\n')
    assert json_lines(jokegen("runs", "list").stdout)[0]["name"] == RUN
    table = home / "tiny.csv"
    table.write_text("ID,Joke\n" + "".join(f"{n},Why not {n}?\n" for n in range(9)), encoding="utf-8")
    assert len(json_lines(jokegen("score", table).stdout)) == 2


def test_a_training_takes_the_file_then_settings_then_flags(jokegen: Cli, home: Path, corpus: Path) -> None:
    _set(home, '[train]\npreset = "ngram"\nseed = 1\nletters-only = true\n')
    more = home / "more.toml"
    more.write_text("seed = 2\n", encoding="utf-8")
    assert jokegen("train", corpus, "--settings", more, "--name", "next").exit_code == 0
    chosen = Run(home / "runs" / "next").info.settings
    assert (chosen.preset, chosen.seed, chosen.letters_only) == ("ngram", 2, True)


def test_a_resumed_run_keeps_what_it_was_started_with(jokegen: Cli, home: Path) -> None:
    _set(home, "[train]\nbatch-size = 3\n")
    refused = jokegen("train", "--resume", RUN)
    assert "nothing left to train" in refused.stderr  # and not: leave --batch-size out
    assert "--batch-size" in jokegen("train", "--resume", RUN, "--batch-size", 3).stderr


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("[train", "valid TOML"),
        ("[trian]\nseed = 1", "did you mean 'train'?"),
        ("seed = 1", "no verb 'seed'"),
        ("[generate]\ntemprature = 1", "did you mean 'temperature'?"),
        ("[generate]\nseed = 'seven'", "whole number"),
        ("[generate]\nseed = true", "whole number"),
        ("[generate]\ncount = 0", "count of 'generate'"),
        ("[generate]\nmix = 1", "true or false"),
        ("[generate]\nrun = 5", "quotation marks"),
        ("[generate]\nrun = ['a', 'b']", "quotation marks"),
        ("#" * 70_000, "too large"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_file(jokegen: Cli, home: Path, text: str, telling: str) -> None:
    _set(home, text)
    result = jokegen("generate")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "settings.toml" in result.stderr
    assert telling in result.stderr
    assert jokegen("generate", "--help").exit_code == 0


def test_a_mistake_of_one_verb_does_not_keep_from_another(jokegen: Cli, home: Path) -> None:
    _set(home, "[train]\nepochs = 5")
    assert jokegen("runs").exit_code == 0
    assert jokegen("train").exit_code == 2


def test_the_printed_file_says_all_options_and_can_be_used(jokegen: Cli, home: Path) -> None:
    printed = jokegen("settings").stdout
    _set(home, printed)
    assert jokegen("generate", "--seed", 1).exit_code == 0
    assert "# batch-size = N" in printed
    used = re.sub(r"^# (greedy|json) =", r"\1 =", printed, flags=re.MULTILINE)
    assert tomllib.loads(used)["generate"] == {"greedy": True, "json": True}
    _set(home, used)
    assert jokegen("generate").exit_code == 0


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=80) | st.sampled_from([b"generate = 1", b"[[generate]]", b"[generate]\nrun = 1979-05-27"]))
def test_any_file_is_obeyed_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    sentence = ""
    try:
        taken = read_defaults(path, cli, cli.make_context("jokegen-tui", ["generate"]), "generate")
    except SettingsError as error:
        taken, sentence = {}, str(error)
    assert taken in ({}, {"generate": {}})
    assert sentence.isprintable()
