"""Whole files in the shapes that people really have: what the model would learn of each, and what is said about it."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from plain_reading import ReadFile

PEOPLE = ["baker", "farmer", "pilot", "sailor", "clown", "teacher", "lawyer", "doctor", "waiter", "drummer"]
HANZI = "山水月花风雨天人心老日中大小上下来去有无知年国东"
JOKES = [f"Why did the {who} call {number} times? Nobody, not one, picked up." for number in range(6) for who in PEOPLE]
ENDS = [f"The {who} had {number} phones, and lost them all." for number in range(6) for who in PEOPLE]
CHINESE = ["".join(HANZI[(place * (step + 1) + step) % (15 + step)] for step in range(9)) + "。" for place in range(60)]
HINDI = [f"राजा ने {number} घोड़े देखे और घर चला गया।" for number in range(60)]
STANZA = "The {0} sang a song at night,\nThe {0} sang it well.\n\nThe moon was bright,\nHe {1} times fell."
POEMS = [STANZA.format(who, number) for number in range(3) for who in PEOPLE]
CODE = [f"def f{n}(x):\n    for k in range({n}):\n        if x > k:\n            return k" for n in range(40)]
FLAG = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
COUNT = range(60)
DATES = [f"2024-01-{n % 28 + 1:02} 10:{n:02}:00 +0000 (Coordinated Universal Time)" for n in COUNT]
SHORT = [f"the {who} dropped it {n}" for n in range(6) for who in PEOPLE]
NAMES = [f"{a}{b}" for a in PEOPLE for b in PEOPLE]
SPOKEN = [f"{('ANN', 'BOB')[n % 2]}: {joke}" for n, joke in enumerate(JOKES)]
SCRIPTS = [f"ខ្ញុំ\u200bស្រលាញ់ {n} {FLAG} می\u200cخواهم" for n in COUNT]
TWO = list(zip(JOKES, ENDS, strict=True))
NEW = "\n"
EMPTY: tuple[str, ...] = ()


def table(rows: Sequence[Sequence[object]], separator: str = ",", **dialect: Any) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=separator, lineterminator="\n", **dialect).writerows(rows)
    return written.getvalue()


def columns(separator: str = ",", /, **cells: Sequence[object]) -> str:
    return table([list(cells), *zip(*cells.values(), strict=True)], separator)


def numbered(*columns: Sequence[str]) -> list[list[object]]:
    return [[number, *cells] for number, cells in enumerate(zip(*columns, strict=True))]


def tar(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return packed.getvalue()


def zipped(name: str, text: str, method: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr(name, text)
    return packed.getvalue()


def subtitle(number: int, text: str) -> str:
    return f"{number + 1}\n00:00:{number % 60:02},000 --> 00:00:{number % 60:02},900\n<i>{text}</i>\n"


@dataclass(frozen=True)
class Shape:
    """A file, the texts that it holds, and a word of each sentence that has to be said."""

    name: str
    content: str | bytes
    texts: Sequence[str]
    said: tuple[str, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()


BOTH = [f"{joke} {end}" for joke, end in TWO]
BROKEN = [f"{joke}\n{end}" for joke, end in TWO]
PAIRS = table([["ID", "Question", "Answer"], *numbered(JOKES, ENDS)])
REDDIT = [
    {"body": end, "id": f"x{n:05}", "score": n, "title": joke}
    for n, (joke, end) in enumerate(zip(JOKES, ENDS, strict=True))
]
LABELLED = "".join(f"{'spam' if n % 7 else 'ham'}\t{joke}\n" for n, joke in enumerate(JOKES))
GERMAN = table([["Nr", "Text, deutsch", "Note"], *([n, joke, n % 5] for n, joke in enumerate(JOKES))], ";")
RECORDS = [{"id": n, "joke": joke} for n, joke in enumerate(JOKES)]
SHAPES = {
    "question and answer": Shape("jokes.csv", PAIRS, BOTH, ("joined",)),
    "both by name": Shape("jokes.csv", PAIRS, BOTH, EMPTY, (("columns", ("Question,Answer",)),)),
    "without its suffix": Shape("export.data", PAIRS, BOTH, ("joined",)),
    "title and body": Shape("reddit.json", json.dumps(REDDIT), BOTH, ("'title' and 'body'",)),
    "title and body of the best": Shape(
        "reddit.json", json.dumps(REDDIT), BOTH[20:], ("not having score >= 20",), (("where", ("score >= 20",)),)
    ),
    "a column called line": Shape(
        "lyrics.csv", table([["artist", "lyric", "line"], *(["X", joke, n] for n, joke in enumerate(JOKES))]), JOKES
    ),
    "fortunes": Shape("fortunes", "\n%\n".join(BROKEN) + "\n%\n", BROKEN, ("texts between %",)),
    "marks of a language model": Shape(
        "tweets.txt", "".join(f"<|startoftext|>{text}<|endoftext|>\n" for text in BROKEN), BROKEN, ("texts between",)
    ),
    "code": Shape("code.txt", "\n\n\n".join(CODE) + "\n", CODE, ("so indentation and runs of blanks were kept",)),
    "poems of stanzas": Shape("poems.txt", "\n\n\n\n".join(POEMS), POEMS, ("double-blank",)),
    "label and text": Shape("SMSCollection", LABELLED, JOKES, ("no column names",)),
    "label and text by number": Shape("SMSCollection", LABELLED, JOKES, ("no column names",), (("columns", ("2",)),)),
    "pairs with attribution": Shape(
        "fra.tsv", table([[a, b, "CC-BY (me)"] for a, b in TWO], "\t"), JOKES, ("'2'",)
    ),
    "Excel": Shape(
        "witze.csv", "\ufeffsep=;\n" + table([["Nr", "Witz", "Note"], *([n, j, 2] for n, j in enumerate(JOKES))], ";"),
        JOKES, ("names the separator",),
    ),
    "titles above the header": Shape(
        "export.csv", "Jokes of the year\nmade by hand\n\n" + columns(id=COUNT, joke=JOKES, votes=COUNT),
        JOKES, ("above the names of the columns",),
    ),
    "dates longer than messages": Shape(
        "chat.csv", columns(date=DATES, user=list("ab") * 30, message=SHORT), SHORT
    ),
    "subtitles": Shape(
        "film.srt", "\n".join(subtitle(n, joke) for n, joke in enumerate(JOKES)), JOKES, ("numbers, times and styles",)
    ),
    "a packed text": Shape("one.tar.gz", tar({"jokes.txt": "\n".join(JOKES)}), JOKES),
    "packed texts": Shape(
        "many.tar.gz", tar({f"{n:02}.txt": text for n, text in enumerate(BROKEN)}), BROKEN, ("each file",)
    ),
    "zip, stored": Shape("jokes.zip", zipped("jokes.csv", columns(joke=JOKES), zipfile.ZIP_STORED), JOKES),
    "zip, deflated": Shape("jokes.zip", zipped("a/jokes.txt", "\n".join(JOKES), zipfile.ZIP_DEFLATED), JOKES),
    "a compressed table": Shape(
        "train.tsv.gz", gzip.compress(columns("\t", score=COUNT, joke=JOKES).encode()),
        JOKES[30:], ("not having score > 29",), (("where", ("score > 29",)),),
    ),
    "rich text": Shape(
        "jokes.rtf", r"{\rtf1\ansi{\fonttbl\f0\fswiss Helvetica;}\f0\fs24 " + "\\\n".join(JOKES) + "}", JOKES, ("RTF",)
    ),
    "names": Shape("names.txt", "\n".join(NAMES), NAMES),
    "Chinese": Shape("poems.txt", "\n".join(CHINESE), CHINESE),
    "Chinese in its own encoding": Shape("poems.txt", "\n".join(CHINESE).encode("gb18030"), CHINESE, ("GB18030",)),
    "a Chinese table": Shape("zh.csv", table([["编号", "内容"], *numbered(CHINESE)]), CHINESE),
    "a column without a name": Shape("onecol.csv", "\n".join(CHINESE), CHINESE),
    "Hindi": Shape("hi.txt", "\n".join(HINDI), HINDI),
    "a Hindi table": Shape("hi.csv", table([["क्रमांक", "चुटकुला"], *numbered(HINDI)]), HINDI),
    "line breaks as letters": Shape(
        "lyrics.csv", table([["id", "lyrics"], *numbered([text.replace("\n", "\\n") for text in BROKEN])]), BROKEN,
        ("backslash and an n",),
    ),
    "tags": Shape(
        "jester.csv", columns(id=COUNT, joke=[f"<p>{text.replace(NEW, '<br />')}</p>" for text in BROKEN]),
        BROKEN, ("HTML tags",),
    ),
    "decoded wrongly once": Shape(
        "jokes.csv",
        table([["id", "joke"], *numbered([f"I don’t know – {j}".encode().decode("cp1252") for j in JOKES])]),
        [f"I don’t know – {j}" for j in JOKES], ("another encoding",),
    ),
    "lines that begin with a brace": Shape(
        "songs.txt", "\n\n".join(f"{{title: Song {n}}}\n[G]{j}" for n, j in enumerate(JOKES)),
        [f"{{title: Song {n}}}\n[G]{j}" for n, j in enumerate(JOKES)], ("between blank lines",),
    ),
    "semicolons and commas": Shape("witze.csv", GERMAN, JOKES, ("semicolons",)),
    "semicolons without names": Shape("witze.csv", GERMAN.partition("\n")[2], JOKES, ("semicolons", "no column names")),
    "tunes": Shape(
        "tunes.abc", "\n\n".join(f"X:{n}\nT:Tune {n}\nK:D\nA|B2A d2A|B{n}A d2a" for n in range(40)),
        [f"X:{n}\nT:Tune {n}\nK:D\nA|B2A d2A|B{n}A d2a" for n in range(40)], ("between blank lines",),
    ),
    "characters that scripts need": Shape(
        "t.txt", "\n".join(f"{text}\u202e" for text in SCRIPTS), SCRIPTS, ("Invisible or control",)
    ),
    "quatrains": Shape("quatrains.txt", "\n\n".join(BROKEN), BROKEN, ("between blank lines",)),
    "a frame as JSON": Shape(
        "pandas.json", json.dumps({"joke": dict(enumerate(JOKES)), "votes": dict(enumerate(COUNT))}), JOKES
    ),
    "objects over several lines": Shape("lines.json", "\n".join(json.dumps(each, indent=2) for each in RECORDS), JOKES),
    "two fields": Shape(
        "a.jsonl", "\n".join(json.dumps({"setup": j, "punchline": e}) for j, e in TWO), BOTH, ("joined",)
    ),
    "speakers": Shape("script.txt", "\n".join(SPOKEN), SPOKEN),
    "lists of lines": Shape(
        "poetry.json", json.dumps([{"title": "No title", "lines": text.split("\n")} for text in BROKEN]), BROKEN,
        ("lines of one text each",),
    ),
    "sentences with commas": Shape("a.csv", "\n".join(ENDS), ENDS, ("its commas stand in sentences",)),
    "a table without names": Shape("headerless.csv", "\n".join(SHORT), SHORT),
    "blanks that mean nothing": Shape("a.txt", "\n".join(j.replace(" ", "  ") for j in JOKES), JOKES, ("evened out",)),
    "a quoted column": Shape("a.csv", table([["joke"], *([j] for j in JOKES)], quoting=csv.QUOTE_ALL), JOKES),
    "a quoted column by pipe": Shape(
        "a", table([["My own joke"], *([j] for j in JOKES)], quoting=csv.QUOTE_ALL), JOKES, ("names its column",)
    ),
    "a table in Markdown": Shape(
        "a.md", "| id | joke |\n|---:|:-----|\n" + "".join(f"| {n} | {joke} |\n" for n, joke in enumerate(JOKES)),
        JOKES, ("line of dashes",),
    ),
    "a table below a heading": Shape(
        "a.md",
        "# Jokes\n\nAll.\n\n| id | joke |\n|---|---|\n" + "".join(f"| {n} | {j} |\n" for n, j in enumerate(JOKES)),
        JOKES, ("stands around the table", "line of dashes"),
    ),
    "quotations in Markdown": Shape(
        "a.md", "".join(f"> {joke}\n>\n> — Ann\n\n" for joke in JOKES), [f"{joke}\n— Ann" for joke in JOKES],
        ("120 marks of Markdown",),
    ),
    "a title and decimal commas": Shape(
        "a.csv", "Table 1\n\nNo;Joke;Votes\n" + "".join(f"{n};{text};{n},5\n" for n, text in enumerate(SHORT)),
        SHORT, ("above the names", "semicolons"),
    ),
    "two marked tables in one": Shape(
        "a.csv", f"\ufeff{columns(id=COUNT, joke=JOKES)}\ufeff{columns(id=COUNT, joke=ENDS)}", [*JOKES, *ENDS],
        ("stood 1 more time",),
    ),
    "one name for three columns": Shape(
        "a.csv", table([["", "joke", ""], *([n, j, ""] for n, j in enumerate(JOKES))]), JOKES
    ),
    "a book in the first row": Shape(
        "a.csv", columns(id=COUNT, joke=["so on " * 100_000 + "end", *JOKES[1:]]),
        ["so on " * 100_000 + "end", *JOKES[1:]],
    ),
    "zeros in a text": Shape("a.txt", "\n".join(JOKES).replace("Nobody", "No\0body"), JOKES, ("control characters",)),
    "numbered": Shape(
        "a.txt", "\n".join(f"{n}. {joke}" for n, joke in enumerate(JOKES, 1)), JOKES, ("The numbers in front of 60",)
    ),
    "with bullets": Shape(
        "a.md", "\n".join(f"* {joke}" for joke in JOKES), JOKES, ("The bullets in front of 60",)
    ),
    "with times": Shape(
        "a.txt", "\n".join(f"{8 + n // 60:02d}:{n % 60:02d} {joke}" for n, joke in enumerate(JOKES)), JOKES,
        ("The times in front of 60",),
    ),
    "with dates": Shape(
        "a", "\n".join(f"[2024-01-{1 + n % 28:02d}T10:00:00Z] {joke}" for n, joke in enumerate(JOKES)), JOKES,
        ("The times in front of 60",),
    ),
    "quoted in a mail": Shape(
        "a.txt", "\n".join(f"> {joke}" for joke in JOKES), JOKES, ("The marks of a quotation in front of 60",)
    ),
    "Java's properties": Shape(
        "a.properties", "# all\n" + "".join(f"joke.{n} = {joke}\n" for n, joke in enumerate(JOKES)), JOKES,
        ("The names in front of 60",),
    ),
    "properties with escapes": Shape(
        "a.properties", "".join(f"joke.{n}=\\ud83d\\ude00 {joke}\n" for n, joke in enumerate(JOKES)),
        [f"\U0001f600 {joke}" for joke in JOKES], ("The names in front of 60",),
    ),
    "a list in Python": Shape("a.txt", repr(JOKES), JOKES),
    "lines of equal widths as lines": Shape(
        "a.txt", "".join(f"{n:<4}{joke:<90}end\n" for n, joke in enumerate(JOKES)),
        [f"{n} {joke} end" for n, joke in enumerate(JOKES)], ("evened out",), (("layout", "lines"),),
    ),
    "records deep inside": Shape(
        "a.json", json.dumps({"meta": {"n": 60}, "data": {"items": [{"node": {"text": {"it": j}}} for j in JOKES]}}),
        JOKES, ("under 'data.items'",),
    ),
    "lists by kind": Shape(
        "a.json", json.dumps({"old": JOKES[:10], "new": JOKES[10:]}), JOKES, ("'old', 'new'", "one after the other")
    ),
    "another list beside": Shape(
        "a.json", json.dumps({"jokes": JOKES, "tags": {"all": ["old", "new"]}}), JOKES, ("left out: 'tags.all'",)
    ),
    "lists in records": Shape(
        "a.json", json.dumps([{"joke": joke, "notes": [{"by": "me", "note": "very old"}]} for joke in JOKES]),
        JOKES, ("lists of records in 'notes'",),
    ),
    "JSON with comments": Shape(
        "a", "// by hand\n[\n" + "".join(f"  {json.dumps({'joke': joke})}, /* so */\n" for joke in JOKES) + "]",
        JOKES, ("Comments and surplus commas",),
    ),
    "a README beside": Shape(
        "data.tar.gz", tar({"a/README.md": "# About\n\nMade by hand.", "a/a.csv": columns(id=COUNT, joke=JOKES)}),
        JOKES, ("README.md",),
    ),
    "for another program": Shape("a.log", "\n".join(JOKES), JOKES, ("ending in .log",)),
    "repeated": Shape("a.csv", columns(joke=[*JOKES, *JOKES[:3]]), JOKES, ("3 repeated texts were left out",)),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_every_shape_gives_its_texts_and_says_what_was_done(read_file: ReadFile, shape: Shape) -> None:
    found = read_file(shape.name, shape.content, **dict(shape.options))
    assert found.texts.tolist() == list(shape.texts)
    assert found.reading.examples == tuple(shape.texts[:3])
    said = " ".join(found.notices)
    assert all(word in said for word in shape.said), said
    if not shape.said:
        assert not found.reading.repaired
        assert not found.reading.left_out


def test_spacing_is_kept_or_evened_out_as_it_was_asked_for(read_file: ReadFile) -> None:
    text = "\n\n\n".join(CODE)
    assert read_file("a.py", text, keep_spacing=True).texts.tolist() == CODE
    evened = read_file("a.py", text, keep_spacing=False)
    assert evened.texts[0] == CODE[0].replace("    ", "")
    assert not evened.reading.keeps_spacing


def test_an_option_that_cannot_be_obeyed_is_refused(refused: Callable[..., str]) -> None:
    assert "'Witz'" in refused("jokes.csv", PAIRS, columns=("Witz",))
    assert "plain text without columns" in refused("a.txt", "\n".join(ENDS).replace(",", ""), columns=("joke",))
    assert "'score'" in refused("jokes.csv", PAIRS, where=("score > 3",))
