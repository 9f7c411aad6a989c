"""JSON in the shapes that programs write it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jokegen.data.cleaning import printable
from jokegen.data.faults import CorpusError
from jokegen.data.reading import ReadingOptions, read_texts
from plain_reading import ReadFile, plain_sentence

Shape = Callable[[list[str]], str]


def frame(orient: str) -> Shape:
    def write(texts: list[str]) -> str:
        return pd.DataFrame({"joke": texts, "score": range(len(texts))}).to_json(orient=orient)  # type: ignore[call-overload]

    return write


def records(texts: list[str]) -> list[dict[str, Any]]:
    return [{"id": number, "joke": text} for number, text in enumerate(texts)]


SHAPES: dict[str, Shape] = {
    "array": lambda texts: json.dumps(records(texts)),
    "lines": lambda texts: "\n".join(map(json.dumps, records(texts))),
    "objects over several lines": lambda texts: "\n".join(json.dumps(row, indent=2) for row in records(texts)),
    "under a key": lambda texts: json.dumps({"status": "ok", "data": records(texts)}),
    "deep": lambda texts: json.dumps({"a": {"b": [{"c": {"joke": text}} for text in texts]}}),
    "strings": lambda texts: json.dumps(texts),
    "strings under a key": lambda texts: json.dumps({"jokes": texts}),
    "strings on lines": lambda texts: "\n".join(map(json.dumps, texts)),
    "by id": lambda texts: json.dumps({f"k{number}": {"joke": text} for number, text in enumerate(texts)}),
    "rows": lambda texts: json.dumps([[number, text] for number, text in enumerate(texts)]),
    **{f"pandas {orient}": frame(orient) for orient in ("records", "columns", "index", "split", "table", "values")},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("name", ["a.json", "a.txt", "a", "a.csv"])
def test_every_shape_is_read_whatever_the_name(read_file: ReadFile, jokes: list[str], shape: Shape, name: str) -> None:
    found = read_file(name, shape(jokes))
    assert (found.texts.tolist(), found.reading.format) == (jokes, "JSON")


def test_lists_of_strings_are_the_lines_of_one_text(read_file: ReadFile) -> None:
    poems = [
        {"title": f"The song {n}", "lines": [f"One is {n}", f"and two is {n}"], "linecount": "2"} for n in range(20)
    ]
    found = read_file("poems.json", json.dumps(poems))
    assert found.texts[1] == "One is 1\nand two is 1"
    assert any("lists in 'lines'" in sentence for sentence in found.notices)
    assert read_file("a.json", json.dumps([["a b", "c d"], ["e f"]])).texts.tolist() == ["a b\nc d", "e f"]


@pytest.mark.parametrize(
    ("role", "content", "key"), [("role", "content", "messages"), ("from", "value", "conversations")]
)
def test_talks_with_roles_are_a_text_each(read_file: ReadFile, role: str, content: str, key: str) -> None:
    talks = [{key: [{role: "user", content: f"Why {n}?"}, {role: "assistant", content: f"So {n}."}]} for n in range(20)]
    found = read_file("talks.jsonl", "\n".join(map(json.dumps, talks)))
    assert found.texts[3] == "Why 3?\nSo 3."


def test_fields_inside_fields_are_named_by_their_path(read_file: ReadFile, jokes: list[str]) -> None:
    rows = [{"message": {"text": joke, "lang": "en"}, "user": {"name": "ann"}} for joke in jokes]
    for wanted in ((), ("message.text",), ("text",)):
        found = read_file("a.jsonl", "\n".join(map(json.dumps, rows)), columns=wanted)
        assert (found.texts.tolist(), found.column) == (jokes, "message.text")


def test_two_fields_that_belong_together_are_joined(read_file: ReadFile, jokes: list[str], answers: list[str]) -> None:
    rows = [
        {"body": answer, "score": n, "title": joke} for n, (joke, answer) in enumerate(zip(jokes, answers, strict=True))
    ]
    found = read_file("reddit.json", json.dumps(rows), where=("score >= 20",))
    assert found.texts[0] == f"{jokes[20]} {answers[20]}"
    assert found.reading.order == ("title", "body")


def test_what_is_no_json_among_the_lines_is_left_out_and_said(read_file: ReadFile, jokes: list[str]) -> None:
    lines = [*map(json.dumps, records(jokes)), "{broken"]
    found = read_file("a.jsonl", "\n".join(lines))
    assert found.texts.tolist() == jokes
    assert "1 line is not valid JSON in a.jsonl (the first is line 61) and left out." in found.reading.left_out


def test_an_array_that_breaks_off_gives_what_it_has(read_file: ReadFile, jokes: list[str]) -> None:
    found = read_file("a.json", json.dumps(records(jokes))[:-30])
    assert found.texts.tolist() == jokes[:-1]
    assert "breaks off" in found.reading.left_out[0]


def test_a_text_that_begins_with_a_brace_is_a_text(read_file: ReadFile) -> None:
    songs = "\n\n".join(f"{{title: Song {n}}}\n[G]The moon is {n}\n[C]the sea is {n}" for n in range(30))
    found = read_file("songs.txt", songs)
    assert (found.reading.format, len(found.texts)) == ("plain text", 30)


def test_a_number_is_a_text_only_where_it_is_asked_for(read_file: ReadFile, refused: Callable[..., str]) -> None:
    rows = json.dumps([{"n": 5}, {"n": 6}])
    assert "no text field" in refused("a.json", rows)
    mixed = json.dumps([{"n": n, "joke": f"a joke {n}"} for n in range(9)])
    assert read_file("a.json", mixed, columns=("n",)).texts.tolist() == [str(n) for n in range(9)]


@pytest.mark.parametrize(
    "deep", ["[" * 50_000, '{"a":' * 50_000, "[" * 50_000 + "]" * 50_000], ids=["lists", "objects", "closed"]
)
def test_json_of_any_depth_is_one_sentence(refused: Callable[..., str], deep: str) -> None:
    refused("a.json", deep)


TEXTS = st.lists(
    st.text(st.characters(exclude_categories=["Cs", "Co", "Cn"]), min_size=1, max_size=30).map(lambda t: f"ab {t} cd"),
    min_size=2,
    max_size=10,
    unique=True,
)


@given(TEXTS, st.sampled_from(list(SHAPES)), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_json_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], shape: str, encoding: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "written.json"
    path.write_bytes(SHAPES[shape](texts).encode(encoding))
    found = read_texts(path, ReadingOptions(as_written=True))
    assert found.texts.tolist() == [printable(text) for text in texts]


@given(
    st.binary(max_size=3) | st.sampled_from([b"\0" * 9, b'"', b"{", b"]"]),
    st.integers(0, 100_000),
    st.sampled_from(list(SHAPES)),
)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_json_that_is_cut_or_changed_anywhere_is_texts_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, bytes_put: bytes, place: int, shape: str
) -> None:
    content = SHAPES[shape]([f"it said why {n}, and left" for n in range(30)]).encode()
    path = tmp_path_factory.getbasetemp() / "broken.json"
    place %= len(content)
    for changed in (content[:place], content[:place] + bytes_put + content[place + 1 :]):
        path.write_bytes(changed)
        try:
            found = read_texts(path)
        except CorpusError as error:
            plain_sentence(str(error))
        else:
            assert len(found.texts)
            for sentence in found.notices:
                plain_sentence(sentence)
