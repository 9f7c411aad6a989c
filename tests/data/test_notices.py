"""Whatever is left out, joined, repaired or guessed is said: every place that says so is reached, and is heard."""

from __future__ import annotations

import ast
import io
import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jokegen.data.findings
import pandas as pd
import pytest
from jokegen.data.amendments import number_of
from jokegen.data.findings import Findings
from jokegen.data.interpretation import Reading, ReadingOptions
from jokegen.data.large import pieces
from jokegen.data.reading import Texts, read_texts
from jokegen.data.sources import limits
from plain_reading import plain_sentence

DATA = Path(jokegen.data.findings.__file__).parent
SAYING = ("notice", "repair", "omit", "count")
JOKES = [f"Why did number {number} cross the road?" for number in range(60)]
LINES = "\n".join(JOKES)
ROWS = "".join(f"{number},{joke}\n" for number, joke in enumerate(JOKES))
RECORDS = [{"id": number, "joke": joke} for number, joke in enumerate(JOKES)]
GUTENBERG = "*** {} OF THE PROJECT GUTENBERG EBOOK A ***"
OPENED, CLOSED = GUTENBERG.format("START"), GUTENBERG.format("END")
ENVELOPE = "From a@b Mon Jan  1 10:00:00 2024\nFrom: a@b\nTo: b@c\nSubject: S\n\n"


def book(**sheets: list[list[object]]) -> bytes:
    file = io.BytesIO()
    with pd.ExcelWriter(file) as writer:
        for name, rows in sheets.items():
            pd.DataFrame(rows).to_excel(writer, sheet_name=name, index=False, header=False)
    return file.getvalue()


def linked() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", LINES)
        link = zipfile.ZipInfo("b.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "a.txt")
    return file.getvalue()


SAID: dict[str, tuple[str, str | bytes, str, dict[str, Any]]] = {
    "a text left out": ("a.txt", LINES, "1 text of a.txt was left out by number", {"exclude": (number_of(JOKES[3]),)}),
    "a text corrected": ("a.txt", LINES, "corrected by hand", {"correct": (f"{number_of(JOKES[3])}=Why not?",)}),
    "no such text": ("a.txt", LINES, "are of no text in a.txt", {"exclude": ("0123456789", "9876543210")}),
    "a table as lines": ("a.csv", f"id,joke\n{ROWS}", "looks like a table, but", {"layout": "lines"}),
    "single tags": ("a.txt", f"{LINES}\nSo <b>it</b> is.", "HTML tags, which were kept", {}),
    "entities": ("a.txt", LINES.replace("did", "&amp;"), "HTML entities", {}),
    "damaged UTF-16": ("a.txt", LINES.encode("utf-16") + b"\x00\xd8", "damaged characters", {}),
    "a stray byte": ("a.txt", f"Café, {LINES}, très, où, là".encode() + b"\xe9", "1 byte, read as Windows-1252", {}),
    "GB18030": ("a.txt", "春花秋月何时了，往事知多少。\n小楼昨夜又东风。\n".encode("gb18030"), "GB18030", {}),
    "Windows": ("a.txt", "“Größe” – Können Äpfel süß sein…\n".encode("cp1252"), "read as Windows-1252", {}),
    "no mark": ("a.txt", "Why?\nSo.\n".encode("utf-16-le"), "though nothing in it says so", {}),
    "entries": ("a.txt", "All\n\n" + "".join(f"{n}. {j}\nSo.\n" for n, j in enumerate(JOKES, 1)), "first entry", {}),
    "sides of a card": ("a.txt", "#separator:tab\n" + "".join(f"{j}\tSo.\n" for j in JOKES), "What Anki wrote", {}),
    "empty clippings": (
        "a.txt", "".join(f"A (B)\n- Page {n} | 2024\n\n{j if n else ''}\n==========\n" for n, j in enumerate(JOKES)),
        "1 mark of a.txt had no words", {},
    ),
    "no columns": ("a.csv", "".join(f"{'so on, ' * (n % 4)}{j}\n" for n, j in enumerate(JOKES)), "no regular", {}),
    "an open mark": ("a.csv", f'id,joke\n{ROWS}60,"Why did it not end?\n{ROWS}', "never closed", {}),
    "pairs of backslashes": ("a.csv", "id,joke\n" + ROWS.replace("the", r"the\\their"), "stand in pairs", {}),
    "too many fields": ("a.csv", f"id,joke,votes\n{ROWS.replace(chr(10), ',1' + chr(10))}7,So, it is,1\n", "many", {}),
    "too few fields": ("a.csv", f"id,votes,joke\n{ROWS.replace(',', ',1,')}So it is\n", "too few fields", {}),
    "soft returns": ("a.txt", LINES.replace("number 7 ", "number 7\r"), "Carriage returns within lines", {}),
    "widths without names": (
        "a.txt", "".join(f"{n:<6}{j + ' So!' * (n % 3):<60}end {n % 7}\n" for n, j in enumerate(JOKES)),
        "its first row was read", {},
    ),
    "not translated": ("a.po", "".join(f'msgid "{j}"\nmsgstr ""\n\n' for j in JOKES), "are not translated", {}),
    "lists of lines": ("a.json", json.dumps([[j, "So."] for j in JOKES]), "Each list in a.json", {}),
    "an end that is none": (
        "a.json", "\n".join(json.dumps(each, indent=1) for each in RECORDS) + "\n{", "The end of a.json", {}
    ),
    "cut off": ("a.json", json.dumps(RECORDS)[:-30], "breaks off or is damaged", {}),
    "a bad line": ("a.jsonl", "\n".join(map(json.dumps, RECORDS)) + "\n{so", "(the first is line 61)", {}),
    "two lists": ("a.py", "".join(f"A{n}=[\n'{j}',\n'So.',\n]\n" for n, j in enumerate(JOKES)), "The 60 lists", {}),
    "mail without words": ("a.mbox", f"{ENVELOPE}{LINES}\n\n{ENVELOPE}\n\n", "1 message of a.mbox had no words", {}),
    "names of values": ("a.json", json.dumps({f"n{n}": j for n, j in enumerate(JOKES)}), "The names of the 60", {}),
    "texts as names": ("a.json", json.dumps({j: f"So {n}." for n, j in enumerate(JOKES)}), "joined with its value", {}),
    "records without a text": ("a.json", json.dumps([*RECORDS, {"id": 1}]), "having no text in 'joke'", {}),
    "numbers under a telling name": ("a.csv", "text\n" + "".join(f"{n}\n" for n in range(60)), "rather than texts", {}),
    "protected marks": ("a.csv", "id,joke\n" + 'd,"So \\"it\\" is, or not"\n' * 9 + ROWS, "a backslash was read", {}),
    "headings": ("a.md", "".join(f"## One\n\n{joke}\n\n" for joke in JOKES), "60 headings of a.md were left out", {}),
    "an empty text": ("a.csv", f"id,joke\n{ROWS}61, \n", "1 empty text was left out", {}),
    "a licence": ("a.txt", f"About it\n{OPENED}\n{LINES}\n{CLOSED}\nMore\n", "What Project Gutenberg puts", {}),
    "sheets": (
        "a.xlsx",
        book(a=[["Jokes", ""], ["id", "joke"], *enumerate(JOKES)], b=[["id", "joke"], *enumerate(JOKES)], c=[["x", 1]]),
        "were read together", {},
    ),
    "a sheet without names": ("a.xlsx", book(a=[*enumerate(JOKES)]), "its first row was read as a text too", {}),
    "a dump": (
        "a.sql",
        "".join(f"INSERT INTO a VALUES({n},'{j}');\nINSERT INTO b VALUES({n});\n" for n, j in enumerate(JOKES)),
        "other tables too, which were left out: 'b'", {},
    ),
    "a page": (
        "a.html",
        "<html><table>" + "".join(f"<tr><td>{n}<td>{j}</tr>" for n, j in enumerate(JOKES)) + "</table></html>",
        "its first row was read as a text too", {},
    ),
    "a deep page": ("a.html", f"<html>{'<div>' * 3000}{'<p>Why?</p>' * 3}", "deeper in each other", {}),
    "letters only": ("a.txt", LINES, "Punctuation and digits", {"letters_only": True}),
    "links in an archive": ("a.zip", linked(), "links and special files", {}),
    "a single line": ("a.txt", "|".join(JOKES), "is a single line", {}),
    "TeX": ("a.tex", "\\begin{document}\n" + "".join(f"\\item {j}\n" for j in JOKES), "commands and marks of TeX", {}),
    "sections": ("a.ini", "".join(f"[{n}]\njoke = {j}\n" for n, j in enumerate(JOKES)), "The 60 sections", {}),
}  # fmt: skip
LIKE: dict[str, tuple[str, Reading, str]] = {
    "another column": (f"id,joke\n{ROWS}", Reading(order=("text",), layout="records"), "has no column 'text' like"),
    "another layout": (LINES, Reading(layout="blank"), "like the texts of the run"),
    "another mark": (LINES, Reading(layout="mark=%%"), "has no mark '%%' between its texts"),
}


def places() -> dict[tuple[str, int], str]:
    """Every call that keeps a finding, by module and line."""
    found: dict[tuple[str, int], str] = {}
    for path in sorted(DATA.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr in SAYING and ast.unparse(node.func.value).endswith("findings"):
                found[path.relative_to(DATA).as_posix(), node.lineno] = ast.unparse(node)
    return found


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, int]]:
    """The calls that were made, by module and line."""
    seen: set[tuple[str, int]] = set()

    def watched(said: Callable[..., None], name: str) -> Callable[..., None]:
        def call(self: Findings, *arguments: Any) -> None:
            frame = sys._getframe(1)
            if name != "count" or arguments[1]:
                seen.add((Path(frame.f_code.co_filename).relative_to(DATA).as_posix(), frame.f_lineno))
            said(self, *arguments)

        return call

    for name in SAYING:
        monkeypatch.setattr(Findings, name, watched(getattr(Findings, name), name))
    return seen


def readings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Texts, str]]:
    """Read everything that something is to be said of, and with it what."""
    from formats.test_registry import WRITTEN
    from test_real_files import SHAPES

    def written(name: str, content: str | bytes) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    for name, content, said, options in SAID.values():
        yield read_texts(written(name, content), ReadingOptions(**options)), said
    for content, like, said in LIKE.values():
        yield read_texts(written("a.txt", content), like=like), said
    for shape in SHAPES.values():
        for said in shape.said:
            yield read_texts(written(shape.name, shape.content), ReadingOptions(**dict(shape.options))), said
    for write, ending, _ in WRITTEN.values():
        yield read_texts(written(f"a{ending}", write(JOKES))), ""
    several = folder / "several"
    several.mkdir()
    (several / "a.txt").write_text(LINES)
    (several / "b.txt").write_text("\n")
    for number in range(5):
        (several / f"{number}.pdf").write_text("%PDF")
    (several / "link.txt").symlink_to(several / "a.txt")
    yield read_texts(several), "1 symbolic link"
    monkeypatch.setattr(limits, "LARGE_BYTES", 1000)
    monkeypatch.setattr(pieces, "PIECE_BYTES", 1000)
    broken = "\n".join(map(json.dumps, RECORDS)) + "\n{so\n"
    yield read_texts(written("a.jsonl", broken)), "not valid JSON left out"
    (several / "link.txt").unlink()
    (several / "README.txt").write_text("About it.")
    yield read_texts(several), "about the texts rather than one of them"
    chosen = Reading(exclude=("0123456789",))
    yield read_texts(written("a.txt", f"{LINES}\n{JOKES[3]}\n"), like=chosen), "too large for the texts"
    yield read_texts(written("b.txt", f"{LINES}\nétait là, où\n".encode() * 2 + b"\xe9\n")), "1 byte"


def test_everything_that_can_be_said_of_a_reading_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reached: set[tuple[str, int]]
) -> None:
    # All kinds in one test, which takes seconds: a new finding without a file that leads to it fails here.
    for found, said in readings(tmp_path, monkeypatch):
        notices = " ".join(map(plain_sentence, found.notices))
        assert said in notices, (said, notices)
        assert {*found.reading.repaired, *found.reading.left_out} <= set(found.notices)
    unsaid = {place: call for place, call in places().items() if place not in reached}
    assert not unsaid, "\n".join(f"{place}: {call[:90]}" for place, call in unsaid.items())
