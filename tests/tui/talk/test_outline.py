"""The outline of a talk: every stretch once, branches indented, the place where one stands marked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from jokegen.core.keeping.tree import PERSON, Author, Place, Said, Talk
from jokegen.tui.screens.talk_map import line_of
from jokegen.tui.talk.outline import Entry, outline

MODEL = Author("run", "run · epoch 1", "", 7)


def said(*texts: str) -> tuple[Said, ...]:
    return tuple(Said(text, index, 0.5) for index, text in enumerate(texts))


def test_a_talk_without_branches_is_not_indented():
    talk = Talk()
    talk.say(PERSON, prompt="Why did the bear")
    talk.say(MODEL, said(" cross", " the", " road"))
    assert [(entry.text, entry.depth, entry.who, entry.here) for entry in outline(talk)] == [
        ("Why did the bear", 0, "you", False),
        ("cross the road", 0, "run · epoch 1 · seed 7", True),
    ]


def test_branches_stand_under_what_they_leave():
    talk = Talk()
    first = talk.say(MODEL, said("A", " b", " c"))
    talk.stand(Place(first.number, 1))
    talk.say(MODEL, said(" x"))
    assert [(entry.text, entry.depth) for entry in outline(talk)] == [("A", 0), ("b c", 1), ("x", 1)]
    assert [entry.text for entry in outline(talk, "X")] == ["x"]
    assert [entry.on_path for entry in outline(talk)] == [True, False, True]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3), st.text(max_size=6)), max_size=25))
def test_every_stretch_has_one_line_whatever_was_done(steps):
    talk = Talk()
    for where, upto, text in steps:
        if talk.stretches:
            stretch = talk.stretches[where % len(talk.stretches)]
            talk.stand(Place(stretch.number, min(upto, len(stretch.words))))
        talk.say(MODEL, said(*text))
    assert sorted(entry.number for entry in outline(talk)) == sorted(talk.stretches)
    assert sum(entry.here for entry in outline(talk)) == (1 if talk.stretches else 0)


def test_the_answer_that_was_kept_is_marked_where_it_ends():
    talk = Talk()
    talk.say(PERSON, prompt="Why did the bear")
    first = talk.say(MODEL, said(" cross", " the", " road"))
    talk.stand(Place(first.number, 1))
    talk.say(MODEL, said(" it"))
    marked = [entry.text for entry in outline(talk, kept={"why did the bear cross it"}) if entry.kept]
    assert marked == ["it"]


def test_a_line_of_the_map_says_first_how_many_ways_part_there():
    entry = Entry(3, 9, "a model with a long name · epoch 10 · seed 7", "into a cafe with a cold", 29, False, False, 2)
    assert "29 words · 2 branches" in line_of(entry, 60).truncate(60).plain
