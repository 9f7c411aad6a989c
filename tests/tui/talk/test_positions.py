"""A talk's places are read from its words, whichever model reads them, and a long talk stays small."""

from __future__ import annotations

import shutil
import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.core.keeping.trails import Piece, trail_to
from jokegen.core.keeping.tree import Author, Place, Said, Talk
from jokegen.core.runs.store import RunStore
from jokegen.core.speaking.choices import Sampling
from jokegen.core.speaking.loading import load_generator
from jokegen.tui.talk.answering import Began, Request, Speaker, answer
from jokegen.tui.talk.desk import Desk, Task, chosen_word
from jokegen.tui.talk.positions import Positions
from jokegen.tui.talk.word_stream import WordStream
from jokegen.tui.workbench import Talker

FIXTURES = Path(__file__).parents[2] / "fixtures" / "runs-0.1.0"
WILD = Sampling(temperature=2.0, top_p=1.0)


@pytest.fixture(scope="module")
def talkers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for name in ("finished", "characters", "bytes", "ngram"):
        shutil.copytree(FIXTURES / name, folder / name)
    store = RunStore(folder)
    return {
        name: Talker(name, name, load_generator(store.open(name)), None)
        for name in ("finished", "characters", "bytes", "ngram")
    }


def spoken(desk: Desk, task: Task | None) -> None:
    """Have a task answered to its end, as the screen does."""
    if task is None:
        return
    stream = WordStream(lambda: answer(task.request, lambda: (desk.talker, desk.positions)))
    speaker = Speaker(desk.talk, task.number, task.prompt, stream, task.request.draw)
    thread = threading.Thread(target=stream.run)
    thread.start()
    while not speaker.done:
        speaker.say_due(0)
    thread.join(60)
    speaker.finish()


@pytest.mark.parametrize("name", ["finished", "characters", "bytes", "ngram"])
def test_a_place_is_what_reading_its_words_gives(talkers, name):
    talker = talkers[name]
    desk = Desk(carry=True)
    desk.take(talker)
    spoken(desk, desk.ask("Why did the cow", 1, WILD, 8))
    spoken(desk, desk.ask("What", 2, WILD, 5))
    generator = talker.generator
    tokens = [word.token for _, word in desk.talk.words()]
    everything = generator.after(generator.start(), tokens)
    found = Positions(generator, talker.run).after(trail_to(desk.talk, desk.talk.head))
    assert found.count == everything.count
    np.testing.assert_allclose(generator.logits(found), generator.logits(everything), atol=1e-5)


STEPS = st.sampled_from(["ask", "again", "back", "choose", "branch", "model", "go on", "step"])


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(STEPS, st.integers(0, 30)),
        max_size=12,
    )
)
def test_after_any_steering_what_stands_there_is_what_the_model_says_there(talkers, steps):
    """Choosing a rival of a word gives the same text as reading up to it, then the rival, then streaming."""
    desk = Desk(carry=True)
    desk.take(talkers["finished"])
    for name, number in steps:
        if name == "ask":
            spoken(desk, desk.ask(f"Why {number}", number, WILD, 4))
        elif name == "again":
            spoken(desk, desk.again(WILD, 4))
        elif name == "go on":
            spoken(desk, desk.go_on(WILD, 6))
        elif name == "back":
            desk.back()
        elif name == "step":
            spoken(desk, desk.step(WILD))
        elif name == "branch":
            desk.turn_branch(1)
        elif name == "model":
            desk.take(talkers[("finished", "characters")[number % 2]])
        else:
            places = [place for turn in desk.turns for place in turn.places]
            if places:
                place = places[number % len(places)]
                there = desk.positions.after(trail_to(desk.talk, place))
                candidates = desk.talker.generator.next_words(there, WILD, 8)
                word = chosen_word(candidates[number % len(candidates)])
                spoken(desk, desk.choose(place, (word,), number, WILD, (0, 4)[number % 2]))
    for turn in desk.turns:
        for stretch in turn.said:
            generator = next(t.generator for t in talkers.values() if t.run == stretch.author.run)
            first = stretch.words[stretch.chosen :]
            if not turn.whole or not first or not stretch.ending:
                continue  # only the beginning of what was said is left of it
            start = Positions(generator, stretch.author.run).after(
                trail_to(desk.talk, Place(stretch.number, stretch.chosen))
            )
            said = list(generator.stream(start, WILD, stretch.author.seed, 6))
            texts = [word.token for word in said[: len(first)]]
            assert texts == [word.token for word in first[: len(texts)]]


def test_the_start_of_a_prompt_is_its_start_also_after_it_was_read_whole(talkers):
    generator, place = talkers["finished"].generator, Place(0, 0)
    positions = Positions(generator, "finished")
    assert positions.after((Piece(place, "", (), "Why did the", fresh=True),)).count > generator.start().count
    assert positions.after((Piece(place, "finished", (), "", fresh=True),)).count == generator.start().count


def test_positions_are_bounded_and_a_far_place_is_read_again(talkers):
    talker = talkers["finished"]
    talk = Talk()
    stretch = talk.say(Author("finished", "", "", 1), fresh=True)
    stretch.tokens_of = "finished"
    positions = Positions(talker.generator, "finished")
    for number in range(300):
        talk.add(stretch.number, (Said(" a", number % 50 + 2, 0.5),))
        positions.after(trail_to(talk, talk.head))
    assert len(positions._kept) <= 256
    early = positions.after(trail_to(talk, Place(stretch.number, 10)))
    assert early.count == talker.generator.after(talker.generator.start(), [2]).count + 9


def test_a_talk_of_a_hundred_thousand_words_stays_small():
    tracemalloc.start()
    talk = Talk()
    for turn in range(1000):
        talk.say(Author("run", "run · epoch 3", "", turn))
        number = talk.head.stretch
        for word in range(10):
            words = tuple(Said(f" word{turn}.{word}.{each}", each, 0.25) for each in range(10))
            talk.add(number, words)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(1 for _ in talk.words()) == 100_000
    assert used < 100e6


def test_a_request_is_plain_values(talkers):
    desk = Desk(carry=True)
    desk.take(talkers["finished"])
    task = desk.ask("Why", 3, WILD, 4)
    assert isinstance(task.request, Request)
    assert task.request.trail == ()
    made = list(answer(task.request, lambda: (desk.talker, desk.positions)))
    assert isinstance(made[0], Began)
    assert [word.text for word in made[0].prompt_words] == ["Why"]
    assert desk.talk.stretches[task.number].words == ()  # nothing that the thread does is seen before it is shown
