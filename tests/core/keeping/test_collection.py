"""Kept texts: every change goes to the disk whole, can be taken back, and damage costs the damaged lines."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jokegen.core.keeping.collection import Collection, new
from jokegen.core.keeping.handouts import kept_as
from jokegen.core.keeping.journals import KeepingError
from jokegen.core.keeping.picking import folded, matching, ordered
from jokegen.core.keeping.provenance import Drawn, Origin, Read
from jokegen.core.keeping.tree import Said
from jokegen.core.speaking.choices import Sampling

QUICK = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
ORIGIN = Origin(
    "clever-otter", "clever-otter · epoch 6", "ab" * 8, (Read("Why", (1, 2)), Read("foreign words")), "Why",
    (Drawn(7, Sampling(temperature=1.5, only_new=4), 5, (Said(" did", 3, 0.0),)), Drawn(8, None, 2)),
)  # fmt: skip
TEXTS = ("A cow laughs.", "Two cows laugh aloud.", "Moo\nsaid the cow.", "a  COW laughs.", "[b]x[/b] =1+1, *ha*")
CHANGES = st.lists(
    st.tuples(st.sampled_from(["keep", "drop", "edit", "tag", "undo"]), st.integers(0, 30), st.sampled_from(TEXTS)),
    max_size=14,
)


def collection(folder):
    made = Collection(folder / "kept.jsonl")
    made.path.unlink(missing_ok=True)
    return made


@QUICK
@given(CHANGES)
def test_what_is_done_is_on_the_disk_and_can_be_taken_back(tmp_path, steps):
    kept = collection(tmp_path)
    expected = []
    undone = []
    for what, number, text in steps:
        there = expected[number % len(expected)] if expected else None
        before = list(expected)
        if what == "keep":
            added, change = kept.keep(new(f"{text} {number}", bits=number / 7, copied=0.25, origin=ORIGIN))
            if change is not None:
                expected.append(added)
        elif what == "undo":
            if not undone:
                continue
            change, expected = undone.pop()
            kept.undo(change)
            change = None
        elif there is None:
            continue
        elif what == "drop":
            change = kept.drop([there.id])
            expected.remove(there)
        elif what == "edit":
            change = kept.edit(there.id, text)
            said = there.as_said
            expected[expected.index(there)] = replace(there, text=text, made="" if text == said else said)
        else:
            change = kept.tag(there.id, ["#x", f"y{number},z"])
            expected[expected.index(there)] = replace(there, tags=("x", f"y{number}", "z"))
        if what != "undo" and change is not None:
            undone.append((change, before))
        assert list(Collection(kept.path).read().texts) == expected


@QUICK
@given(st.data())
def test_damaged_lines_cost_themselves_and_outlive_every_change(tmp_path, data):
    kept = collection(tmp_path)
    all_of_them = [kept.keep(new(f"text {number}", origin=ORIGIN))[0] for number in range(5)]
    lines = kept.path.read_bytes().splitlines()
    bad = data.draw(st.sets(st.integers(0, 4)))
    garbage = data.draw(st.sampled_from([b"{", b"\xff", b'{"id": "abcd"}', lines[0][:-7], b'{"id":"abcd","text":7}']))
    kept.path.write_bytes(b"\n".join(garbage if n in bad else line for n, line in enumerate(lines)))
    intact = [each for n, each in enumerate(all_of_them) if n not in bad]
    contents = kept.read()
    assert list(contents.texts) == intact
    assert ("damaged and left out" in contents.notice) == bool(bad)
    added, _ = kept.keep(new("one more"))
    if intact:
        kept.drop([intact[0].id])
    assert list(kept.read().texts) == [*intact[1:], added]
    assert kept.path.read_bytes().splitlines().count(garbage) == len(bad)


def test_the_same_text_is_kept_once_and_repeats_of_other_files_are_folded(tmp_path):
    kept = collection(tmp_path)
    first, _ = kept.keep(new("A cow laughs."))
    assert kept.keep(new(" a  COW laughs.")) == (first, None)
    kept.edit(first.id, "A cow cries.")
    assert kept.keep(new("A cow laughs."))[1] is None
    kept.edit(first.id, "A cow laughs.")
    twin = kept.path.read_text(encoding="utf-8").replace(first.id, "0123ab")
    kept.path.write_text(kept.path.read_text(encoding="utf-8") + twin, encoding="utf-8")
    assert [(each.text, times) for each, times in folded(kept.read().texts)] == [("A cow laughs.", 2)]


def test_texts_are_found_by_words_tags_and_run_and_put_in_order(tmp_path):
    texts = [
        new("long words here", bits=1.0, copied=0.5, tags=("best",)),
        replace(new("word", bits=9.0, origin=ORIGIN), when="2020-01-01T00:00:00+00:00"),
        replace(new("some more words", copied=0.0), when="2021-01-01T00:00:00+00:00"),
    ]
    assert [each.text for each in matching(texts, "WORDS here")] == ["long words here"]
    assert [each.text for each in matching(texts, "#best")] == ["long words here"]
    assert [each.text for each in matching(texts, run="clever-otter")] == ["word"]
    assert [each.text for each in matching(texts, tag="#best")] == ["long words here"]
    first = {order: ordered(texts, order)[0].text for order in ("date", "surprise", "length", "newness")}
    expected = {"date": "long words here", "surprise": "word", "length": "long words here"}
    assert first == {**expected, "newness": "some more words"}


def test_what_cannot_be_kept_is_refused_in_a_sentence(tmp_path):
    kept = collection(tmp_path)
    with pytest.raises(KeepingError, match="no text"):
        kept.keep(new(" \x1b "))
    with pytest.raises(KeepingError, match="at most 20,000"):
        kept.keep(new("x" * 20_001))
    with pytest.raises(KeepingError, match="There is no kept text"):
        kept.find("abcd")
    with pytest.raises(KeepingError, match="any more"):
        kept.drop(["abcd"])


def test_a_strangers_file_shows_as_text(tmp_path):
    kept = collection(tmp_path)
    evil = "\x1b]0;t\x07\u202e[@click=app.quit]x[/]"
    line = {"id": "abcd", "text": evil, "when": evil, "prompt": evil, "tags": [evil, 5], "made": evil, "bits": "x"}
    origin = {
        "run": evil,
        "label": evil,
        "weights": evil,
        "opening": evil,
        "read": [[evil]],
        "drawn": [{"seed": 1, "count": 1}],
    }
    kept.path.write_text(json.dumps({**line, "origin": origin}), encoding="utf-8")
    (text,) = kept.read().texts
    assert not any(mark in str(text) for mark in "\x1b\x07\u202e")
    assert text.bits is None
    for form in ("text", "csv", "jsonl", "markdown"):
        assert "\x1b" not in kept_as(form, [text])
    assert r"\[@click=app.quit\]x\[/\]" in kept_as("markdown", [text])


@pytest.mark.parametrize(
    "damage",
    [{"drawn": []}, {"drawn": [{"seed": 1, "count": 2**62}]}, {"read": [[]]}, {"read": 5}, {"drawn": [{"seed": -1}]}],
)
def test_an_origin_that_makes_no_sense_costs_its_line(tmp_path, damage):
    kept = collection(tmp_path)
    kept.keep(new("A cow laughs.", origin=ORIGIN))
    line = json.loads(kept.path.read_text(encoding="utf-8"))
    kept.path.write_text(json.dumps({**line, "origin": {**line["origin"], **damage}}), encoding="utf-8")
    assert kept.read().texts == ()
    assert "damaged and left out" in kept.read().notice


def test_exports_hold_every_text():
    texts = [new(text, tags=("a", "b"), origin=ORIGIN) for text in TEXTS]
    assert kept_as("text", texts).split("\n\n") == [*TEXTS[:-1], f"{TEXTS[-1]}\n"]
    assert kept_as("text", texts[:2]) == "A cow laughs.\nTwo cows laugh aloud.\n"
    assert [json.loads(line)["text"] for line in kept_as("jsonl", texts).splitlines()] == list(TEXTS)
    assert kept_as("csv", texts).count("clever-otter · epoch 6,8") == len(texts)
    assert "clever-otter · epoch 6, seed 8; \\#a \\#b" in kept_as("markdown", texts)
