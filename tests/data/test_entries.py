"""Entries of lists that go on over several lines are texts; what only looks like a list is left as it is."""

from __future__ import annotations

import pytest
from plain_reading import ReadFile

QUESTIONS = [f"Why did number {number} cross the road?" for number in range(1, 9)]
ANSWERS = [f"To see what was {number} miles away." for number in range(1, 9)]
BOTH = list(zip(QUESTIONS, ANSWERS, strict=True))
JOINED = [f"{question}\n{answer}" for question, answer in BOTH]
LABELLED = [f"Q: {question}\nA: {answer}" for question, answer in BOTH]
QUOTED = [f"{answer}\n— Ann B{'o' * number}" for number, answer in enumerate(ANSWERS)]

LISTS = {
    "numbers, set in": ("".join(f"{n}. {q}\n   {a}\n" for n, (q, a) in enumerate(BOTH, 1)), JOINED),
    "numbers and gaps": ("".join(f"({n}) {q}\n{a}\n\n" for n, (q, a) in enumerate(BOTH, 1)), JOINED),
    "numbers below a title": (
        "All of them\n\n" + "".join(f"{n}) {q}\n{a}\n" for n, (q, a) in enumerate(BOTH, 1)), JOINED
    ),
    "questions and answers": ("\n".join(LABELLED), LABELLED),
    "questions and answers apart": ("\n\n".join(each.replace("\n", "\n\n") for each in LABELLED), [
        each.replace("\n", "\n\n") for each in LABELLED
    ]),
    "German labels": (
        "".join(f"Frage: {q}\nAntwort: {a}\n" for q, a in BOTH), [f"Frage: {q}\nAntwort: {a}" for q, a in BOTH]
    ),
    "bullets": ("".join(f"- {q}\n{a}\n" for q, a in BOTH), JOINED),
    "bullets below bullets": ("".join(f"* {q}\n  - {a}\n" for q, a in BOTH), JOINED),
    "who said it": ("\n".join(QUOTED), QUOTED),
}  # fmt: skip


@pytest.mark.parametrize(("text", "texts"), LISTS.values(), ids=LISTS)
def test_an_entry_over_several_lines_is_a_text(read_file: ReadFile, text: str, texts: list[str]) -> None:
    found = read_file("a.txt", text)
    assert found.texts.tolist() == texts
    assert "were each read as one text" in " ".join(found.notices)
    lines = [line for line in text.split("\n") if line.strip()]
    assert len(read_file("a.txt", text, layout="lines").texts) == len(lines), "what is asked for is obeyed"


ORDINARY = {
    "quotations between blank lines": ("\n\n".join(QUOTED), "blank"),
    "numbers on lines": ("".join(f"{n}. {q}\n" for n, q in enumerate(QUESTIONS, 1)), "lines"),
    "speakers": ("".join(f"ANN: {q}\nBOB: {a}\n" for q, a in BOTH), "lines"),
    "what people say": ("".join(f"Ann asked and looked.\n- {q}\n" for q in QUESTIONS), "lines"),
    "years": ("".join(f"{1980 + n}. {q}\n{a}\n" for n, (q, a) in enumerate(BOTH)), "lines"),
    "chapters": ("".join(f"{n}. {q}\n" + "And so on it went.\n" * 30 for n, q in enumerate(QUESTIONS, 1)), "lines"),
}


@pytest.mark.parametrize(("text", "layout"), ORDINARY.values(), ids=ORDINARY)
def test_what_only_begins_like_an_entry_is_divided_as_ever(read_file: ReadFile, text: str, layout: str) -> None:
    assert read_file("a.txt", text).layout == layout


def test_lines_that_all_end_with_a_comma_are_verse(read_file: ReadFile) -> None:
    for sign in ",;:":
        lines = [f"And {'so ' * (number % 4 + 1)}went number {number} to the sea{sign}" for number in range(30)]
        found = read_file("a.txt", "\n".join(lines))
        assert (found.texts.tolist(), found.reading.format) == (lines, "plain text")


def test_lines_ended_by_other_signs_are_lines(read_file: ReadFile) -> None:
    for sign in "\x85\u2028\u2029":
        assert read_file("a.txt", sign.join(QUESTIONS)).texts.tolist() == QUESTIONS
