"""``kept``: the collection without a screen, made again in a fresh process, and learned from."""

import json
import shutil
from dataclasses import replace

import pytest
from command_line import RUN, json_lines, run_program, tiny_jokes
from jokegen.core.keeping.collection import Collection, new
from jokegen.core.keeping.provenance import Drawn, copied_share, origin_of_generated
from jokegen.core.keeping.turns import whole_text
from jokegen.core.runs.store import RunStore
from jokegen.core.speaking.choices import Sampling
from jokegen.core.speaking.loading import load_generator
from jokegen.tui.commands.suggestions import kept_for


@pytest.fixture
def collection(home):
    return Collection(home / "corpora" / "kept.jsonl")


@pytest.fixture
def kept(home, collection):
    """A text that the trained run said, as the Prompt screen keeps one."""
    generator = load_generator(RunStore(home / "runs").open(RUN))
    sampling = Sampling(temperature=1.3)
    words = list(generator.stream(generator.read("Why did the hen"), sampling, 7, 12))
    origin = origin_of_generated(generator, RUN, "Why did the hen", Drawn(7, sampling, len(words)))
    text = whole_text("Why did the hen", "".join(word.text for word in words))
    share = copied_share(generator, text)
    fresh = new(text, prompt="Why did the hen", tags=("best",), bits=2.5, copied=share, origin=origin)
    return collection.keep(fresh)[0]


def test_a_kept_text_is_listed_shown_and_made_again_in_a_fresh_process(jokegen, kept, home, collection):
    (row,) = json_lines(jokegen("kept", "--json").stdout)
    assert (row["id"], row["text"], row["times"]) == (kept.id, kept.text, 1)
    shown = jokegen("kept", "show", kept.id[:4]).stdout
    assert all(fact in shown for fact in (kept.text, "first · epoch", "7, from word", "temperature 1.3", "2.50 bits"))
    again = run_program(home, "kept", "again", kept.id)
    assert (again.stdout, again.stderr, again.returncode) == (f"{kept.text}\n", "", 0)
    assert json_lines(jokegen("kept", "again", kept.id, "--json").stdout)[0]["same"] is True
    assert jokegen("kept", "edit", kept.id, "Something else").exit_code == 0
    edited = jokegen("kept", "again", kept.id)
    assert edited.stdout == f"{kept.text}\n"
    assert "was edited since" in edited.stderr
    assert "as said" in jokegen("kept", "show", kept.id).stdout
    assert collection.find(kept.id).text == "Something else"


def test_it_says_so_when_the_weights_are_no_longer_those(jokegen, kept, home, collection):
    shutil.rmtree(home / "runs" / RUN)
    gone = jokegen("kept", "again", kept.id)
    assert gone.exit_code == 1
    assert "The weights that said this are gone: 'first · epoch" in gone.stderr
    by_hand = collection.keep(new("A person wrote this."))[0]
    assert "A person wrote" in jokegen("kept", "again", by_hand.id).stderr


def test_the_shell_completes_the_names_of_kept_texts(kept, home, monkeypatch):
    monkeypatch.setenv("JOKEGEN_HOME", str(home))
    assert [item.value for item in kept_for(None, None, kept.id[:2])] == [kept.id]


def test_texts_are_filtered_ordered_tagged_exported_and_deleted(jokegen, kept, collection, tmp_path):
    collection.keep(new("A short one.", bits=9.0, copied=0.0))
    texts = [row["text"] for row in json_lines(jokegen("kept", "list", "--sort", "surprise", "--json").stdout)]
    assert texts == ["A short one.", kept.text]
    assert jokegen("kept", "export", "--tag", "best").stdout == f"{kept.text}\n"
    assert jokegen("kept", "export", "--find", "SHORT", "--format", "jsonl").stdout.count("\n") == 1
    path = tmp_path / "best.csv"
    assert jokegen("kept", "export", path).exit_code == 0
    assert path.read_text(encoding="utf-8").startswith("id,text,prompt,")
    assert "already a file" in jokegen("kept", "export", path).stderr
    assert jokegen("kept", "tag", kept.id, "hens,road", "#x").exit_code == 0
    assert collection.find(kept.id).tags == ("hens", "road", "x")
    assert jokegen("kept", "delete", kept.id).exit_code == 2
    assert jokegen("kept", "delete", kept.id, "--yes").exit_code == 0
    assert "A short one." in jokegen("kept").stdout
    missing = jokegen("kept", "show", kept.id)
    assert (missing.exit_code, missing.stderr) == (
        1,
        f"jokegen-tui: There is no kept text '{kept.id}'; see 'jokegen-tui kept'.\n",
    )
    path.write_text("", encoding="utf-8")
    collection.path.write_bytes(collection.path.read_bytes() + b'{"torn')
    assert "One line of kept.jsonl is damaged" in jokegen("kept").stderr


def test_kept_texts_are_a_corpus(jokegen, home, collection):
    empty = jokegen("train", "kept", "--max-epochs", "1")
    assert empty.exit_code == 1
    assert "Nothing is kept yet, so there is nothing to learn from" in empty.stderr
    rows = json_lines(jokegen("corpora", "--json").stdout)
    assert {row["name"]: row["present"] for row in rows}["kept"] is False
    first = collection.keep(new(tiny_jokes()[0]))[0]
    lines = [
        json.dumps({"id": f"{number:06x}", "text": joke, "prompt": "Why did", "made": "Not to be learned."})
        for number, joke in enumerate(tiny_jokes()[1:])
    ]
    collection.path.write_text("\n".join([*lines, "{torn"]) + "\n", encoding="utf-8")
    assert replace(first, id="") not in collection.read().texts
    done = jokegen("train", "kept", "--max-epochs", "1", "--preset", "small", "--name", "mine", "--json")
    assert done.exit_code == 0, done.stderr
    assert json_lines(done.stdout)[0]["corpus"] == "kept"
    texts = json_lines(jokegen("doctor", "kept", "--json").stdout)[0]
    assert texts["texts"] == 59


def test_generated_texts_are_kept_and_made_again(jokegen, collection, home):
    shutil.copytree(home / "runs" / RUN, home / "runs" / "second")
    ways = (
        ("--seed", "5", "--count", "3", "--temperature", "1.5", "--json"),
        ("--best-of", "4", "--seed", "9", "--least-words", "4", "--mix"),
        ("--stop", "?", "--seed", "1", "--only-new", "3"),
        ("--epoch", "1", "--seed", "2", "--temperature", "2"),
        ("--blend", "second", "--weight", "0.3", "--epoch", "1", "--seed", "4", "--temperature", "2"),
    )
    for way in ways:
        made = jokegen("generate", "Why did the", "--words", "14", "--keep", *way)
        assert made.exit_code == 0, made.stderr
        assert "Kept as" in made.stderr
    texts = collection.read().texts
    assert len(texts) >= 3
    for kept in texts:
        again = jokegen("kept", "again", kept.id)
        assert (again.stdout, again.stderr) == (f"{kept.text}\n", "")
    assert jokegen("generate", "Why did the", "--words", "14", "--keep", *ways[0]).exit_code == 0
    assert len(collection.read().texts) == len(texts)
