"""Files are known by what is in them; what is not text is named; the smaller formats give their texts."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from jokegen.data.faults import CorpusError
from jokegen.data.findings import Findings
from jokegen.data.formats import json_values
from jokegen.data.formats.document import Document
from jokegen.data.formats.registry import ENDINGS, FORMATS
from jokegen.data.reading import read_texts
from jokegen.data.sources.containers import Blob
from plain_reading import ReadFile, plain_sentence

Jokes = list[str]


def srt(jokes: Jokes) -> str:
    return "".join(
        f"{n + 1}\r\n00:{n:02d}:01,000 --> 00:{n:02d}:03,500\r\n<i>{joke}</i>\r\n\r\n" for n, joke in enumerate(jokes)
    )


def vtt(jokes: Jokes) -> str:
    cues = "".join(f"00:{n:02d}.000 --> 00:{n:02d}.900\n<v Ann>{joke}</v>\n\n" for n, joke in enumerate(jokes))
    return "WEBVTT\n\nNOTE made by hand\n\n" + cues


def ass(jokes: Jokes) -> str:
    lines = "".join(
        f"Dialogue: 0,0:{n:02d}:01.00,0:{n:02d}:03.00,Default,,0,0,0,,{{\\i1}}{joke}\n" for n, joke in enumerate(jokes)
    )
    return (
        "[Script Info]\nScriptType: v4.00+\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n" + lines
    )


def whatsapp_ios(jokes: Jokes) -> str:
    return "".join(f"[{n % 28 + 1:02d}.01.24, 10:{n:02d}:00] Ann Lee: {joke}\n" for n, joke in enumerate(jokes))


def whatsapp_android(jokes: Jokes) -> str:
    first = "1/1/24, 9:00 AM - Messages and calls are end-to-end encrypted.\n1/1/24, 9:01 AM - Bo: <Media omitted>\n"
    return first + "".join(f"1/{n % 28 + 1}/24, 10:{n:02d} PM - Bo: {joke}\n" for n, joke in enumerate(jokes))


def irc(jokes: Jokes) -> str:
    return "".join(f"[10:{n:02d}] <ann> {joke}\n" for n, joke in enumerate(jokes))


def discord(jokes: Jokes) -> str:
    return "\n".join(f"[01-Jan-24 10:{n:02d} PM] Ann\n{joke}\n" for n, joke in enumerate(jokes))


def telegram(jokes: Jokes) -> str:
    messages = [
        {"id": n, "type": "message", "date": "2024-01-01T10:00:00", "from": "Ann", "text": joke if n % 2 else [joke]}
        for n, joke in enumerate(jokes)
    ]
    return json.dumps({"name": "Ann", "type": "personal_chat", "messages": messages})


def telegram_page(jokes: Jokes) -> str:
    messages = "".join(
        f'<div class="message default"><div class="from_name">Ann</div><div class="text">{joke}</div></div>'
        for joke in jokes
    )
    return f"<!DOCTYPE html><html><head><title>Chat</title></head><body>{messages}</body></html>"


def twitter(jokes: Jokes) -> str:
    tweets = [{"tweet": {"id": str(n), "full_text": joke, "lang": "en"}} for n, joke in enumerate(jokes)]
    return f"window.YTD.tweets.part0 = {json.dumps(tweets)}"


def page(jokes: Jokes) -> str:
    paragraphs = "".join(f"<p>{joke}</p>" for joke in jokes)
    return (
        f"<html><head><style>p {{}}</style></head><body><nav>Menu</nav>{paragraphs}<script>x()</script></body></html>"
    )


def rtf(jokes: Jokes) -> str:
    body = "".join(f"{joke}\\\n" for joke in jokes)
    return f"{{\\rtf1\\ansi\\ansicpg1252\n{{\\fonttbl\\f0\\fswiss Helvetica;}}\n\\f0\\fs24 \\cf0 {body}}}"


def message(joke: str, part: str = "plain") -> str:
    body = joke if part == "plain" else f"<html><body><p>{joke}</p></body></html>"
    return (
        "From: Ann Lee <ann@example.org>\nTo: bo@example.org\nSubject: =?utf-8?q?A_joke?=\n"
        f"Date: Mon, 01 Jan 2024 10:00:00 +0000\nMIME-Version: 1.0\n"
        f"Content-Type: text/{part}; charset=utf-8\n\n{body}\n"
    )


def mbox(jokes: Jokes) -> str:
    return "\n".join(
        f"From ann@example.org Mon Jan 01 10:{n:02d}:00 2024\n" + message(joke, "html" if n % 3 else "plain")
        for n, joke in enumerate(jokes)
    )


def gettext(jokes: Jokes) -> str:
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    return head + "".join(
        f'#: src/main.c:{n}\nmsgid "message {n}"\nmsgstr "{joke[:20]}"\n"{joke[20:]}"\n\n'
        for n, joke in enumerate(jokes)
    )


def page_table(jokes: Jokes) -> str:
    rows = "".join(f"<tr><td>{n}</td><td>{joke}</td><td>{n % 5}</td></tr>" for n, joke in enumerate(jokes))
    head = "<tr><th>No</th><th>Joke</th><th>Votes</th></tr>"
    return f"<html><body><h1>All jokes</h1><table>{head}{rows}</table><p>Made by hand.</p></body></html>"


def zeros(jokes: Jokes) -> str:
    return "".join(f"{joke}\0" for joke in jokes)


def anki(jokes: Jokes) -> str:
    return "#separator:tab\n#html:true\n" + "".join(f"{joke}\tbecause number {n}\n" for n, joke in enumerate(jokes))


def sigtop(jokes: Jokes) -> str:
    head = "From: Ann (+1 555)\nType: incoming\nSent: Mon, 1 Jan 2024 10:00:00 +0000\nReceived: Mon, 1 Jan 2024\n\n"
    return "Conversation: Ann (+1 555)\n\n" + "\n".join(f"{head}{joke}\n" for joke in jokes)


def signal_export(jokes: Jokes) -> str:
    return "".join(f"[2024-01-01 10:{n:02d}:00] Me: {joke}  \n(- Ann: x, Bo: y -)\n" for n, joke in enumerate(jokes))


def lyrics(jokes: Jokes) -> str:
    return "[ti:A song]\n[ar:Ann]\n" + "".join(f"[00:{n:02d}.50]{joke}\n" for n, joke in enumerate(jokes))


def python(jokes: Jokes) -> str:
    listed = "".join(f"    {joke[:20]!r}  # so\n    {joke[20:]!r},\n" for joke in jokes)
    return f'"""Jokes."""\n\nimport os\n\nJOKES: list[str] = [\n{listed}]\n'


def javascript(jokes: Jokes) -> str:
    listed = "".join(
        f"  {{ id: {n}, 'text': `{joke[:9]}` + {joke[9:]!r}, old: true }},\n" for n, joke in enumerate(jokes)
    )
    return f"// jokes\nexport const jokes = [\n{listed}];\n"


def apple_strings(jokes: Jokes) -> str:
    return "/* all */\n" + "".join(f'/* {n} */\n"joke.{n}" = "{joke}";\n\n' for n, joke in enumerate(jokes))


def equal_widths(jokes: Jokes) -> str:
    rows = "".join(f"{n:<6}{joke:<90}{'Ann' if n % 2 else 'Bo'}\n" for n, joke in enumerate(jokes))
    return f"{'ID':<6}{'JOKE':<90}WHO\n{rows}"


WRITTEN: dict[str, tuple[Callable[[Jokes], str], str, str]] = {
    "srt": (srt, ".srt", "subtitles"),
    "vtt": (vtt, ".vtt", "subtitles"),
    "ass": (ass, ".ass", "subtitles"),
    "whatsapp ios": (whatsapp_ios, ".txt", "chat export"),
    "whatsapp android": (whatsapp_android, ".txt", "chat export"),
    "irc": (irc, ".log", "chat export"),
    "discord": (discord, ".txt", "chat export"),
    "telegram": (telegram, ".json", "JSON"),
    "telegram page": (telegram_page, ".html", "HTML"),
    "twitter": (twitter, ".js", "Twitter archive"),
    "page": (page, ".html", "HTML"),
    "rtf": (rtf, ".rtf", "RTF"),
    "mailbox": (mbox, ".mbox", "mail"),
    "signal by sigtop": (sigtop, ".txt", "chat export"),
    "signal-export": (signal_export, ".md", "chat export"),
    "lyrics": (lyrics, ".lrc", "subtitles"),
    "python": (python, ".py", "list in a program"),
    "javascript": (javascript, ".js", "list in a program"),
    "apple's strings": (apple_strings, ".strings", "texts of a program"),
    "columns of equal width": (equal_widths, ".fwf", "table of equal widths"),
    "gettext": (gettext, ".po", "gettext catalogue"),
    "table of a page": (page_table, ".html", "HTML"),
    "ended by zeros": (zeros, "", "texts ended by zeros"),
}


@pytest.mark.parametrize(("write", "ending", "kind"), WRITTEN.values(), ids=WRITTEN)
def test_a_format_is_known_whatever_the_name_and_gives_its_texts(
    read_file: ReadFile, jokes: Jokes, write: Callable[[Jokes], str], ending: str, kind: str
) -> None:
    for name in (f"a{ending}", "a.txt", "a", "a.csv"):
        found = read_file(name, write(jokes))
        assert (found.reading.format, found.texts.tolist()) == (kind, jokes)


@pytest.mark.parametrize("write", [srt, whatsapp_android, twitter, page, rtf, anki, mbox, gettext, page_table])
def test_what_a_format_takes_away_is_said(read_file: ReadFile, jokes: Jokes, write: Callable[[Jokes], str]) -> None:
    reading = read_file("a.txt", write(jokes)).reading
    assert reading.left_out or reading.repaired
    assert {*reading.left_out, *reading.repaired} <= set(reading.notices)


def test_both_sides_of_a_card_are_joined(read_file: ReadFile, jokes: Jokes) -> None:
    found = read_file("deck.txt", anki(jokes))
    assert found.texts[2] == f"{jokes[2]} because number 2"
    named = "#separator:Comma\n#columns:Tags,Joke\n" + "".join(f'funny,"{joke}"\n' for joke in jokes)
    assert read_file("deck.txt", named).texts.tolist() == jokes


def test_two_speakers_of_a_subtitle_keep_their_lines(read_file: ReadFile) -> None:
    cues = "".join(f"{n}\n00:{n:02d}:01,000 --> 00:{n:02d}:02,000\n- Who is {n}?\n- I am.\n\n" for n in range(1, 9))
    assert read_file("film.srt", cues).texts[0] == "- Who is 1?\n- I am."


@pytest.mark.parametrize(("ending", "kind"), [(".parquet", "Parquet"), (".xlsx", "Excel")])
def test_tables_of_pandas_are_read_by_content(read_file: ReadFile, jokes: Jokes, ending: str, kind: str) -> None:
    file = io.BytesIO()
    frame = pd.DataFrame({"id": range(60), "joke": jokes, "score": [number / 2 for number in range(60)]})
    frame.to_parquet(file) if kind == "Parquet" else frame.to_excel(file, index=False)
    for name in (f"a{ending}", "a", "a.csv"):
        found = read_file(name, file.getvalue(), where=("score >= 5",))
        assert (found.reading.format, found.column) == (kind, "joke")
        assert found.texts.tolist() == jokes[10:]


def test_the_sheets_that_hold_the_texts_are_read_and_lists_of_lines_are_said(read_file: ReadFile, jokes: Jokes) -> None:
    file = io.BytesIO()
    with pd.ExcelWriter(file) as book:
        pd.DataFrame({"about": ["made by hand", "in May"]}).to_excel(book, sheet_name="Read me", index=False)
        for year, part in (("2023", jokes[:30]), ("2024", jokes[30:])):
            pd.DataFrame({"id": range(30), "joke": part}).to_excel(book, sheet_name=year, index=False)
    found = read_file("a.xlsx", file.getvalue())
    assert found.texts.tolist() == jokes
    assert "The sheets '2023', '2024' of a.xlsx have the same columns and were read together." in found.notices
    assert found.reading.left_out == ("The sheet 'Read me' of a.xlsx was left out.",)
    assert len(read_file("a.xlsx", file.getvalue(), columns=("about",)).texts) == 2
    lists = io.BytesIO()
    pd.DataFrame({"lines": [[joke, "Yes."] for joke in jokes]}).to_parquet(lists)
    found = read_file("a.parquet", lists.getvalue())
    assert found.texts[0] == f"{jokes[0]}\nYes."
    assert "The lists in 'lines' of a.parquet were read as the lines of one text each." in found.notices


@pytest.mark.parametrize(("write", "kind"), [("to_parquet", "a Parquet file"), ("to_excel", "an Excel workbook")])
def test_without_the_extra_the_sentence_says_how_to_get_it(tmp_path, jokes: Jokes, write: str, kind: str) -> None:
    path = tmp_path / "jokes.table"
    file = io.BytesIO()
    getattr(pd.DataFrame({"joke": jokes}), write)(file)
    path.write_bytes(file.getvalue())
    program = (
        "import sys\nsys.modules.update(pyarrow=None, openpyxl=None)\n"
        "from jokegen.data.reading import read_texts\n"
        f"try:\n    read_texts({str(path)!r})\nexcept Exception as error:\n    print(error)\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert kind in said
    assert "pip install 'jokegen[tables]'" in said


def office(member: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr(member, "<x/>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"%PDF-1.7\n" + b"x" * 99, "a PDF"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "a picture"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 99, "a picture"),
        (office("word/document.xml"), "a Word document"),
        (office("ppt/presentation.xml"), "a PowerPoint file"),
        (b"SQLite format 3\0" + b"\0" * 99, "an SQLite database"),
        (b"ID3\x04" + b"\0" * 99, "a sound"),
        (b"7z\xbc\xaf\x27\x1c" + b"\0" * 99, "a 7z archive"),
        (b"\x80\x04\x95" + b"\0" * 99, "a pickle"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Tea\r\nEND:VEVENT\r\n", "a calendar"),
        (b"BEGIN:VCARD\nFN:Ann\nEND:VCARD\n", "an address book"),
        (b"---\njokes:\n  - text: Why did it?\n    votes: 3\n  - text: Because.\n", "YAML"),
        (b"<?xml version='1.0'?><jokes><joke>ha</joke></jokes>", "XML"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_text_is_named_with_what_to_do(refused: Callable[..., str], content: bytes, says: str) -> None:
    for name in ("a.txt", "a.csv", "a"):
        sentence = refused(name, content)
        assert says in sentence
        assert ";" in sentence or "," in sentence


def test_markdown_is_read_without_headings_and_marks(read_file: ReadFile, jokes: Jokes) -> None:
    blocks = [f"## Joke {n}\n\n{joke.replace('the', '**the**', 1)}\n" for n, joke in enumerate(jokes)]
    text = "---\ntitle: Jokes\n---\n# All jokes\n\n" + "\n".join(blocks)
    for name in ("jokes.md", "jokes"):
        found = read_file(name, text)
        assert (found.texts.tolist(), found.reading.format) == (jokes, "Markdown")
        assert f"61 headings of {name} were left out." in found.reading.left_out
        assert f"60 marks of Markdown in {name} were taken off: links, emphasis, quotes." in found.reading.repaired
    plain = read_file("plain.md", "\n".join(jokes))
    assert (plain.texts.tolist(), plain.reading.format) == (jokes, "plain text")


def test_a_single_mail_gives_its_words(read_file: ReadFile) -> None:
    found = read_file("letter.txt", message("Why did it go?\n\nBecause."))
    assert found.texts.tolist() == ["Why did it go?\n\nBecause."]
    assert found.reading.left_out == ("The headers and attachments of 1 message in letter.txt were left out.",)


def test_every_format_says_what_it_is_and_completion_knows_its_endings() -> None:
    assert len({each.NAME for each in FORMATS}) == len(FORMATS)
    for each in FORMATS:
        assert each.__doc__
        assert set(each.ENDINGS) <= set(ENDINGS)
    assert {".csv", ".jsonl", ".srt", ".zip", ".gz", ".xlsx"} <= set(ENDINGS)


@pytest.mark.parametrize(
    "text",
    [
        "12:30 is noon\nand 13:00 is not\n",
        "{title}\nand a text\n",
        "<3 you\nand me too\n",
        "#1 joke\nand two\n",
        "# a comment\nx = 1\n# another\ny = 2\n",
        '"quoted" text\nand more "text"\n',
        "(so it is)\n[and so is this]\n'quoted' too\n",
    ],
)
def test_ordinary_text_is_ordinary(read_file: ReadFile, text: str) -> None:
    found = read_file("a.txt", text)
    assert (found.reading.format, found.texts.tolist()) == ("plain text", text.splitlines())


@pytest.mark.parametrize(
    "lines",
    [
        ['NAMES = ["one", "two"]', "", "for name in NAMES:", "    print(name)"],
        [f"Why did  number {n:02d} laugh?  So it was." for n in range(20)],
        [f"   A verse of {'so ' * (n % 5)}many words" for n in range(20)],
        [f"Q: Why?   A: number {n}" for n in range(20)],
        [f"so it is {'so   ' * 40_000}{n}" for n in range(20)],
    ],
    ids=["a program", "gaps", "a margin", "gaps of one width", "gaps without end"],
)
def test_what_only_looks_like_columns_or_lists_is_plain(read_file: ReadFile, lines: list[str]) -> None:
    assert read_file("a.txt", "\n".join(lines)).reading.format == "plain text"


def test_a_line_of_ten_megabytes_is_judged_and_read_within_bounds(read_file: ReadFile) -> None:
    line = "so on and on, it went; " * 440_000
    document = Document(Blob("a.jsonl", json.dumps({"joke": line}).encode()), Findings())
    assert document.lines
    tracemalloc.start()
    try:
        assert json_values.certainty(document) > 0.8
        assert tracemalloc.get_traced_memory()[1] < 8 * len(line)
    finally:
        tracemalloc.stop()
    long_row = Document(Blob("a.csv", f'id,joke\n1,"{line}"\n2,a short one\n'.encode()), Findings())
    assert line in long_row.head


@pytest.mark.parametrize(
    "sign", ["[a](", "![", "<!--", "*a ", "_a", "```\n", "<a ", '"', "{", "\\", "['", "[/*\n", "[\n'a',\n", "> "]
)
def test_a_file_of_nothing_but_signs_is_texts_or_one_sentence(tmp_path: Path, sign: str) -> None:
    for name in ("a.md", "a.txt"):
        (tmp_path / name).write_text(f"# One\n\n{sign * (40_000 // len(sign))} the end\n", encoding="utf-8")
        try:
            found = read_texts(tmp_path / name)
        except CorpusError as error:
            plain_sentence(str(error))
        else:
            assert len(found.texts)
