"""``evaluate``, ``score`` and ``doctor``: figures that agree with each other and are valid JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from command_line import RUN, Trained, json_lines, run_cli, tiny_jokes
from jokegen.data.amendments import number_of
from jokegen.data.reading import read_texts
from jokegen.tui.commands.output import write_json

Cli = Callable[..., Result]


@pytest.mark.parametrize("split", ["valid", "test"])
def test_evaluate_repeats_what_the_training_ended_with(jokegen: Cli, trained: Trained, split: str) -> None:
    (figures,) = json_lines(jokegen("evaluate", "--run", RUN, "--split", split, "--json").stdout)
    expected = trained.events[-1][split]
    assert {name: figures[name] for name in expected} == pytest.approx(expected)


def test_a_file_is_measured_as_a_whole(jokegen: Cli, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("Why did the hen dance?\nTo see the duck on the other zeppelin!\n", encoding="utf-8")
    (figures,) = json_lines(jokegen("evaluate", other, "--json").stdout)
    assert (figures["split"], figures["words"]) == ("all", 13)
    assert figures["characters"] == len(other.read_text(encoding="utf-8"))
    assert figures["unknown_rate"] > 0
    assert jokegen("evaluate", other, "--split", "test").exit_code == 2


def test_another_file_is_measured_as_the_run_read_its_own(tmp_path: Path) -> None:
    def table(name: str, said: list[str]) -> Path:
        path = tmp_path / name
        lines = (f"on the {number}th of May,{text.replace(',', '')}" for number, text in enumerate(said))
        path.write_text("\n".join(["note,message", *lines]) + "\n", encoding="utf-8")
        return path

    jokes = tiny_jokes()
    trained = run_cli(
        tmp_path, "train", table("a.csv", jokes), "--column", "message", "--preset", "ngram", "--name", "chat"
    )
    assert trained.exit_code == 0, trained.stderr
    other = table("b.csv", [joke.replace("Why", "Oh why") for joke in reversed(jokes)])
    shown = run_cli(tmp_path, "evaluate", other, "--run", "chat", "--json")
    (figures,) = json_lines(shown.stdout)
    messages = [line.split(",")[1] for line in other.read_text(encoding="utf-8").splitlines()[1:]]
    assert figures["words"] == sum(len(message.split()) for message in set(messages))
    (notes,) = json_lines(run_cli(tmp_path, "evaluate", other, "--run", "chat", "--column", "note", "--json").stdout)
    assert notes["words"] == 5 * len(jokes)


def test_evaluate_shows_people_a_table(jokegen: Cli) -> None:
    shown = jokegen("evaluate").stdout
    assert "perplexity" in shown
    assert "bits per character" in shown


def test_score_adds_up(jokegen: Cli) -> None:
    text = tiny_jokes()[0]
    (scored,) = json_lines(jokegen("score", text, "--json").stdout)
    surprisals = [token["surprisal"] for token in scored["tokens"]]
    assert scored["text"] == text
    assert scored["loss"] == pytest.approx(sum(surprisals) / len(surprisals) * math.log(2))
    assert scored["perplexity"] == pytest.approx(math.exp(scored["loss"]))
    assert scored["bits_per_character"] == pytest.approx(sum(surprisals) / (len(text) + 1))
    for token in scored["tokens"]:
        assert token["surprisal"] == pytest.approx(-math.log2(token["probability"]))


def test_score_says_what_each_word_stood_against(jokegen: Cli) -> None:
    text = tiny_jokes()[0]
    (scored,) = json_lines(jokegen("score", text, "--rivals", "2", "--json").stdout)
    for token in scored["tokens"]:
        shown = token["probability"] + sum(rival["probability"] for rival in token["rivals"])
        assert len(token["rivals"]) == 2
        assert shown + token["others"] == pytest.approx(1, abs=1e-4)
        assert (token["rank"] == 1) == all(token["probability"] >= rival["probability"] for rival in token["rivals"])
    refused = jokegen("score", text, "--rivals", "2")
    assert refused.exit_code == 2
    assert "add --json" in refused.stderr


def test_score_says_what_each_word_reminds_the_network_of(jokegen: Cli) -> None:
    text = tiny_jokes()[0]
    (scored,) = json_lines(jokegen("score", text, "--reminders", "3", "--json").stdout)
    *words, end = scored["tokens"]
    assert end["reminds_of"] == []
    for token in words:
        found = token["reminds_of"]
        assert len(found) == 3
        assert [place["similarity"] for place in found] == sorted(
            (place["similarity"] for place in found), reverse=True
        )
        assert all(place["word"] for place in found)
    refused = jokegen("score", text, "--reminders", "3")
    assert refused.exit_code == 2
    assert "--reminders are written as JSON" in refused.stderr


def test_mixing_takes_a_share_of_each_models_probability(jokegen: Cli, trained: Trained, home: Path) -> None:
    assert jokegen("train", trained.corpus, "--preset", "ngram", "--name", "counted").exit_code == 0
    text = tiny_jokes()[1]

    def probabilities(*options: str) -> list[float]:
        (scored,) = json_lines(jokegen("score", text, "--json", *options).stdout)
        return [token["probability"] for token in scored["tokens"]]

    network, counted = probabilities("--run", RUN), probabilities("--run", "counted")
    share = json.loads((home / "runs" / RUN / "run.json").read_text(encoding="utf-8"))["mixture_weight"]
    mixed = [share * own + (1 - share) * other for own, other in zip(network, counted, strict=True)]
    assert probabilities("--run", RUN, "--mix") == pytest.approx(mixed, rel=1e-4)
    said = jokegen("generate", "Why did the", "--run", RUN, "--mix", "--seed", "1", "--words", "5").stdout
    assert said.startswith("Why did the")


def test_what_cannot_be_mixed_is_one_sentence(jokegen: Cli, trained: Trained) -> None:
    jokegen("train", trained.corpus, "--preset", "ngram", "--name", "counted")
    jokegen("train", trained.corpus, "--preset", "tutorial", "--max-epochs", "1", "--name", "whole")
    for run, why in (("counted", "no network"), ("whole", "no validation texts")):
        result = jokegen("generate", "Why", "--run", run, "--mix")
        assert result.exit_code == 1
        assert why in result.stderr
        assert result.stderr.count("\n") == 1


def test_score_takes_several_texts_or_lines(jokegen: Cli) -> None:
    first, second = tiny_jokes()[:2]
    typed = json_lines(jokegen("score", first, second, "--json").stdout)
    piped = json_lines(jokegen("score", "-", "--json", given=f"{first}\n\n{second}\n").stdout)
    assert typed == [{name: line[name] for name in typed[0]} for line in piped]
    assert [line["text"] for line in typed] == [first, second]


def test_a_text_is_scored_as_the_texts_of_the_run_were_read(jokegen: Cli, corpus: Path, tmp_path: Path) -> None:
    broken = jokegen("score", "Why did\nthe  hen dance?", "--json")
    assert json_lines(broken.stdout)[0]["text"] == "Why did the hen dance?"
    assert "have no line breaks, so those of the text were read as blanks" in broken.stderr
    code = [f"def f{n}(x):\n    for k in range({n % 9}):\n        x = x + {n % 7}\n    return x" for n in range(60)]
    (tmp_path / "code.py").write_text("\n\n\n".join(code), encoding="utf-8")
    train = ("train", tmp_path / "code.py", "--preset", "ngram")
    for kind, line in (("words", "for k in range(3):\n    return x"), ("bpe", "    return x")):
        jokegen(*train, "--tokenizer", kind, "--name", kind)
        (typed,) = json_lines(jokegen("score", line, "--run", kind, "--json").stdout)
        (tmp_path / "line.py").write_text(line, encoding="utf-8")
        (read,) = json_lines(jokegen("score", tmp_path / "line.py", "--run", kind, "--texts", "file", "--json").stdout)
        assert typed["text"] == read["text"] == line
        assert "".join(token["text"] for token in typed["tokens"][:-1]) == line
        assert json_lines(jokegen("generate", line, "--run", kind, "--json").stdout)[0]["prompt"] == line
    jokegen("train", corpus, "--preset", "ngram", "--letters-only", "--name", "bare")
    bare = jokegen("score", "Why, the hen 5!", "--run", "bare", "--json")
    assert json_lines(bare.stdout)[0]["text"] == "Why the hen"
    assert "Punctuation and digits of the text were left out" in bare.stderr


def test_score_shows_hostile_words_as_text(jokegen: Cli) -> None:
    shown = jokegen("score", "the hen [/foo] \x1b[31m [bold]x").stdout
    assert "\x1b" not in shown
    assert "hen" in shown


def test_nothing_to_score_is_a_sentence(jokegen: Cli) -> None:
    result = jokegen("score", "   ")
    assert result.exit_code == 1
    assert "nothing to score" in result.stderr


def test_doctor_knows_the_basic_facts(tmp_path: Path, corpus: Path) -> None:
    (found,) = json_lines(run_cli(tmp_path, "doctor", corpus, "--json").stdout)
    jokes = tiny_jokes()
    assert found["texts"] == len(jokes) == sum(found["splits"].values())
    assert found["words"] == sum(len(joke.split()) for joke in jokes)
    assert (found["column"], found["problem"]) == ("Joke", None)
    assert found["vocabulary"] > 20
    assert 0 <= found["unknown_rate"]["test"] < 1
    assert found["seconds"] > 0
    assert "Joke" in run_cli(tmp_path, "doctor", corpus).stdout
    piped = run_cli(tmp_path, "doctor", "-", "--json", given=corpus.read_bytes())
    assert json_lines(piped.stdout)[0]["splits"] == found["splits"]


def test_doctor_says_what_stands_in_the_way_of_training(tmp_path: Path) -> None:
    lone = tmp_path / "lone.txt"
    lone.write_text("Only one joke here\n", encoding="utf-8")
    result = run_cli(tmp_path, "doctor", lone, "--json")
    assert result.exit_code == 1
    (found,) = json_lines(result.stdout)
    assert found["texts"] == 1
    assert found["problem"]
    assert found["vocabulary"] is None


def test_doctor_asks_for_a_decision_where_held_out_texts_repeat_training_texts(tmp_path: Path) -> None:
    twice = tmp_path / "twice.txt"
    jokes = tiny_jokes()
    twice.write_text("\n".join([*jokes, *(f"{joke} !!" for joke in jokes)]), encoding="utf-8")
    result = run_cli(tmp_path, "doctor", twice, "--json", "--preset", "ngram")
    assert result.exit_code == 3
    (found,) = json_lines(result.stdout)
    assert sum(found["repeated"].values()) > 3
    assert "held-out texts say the same as a training text" in found["decisions"][0]
    short, middling, long = found["usual_words"]
    assert short <= middling <= long <= found["longest_words"]
    assert all(many > 1 for _, many in found["frequent"])
    people = run_cli(tmp_path, "doctor", twice, "--preset", "ngram")
    assert people.exit_code == 3
    assert "to decide: " in people.stdout
    # The near-repeats are left out by their numbers, from a file as from the command line.
    near = found["survey"]["near"]
    assert found["survey"]["near_count"] >= len(jokes) - 1
    assert near[0]["number"] in people.stdout
    numbers = tmp_path / "out.txt"
    repeats = [joke for joke in read_texts(str(twice)).texts if joke.endswith("!!")]
    numbers.write_text("# repeats\n" + "\n".join(f"{number_of(joke)} {joke}" for joke in repeats), encoding="utf-8")
    clean = run_cli(tmp_path, "doctor", twice, "--json", "--preset", "ngram", "--exclude", numbers)
    assert clean.exit_code == 0
    assert json_lines(clean.stdout)[0]["texts"] == len(jokes)
    run = ("train", twice, "--preset", "ngram", "--exclude", numbers, "--correct", f"{number_of(jokes[0])}=Another.")
    assert run_cli(tmp_path, *run, "--name", "clean").exit_code == 0
    assert run_cli(tmp_path, "train", "--again", "clean", "--name", "again").exit_code == 0
    for name in ("clean", "again"):
        info = json.loads((tmp_path / "runs" / name / "run.json").read_text(encoding="utf-8"))
        assert sorted(info["settings"]["exclude"]) == sorted(map(number_of, repeats))
        assert info["reading"]["correct"] == [f"{number_of(jokes[0])}=Another."]
        assert info["reading"]["texts"] == len(jokes)
        measured = run_cli(tmp_path, "evaluate", twice, "--run", name, "--json")
        assert json_lines(measured.stdout)[0]["words"] == sum(len(joke.split()) for joke in jokes[1:]) + 1
        assert "left out by number" in measured.stderr
    wrong = run_cli(tmp_path, "train", twice, "--exclude", "nothing.txt")
    assert wrong.exit_code == 2
    assert "'nothing.txt' is no text's number" in wrong.stderr


def test_what_json_cannot_say_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    write_json({"nan": math.nan, "deep": [{"infinite": -math.inf}], "third": 1 / 3, "text": "naïve\x9b"})
    line = capsys.readouterr().out
    assert json_lines(line) == [{"nan": None, "deep": [{"infinite": None}], "third": 1 / 3, "text": "naïve\x9b"}]
    assert line.isascii()
