import threading
import time
from types import SimpleNamespace

import pytest
from jokegen.core.errors import GenerationError
from jokegen.core.speaking.choices import Sampling
from jokegen.tui.talk.conversation import Conversation
from jokegen.tui.talk.speaker import Speaker
from jokegen.tui.talk.typed_line import split_last_word
from jokegen.tui.talk.word_stream import AHEAD, WordStream


def word(text: str, *, is_end: bool = False) -> SimpleNamespace:
    return SimpleNamespace(text=text, probability=0.5, position=f"after {text or 'end'}", is_end=is_end)


def talked(*texts: str, ended: bool = True) -> Conversation:
    talk = Conversation()
    turn = talk.begin("hello", 7)
    turn.after_prompt = "after prompt"
    talk.say(turn, [word(text) for text in texts])
    if ended:
        talk.say(turn, [word("", is_end=True)])
    return talk


def test_the_position_is_the_one_after_the_last_word():
    talk = talked(" a", " b")
    assert talk.position == "after end"
    assert talk.last.answer == "a b"
    assert talk.start == "after end"


def test_a_rewound_end_takes_the_last_word_along():
    talk = talked(" a", " b")
    assert talk.rewind() is None
    assert talk.last.answer == "a"
    assert talk.position == "after  a"


def test_rewinding_all_words_leads_back_to_the_prompt_and_then_before_it():
    talk = talked(" a", ended=False)
    assert talk.rewind() is None
    assert talk.position == "after prompt"
    assert talk.rewind() == "hello"
    assert talk.position is None
    assert talk.rewind() is None


def test_without_carrying_each_prompt_starts_afresh_but_the_place_is_not_forgotten():
    talk = talked(" a")
    talk.carry = False
    assert talk.start is None
    talk.carry = True
    assert talk.start == "after end"


def test_another_answer_starts_after_the_same_prompt():
    talk = talked(" a", " b")
    turn = talk.again()
    assert turn.words == []
    assert turn.seed == 8
    assert turn.position == "after prompt"


def test_a_transcript_holds_no_control_characters():
    talk = talked(" a\x1b[31m", " b\x9b")
    assert "\x1b" not in talk.transcript()
    assert "\x9b" not in talk.transcript()
    assert "you: hello" in talk.transcript()


def run_in_thread(stream: WordStream) -> threading.Thread:
    thread = threading.Thread(target=stream.run)
    thread.start()
    return thread


def test_a_stream_hands_out_every_word_once_and_in_order():
    stream = WordStream(lambda: iter(range(500)))
    thread = run_in_thread(stream)
    got = []
    while not stream.done:
        got += stream.take(7)
    thread.join(5)
    assert got == list(range(500))


def test_a_stream_is_never_far_ahead_and_stops_at_once():
    made = []

    def make():
        for number in range(100_000):
            made.append(number)
            yield number

    stream = WordStream(make)
    thread = run_in_thread(stream)
    time.sleep(0.1)
    assert len(made) <= AHEAD + 1
    stream.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert stream.done
    assert stream.take(10) == []


@pytest.mark.parametrize("error", [GenerationError("The model is \x1b[1m gone."), ZeroDivisionError("x")])
def test_what_goes_wrong_becomes_a_sentence(error: Exception):
    def make():
        yield 1
        raise error

    stream = WordStream(make)
    stream.run()
    assert stream.take(5) == [1]
    assert stream.done
    assert stream.problem.endswith(".")
    assert "\x1b" not in stream.problem


def test_words_appear_at_the_typing_speed():
    talk = Conversation()
    turn = talk.begin("x", 1)
    stream = WordStream(lambda: iter([word(f" {n}") for n in range(50)]))
    thread = run_in_thread(stream)
    speaker = Speaker(talk, turn, stream, Sampling())
    thread.join(1)
    time.sleep(0.2)
    assert 2 <= len(speaker.say_due(20)) <= 8
    assert speaker.say_due(0)
    speaker.finish(stopped=True)
    assert turn.ending == "stopped"
    assert talk.position == turn.words[-1].position


@pytest.mark.parametrize(
    ("typed", "parts"),
    [("why did th", ("why did", "th")), ("wh", ("", "wh")), ("  wh", ("", "wh")), ("", ("", "")), ("a b", ("a", "b"))],
)
def test_the_last_word_is_split_off(typed: str, parts: tuple[str, str]):
    assert split_last_word(typed) == parts
