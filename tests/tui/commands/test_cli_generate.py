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


def test_the_prompt_can_be_left_out(jokegen: Cli) -> None:
    whole, made = (jokegen("generate", PROMPT, "--seed", "7", *more).stdout for more in ((), ("--no-prompt",)))
    assert whole == f"{PROMPT} {made}"
    (record,) = json_lines(jokegen("generate", PROMPT, "--seed", "7", "--no-prompt", "--json").stdout)
    assert (record["prompt"], f"{record['text']}\n") == (PROMPT, made)


def test_a_text_ends_with_the_stop_text_and_not_before_its_least_words(jokegen: Cli) -> None:
    (made,) = json_lines(jokegen("generate", "--stop", "?", "--seed", "2", "--json").stdout)
    assert made["ended"] == "stop text"
    assert made["text"].count("?") == 1
    (long,) = json_lines(jokegen("generate", "--least-words", "40", "--seed", "2", "--json").stdout)
    assert sum(word["text"].startswith(" ") for word in long["words"]) >= 39
    refused = jokegen("generate", "--least-words", "40", "--words", "30")
    assert refused.exit_code == 2
    assert "at most 30 words" in refused.stderr


def test_texts_are_unique_end_by_themselves_and_fewer_are_said_to_be_fewer(jokegen: Cli) -> None:
    wanted = ("--unique", "--must-end", "--count", "4", "--words", "25", "--seed", "1", "--json")
    made = json_lines(jokegen("generate", *wanted).stdout)
    assert len({text["text"] for text in made}) == 4
    assert {text["ended"] for text in made} == {"end of text"}
    few = jokegen("generate", PROMPT, "--greedy", "--unique", "--count", "3", "--words", "3")
    assert len(few.stdout.splitlines()) == 1
    assert "Only 1 of 3 texts" in few.stderr


def test_the_best_of_some_is_made_again_by_its_own_seed(jokegen: Cli) -> None:
    (best,) = json_lines(jokegen("generate", PROMPT, "--best-of", "6", "--seed", "1", "--json").stdout)
    assert best["candidates"] == 6
    assert best["surprise"] > 0
    assert 1 <= best["seed"] <= 6
    assert jokegen("generate", PROMPT, "--seed", best["seed"]).stdout == f"{best['text']}\n"
    assert jokegen("generate", PROMPT, "--best-of", "6", "--seed", "1").stdout == f"{best['text']}\n"


def test_only_new_says_how_often_it_took_another_word(jokegen: Cli) -> None:
    arguments = ("generate", PROMPT, "--only-new", "1", "--count", "5", "--seed", "1")
    made = json_lines(jokegen(*arguments, "--json").stdout)
    steps = sum(text["stepped_back"] for text in made)
    result = jokegen(*arguments)
    assert result.stdout.splitlines() == [text["text"] for text in made]
    assert steps > 1
    assert f"Another word was taken {steps} times" in result.stderr
    first = jokegen("generate", PROMPT, "--only-new", "1", "--seed", "1")
    assert first.stdout == f"{made[0]['text']}\n"


def test_rivals_come_with_each_word_and_with_the_end(jokegen: Cli) -> None:
    arguments = ("generate", PROMPT, "--rivals", "3", "--seed", "7", "--must-end")
    (made,) = json_lines(jokegen(*arguments, "--json").stdout)
    for word in [*made["words"], made["end"]]:
        assert len(word["rivals"]) == 3
        assert word["rank"] >= 1
        shown = word["probability"] + sum(rival["probability"] for rival in word["rivals"])
        assert abs(shown + word["others"] - 1) < 1e-4
    assert "drawn" in made["words"][0]["rivals"][0]
    refused = jokegen(*arguments)
    assert refused.exit_code == 2
    assert "add --json" in refused.stderr


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


def test_two_runs_speak_as_one_and_what_does_not_go_together_is_said(jokegen: Cli, home: Path) -> None:
    (made,) = json_lines(jokegen("generate", PROMPT, "--seed", "7", "--blend", RUN, "--weight", "0.3", "--json").stdout)
    assert (made["run"], made["blend"]) == (RUN, RUN)
    assert made["text"] == jokegen("generate", PROMPT, "--seed", "7").stdout.rstrip("\n")
    assert jokegen("generate", PROMPT, "--weight", "0.3").exit_code == 2
    assert jokegen("generate", PROMPT, "--blend", RUN, "--mix").exit_code == 2
