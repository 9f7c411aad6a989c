"""Answers chosen among many: the dials say which, and the talk keeps the seed that makes the answer again."""

from __future__ import annotations

import shutil

import pytest
from jokegen.core.errors import GenerationError
from jokegen.core.runs.store import RunStore
from jokegen.core.speaking.choices import Draw, Sampling, Selection, TextEnd
from jokegen.core.speaking.loading import load_generator
from jokegen.core.speaking.selection import select
from jokegen.tui.talk.answering import answer
from jokegen.tui.talk.desk import Desk
from jokegen.tui.workbench import Talker
from test_positions import FIXTURES, WILD, spoken


@pytest.fixture(scope="module")
def talker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    shutil.copytree(FIXTURES / "finished", folder / "finished")
    return Talker("finished", "finished", load_generator(RunStore(folder).open("finished")), None)


@pytest.fixture
def desk(talker):
    desk = Desk(carry=False)
    desk.take(talker)
    return desk


def answer_of(desk):
    return desk.talk.stretches[desk.talk.head.stretch]


def test_the_best_of_some_is_said_and_its_seed_kept(desk, talker):
    desk.dials.values |= {"best_of": 5}
    spoken(desk, desk.ask("Why did", 3, WILD, 8))
    generator = talker.generator
    start = generator.read("Why did")
    (taken,) = select(generator, start, "", Draw(WILD, 3, 8), 1, Selection(best_of=5))
    assert "".join(word.text for word in answer_of(desk).words) == taken.text.made
    assert answer_of(desk).author.seed == taken.text.seed


def test_an_answer_ends_with_the_stop_text_and_says_so(desk):
    desk.dials.values |= {"stop": "e", "least_words": 2}
    spoken(desk, desk.ask("Why did", 3, WILD, 30))
    said = "".join(word.text for word in answer_of(desk).words)
    assert said.endswith("e") or "e" in answer_of(desk).words[-1].text
    assert "e" not in "".join(word.text for word in answer_of(desk).words[:-1])
    assert answer_of(desk).ending == "stop text"
    assert answer_of(desk).author.end == TextEnd(2, "e")


def test_an_answer_that_was_there_does_not_come_again(desk):
    desk.dials.values |= {"unique": True}
    said = set()
    for _ in range(3):
        spoken(desk, desk.ask("Why did", 3, Sampling(), 2) if not said else desk.again(Sampling(), 2))
        said.add("".join(word.text for word in answer_of(desk).words))
    assert len(said) == 3


def test_where_no_answer_is_what_is_wanted_it_is_said_in_a_sentence(desk):
    desk.dials.values |= {"must_end": True}
    task = desk.ask("Why did", 3, Sampling(temperature=100.0, top_p=1.0), 2)
    with pytest.raises(GenerationError, match="No answer came"):
        list(answer(task.request, lambda: (desk.talker, desk.positions)))
