"""A talk on the disk is the talk that was had, and what is damaged costs no more than itself."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jokegen.core.keeping.autosaves import Autosave
from jokegen.core.keeping.journals import KeepingError
from jokegen.core.keeping.talks import TalkStore, read_talk, with_tokens_checked
from jokegen.core.keeping.tree import PERSON, Author, Place, Said, Talk
from jokegen.core.speaking.choices import Sampling
from talking import MODELS, STEPS, do, talk_of, words

QUICK = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def new_autosave(folder):
    return Autosave(TalkStore(folder), lambda run: f"tokens of {run}")


def saved(folder, talk):
    autosave = new_autosave(folder)
    if autosave.note(talk):
        autosave.write()
    autosave.close()
    return folder / f"{autosave.id}.jsonl"


def as_reopened(talk):
    """What reading a talk gives for it: an answer in the making has stopped."""
    for stretch in talk.stretches.values():
        if not stretch.children and not stretch.ending and not stretch.author.is_person:
            stretch.ending = "end of text" if stretch.ended_by_itself else "stopped"
    return talk.stretches, talk.roots, talk.head


@QUICK
@given(st.lists(STEPS, min_size=1, max_size=4))
def test_whatever_is_done_between_two_saves_the_file_has_the_talk_as_it_is(tmp_path, parts):
    talk = Talk()
    autosave = new_autosave(tmp_path)
    for steps in parts:
        for step in steps:
            do(talk, step)
        if autosave.note(talk):
            autosave.write()
    autosave.close()
    path = tmp_path / f"{autosave.id}.jsonl"
    if not talk.stretches:
        assert not path.exists()
        return
    stored = read_talk(path)
    assert (stored.talk.stretches, stored.talk.roots, stored.talk.head) == as_reopened(talk)
    assert not stored.notices


@QUICK
@given(STEPS, STEPS)
def test_a_reopened_talk_goes_on_in_its_file(tmp_path, before, after):
    talk = talk_of([("ask", 1, 1), *before])
    path = saved(tmp_path, talk)
    store = TalkStore(tmp_path)
    stored = store.open(path.stem)
    autosave = Autosave(store, lambda run: "", stored)
    for step in after:
        do(stored.talk, step)
        if autosave.note(stored.talk):
            autosave.write()
    autosave.close()
    again = read_talk(path)
    assert (again.talk.stretches, again.talk.roots, again.talk.head) == as_reopened(stored.talk)
    assert again.title == stored.title


def reachable(talk):
    found, waiting = set(), list(talk.roots)
    while waiting:
        number = waiting.pop()
        assert number not in found
        found.add(number)
        waiting += talk.stretches[number].children
    return found


@QUICK
@given(STEPS, st.data())
def test_damaged_lines_cost_themselves_and_nothing_else(tmp_path, steps, data):
    talk = talk_of([("ask", 1, 1), ("answer", 0, 5), *steps])
    path = saved(tmp_path, talk)
    lines = path.read_bytes().splitlines()
    bad = data.draw(st.sets(st.integers(1, len(lines) - 1)))
    garbage = data.draw(st.sampled_from([b"{", b"\xff\xfe", b"[1]", b'{"stretch": true}', b'{"roots": 5}', b"null"]))
    path.write_bytes(b"\n".join(garbage if n in bad else line for n, line in enumerate(lines)))
    stored = read_talk(path)
    intact = {json.loads(line)["stretch"] for n, line in enumerate(lines) if n not in bad and b'{"stretch"' in line}
    assert set(stored.talk.stretches) == intact
    for number in intact:
        assert stored.talk.stretches[number].words == talk.stretches[number].words
        assert stored.talk.stretches[number].prompt == talk.stretches[number].prompt
    assert reachable(stored.talk) == intact
    assert bool(bad) == any("damaged and left out" in notice for notice in stored.notices)


def test_a_torn_last_line_costs_that_line_and_the_talk_goes_on(tmp_path):
    path = saved(tmp_path, talk_of([("ask", 1, 1), ("answer", 0, 5), ("ask", 2, 2)]))
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    store = TalkStore(tmp_path)
    stored = store.open(path.stem)
    assert len(stored.talk.stretches) == 3
    assert stored.notices == (f"One line of {path.name} is damaged and left out; it stays in the file.",)
    autosave = Autosave(store, str, stored)
    stored.talk.say(MODELS[0], words(3))
    autosave.note(stored.talk)
    autosave.write()
    autosave.close()
    assert read_talk(path).talk.text() == stored.talk.text()
    assert path.read_bytes().startswith(whole[:-9] + b"\n")


def test_a_talk_that_turns_in_circles_still_shows_every_word(tmp_path):
    path = tmp_path / "abc.jsonl"
    stretch = {"author": None, "words": [[" ha", 1, 0.5]], "prompt": ""}
    lines = [{"stretch": n, "parent": parent, **stretch} for n, parent in ((0, 1), (1, 2), (2, 0), (3, 3), (5, 9))]
    path.write_text("\n".join(map(json.dumps, [*lines, {"roots": [7, 7], "head": [9, 9]}])), encoding="utf-8")
    talk = read_talk(path).talk
    assert reachable(talk) == {0, 1, 2, 3, 5}
    talk.say(PERSON, prompt="and now")
    assert len(talk.stretches) == 6


def test_hostile_text_is_made_safe_to_show(tmp_path):
    talk = Talk()
    evil = "\x1b]0;title\x07 [@click=app.quit]x[/] \u202e"
    talk.say(PERSON, prompt=f"Why {evil}")
    talk.say(Author(f"run{evil}", f"label{evil}", seed=1), (Said(f" did{evil}", 1, 0.5),))
    stored = read_talk(saved(tmp_path, talk))
    shown = [stored.title, *(str(stretch) for stretch in stored.talk.stretches.values())]
    assert not any(character in text for text in shown for character in "\x1b\x07\u202e")
    assert "[@click=app.quit]" in stored.title


def test_an_unheard_of_way_to_draw_costs_the_sampling_alone(tmp_path):
    path = saved(tmp_path, talk_of([("ask", 1, 1), ("answer", 0, 5)]))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"temperature"', '"magic"'), encoding="utf-8")
    assert [stretch.author.sampling for stretch in read_talk(path).talk.path()] == [None, None]
    assert MODELS[0].sampling == Sampling(temperature=1.1)


def test_a_second_jokegen_goes_on_in_a_copy(tmp_path):
    path = saved(tmp_path, talk_of([("ask", 1, 1), ("answer", 0, 5)]))
    store = TalkStore(tmp_path)
    first, second = store.open(path.stem), store.open(path.stem)
    one, other = Autosave(store, str, first), Autosave(store, str, second)
    assert one.id == path.stem
    assert other.id != path.stem
    second.talk.say(PERSON, prompt="And then?")
    other.note(second.talk)
    other.write()
    assert read_talk(store.path(other.id)).talk.text() == second.talk.text()
    assert len(read_talk(path).talk.stretches) == 2
    one.close()
    other.close()
    assert not list(tmp_path.glob(".*.lock"))


def test_words_of_a_run_that_was_trained_anew_are_read_as_text(tmp_path):
    path = saved(tmp_path, talk_of([("ask", 1, 1), ("answer", 0, 5), ("answer", 2, 3)]))
    stored = read_talk(path)
    assert with_tokens_checked(stored, lambda run: f"tokens of {run}") == ()
    assert {stretch.tokens_of for stretch in stored.talk.path()} == {"clever-otter", "silly-gecko"}
    told = with_tokens_checked(stored, lambda run: "others" if run == "clever-otter" else "")
    assert told == (
        "The run 'clever-otter' reads other tokens than when it spoke here, so its words are read as text.",
    )
    assert {stretch.tokens_of for stretch in stored.talk.path()} == {""}


def test_the_list_names_talks_by_their_first_words_and_can_be_changed(tmp_path):
    store = TalkStore(tmp_path / "talks")
    assert store.list() == []
    path = saved(store.folder, talk_of([("ask", 1, 1), ("answer", 0, 5)]))
    (store.folder / "broken.jsonl").write_text("nothing\n", encoding="utf-8")
    (store.folder / "not a name!.jsonl").write_text("{}", encoding="utf-8")
    by_id = {summary.id: summary for summary in store.list()}
    assert by_id.keys() == {path.stem, "broken"}
    assert by_id[path.stem].title == "Why 1"
    assert by_id[path.stem].models == ("clever-otter",)
    assert "restore it from a copy" in by_id["broken"].problem
    assert store.rename(path.stem[:4], "  Cows \x1b[31m ") == "Cows [31m"
    assert store.open(path.stem).title == "Cows [31m"
    with pytest.raises(KeepingError, match="at least one character"):
        store.rename(path.stem, "\x07 ")
    store.delete(path.stem)
    with pytest.raises(KeepingError, match="There is no talk"):
        store.open(path.stem)
    with pytest.raises(KeepingError, match="names no talk"):
        store.open("../runs")


def test_a_disk_that_cannot_be_written_is_said_and_tried_again(tmp_path):
    folder = tmp_path / "talks"
    folder.write_text("a file in the way", encoding="utf-8")
    talk = talk_of([("ask", 1, 1)])
    autosave = new_autosave(folder)
    assert autosave.note(talk)
    with pytest.raises(KeepingError, match="cannot be written"):
        autosave.write()
    folder.unlink()
    assert autosave.note(talk)
    autosave.write()
    autosave.close()
    assert read_talk(folder / f"{autosave.id}.jsonl").talk.text() == talk.text()


def test_standing_before_the_first_word_is_kept(tmp_path):
    talk = talk_of([("ask", 1, 1)])
    talk.stand(None)
    assert read_talk(saved(tmp_path, talk)).talk.head is None
    talk.stand(Place(0, 0))
    assert read_talk(saved(tmp_path, talk)).talk.head == Place(0, 0)
