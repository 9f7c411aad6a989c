"""Talks for tests, and anything that may be done in one."""

from hypothesis import strategies as st
from jokegen.core.keeping.tree import PERSON, Author, Place, Said, Talk
from jokegen.core.speaking.choices import Sampling

MODELS = (
    Author("clever-otter", "clever-otter · epoch 6", "ab12ab12ab12ab12", 7, Sampling(temperature=1.1)),
    Author("clever-otter", "clever-otter · epoch 6", "ab12ab12ab12ab12", 8, Sampling(greedy=True)),
    Author("silly-gecko", "silly-gecko · live · epoch 2", "", 7, Sampling()),
)
TEXTS = (" did", " the", " cow", ",", "?", " ¿qué", " 👨‍👩‍👧", " [b]x[/b]", "")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "answer", "grow", "back", "branch", "turn", "stand", "reset", "end"]),
        st.integers(0, 50),
        st.integers(0, 50),
    ),
    max_size=25,
)


def words(count, offset=0):
    return tuple(Said(TEXTS[(offset + n) % len(TEXTS)], offset + n, 1 / (1 + offset + n)) for n in range(count))


def do(talk, step):
    """One step of a talk; those that make no sense there do nothing."""
    what, first, second = step
    head = talk.head
    if what in ("ask", "reset"):
        talk.say(
            PERSON, words(first % 4, second), prompt=f"Why {second}", fresh=what == "reset"
        ).tokens_of = "clever-otter"
    elif what == "answer":
        stretch = talk.say(MODELS[first % 3], words(second % 6, first))
        stretch.tokens_of, stretch.ending, stretch.seconds = stretch.author.run, "word limit", 0.25
    elif what == "grow" and head is not None:
        talk.add(head.stretch, words(second % 4, first))
    elif what == "end" and head is not None and head == Place(head.stretch, len(talk.stretches[head.stretch].words)):
        talk.add(head.stretch, (Said("", 0, 0.5, is_end=True),))
        talk.stretches[head.stretch].ending = "end of text"
    elif what == "back":
        talk.back()
    elif what == "branch" and talk.stretches:
        number = sorted(talk.stretches)[first % len(talk.stretches)]
        if not talk.stretches[number].prompt:
            talk.fork(Place(number, second % (len(talk.stretches[number].words) + 1)))
            talk.say(MODELS[second % 3], words(2, second)).chosen = 1
    elif what == "turn" and talk.stretches:
        talk.turn_to(talk.sibling(sorted(talk.stretches)[first % len(talk.stretches)], 1))
    elif what == "stand" and talk.stretches:
        number = sorted(talk.stretches)[first % len(talk.stretches)]
        talk.stand(Place(number, len(talk.stretches[number].words)))


def talk_of(steps):
    talk = Talk()
    for step in steps:
        do(talk, step)
    return talk
