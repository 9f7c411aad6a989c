import threading
import time

import pytest
from jokegen.core.errors import GenerationError
from jokegen.tui.talk.typed_line import split_last_word
from jokegen.tui.talk.word_stream import AHEAD, WordStream


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
    thread.join(60)
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
    thread.join(60)
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


@pytest.mark.parametrize(
    ("typed", "parts"),
    [("why did th", ("why did", "th")), ("wh", ("", "wh")), ("  wh", ("", "wh")), ("", ("", "")), ("a b", ("a", "b"))],
)
def test_the_last_word_is_split_off(typed: str, parts: tuple[str, str]):
    assert split_last_word(typed) == parts
