"""Nothing that was said is ever lost, whatever is done next."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.core.keeping.tree import PERSON, Author, Place, Said, Talk

MODEL = Author("clever-otter", "clever-otter · epoch 6", "ab12", 7)


def said(*texts, end=False):
    words = tuple(Said(text, number, 0.5) for number, text in enumerate(texts))
    return (*words, Said("", 0, 0.5, is_end=True)) if end else words


def talked(*texts):
    talk = Talk()
    talk.say(PERSON, said("Why"), prompt="Why")
    talk.say(MODEL, said(*texts))
    return talk


def all_texts(talk):
    """Every text from the beginning to a last word."""
    found = set()
    for number, stretch in talk.stretches.items():
        if not stretch.children:
            parts, at = [], number
            while at is not None:
                parts.append(talk.stretches[at].text)
                at = talk.stretches[at].parent
            found.add("".join(reversed(parts)))
    return found


def test_another_answer_is_a_sibling():
    talk = talked(" did", " the", " cow")
    first = talk.path()[-1].number
    talk.fork(Place(first, 0))
    talk.say(Author("clever-otter", seed=8), said(" not"))
    assert talk.text() == "Why not"
    assert len(talk.siblings(talk.path()[-1].number)) == 2
    talk.turn_to(talk.sibling(talk.path()[-1].number, 1))
    assert talk.text() == "Why did the cow"


def test_going_on_from_an_earlier_word_is_a_branch_and_the_rest_stays():
    talk = talked(" did", " the", " cow", " laugh")
    assert talk.back()
    assert talk.back()
    assert talk.text() == "Why did the"
    talk.say(MODEL, said(" duck"))
    assert talk.text() == "Why did the duck"
    assert all_texts(talk) == {"Why did the cow laugh", "Why did the duck"}
    talk.turn_to(talk.sibling(talk.path()[-1].number, 1))
    assert talk.text() == "Why did the cow laugh"


def test_another_word_within_a_prompt_makes_a_shorter_prompt_beside_it():
    talk = Talk()
    asked = talk.say(PERSON, said("Why", " did", " zyzzyva"), prompt="Why did zyzzyva")
    asked.unknown_spans = ((8, 15),)
    talk.say(MODEL, said(" laugh"))
    talk.fork(Place(asked.number, 2))
    talk.say(MODEL, said(" cows", " fly"))
    assert talk.text() == "Why did cows fly"
    assert (talk.path()[0].prompt, talk.path()[0].unknown_spans) == ("Why did", ())
    assert all_texts(talk) == {"Why did zyzzyva laugh", "Why did cows fly"}
    assert len(talk.siblings(asked.number)) == 2


def test_back_takes_the_last_word_with_the_end_and_then_the_prompt():
    talk = talked(" not")
    talk.add(talk.path()[-1].number, (Said("", 0, 0.9, is_end=True),))
    assert talk.back()
    assert talk.text() == "Why"
    assert talk.back()
    assert talk.head is None
    assert not talk.back()
    assert all_texts(talk) == {"Why not"}


def test_words_that_are_still_made_do_not_move_one_who_stands_elsewhere():
    talk = talked(" did")
    number = talk.path()[-1].number
    talk.stand(Place(number, 0))
    talk.add(number, said(" you"))
    assert talk.head == Place(number, 0)
    talk.stand(Place(number, 2))
    talk.add(number, said(" know"))
    assert talk.text() == "Why did you know"


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["say", "add", "back", "stand", "sibling", "ask"]), st.integers(0, 50)), max_size=40
)


@settings(max_examples=150)
@given(OPERATIONS)
def test_every_text_stays_within_reach(operations):
    talk = Talk()
    reached = set()
    for count, (name, number) in enumerate(operations):
        everything = list(talk.stretches)
        if name == "say":
            talk.say(MODEL, said(*(f" {count}.{word}" for word in range(number % 4 + 1))))
        elif name == "ask":
            talk.say(PERSON, said(f"?{count}", " so"), prompt=f"?{count} so")
        elif name == "add" and talk.head is not None:
            leaf = talk.path()[-1]
            if not leaf.children and talk.head.words == len(leaf.words) and not leaf.prompt:
                talk.add(leaf.number, said(f" +{count}"))
        elif name == "back":
            talk.back()
        elif everything:
            chosen = everything[number % len(everything)]
            if name == "sibling":
                talk.turn_to(talk.sibling(chosen, 1))
            else:
                talk.stand(Place(chosen, number % (len(talk.stretches[chosen].words) + 1)))
        # Whatever stood on a path stands on some path for ever, as the beginning of it.
        reached.add(talk.text())
        texts = all_texts(talk) | {""}
        for text in reached:
            assert any(other.startswith(text) for other in texts), text
        for parent in talk.stretches.values():
            assert all(talk.stretches[child].parent == parent.number for child in parent.children)
        assert [word.text for _, word in talk.words()] == [] or talk.text()
