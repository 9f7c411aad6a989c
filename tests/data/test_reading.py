"""Any file a person has is read, repaired with a word about it, or turned down in one plain sentence."""

import codecs
import csv
import gzip
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jokegen.data.cleaning import printable
from jokegen.data.faults import CorpusError
from jokegen.data.findings import Findings
from jokegen.data.formats.document import Document
from jokegen.data.reading import ReadingOptions, Texts, read_texts
from jokegen.data.sources.containers import Blob

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write_file


def read(source: Path | str, *, column: str | None = None, **options: Any) -> Texts:
    if column is not None:
        options["columns"] = (column,)
    return read_texts(source, ReadingOptions(**options))


def texts(source: Path | str, **options: Any) -> list[str]:
    return list(read(source, **options).texts)


def plain(sentence: str) -> str:
    """Check that a message is one plain sentence that may stand on a screen."""
    assert sentence.isprintable(), sentence
    assert sentence.endswith("."), sentence
    assert len(sentence) < 500
    return sentence


def refusal(source: Path | str, **options: Any) -> str:
    with pytest.raises(CorpusError) as caught:
        read(source, **options)
    return plain(str(caught.value))


def notice(found: Texts) -> str:
    return " ".join(plain(sentence) for sentence in found.notices)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'ID,Joke\n1,"one, two"\n2,three four\n'),
        ("a.csv", 'ID;Joke\n1;"one, two"\n2;three four\n'),
        ("a.tsv", "ID\tJoke\n1\tone, two\n2\tthree four\n"),
        ("a.jsonl", '{"text": "one, two"}\n\n{"text": "three four", "score": 5}\n'),
        ("a.jsonl", '"one, two"\n"three four"\n'),
        ("a.ndjson", '{"id": "a", "joke": "one, two"}\n{"id": "b", "joke": "three four"}'),
        ("a.json", '[{"text": "one, two"}, {"text": "three four"}]'),
        ("a.json", '[\n "one, two",\n "three four"\n]'),
        ("a.txt", "one, two\nthree four\n"),
        ("a.txt", "one, two\r\nthree four\r\n"),
        ("a.txt", "one, two\rthree four"),
        ("a.txt", "one, two\n\nthree four\n"),
        ("a", "one, two\nthree four"),
        ("a.csv", "\ufeffID,Joke\n1,\"one, two\"\n2,three four\n"),
        ("a.csv", 'one column of text\n"one, two"\n"three four"\n'),
    ],
    ids=range(15),
)  # fmt: skip
def test_the_usual_kinds_of_file(write: Write, name: str, content: str) -> None:
    for shown in (name, name.upper()):
        assert texts(write(shown, content)) == ["one, two", "three four"]
    assert texts(write(name + ".gz", gzip.compress(content.encode()))) == ["one, two", "three four"]
    assert texts(write(name, gzip.compress(content.encode()))) == ["one, two", "three four"]


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for content in (b"one, two\nthree four\n", gzip.compress(b"one, two\nthree four\n")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        found = read("-")
        assert (found.name, list(found.texts)) == ("standard input", ["one, two", "three four"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert "empty" in refusal("-")


def test_the_layout_of_plain_text(write: Write) -> None:
    path = write("a.txt", "one\ntwo\n\nthree\n \nfour\nfive\n")
    assert texts(path, layout="lines") == ["one", "two", "three", "four", "five"]
    assert texts(path, layout="blank") == ["one\ntwo", "three", "four\nfive"]
    assert texts(path, layout="whole") == ["one\ntwo\n\nthree\n\nfour\nfive"]
    guessed = read(path)
    assert guessed.layout == "blank"
    assert "blank lines" in notice(guessed)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "utf-8"])
def test_encodings_are_found(write: Write, encoding: str) -> None:
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(encoding, b"")
    assert texts(write("a.txt", mark + "café one\nnaïve 👍\n".encode(encoding))) == ["café one", "naïve 👍"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_that_does_not_say_so_is_read_and_said(write: Write, encoding: str) -> None:
    path = write("jokes.txt", "Why did the café close?\nIt had no more cakes.\n".encode(encoding))
    found = read(path)
    assert found.texts.tolist() == ["Why did the café close?", "It had no more cakes."]
    assert found.notices == (f"jokes.txt was read as {encoding.upper()}, though nothing in it says so.",)


@pytest.mark.parametrize("stray", ["{}\n\n\n", "\n\n{}", "{}\n\n{}", "{}\n \n{}\n\n{}", "{}\n\x85\u2028\n{}"])
def test_a_stray_blank_line_makes_no_paragraphs(write: Write, stray: str) -> None:
    counter = iter(range(1000))
    blocks = ["\n".join(f"why number {next(counter)}, because" for _ in range(60)) for _ in range(stray.count("{}"))]
    found = read(write("jokes.txt", stray.format(*blocks)))
    assert (found.layout, len(found.texts)) == ("lines", 60 * len(blocks))


def test_a_book_on_a_single_line_is_one_long_text(write: Write) -> None:
    book = "It was the best of times, it was the worst of times. " * 200
    found = read(write("book.txt", book))
    assert (found.layout, found.texts.tolist()) == ("whole", [book.strip()])
    assert "one long text" in found.notices[0]
    assert read(write("joke.txt", book[:900])).layout == "lines"
    assert read(write("book.txt", book), layout="lines").layout == "lines"


def test_windows_text_is_read_and_said(write: Write) -> None:
    found = read(write("a.txt", "“café” one\nnaïve two\n".encode("cp1252")))
    assert list(found.texts) == ["“café” one", "naïve two"]
    assert "Windows-1252" in notice(found)


def test_a_damaged_byte_costs_no_other_character(write: Write) -> None:
    found = read(write("a.txt", "é ü ö ñ “one”\n".encode() * 30 + b"x\xff last\n"))
    assert found.texts.iloc[0] == "é ü ö ñ “one”"
    assert found.texts.iloc[-1].endswith("last")
    assert "UTF-8" in notice(found)


@pytest.mark.parametrize("word", ["NA", "null", "nan", "None", "N/A", "#N/A", "true", "1e5", "007"])
def test_words_that_look_like_no_value_are_texts(write: Write, word: str) -> None:
    assert texts(write("a.csv", f"ID,Joke\n1,{word}\n2,other\n")) == [word, "other"]
    assert texts(write("a.tsv", f"ID\tJoke\n1\t{word}\n2\tother\n")) == [word, "other"]
    assert texts(write("a.txt", f"{word}\nother\n")) == [word, "other"]
    assert texts(write("a.jsonl", json.dumps({"text": word}) + '\n{"text": "other"}\n')) == [word, "other"]


def test_rows_with_too_many_fields_lose_nothing(write: Write) -> None:
    found = read(write("a.csv", "ID,Joke\n1,one, two, three\n2,four five\n"))
    assert list(found.texts) == ["one, two, three", "four five"]
    assert "too many" in notice(found)


def test_rows_with_too_few_fields_do_not_stop_the_reading(write: Write) -> None:
    found = read(write("a.csv", "ID,Joke\n1,one two\nlost words here\n3,four five\n"))
    assert {"one two", "four five"} <= set(found.texts)


def test_an_unclosed_quotation_mark_swallows_no_rows(write: Write) -> None:
    found = read(write("a.csv", 'ID,Joke\n1,"one, two"\n2,"three four\n3,"five, six"\n4,seven eight\n'))
    assert list(found.texts) == ["one, two", "three four", "five, six", "seven eight"]
    assert "quotation mark" in notice(found)


def test_quoted_fields_keep_their_marks_and_newlines(write: Write) -> None:
    path = write("a.csv", 'ID,Joke\n1,"He said ""hi""\nand left"\n2,b c\n')
    assert texts(path) == ['He said "hi"\nand left', "b c"]


def test_a_very_long_line_is_one_text(write: Write) -> None:
    line = "ha " * 33_334 + "end"
    assert texts(write("a.txt", f"one\n{line}\n")) == ["one", line]
    assert texts(write("a.csv", f'ID,Joke\n1,"{line}"\n2,two\n')) == [line, "two"]
    assert texts(write("b.csv", f"ID,Joke\n1,{line}\n2,two\n")) == [line, "two"]
    assert texts(write("c.csv", f'ID,Joke\n1,"{line}\n2,two\n')) == [line, "two"]


@pytest.mark.parametrize("label", ["[/b] \x1b[2J\u202e", "[@click=app.quit]x[/]", "a" * 60, "", "🎉\n"], ids=range(5))
def test_hostile_column_names_stay_text(write: Write, label: str) -> None:
    quoted = '"' + label.replace('"', '""') + '"'
    found = read(write("a.csv", f"ID,{quoted}\n1,why did it cross the road\n2,because it could do so\n"))
    assert list(found.texts) == ["why did it cross the road", "because it could do so"]
    assert found.column is not None
    assert found.column.isprintable()
    plain(refusal(write("b.csv", f"ID,{quoted}\n1,2\n"), column="\x1b[31mnone\n"))
    plain(refusal(write("b.csv", f"ID,{quoted}\n1,2\n3,4\n")))


def test_a_column_can_be_chosen(write: Write) -> None:
    path = write("a.csv", "title,Joke\nfirst title,first joke\nsecond title,second joke\n")
    assert texts(path) == ["first joke", "second joke"]
    assert texts(path, column="title") == texts(path, column=" Title ") == ["first title", "second title"]
    assert read(path, column="title").column == "title"
    wrong = refusal(path, column="punchline")
    assert "punchline" in wrong
    assert "title" in wrong


def test_the_column_with_the_longest_texts_is_taken_where_none_has_a_telling_name(write: Write) -> None:
    path = write("a.csv", "when,who,what\n1,Ann Lee,why did it cross the road\n2,Bo,because it could do that too\n")
    assert texts(path) == ["why did it cross the road", "because it could do that too"]


def test_repeats_and_empty_texts_are_left_out_and_said(write: Write) -> None:
    found = read(write("a.csv", 'ID,Joke\n1,one two\n2,""\n3,One  Two\n4,three\n'))
    assert list(found.texts) == ["one two", "three"]
    assert "repeated" in notice(found)


def test_as_written_keeps_every_text_but_no_control_character(write: Write) -> None:
    path = write("a.csv", 'ID,Joke\n1,"a  b &amp; \x1b[31mc"\n2,"a  b &amp; \x1b[31mc"\n')
    assert texts(path, as_written=True) == ["a  b &amp; [31mc"] * 2
    assert texts(path) == ["a b & [31mc"]


def test_letters_only_is_the_tutorials_cleaning(write: Write) -> None:
    assert texts(write("a.txt", "Why? 42 times: no!\n"), letters_only=True) == ["Why times no"]


def test_a_text_keeps_no_control_characters(write: Write) -> None:
    for name, content in {
        "a.txt": "one\x1b[2J two\u202e\n",
        "a.csv": "ID,Joke\n1,one\x1b[2J two\u202e\n",
        "a.jsonl": '{"text": "one\\u001b[2J two\\u202e"}\n',
    }.items():
        assert texts(write(name, content)) == texts(write(name, content), as_written=True) == ["one[2J two"]


def test_one_joke_is_read(write: Write) -> None:
    assert texts(write("a.txt", "just this one")) == ["just this one"]
    assert texts(write("a.csv", "ID,Joke\n1,just this one\n")) == ["just this one"]


def test_of_a_long_line_only_the_beginning_is_judged() -> None:
    blob = Blob("a.json", b'[{"joke": "one two"}, ' + b'{"joke": "three, four"}, ' * 100_000 + b"{}]")
    assert len(Document(blob, Findings()).head) < 300_000
    book = Blob("a.csv", b"id,joke\n1," + b"so on " * 100_000 + b"\n2,one two\n")
    assert Document(book, Findings()).head.endswith("one two\n")


def test_the_starter_corpus_is_read_by_name() -> None:
    found = read("starter")
    assert (found.name, found.layout, found.column, found.notices) == ("starter", "records", "Joke", ())
    assert len(found.texts) >= 1500


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", "", "empty"),
        ("a.txt", " \n\t\n", "empty"),
        ("a.txt", "\x07\x08", ""),
        ("a.csv", "ID,Joke\n", "no rows"),
        ("a.csv", 'ID,Joke\n1,""\n2," "\n', "no text"),
        ("a.csv", "a,b\n1,2\n3,4\n", "no column of texts"),
        ("a.jsonl", '{"n": 5}\n{"n": 6}\n', "no text field"),
        ("a.jsonl", '{"text": \n', "line 1"),
        ("a.jsonl", "[" * 100_000, "JSON"),
        ("a.json", "[1, 2, 3]", "text"),
        ("a.json", "[]", ""),
        ("a.json", "5", ""),
        ("a.txt", bytes(range(256)) * 50, "not a text file"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00" * 20, "a picture"),
        ("a.txt.gz", gzip.compress(b"one two\n" * 900)[:-30], "gzip"),
        ("a.txt.gz", b"\x1f\x8b\x08nonsense", "gzip"),
        ("a.txt", codecs.BOM_UTF16_LE + b"\x00\xd8" * 99, ""),
        ("a.txt", b"\xff\xfe", ""),
    ],
    ids=range(18),
)
def test_what_cannot_be_read_is_one_sentence(write: Write, name: str, content: str | bytes, says: str) -> None:
    assert says in refusal(write(name, content))


def test_what_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    assert "no file" in refusal(tmp_path / "missing.csv")
    assert "folder" in refusal(tmp_path)
    for name in ("no\x1b[31m\nsuch.csv", "a\0b", "a" * 5000, "~nobody-here/a.csv", "", "\ud800"):
        refusal(name)


def test_a_hostile_file_name_stays_text(write: Write) -> None:
    path = write("[red]\x1b[2J\u202eevil\n.csv", "ID,Joke\n1,one, two\n2,three four\n")
    found = read(path)
    assert found.name.isprintable()
    notice(found)
    refusal(path, column="none")


def test_a_number_of_any_length_stops_no_line_of_json(write: Write) -> None:
    assert texts(write("a.jsonl", '{"text": "one two", "n": ' + "1" * 6000 + "}\n")) == ["one two"]


FIELDS = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]) | st.sampled_from('\n,;"\t|'), min_size=1
)
"""What a cell may hold: separators, quotation marks and newlines among any other characters."""


@given(st.lists(FIELDS, min_size=1, max_size=12), st.sampled_from([("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t")]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_well_formed_table_is_read_exactly(write: Write, fields: list[str], kind: tuple[str, str]) -> None:
    name, separator = kind
    file = io.StringIO(newline="")
    table = csv.writer(file, delimiter=separator, lineterminator="\r\n")
    table.writerows([("ID", "Joke", "Score"), *((str(i), field, "5") for i, field in enumerate(fields))])
    assert texts(write(name, file.getvalue()), as_written=True) == [printable(field) for field in fields]


@given(st.lists(FIELDS, min_size=1, max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lines_of_json_are_read_exactly(write: Write, fields: list[str]) -> None:
    kept = [printable(field) for field in fields if field.strip()]
    for ascii_only in (True, False):
        lines = "\n".join(json.dumps({"text": field}, ensure_ascii=ascii_only) for field in fields)
        if kept:
            assert texts(write("a.jsonl", lines), as_written=True) == kept


PIECES = st.sampled_from([b'"', b",", b"\n", b"joke", b"a b", b"\xff", b"{", b"[", b"}", b"\xef\xbb\xbf", b" "])


@given(
    st.binary() | st.lists(PIECES).map(b"".join),
    st.sampled_from(["a.csv", "a.tsv", "a.jsonl", "a.json", "a.txt", "a", "a.gz"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_texts_or_one_sentence(write: Write, content: bytes, name: str) -> None:
    path = write(name, content)
    for options in ({}, {"column": "joke"}, {"layout": "blank"}, {"as_written": True}):
        try:
            found = read(path, **options)  # type: ignore[arg-type]
        except CorpusError as error:
            plain(str(error))
        else:
            notice(found)
            assert len(found.texts) > 0
