"""``generate``: prompts in, texts out, streamed, repeated by their seed, and safe for a terminal."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from command_line import PROGRAM, RUN, Trained, environment, json_lines, run_cli, run_program

Cli = Callable[..., Result]

PROMPT = "Why did the hen"


def test_the_text_begins_with_the_prompt_and_repeats_with_its_seed(jokegen: Cli) -> None:
    first, again, other = (jokegen("generate", PROMPT, "--seed", seed).stdout for seed in ("7", "7", "8"))
    assert first.startswith(PROMPT)
    assert first.endswith("\n")
    assert first == again
    assert first != other


def test_json_says_what_was_drawn_and_how_likely_it_was(jokegen: Cli) -> None:
    (made,) = json_lines(jokegen("generate", PROMPT, "--seed", "7", "--json").stdout)
    assert made["prompt"] == PROMPT
    assert made["text"] == PROMPT + "".join(word["text"] for word in made["words"])
    assert all(0 < word["probability"] <= 1 for word in made["words"])
    assert made["ended"] in ("end of text", "word limit")
    assert (made["unknown"], made["seed"], made["run"]) == ([], 7, RUN)
    assert jokegen("generate", PROMPT, "--seed", "7").stdout == made["text"] + "\n"


def test_an_unasked_seed_is_told_and_repeats_the_text(jokegen: Cli) -> None:
    (made,) = json_lines(jokegen("generate", "--json").stdout)
    (again,) = json_lines(jokegen("generate", "--json", "--seed", str(made["seed"])).stdout)
    assert again == made


def test_count_gives_a_text_a_line_each_with_a_seed_of_its_own(jokegen: Cli) -> None:
    lines = jokegen("generate", PROMPT, "--count", "3", "--seed", "5").stdout.splitlines()
    assert len(lines) == 3
    assert jokegen("generate", PROMPT, "--seed", "6").stdout.splitlines() == lines[1:2]
    made = json_lines(jokegen("generate", PROMPT, "--count", "3", "--seed", "5", "--json").stdout)
    assert [text["seed"] for text in made] == [5, 6, 7]
    assert [text["text"] for text in made] == lines


def test_greedy_needs_no_seed(jokegen: Cli) -> None:
    texts = {jokegen("generate", PROMPT, "--greedy", "--seed", seed).stdout for seed in ("1", "2", "3")}
    assert len(texts) == 1


def test_an_earlier_epoch_speaks_as_it_did(jokegen: Cli) -> None:
    early, late = (jokegen("generate", PROMPT, "--seed", "7", "--epoch", str(epoch), "--json") for epoch in (1, 2))
    assert (early.exit_code, late.exit_code) == (0, 0)
    (then,), (now,) = json_lines(early.stdout), json_lines(late.stdout)
    assert (then["epoch"], now["epoch"]) == (1, 2)
    assert then["words"] != now["words"]
    refused = jokegen("score", PROMPT, "--epoch", "9")
    assert refused.exit_code == 1
    assert refused.stderr.endswith("did not keep epoch 9; choose one of its epochs 1, 2.\n")


def test_words_limits_the_text(jokegen: Cli) -> None:
    (made,) = json_lines(jokegen("generate", PROMPT, "--words", "2", "--seed", "1", "--json").stdout)
    assert len(made["text"].split()) <= len(PROMPT.split()) + 2


def test_unknown_words_are_named_and_no_error(jokegen: Cli) -> None:
    result = jokegen("generate", "Why did the xylophone", "--seed", "1", "--json")
    assert result.exit_code == 0
    assert "'xylophone'" in result.stderr.replace("' ", "'")
    (made,) = json_lines(result.stdout)
    assert [word.strip() for word in made["unknown"]] == ["xylophone"]
    assert made["text"].startswith("Why did the xylophone")


def test_the_prompt_may_be_piped_in(jokegen: Cli) -> None:
    piped = jokegen("generate", "-", "--seed", "3", given=PROMPT + "\n").stdout
    assert piped == jokegen("generate", PROMPT, "--seed", "3").stdout
    assert jokegen("generate", *PROMPT.split(), "--seed", "3").stdout == piped


def test_several_lines_arrive_whole_and_what_becomes_of_their_breaks_is_said(jokegen: Cli) -> None:
    lines = "Why did\nthe hen\ncross"
    for result in (jokegen("generate", lines, "--json"), jokegen("generate", "-", "--json", given=lines + "\n")):
        assert json_lines(result.stdout)[0]["prompt"] == "Why did the hen cross"
        assert "have no line breaks, so those of the prompt were read as blanks" in result.stderr


def test_a_prompt_may_begin_with_a_dash(jokegen: Cli) -> None:
    for arguments in (["- Why did"], ["--seed", "3", "--", "-Why"], ["-- Why=did the hen", "--words", "2"]):
        result = jokegen("generate", "--json", *arguments)
        assert result.exit_code == 0, result.stderr
        assert json_lines(result.stdout)[0]["prompt"] in arguments
    assert jokegen("score", "- Why did the hen").exit_code == 0
    refused = jokegen("generate", "-Why")
    assert (refused.exit_code, refused.stderr.count("put -- before a text that begins with a dash")) == (2, 1)
    assert "--temperature" in jokegen("generate", "--temperatur", "1").stderr


def test_bytes_that_are_no_text_are_no_error(jokegen: Cli) -> None:
    assert jokegen("generate", "-", "--seed", "3", given=b"\xff\xfe\x00Why did\x1b[31m").exit_code == 0


@pytest.mark.parametrize(
    "hostile", ["[/foo] bar", "[@click=app.quit]x[/]", "a\x1b]0;title\x07b", "\x9b31mred", "\u202eabc", "👩\u200d🚀 hi"]
)
def test_hostile_prompts_come_out_as_text(jokegen: Cli, hostile: str) -> None:
    result = jokegen("generate", hostile, "--seed", "1")
    assert result.exit_code == 0
    for output in (result.stdout, result.stderr):
        assert not set(output) & {"\x1b", "\x07", "\x9b", "\u202e"}
    if "[" in hostile and hostile.isprintable():
        assert result.stdout.startswith(hostile)


def test_the_newest_run_speaks_unless_one_is_named(jokegen: Cli, corpus: Path) -> None:
    assert jokegen("train", corpus, "--max-epochs", "1", "--name", "second").exit_code == 0
    assert json_lines(jokegen("generate", "--json").stdout)[0]["run"] == "second"
    assert json_lines(jokegen("generate", "--json", "--run", RUN).stdout)[0]["run"] == RUN


def test_without_any_run_the_model_that_comes_along_answers_and_says_what_it_is(tmp_path: Path) -> None:
    result = run_cli(tmp_path, "generate", "Why did the chicken", "--words", "5")
    assert result.exit_code == 0
    assert result.stdout.startswith("Why did the chicken ")
    assert "comes with JokeGen" in result.stderr


def test_without_any_model_it_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jokegen.core.runs.voice.VOICE_FOLDER", tmp_path / "nothing")
    result = run_cli(tmp_path, "generate", PROMPT)
    assert result.exit_code == 1
    assert "jokegen-tui train" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "telling"),
    [
        (["--temperature", "0"], "temperature"),
        (["--top-p", "2"], "top-p"),
        (["--words", "0"], "words must be between 1 and 100,000"),
        (["--run"], "--run"),
    ],
)
def test_wrong_use_is_2(jokegen: Cli, arguments: list[str], telling: str) -> None:
    result = jokegen("generate", *arguments)
    assert result.exit_code == 2
    assert telling in result.stderr


def test_words_reach_a_pipe_before_the_text_is_done(trained: Trained) -> None:
    # The model of one epoch seldom ends a text: 100,000 words take far longer than the first few.
    process = subprocess.Popen(
        [PROGRAM, "generate", PROMPT, "--words", "100000", "--temperature", "100", "--top-p", "1", "--seed", "1"],
        env=environment(trained.home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.read(len(PROMPT)).decode() == PROMPT
    process.stdout.close()
    _, complaints = process.communicate(timeout=60)
    assert complaints == b""


def test_a_reader_that_leaves_is_no_error(trained: Trained) -> None:
    command = f"'{PROGRAM}' generate --count 5000 --words 5 | head -n 1"
    done = subprocess.run(
        ["bash", "-c", command], env=environment(trained.home), capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


def test_the_installed_program_writes_the_same(trained: Trained, jokegen: Cli) -> None:
    done = run_program(trained.home, "generate", PROMPT, "--seed", "7")
    assert done.stdout == jokegen("generate", PROMPT, "--seed", "7").stdout
