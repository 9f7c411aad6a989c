"""``train``: events as JSON, a line an epoch for people, settings files, interruption and resuming."""

from __future__ import annotations

import json
import math
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from command_line import PROGRAM, RUN, Trained, environment, json_lines, run_cli, run_program
from jokegen.tui.commands.durations import Duration

Cli = Callable[..., Result]

START = {"event", "run", "corpus", "tokenizer", "vocabulary", "train_tokens", "parameters", "device", "precision"}
EPOCH = {"event", "epoch", "step", "train_loss", "valid_loss", "tokens_per_second", "seconds"}
END = {"event", "run", "reason", "epochs", "seconds", "best_epoch", "valid", "test"}
FIGURES = {"split", "tokens", "words", "characters", "loss", "perplexity", "bits_per_character", "unknown_rate"}


def test_json_has_the_published_shape(trained: Trained) -> None:
    events = trained.events
    assert [event["event"] for event in events] == ["start", "epoch", "epoch", "end"]
    start, first, _, end = events
    assert start.keys() >= START | {"threads", "seed"}
    assert first.keys() >= EPOCH
    assert end.keys() >= END
    assert (start["run"], start["corpus"], start["seed"]) == (RUN, "tiny.csv", 0)
    assert end["reason"] == "finished"
    assert end["epochs"] == 2
    for split in ("valid", "test"):
        assert end[split].keys() >= FIGURES | {"ngram_perplexity"}
        assert end[split]["perplexity"] == pytest.approx(math.exp(end[split]["loss"]))


def test_without_a_terminal_people_get_one_plain_line_an_epoch(tmp_path: Path, corpus: Path) -> None:
    done = run_program(tmp_path, "train", corpus, "--max-epochs", "3", "--preset", "small", "--name", "plain")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    assert "\r" not in done.stdout + done.stderr
    epochs = [line for line in done.stdout.splitlines() if line.startswith("epoch ")]
    assert [line.split()[1] for line in epochs] == ["1/3", "2/3", "3/3"]
    assert all("perplexity" in line and "words/s" in line for line in epochs)
    assert "bits per character" in done.stdout


def test_flags_override_the_settings_file(tmp_path: Path, corpus: Path) -> None:
    settings = tmp_path / "mine.toml"
    settings.write_text('max_epochs = 5\nbatch_size = 8\nseed = 3\npreset = "small"\n', encoding="utf-8")
    result = run_cli(tmp_path, "train", corpus, "--settings", settings, "--max-epochs", "1", "--json")
    start, *_, end = json_lines(result.stdout)
    assert (start["total_epochs"], start["seed"], end["epochs"]) == (1, 3, 1)


def test_a_name_in_use_is_kept_unless_overwriting(jokegen: Cli, corpus: Path) -> None:
    refused = jokegen("train", corpus, "--name", RUN, "--max-epochs", "1")
    assert refused.exit_code == 1
    assert "--overwrite" in refused.stderr
    assert jokegen("train", corpus, "--name", RUN, "--max-epochs", "1", "--overwrite").exit_code == 0
    (only,) = json_lines(jokegen("runs", "--json").stdout)
    assert only["epochs"] == 1


def test_standard_input_and_letters_only(tmp_path: Path, corpus: Path) -> None:
    text = corpus.read_text(encoding="utf-8")
    result = run_cli(
        tmp_path, "train", "-", "--letters-only", "--max-epochs", "1", "--name", "piped", "--json", given=text
    )
    assert result.exit_code == 0, result.stderr
    said = run_cli(tmp_path, "generate", "--run", "piped", "--seed", "1", "--words", "20").stdout
    assert "?" not in said


def test_the_ngram_preset_trains_and_speaks(tmp_path: Path, corpus: Path) -> None:
    result = run_cli(tmp_path, "train", corpus, "--preset", "ngram", "--name", "counted", "--json")
    assert result.exit_code == 0, result.stderr
    assert json_lines(result.stdout)[-1]["test"]["perplexity"] > 1
    assert run_cli(tmp_path, "generate", "Why did the", "--run", "counted").stdout.startswith("Why did the")


@pytest.mark.parametrize(
    ("arguments", "telling"),
    [
        (["--preset", "huge"], "small"),
        (["--max-epochs", "0"], "max-epochs"),
        (["--learning-rate", "-1"], "learning-rate"),
        (["--max-seconds", "nan"], "max-seconds"),
        (["--tokenizer", "letters"], "chars"),
        (["--epochs", "3"], "--max-epochs"),
        (["--settings", "nowhere.toml"], "nowhere.toml"),
        (["--resume", RUN, "--name", "second"], "--name"),
        (["--resume", RUN, "--batch-size", "4"], "--batch-size"),
    ],
)
def test_wrong_use_is_one_sentence_and_2(jokegen: Cli, arguments: list[str], telling: str) -> None:
    result = jokegen("train", *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("jokegen-tui: ")
    assert telling in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_wrong_settings_file_is_refused(jokegen: Cli, tmp_path: Path) -> None:
    settings = tmp_path / "mine.toml"
    settings.write_text("epochs = 5\n", encoding="utf-8")
    result = jokegen("train", "--settings", settings)
    assert result.exit_code == 2
    assert "'epochs'" in result.stderr
    assert "max_epochs" in result.stderr


def test_a_finished_run_is_not_resumed(jokegen: Cli) -> None:
    # Where to compute may be another thing than before; it is not what is wrong.
    result = jokegen("train", "--resume", RUN, "--device", "cpu", "--precision", "float32")
    assert result.exit_code == 1
    assert "nothing left to train" in result.stderr


def _train_until_first_epoch(home: Path, corpus: Path, *arguments: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [PROGRAM, "train", *arguments, "--json"]
        if "--resume" in arguments
        else [PROGRAM, "train", corpus, *arguments, "--json"],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    start = json.loads(process.stdout.readline())
    assert start["event"] == "start"
    if "--resume" in arguments:
        assert start["first_step"] > 0
    assert json.loads(process.stdout.readline())["event"] == "epoch"
    return process


def test_ctrl_c_saves_and_resume_goes_on(tmp_path: Path, corpus: Path) -> None:
    process = _train_until_first_epoch(
        tmp_path, corpus, "--max-epochs", "100000", "--name", "long", "--preset", "small"
    )
    process.send_signal(signal.SIGINT)
    out, complaints = process.communicate(timeout=60)
    assert process.returncode == 130
    end = json.loads(out.splitlines()[-1])
    assert (end["event"], end["reason"], end["test"]) == ("end", "stopped", None)
    assert "train --resume long" in complaints
    assert "Traceback" not in complaints

    process = _train_until_first_epoch(tmp_path, corpus, "--resume", "long")
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert json.loads(out.splitlines()[-1])["epochs"] > end["epochs"]


def test_ctrl_c_before_the_first_step_ends_at_once(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [PROGRAM, "train", "-", "--json"],
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=4)  # it waits for standard input
    process.send_signal(signal.SIGINT)
    out, complaints = process.communicate(timeout=90)
    assert process.returncode == 130
    assert out == ""
    assert complaints.splitlines()[-1] == "jokegen-tui: Interrupted."


def test_a_reader_of_the_lines_for_people_may_leave_too(tmp_path: Path, corpus: Path) -> None:
    process = subprocess.Popen(
        [PROGRAM, "train", corpus, "--max-epochs", "100000", "--name", "unread", "--preset", "small"],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("run unread")
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=60) == 141
    (summary,) = json_lines(run_cli(tmp_path, "runs", "--json").stdout)
    assert (summary["status"], summary["resumable"]) == ("stopped", True)


def test_a_reader_that_leaves_ends_training_silently_and_saved(tmp_path: Path, corpus: Path) -> None:
    process = _train_until_first_epoch(
        tmp_path, corpus, "--max-epochs", "100000", "--name", "unread", "--preset", "small"
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    complaints = process.stderr.read()
    process.wait(timeout=60)
    process.stderr.close()
    assert process.returncode == 141
    assert "Traceback" not in complaints
    assert "Broken" not in complaints
    (summary,) = json_lines(run_cli(tmp_path, "runs", "--json").stdout)
    assert (summary["status"], summary["resumable"]) == ("stopped", True)


def test_a_finished_run_goes_on_to_more_epochs_and_can_be_repeated(home: Path) -> None:
    result = run_cli(home, "train", "--resume", RUN, "--max-epochs", "3", "--json")
    assert result.exit_code == 0, result.stderr
    events = json_lines(result.stdout)
    assert [event["event"] for event in events] == ["start", "change", "epoch", "end"]
    assert (events[1]["kind"], events[1]["value"], events[-1]["epochs"]) == ("epochs", 3, 3)
    repeated = run_cli(home, "train", "--again", RUN, "--name", "again", "--json")
    assert repeated.exit_code == 0, repeated.stderr
    assert json_lines(repeated.stdout)[-1]["valid"] == events[-1]["valid"]
    assert "the one change will be made again" in " ".join(repeated.stderr.split())
    refused = run_cli(home, "train", "--again", RUN, "--max-epochs", "4")
    assert refused.exit_code == 2
    assert "leave all but --name, --overwrite and --on-divergence out" in refused.stderr


@pytest.mark.parametrize(("typed", "seconds"), [("30s", 30), ("2m", 120), ("1.5 min", 90), ("1H", 3600), ("0,5", 0.5)])
def test_a_time_is_typed_as_people_say_it(typed: str, seconds: float) -> None:
    assert Duration().convert(typed, None, None) == seconds


def test_a_time_limits_the_training_and_nonsense_is_refused(home: Path, corpus: Path) -> None:
    found = run_cli(home, "doctor", corpus, "--time", "1s", "--preset", "small", "--json")
    (examined,) = json_lines(found.stdout)
    assert examined["seconds"] <= 1
    assert 0 < examined["epochs_in_time"] <= examined["epochs"]
    for wrong in (["--time", "soon"], ["--time", "0s"], ["--time", "1m", "--max-seconds", "60"]):
        refused = run_cli(home, "train", corpus, *wrong)
        assert refused.exit_code == 2
        assert refused.stderr.strip().endswith(".")


def test_a_launcher_starts_the_processes_itself(tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes with the variables that torchrun sets, this one the first."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    team = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "LOCAL_WORLD_SIZE": "2"}
    command = ["train", str(corpus), "--max-epochs", "1", "--preset", "small"]
    for name, value in {**team, "RANK": "0"}.items():
        monkeypatch.setenv(name, value)
    wrong = run_cli(tmp_path, *command, "--processes", "3")
    assert (wrong.exit_code, "leave --processes out" in wrong.stderr) == (2, True)
    second = subprocess.Popen(
        [sys.executable, "-m", "jokegen.tui.main", *command],
        env={**environment(tmp_path / "elsewhere"), **team, "RANK": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    result = run_cli(tmp_path, *command, "--name", "both", "--json")
    assert second.communicate(timeout=60)[0] == b""
    assert (result.exit_code, second.returncode) == (0, 0), result.stderr
    assert json_lines(result.stdout)[-1]["reason"] == "finished"
    assert not (tmp_path / "elsewhere").exists()
    assert json.loads((tmp_path / "runs" / "both" / "run.json").read_text())["settings"]["processes"] == 2
