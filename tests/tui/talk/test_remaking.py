"""Whatever was done in a talk, each answer is made again word for word from what was noted about it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.core.keeping.journals import KeepingError
from jokegen.core.keeping.provenance import origin_as_values, origin_from_values, origin_of
from jokegen.core.keeping.remaking import remade
from jokegen.core.keeping.turns import turn_text
from jokegen.core.runs.store import RunStore
from jokegen.core.speaking.choices import Sampling
from jokegen.core.speaking.loading import load_generator
from jokegen.tui.talk.desk import Desk, chosen_word
from jokegen.tui.workbench import Talker
from test_positions import FIXTURES, STEPS, WILD, spoken

WAYS = (WILD, Sampling(repetition_penalty=1.5), Sampling(greedy=True), Sampling(temperature=1.5, only_new=3))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for name in ("finished", "characters"):
        shutil.copytree(FIXTURES / name, folder / name)
    return RunStore(folder)


@pytest.fixture(scope="module")
def talkers(store):
    return [Talker(name, name, load_generator(store.open(name)), None) for name in ("finished", "characters")]


@settings(max_examples=20)
@given(st.booleans(), st.lists(st.tuples(STEPS, st.integers(0, 30)), min_size=1, max_size=10))
def test_every_answer_is_made_again(store, talkers, carry, steps):
    desk = Desk(carry=carry)
    desk.take(talkers[0])
    for name, number in steps:
        way = WAYS[number % len(WAYS)]
        ends = {"stop": "e" * (number % 5 == 1), "least_words": number % 3, "best_of": 1 + number % 4 // 2}
        desk.dials.values |= ends
        if name == "ask":
            spoken(desk, desk.ask(f"Why {number}" * (number % 3 > 0), number, way, 4))
        elif name == "again":
            spoken(desk, desk.again(way, 4))
        elif name == "go on":
            spoken(desk, desk.go_on(way, 6))
        elif name == "back":
            desk.back()
        elif name == "branch":
            desk.turn_branch(1)
        elif name == "step":
            spoken(desk, desk.step(way))
        elif name == "model":
            desk.take(talkers[number % 2])
        else:
            places = [place for turn in desk.turns for place in turn.places]
            if places:
                there = desk.talker.generator.start()
                candidates = desk.talker.generator.next_words(there, way, 8)
                chosen = candidates[number % len(candidates)]
                spoken(desk, desk.choose(places[number % len(places)], (chosen_word(chosen),), number, way, 4))
    for turn in desk.turns:
        origin = origin_of(desk.talk, turn)
        if not any(desk.talk.upto(stretch) for stretch in turn.said):
            assert origin is None
            continue
        kept = json.loads(json.dumps(origin_as_values(origin)))
        assert remade(origin_from_values(kept), store) == turn_text(turn)


def answered(talkers):
    desk = Desk(carry=True)
    desk.take(talkers[0])
    spoken(desk, desk.ask("Why did the cow", 3, WILD, 6))
    turn = desk.turns[-1]
    return origin_of(desk.talk, turn), turn_text(turn)


def test_a_run_with_another_name_is_known_by_its_weights(talkers, tmp_path):
    origin, text = answered(talkers)
    shutil.copytree(FIXTURES / "finished", tmp_path / "renamed")
    assert remade(origin, RunStore(tmp_path)) == text


def test_it_says_so_when_the_weights_are_gone_or_not_known(talkers, tmp_path):
    origin, _ = answered(talkers)
    with pytest.raises(KeepingError, match="The weights that said this are gone"):
        remade(origin, RunStore(tmp_path))
    with pytest.raises(KeepingError, match="Which weights of 'finished"):
        remade(replace(origin, weights=""), RunStore(tmp_path))


def test_numbers_that_no_vocabulary_has_are_refused(store, talkers):
    origin, _ = answered(talkers)
    read = replace(origin.read[0], tokens=(10**9,))
    with pytest.raises(KeepingError, match="damaged"):
        remade(replace(origin, read=(read,)), store)
    unknown = replace(origin.drawn[0], sampling=None)
    with pytest.raises(KeepingError, match="drawn is not known"):
        remade(replace(origin, drawn=(unknown,)), store)
