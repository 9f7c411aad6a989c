"""Tables in every dialect: the separator that fits most rows, titles, repeated headers, rows without one."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from jokegen.data.cleaning import printable
from jokegen.data.faults import CorpusError
from jokegen.data.reading import ReadingOptions, read_texts
from plain_reading import ReadFile, plain_sentence


def written(rows: Sequence[Sequence[Any]], **dialect: Any) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, **dialect).writerows(rows)
    return file.getvalue()


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "a.data", "a", "a.json"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_whatever_the_name(
    read_file: ReadFile, jokes: list[str], name: str, separator: str
) -> None:
    rows = [["id", "joke", "votes"], *([str(n), joke, str(n % 7)] for n, joke in enumerate(jokes))]
    found = read_file(name, written(rows, delimiter=separator))
    assert found.texts.tolist() == jokes
    assert (found.reading.format, found.reading.separator, found.column) == ("table", separator, "joke")


@pytest.mark.parametrize(
    "dialect",
    [
        {"quoting": csv.QUOTE_ALL},
        {"quoting": csv.QUOTE_ALL, "quotechar": "'"},
        {"doublequote": False, "escapechar": "\\", "quoting": csv.QUOTE_ALL},
        {"quoting": csv.QUOTE_NONE, "escapechar": "\\", "delimiter": ";"},
        {"delimiter": ";", "lineterminator": "\n"},
    ],
    ids=range(5),
)
def test_quoting_and_escapes_are_found(read_file: ReadFile, jokes: list[str], dialect: dict[str, Any]) -> None:
    texts = [f'He said "{joke}", they say; it\'s so' for joke in jokes]
    rows = [["id", "joke", "kind"], *([str(n), text, "a"] for n, text in enumerate(texts))]
    assert read_file("jokes.csv", written(rows, **dialect)).texts.tolist() == texts


def test_commas_in_the_texts_and_the_header_part_nothing(read_file: ReadFile, jokes: list[str]) -> None:
    rows = "".join(f'{n};"{joke}";{n % 5}\n' for n, joke in enumerate(jokes))
    assert read_file("a.csv", 'Nummer;"Text, deutsch";Note\n' + rows).texts.tolist() == jokes
    bare = "".join(f"{n};{joke};{n % 5}\n" for n, joke in enumerate(jokes))
    found = read_file("b.csv", bare)
    assert found.texts.tolist() == jokes
    assert any("first line was read as a text too" in sentence for sentence in found.notices)
    assert any("semicolons" in sentence for sentence in found.notices)


def test_a_declared_separator_is_obeyed(read_file: ReadFile, jokes: list[str]) -> None:
    rows = "".join(f'{n};"{joke}";{n % 5}\r\n' for n, joke in enumerate(jokes))
    found = read_file("witze.csv", "\ufeffsep=;\r\nNr;Witz;Note\r\n" + rows)
    assert (found.texts.tolist(), found.column) == (jokes, "Witz")
    assert read_file("witze.csv", "sep=;\nNr;Witz;Note\n" + rows, columns=("Witz",)).column == "Witz"


@pytest.mark.parametrize("titles", ["Jokes of the club\nMade in May\n\n", "Jokes,,\nMade in May,,\n,,\n", "Jokes\n"])
def test_titles_above_the_header_are_passed_over(read_file: ReadFile, jokes: list[str], titles: str) -> None:
    rows = written([["id", "joke", "votes"], *([n, joke, n % 9] for n, joke in enumerate(jokes))])
    found = read_file("export.csv", titles + rows)
    assert (found.texts.tolist(), found.column) == (jokes, "joke")
    assert any("above the names of the columns" in sentence for sentence in found.reading.left_out)


def test_a_column_that_cannot_be_found_is_refused(refused: Callable[..., str], jokes: list[str]) -> None:
    rows = written([["id", "joke", "votes"], *([n, joke, n % 9] for n, joke in enumerate(jokes))])
    assert "no column 'witz'" in refused("export.csv", "Title\n\n" + rows, columns=("witz",))


def test_a_header_among_the_rows_is_left_out(read_file: ReadFile, jokes: list[str]) -> None:
    half = [written([["id", "joke"], *([n, joke] for n, joke in enumerate(part))]) for part in (jokes[:30], jokes[30:])]
    found = read_file("both.csv", "".join(half))
    assert found.texts.tolist() == jokes
    assert "1 more time among the rows" in found.reading.left_out[0]


@pytest.mark.parametrize(
    "texts",
    [
        ["昨山多时水，中又昨知东。", "中了月山了，花风何风少。", "春花秋月何时了。", "小楼昨夜又东风。"],
        ["baker dropped it", "farmer dropped it", "sailor washed it", "pilot hid it"],
        ["Why did it go?", "Why did it stay there?", "Because of the moon.", "So what?"],
    ],
)
def test_a_first_row_that_is_a_text_stays_one(read_file: ReadFile, texts: list[str]) -> None:
    found = read_file("onecol.csv", "\n".join(texts) + "\n")
    assert found.texts.tolist() == texts


def test_a_table_without_a_suffix_and_with_commas_in_line_1(read_file: ReadFile, jokes: list[str]) -> None:
    rows = "".join(f"{'spam' if n % 4 else 'ham'}\t{joke}\n" for n, joke in enumerate(jokes))
    for wanted in ((), ("2",)):
        assert read_file("SMSCollection", rows, columns=wanted).texts.tolist() == jokes


def test_prose_with_commas_is_no_table(read_file: ReadFile, jokes: list[str]) -> None:
    prose = [f"{joke}, he said, and left" for joke in jokes]
    for name in ("a.txt", "a"):
        found = read_file(name, "\n".join(prose))
        assert (found.reading.format, found.texts.tolist()) == ("plain text", prose)
    speakers = [f"{'ANN' if n % 2 else 'BOB'}: {joke}" for n, joke in enumerate(jokes)]
    assert read_file("script.txt", "\n".join(speakers)).texts.tolist() == speakers


def test_a_table_is_read_as_plain_text_or_its_cells_divided_where_that_is_asked_for(
    read_file: ReadFile, jokes: list[str]
) -> None:
    rows = written([["id", "joke"], *([n, f"{joke}\n\nThe end {n}."] for n, joke in enumerate(jokes))])
    assert len(read_file("a.csv", rows, columns=("joke",), layout="blank").texts) == 120
    whole = read_file("a.csv", rows, columns=("joke",), layout="whole")
    assert (len(whole.texts), whole.layout) == (1, "whole")
    lines = read_file("a.csv", rows, layout="lines")
    assert lines.texts[0] == "id,joke"
    assert any("as plain text" in sentence for sentence in lines.notices)


def test_rows_are_kept_where_a_condition_holds(
    read_file: ReadFile, refused: Callable[..., str], jokes: list[str]
) -> None:
    rows = written([["score", "joke", "lang"], *([n, joke, "en" if n % 2 else "de"] for n, joke in enumerate(jokes))])
    found = read_file("a.csv", rows, where=("score >= 20", "lang = en"))
    assert found.texts.tolist() == [joke for n, joke in enumerate(jokes) if n >= 20 and n % 2]
    assert found.reading.where == ("score >= 20", "lang = en")
    assert "20 rows of a.csv were left out, not having score >= 20." in found.reading.left_out
    assert "No row of a.csv has score > 99" in refused("a.csv", rows, where=("score > 99",))
    assert "no column 'points' to compare" in refused("a.csv", rows, where=("points > 9",))
    assert "plain text without columns" in refused("a.txt", "one joke\nanother joke\n", where=("points > 9",))


CELLS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r") | st.sampled_from("\n,;\"'\\\t|"),
    min_size=1,
    max_size=30,
)
LETTERS = st.text(st.characters(categories=["Ll", "Lo"]), min_size=2, max_size=8)
WORDY = st.builds(lambda first, cell, last: f"{first} {cell} {last}", LETTERS, CELLS, LETTERS)
"""Cells that hold words and any other character between them."""
WITHOUT_NAMES = ",;\t|^~§"
"""Separators that are found where no names of columns tell that there are some."""
DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(WITHOUT_NAMES + ":#@!$%&*+/<=>?"),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC, csv.QUOTE_NONE]),
        "lineterminator": st.sampled_from(["\n", "\r\n", "\r"]),
        "doublequote": st.booleans(),
        "escapechar": st.just("\\"),
    }
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])


def read_by_csv(content: str, dialect: dict[str, Any]) -> list[list[str]]:
    """Return the filled rows that the csv module, told everything, finds in what it has written itself."""
    told = dict(dialect)
    if told["quoting"] != csv.QUOTE_NONE:
        told["quoting"] = csv.QUOTE_MINIMAL
    try:
        return [row for row in csv.reader(io.StringIO(content, newline=""), **told) if row]
    except csv.Error:
        return []


def is_text(content: str) -> bool:
    """Return whether there are few enough control characters for a file of texts."""
    return sum(character < " " and character not in "\t\n\r\f\v" for character in content) * 60 < len(content)


@given(st.lists(WORDY, min_size=1, max_size=12, unique=True), DIALECTS, ENCODINGS, st.booleans(), st.booleans())
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_csv_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    cells: list[str],
    dialect: dict[str, Any],
    encoding: str,
    named: bool,
    blank_rows: bool,
) -> None:
    named = named or dialect["delimiter"] not in WITHOUT_NAMES
    rows = [["id", "joke", "votes"]] * named + [[str(n), cell, "5"] for n, cell in enumerate(cells)]
    content = written(rows, **dialect)
    assume(read_by_csv(content, dialect) == rows and is_text(content))
    if blank_rows:
        content = "".join(written([row], **dialect) + dialect["lineterminator"] for row in rows)
    path = tmp_path_factory.getbasetemp() / "written.csv"
    path.write_bytes(content.encode(encoding))
    found = read_texts(path, ReadingOptions(as_written=True))
    expected = [printable(cell.replace("\r\n", "\n").replace("\r", "\n")) for cell in cells]
    texts = found.texts.tolist()
    if "The backslashes in written.csv stand in pairs; both of each were kept." in found.notices:
        texts = [text.replace("\\\\", "\\") for text in texts]
    assert texts == expected
    assert found.column == ("joke" if named else "2")
    assert named or "written.csv has no column names; its first line was read as a text too." in found.notices


@given(
    st.lists(WORDY, min_size=2, max_size=15, unique=True),
    st.sampled_from(",;\t|"),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
@example(["aa 0 aa", r"aa \"\\\\ aa"], ",", False, False, False)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_pandas_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    cells: list[str],
    separator: str,
    index: bool,
    escaped: bool,
    blank_rows: bool,
) -> None:
    path = tmp_path_factory.getbasetemp() / "frame.csv"
    frame = pd.DataFrame({"text": cells, "label": ["a", "b"] * (len(cells) // 2) + ["a"] * (len(cells) % 2)})
    how: dict[str, Any] = {"doublequote": False, "escapechar": "\\"} if escaped else {}
    frame.to_csv(path, sep=separator, index=index, **how)
    again = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, lineterminator="\n", **how)
    assume(again["text"].tolist() == cells and is_text("".join(cells)))
    if blank_rows:
        path.write_bytes(path.read_bytes().rstrip(b"\n") + b"\n\n\n")
    found = read_texts(path, ReadingOptions(as_written=True))
    texts = found.texts.tolist()
    if escaped and "The backslashes in frame.csv stand in pairs; both of each were kept." in found.notices:
        texts = [text.replace("\\\\", "\\") for text in texts]
    assert texts == [printable(cell) for cell in cells]


@pytest.mark.parametrize("separator", ["::", " +++$+++ ", "@@", "||", "\t\t"])
def test_signs_of_several_characters_part_fields(read_file: ReadFile, jokes: list[str], separator: str) -> None:
    rows = [f"{n}{separator}{joke}{separator}{n % 7}" for n, joke in enumerate(jokes)]
    for content in ("\n".join(rows), "\n".join([separator.join(["id", "joke", "votes"]), *rows])):
        found = read_file("lines.dat", content)
        assert (found.texts.tolist(), found.reading.format) == (jokes, "table")


@pytest.mark.parametrize("separator", [" ", "\t", ","])
def test_a_table_as_r_writes_it_has_no_name_for_its_first_column(
    read_file: ReadFile, jokes: list[str], separator: str
) -> None:
    rows = "".join(f'"{n}"{separator}{n % 5}{separator}"{joke}"\n' for n, joke in enumerate(jokes, 1))
    found = read_file("r.txt", f'"votes"{separator}"joke"\n' + rows)
    assert (found.texts.tolist(), found.column) == (jokes, "joke")


@given(st.binary(max_size=3) | st.sampled_from([b"\0" * 9, b'"', b"\xff\xfe", b"\n\n\n"]), st.integers(0, 10_000))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_table_that_is_cut_or_changed_anywhere_is_texts_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, bytes_put: bytes, place: int
) -> None:
    rows = [["id", "joke", "votes"], *([n, f'it said "why {n}", and\nleft', 5] for n in range(40))]
    content = written(rows).encode()
    path = tmp_path_factory.getbasetemp() / "broken.csv"
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


def test_a_carriage_return_within_a_line_is_a_line_break_in_a_text(read_file: ReadFile, jokes: list[str]) -> None:
    rows = "".join(f"{n};{joke}{chr(13) + 'Yes.' if n == 7 else ''};5\n" for n, joke in enumerate(jokes))
    found = read_file("a.csv", "id;joke;votes\n" + rows)
    assert found.texts.tolist() == [joke + ("\nYes." if n == 7 else "") for n, joke in enumerate(jokes)]
    assert "Carriage returns within lines of a.csv were read as line breaks in the texts." in found.reading.repaired
    large = read_file("b.csv", "id;joke;votes\n" + rows * 900)
    assert large.texts.tolist() == found.texts.tolist()
    old = read_file("old.txt", "\r".join(jokes) + "\r" + "\n".join(f"Yes, {joke}" for joke in jokes))
    assert len(old.texts) == 120
