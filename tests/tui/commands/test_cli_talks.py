"""``talks``: what the app saved, without a screen."""

import json

import pytest
from command_line import json_lines
from jokegen.core.keeping.autosaves import Autosave
from jokegen.core.keeping.talks import TalkStore
from jokegen.core.keeping.tree import PERSON, Author, Said, Talk


@pytest.fixture
def talk(home):
    talked = Talk()
    talked.say(PERSON, prompt="Why *did* the [cow](x) laugh?")
    answer = talked.say(
        Author("first", "first · epoch 2", "ab", 7), (Said("- Moo\x1b[31m", 3, 0.5), Said("!", 4, 0.25))
    )
    answer.ending = "word limit"
    autosave = Autosave(TalkStore(home / "talks"), lambda run: "")
    autosave.note(talked)
    autosave.write()
    autosave.close()
    return autosave.id


def test_talks_are_listed_shown_and_exported(jokegen, talk, tmp_path):
    (row,) = json_lines(jokegen("talks", "--json").stdout)
    assert (row["id"], row["title"], row["answers"]) == (talk, "Why *did* the [cow](x) laugh?", 1)
    assert talk in jokegen("talks", "list").stdout
    shown = jokegen("talks", "show", talk[:4]).stdout
    assert "you: Why *did* the [cow](x) laugh?" in shown
    assert "model: - Moo[31m!" in shown
    (tree,) = json_lines(jokegen("talks", "show", talk, "--json").stdout)
    assert [stretch["text"] for stretch in tree["stretches"]] == ["Why *did* the [cow](x) laugh?", "- Moo[31m!"]
    path = tmp_path / "talk.md"
    assert jokegen("talks", "export", talk, path).exit_code == 0
    assert r"**you:** Why \*did\* the \[cow\](x) laugh?" in path.read_text(encoding="utf-8")
    again = jokegen("talks", "export", talk, path)
    assert again.exit_code == 1
    assert "already a file" in again.stderr
    assert json.loads(jokegen("talks", "export", talk, "--format", "json").stdout)["id"] == talk


def test_a_talk_is_renamed_and_deleted(jokegen, talk):
    assert "is now called Cows" in jokegen("talks", "rename", talk, "Cows").stdout
    assert json_lines(jokegen("talks", "--json").stdout)[0]["title"] == "Cows"
    assert jokegen("talks", "delete", talk).exit_code == 2
    assert jokegen("talks", "delete", talk, "--yes").exit_code == 0
    assert "No talks yet" in jokegen("talks").stdout
    missing = jokegen("talks", "show", talk)
    assert missing.exit_code == 1
    assert f"There is no talk named '{talk}'" in missing.stderr


def test_a_damaged_line_is_said_and_the_rest_is_shown(jokegen, talk, home):
    path = home / "talks" / f"{talk}.jsonl"
    path.write_bytes(path.read_bytes() + b'{"stretch": 5, "par')
    result = jokegen("talks", "show", talk)
    assert "model: - Moo" in result.stdout
    assert "One line of" in result.stderr
