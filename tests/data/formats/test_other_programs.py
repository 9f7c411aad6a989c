"""Files of other programs give their texts: talks in many languages, dumps, settings, clippings, sources of texts."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import cycle

import pytest
from jokegen.data.reading import read_texts
from plain_reading import ReadFile

Jokes = list[str]
CLOCKS = [f"{hour}:{minute:02}" for hour in range(1, 11) for minute in (5, 17, 28, 39, 45, 59)]
DAYS = cycle(range(1, 29))

STAMPS = {
    "French": "{day:02}/01/2024 à {clock} - Ann: ",
    "Finnish": "{day}.1.2024 klo {clock} - Ann: ",
    "Chinese": "2024/1/{day} 晚上{clock} - Ann: ",
    "Chinese on an iPhone": "[2024/1/{day} 下午{clock}:09] Ann: ",
    "Korean": "2024. 1. {day}. 오후 {clock}, Ann : ",
    "Korean on an iPhone": "[2024. 1. {day}. 오후 {clock}:11] Ann: ",
    "Korean in words": "2024년 1월 {day}일 오후 {clock}, Ann : ",
    "Arabic": "\u200f{day}\u200f/1\u200f/2024، {clock} م - Ann: ",
    "Spanish": "{day}/1/24, {clock} p.\xa0m. - Ann: ",
    "Brazilian": "{day:02}/01/2024 {clock} - Ann: ",
    "Dutch": "{day:02}-01-2024 {clock} - Ann van Dam: ",
    "KakaoTalk": "[Ann] [오후 {clock}] ",
    "LINE": "{clock}\tAnn\t",
    "Zoom": "0{clock:0>4}:09 From Ann Lee to Everyone:\n\t",
    "Zoom before": "0{clock:0>4}:09\t From  Ann Lee : ",
    "Teams": "[{clock} PM] Ann Lee\n",
    "iMessage": "Jan {day}, 2024 {clock}:05 PM\nAnn\n",
}


@pytest.mark.parametrize("stamp", STAMPS.values(), ids=STAMPS)
def test_a_talk_is_known_by_its_times_in_any_language(read_file: ReadFile, jokes: Jokes, stamp: str) -> None:
    clocks = [f"1{clock[-4:]}" if "clock:0" in stamp else clock for clock in CLOCKS]
    entries = [stamp.replace("0{clock:0>4}", "{clock}").format(day=day, clock=clock) + joke
               for day, clock, joke in zip(DAYS, clocks, jokes, strict=False)]  # fmt: skip
    for name in ("a.txt", "a"):
        found = read_file(name, "\n".join(entries) + "\n")
        assert (found.reading.format, found.texts.tolist()) == ("chat export", jokes)
        assert f"The times and names in front of 60 messages of {name} were left out." in found.reading.left_out


def test_days_between_messages_and_what_stands_for_pictures_are_no_messages(read_file: ReadFile, jokes: Jokes) -> None:
    lines = [f"10:{n:02}\tAnn\t{joke}" for n, joke in enumerate(jokes)]
    line = "[LINE] Talk with Ann\nSaved: 2024/01/31 10:00\n\n2024/01/01(Mon)\n" + "\n".join(lines[:30])
    assert read_file("a.txt", f"{line}\n2024/01/02(Tue)\n" + "\n".join(lines[30:])).texts.tolist() == jokes
    german = [f"[01.01.24, 10:{n:02}:00] Ann: {joke}" for n, joke in enumerate(jokes)]
    german.insert(3, "[01.01.24, 10:03:00] Ann: \u200eBild weggelassen")
    found = read_file("b.txt", "\n".join(german))
    assert found.texts.tolist() == jokes
    assert "1 entry of b.txt left out" in " ".join(found.reading.left_out)


def quoted(joke: str) -> str:
    return joke.replace("'", "''")


def mysql(jokes: Jokes) -> str:
    values = ",".join(f"({n},'It\\'s so: {joke}\\nYes.',NULL,{n}.5)" for n, joke in enumerate(jokes))
    return (
        "-- MySQL dump\nCREATE TABLE `jokes` (\n  `id` int(11) NOT NULL,\n  `joke` text,\n  `by` int,\n"
        f"  `votes` float,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB;\nINSERT INTO `jokes` VALUES {values};\n"
    )


def sqlite(jokes: Jokes) -> str:
    rows = "".join(f"INSERT INTO jokes VALUES({n},'It''s C:\\new: {joke}');\n" for n, joke in enumerate(jokes))
    return f"BEGIN TRANSACTION;\nCREATE TABLE jokes (id INTEGER PRIMARY KEY, joke TEXT);\n{rows}COMMIT;\n"


def with_columns(jokes: Jokes) -> str:
    return "".join(f"insert into a.jokes (id, joke) values ({n}, N'{joke}');\n" for n, joke in enumerate(jokes))


def postgres(jokes: Jokes) -> str:
    rows = "".join(f"{n}\t{joke}\\nYes.\t\\N\n" for n, joke in enumerate(jokes))
    return f"--\n-- PostgreSQL database dump\n--\n\nCOPY public.jokes (id, joke, votes) FROM stdin;\n{rows}\\.\n\n"


DUMPS: dict[str, tuple[Callable[[Jokes], str], str]] = {
    "MySQL": (mysql, "It's so: {}\nYes."),
    "SQLite": (sqlite, "It's C:\\new: {}"),
    "columns": (with_columns, "{}"),
    "PostgreSQL": (postgres, "{}\nYes."),
}


@pytest.mark.parametrize(("write", "text"), DUMPS.values(), ids=DUMPS)
def test_a_dump_gives_the_column_of_texts(
    read_file: ReadFile, jokes: Jokes, write: Callable[[Jokes], str], text: str
) -> None:
    for name in ("a.sql", "a.txt", "a"):
        found = read_file(name, write(jokes))
        assert (found.reading.format, found.column) == ("SQL dump", "joke")
        assert found.texts.tolist() == [text.format(joke) for joke in jokes]
        assert f"All but the 60 rows of the table 'jokes' of {name} was left out." in found.reading.left_out
    assert len(read_file("a.sql", write(jokes), where=("id >= 10",)).texts) == 50


def test_other_tables_of_a_dump_are_named(read_file: ReadFile, jokes: Jokes) -> None:
    users = "".join(f"INSERT INTO users VALUES({n},'ann{n}');\n" for n in range(9))
    found = read_file("a.sql", users + sqlite(jokes))
    assert found.column == "joke"
    assert "a.sql has other tables too, which were left out: 'users'." in found.reading.left_out


@pytest.mark.parametrize("end", ["", "(1, 'Why", "(1, 'Why?'", "(((", "(1, Why did"])
def test_a_dump_that_breaks_off_is_texts_or_a_sentence(
    read_file: ReadFile, refused: Callable[..., str], jokes: Jokes, end: str
) -> None:
    assert len(read_file("a.sql", f"{sqlite(jokes)}INSERT INTO jokes VALUES {end}").texts) == 60
    assert "no rows" in refused("b.sql", f"INSERT INTO jokes VALUES {end}")


def test_settings_are_read_as_records(read_file: ReadFile, jokes: Jokes) -> None:
    toml = "".join(f'[[joke]]\nsetup = "{joke}"\npunchline = "So {n}."\n\n' for n, joke in enumerate(jokes))
    ini = "# all\n" + "".join(f"[joke{n}]\nsetup = {joke}\npunchline: So {n}.\n\n" for n, joke in enumerate(jokes))
    for name, text in (("a.toml", toml), ("a.ini", ini)):
        found = read_file(name, text)
        assert found.texts.tolist() == [f"{joke} So {n}." for n, joke in enumerate(jokes)]
        assert "'setup' and 'punchline'" in " ".join(found.notices)
    assert read_file("b.toml", f"jokes = {json.dumps(jokes)}\n").texts.tolist() == jokes
    broken = read_file("c.toml", "jokes = [\n" + "\n".join(jokes))
    assert "c.toml was read as plain text, whatever its ending says." in " ".join(broken.notices)


def test_clippings_lose_their_books_and_places(read_file: ReadFile, jokes: Jokes) -> None:
    head = "\ufeffA Book (Ann Lee)\n- Your Highlight on page {0} | Location {0}-{0} | Added on Monday, May 1, 2024\n\n"
    clips = "".join(f"{head.format(n)}{joke}\n==========\n" for n, joke in enumerate(jokes))
    found = read_file("My Clippings.txt", f"{clips}{head.format(99)}\n==========\n")
    assert (found.reading.format, found.texts.tolist()) == ("clippings of a reader", jokes)
    assert "1 mark of My Clippings.txt had no words." in found.reading.left_out


def test_sources_of_typeset_texts_lose_their_commands(read_file: ReadFile, jokes: Jokes) -> None:
    items = "".join(f"\\item {joke} \\emph{{M\\\"uller}}: 5\\,\\% ``so''--- % why\n" for joke in jokes)
    tex = f"\\documentclass[a4paper]{{article}}\n\\begin{{document}}\n\\section{{All}}\n\\begin{{itemize}}\n{items}"
    for name in ("a.tex", "a.txt"):
        found = read_file(name, f"{tex}\\end{{itemize}}\n\\end{{document}}\n")
        assert found.texts.tolist() == [f"{joke} Müller: 5 % “so”—" for joke in jokes]
    poem = "".join(
        f"\\poemtitle{{P}}\n\\begin{{verse}}\n{joke}\\\\\nSo \\textbf{{it}} is.\n\\end{{verse}}\n" for joke in jokes
    )
    assert read_file("b.tex", poem).texts.tolist() == [f"{joke}\nSo it is." for joke in jokes]
    org = "#+TITLE: All\n\n" + "".join(
        f"* One :pun:\n:PROPERTIES:\n:ID: 7\n:END:\n{joke}\nSo /it/ is.\n" for joke in jokes
    )
    for name in ("a.org", "b"):
        found = read_file(name, org)
        assert found.texts.tolist() == [f"{joke}\nSo it is." for joke in jokes]
        assert "commands and marks of Org" in " ".join(found.reading.repaired)


def test_escapes_of_a_catalogue_are_what_c_means(read_file: ReadFile) -> None:
    entries = "".join(
        f'msgid "Why {n}?"\nmsgstr "So {n}.\\r\\nIt\\342\\200\\246 \\"is\\" \\x41.\\n"\n\n' for n in range(5)
    )
    assert read_file("a.po", entries).texts.tolist() == [f'So {n}.\nIt… "is" A.' for n in range(5)]


def test_names_of_values_that_are_texts_are_joined_with_them(read_file: ReadFile, jokes: Jokes) -> None:
    found = read_file("a.json", json.dumps({joke: f"So {n}." for n, joke in enumerate(jokes)}))
    assert found.texts.tolist() == [f"{joke} So {n}." for n, joke in enumerate(jokes)]
    assert "each was joined with its value" in " ".join(found.notices)
    found = read_file("b.json", json.dumps({f"id{n}": joke for n, joke in enumerate(jokes)}))
    assert found.texts.tolist() == jokes
    assert found.reading.left_out == ("The names of the 60 values of b.json were left out.",)


def test_lines_of_a_notebook_end_once(read_file: ReadFile) -> None:
    cells = [{"cell_type": "markdown", "source": [f"Why {n}?\n", "So it is."]} for n in range(9)]
    assert read_file("a.ipynb", json.dumps({"cells": cells})).texts[3] == "Why 3?\nSo it is."


def test_labels_of_fasttext_are_taken_off(read_file: ReadFile, jokes: Jokes) -> None:
    found = read_file("a.txt", "\n".join(f"__label__{'AB'[n % 2]} {joke}" for n, joke in enumerate(jokes)))
    assert found.texts.tolist() == jokes
    assert found.reading.repaired == ("The labels in front of 60 texts of a.txt were taken off.",)


def test_a_folder_of_slack_gives_messages_not_its_lists(read_file: ReadFile, tmp_path, jokes: Jokes) -> None:
    folder = tmp_path / "export"
    (folder / "jokes").mkdir(parents=True)
    (folder / "users.json").write_text(json.dumps([{"id": "U1", "profile": {"title": "Head of all jokes"}}]))
    (folder / "channels.json").write_text(json.dumps([{"id": "C1", "topic": {"value": "what makes us laugh"}}]))
    for part in range(2):
        messages = [
            {"type": "message", "user": "U1", "ts": f"17.{n}", "text": joke} for n, joke in enumerate(jokes[part::2])
        ]
        (folder / "jokes" / f"2024-01-0{part + 1}.json").write_text(json.dumps(messages))
    found = read_texts(folder)
    assert sorted(found.texts) == sorted(jokes)
    assert "left out: channels.json, users.json." in " ".join(found.reading.left_out)


@pytest.mark.parametrize("sign", ["|", " | ", "\t", "\\n", "\\r\\n", " ¶ ", "###"])
def test_texts_on_a_single_line_are_parted_at_the_sign_between_them(
    read_file: ReadFile, jokes: Jokes, sign: str
) -> None:
    found = read_file("a.txt", sign.join(jokes))
    assert found.texts.tolist() == jokes
    assert "a.txt is a single line; its 60 parts between" in found.notices[0]
    assert len(read_file("a.txt", sign.join(jokes), layout="whole").texts) == 1


def test_a_page_nested_without_end_is_read_in_bounded_time(read_file: ReadFile) -> None:
    # A parser looks at all elements around each: minutes for so many.
    deep = 60_000
    page = f"<html><body>{'<div>' * deep}<p>Why so deep?</p><p>So it is.</p>{'</div>' * deep}</body></html>"
    found = read_file("a.html", page)
    assert found.texts.tolist() == ["Why so deep?", "So it is."]
    assert "deeper in each other" in found.reading.repaired[0]
