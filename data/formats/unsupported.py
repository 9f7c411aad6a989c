"""What is no text, named, with what to do about it."""

from __future__ import annotations

import io
import re
import zipfile

from .document import Document

_IMAGE = "a picture; give a file with texts"
_SOUND = "a sound or a film; give a file with texts"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF; save its text, with 'pdftotext' for example, and give that"),
    (b"\x89PNG", _IMAGE), (b"\xff\xd8\xff", _IMAGE), (b"GIF8", _IMAGE), (b"II*\x00", _IMAGE), (b"MM\x00*", _IMAGE),
    (b"RIFF", _SOUND), (b"ID3", _SOUND), (b"OggS", _SOUND), (b"fLaC", _SOUND), (b"\x1aE\xdf\xa3", _SOUND),
    (b"SQLite format 3\x00", "an SQLite database; export the table as CSV and give that"),
    (b"\xd0\xcf\x11\xe0", "an old Word or Excel file; save it as plain text or CSV and give that"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it and give the files"),
    (b"Rar!", "a RAR archive; unpack it and give the files"),
    (b"\x93NUMPY", "an array of NumPy; write its texts to a text file"),
    (b"\x89HDF", "an HDF5 file; write its texts to a CSV file"),
    (b"ARROW1", "an Arrow file; save it as Parquet or CSV"), (b"Obj\x01", "an Avro file; save it as JSON lines or CSV"),
    (b"\x7fELF", "a program; give a file with texts"), (b"MZ\x90\x00", "a program; give a file with texts"),
    (b"\x80\x04\x95", "a pickle, which could run anything when opened; save its texts as CSV"),
    (b"bplist00", "a property list; export the texts as CSV or plain text"),
)  # fmt: skip
_OFFICE = (
    ("word/document.xml", "a Word document; save it as plain text (.txt) and give that"),
    ("ppt/presentation.xml", "a PowerPoint file; save its texts as plain text and give that"),
    ("content.xml", "an OpenDocument file; save it as plain text or CSV and give that"),
    ("META-INF/container.xml", "an EPUB book; save it as plain text, with Calibre for example, and give that"),
    ("META-INF/MANIFEST.MF", "a Java archive; give a file with texts"),
)
_WRITTEN = (
    (b"BEGIN:VCALENDAR", "a calendar; export what it says as CSV or plain text"),
    (b"BEGIN:VCARD", "an address book, which has no texts to learn from"),
)
_YAML = "YAML, which is not read; make it JSON, with 'yq -o json' for example, and give that"
_KEY = re.compile(rb"[ ]*(?:- +)?[\w\-\"']+:(?: |$)|[ ]*- |[ ]+\S|#")
"""A line as YAML has it: a key, an entry of a list, what goes on, a comment."""
_BEGUN = 65_536


def refusal(document: Document) -> str | None:
    """Return why the file is not read and what to do, in words that go on from its name; None for all others."""
    data = document.data
    for magic, words in _MAGIC:
        if data.startswith(magic):
            return f"{document.name} is {words}."
    if data[4:8] == b"ftyp":
        return f"{document.name} is {_SOUND}."
    if data.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                names = set(archive.namelist())
        except (zipfile.BadZipFile, OSError, ValueError):
            return None
        for member, words in _OFFICE:
            if member in names:
                return f"{document.name} is {words}."
    begun = data[:_BEGUN].removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").lstrip()
    for beginning, words in _WRITTEN:
        if begun.startswith(beginning):
            return f"{document.name} is {words}."
    if _is_yaml(begun, document.suffix):
        return f"{document.name} is {_YAML}."
    if data[:200].lstrip().startswith(b"<?xml") and b"<html" not in data[:2000].lower():
        return f"{document.name} is XML, which has no single way to hold texts; export them as CSV, JSON or plain text."
    return None


def _is_yaml(begun: bytes, suffix: str) -> bool:
    """Whether most lines are keys and entries, below the line that begins a document or as the ending says."""
    marked = begun.startswith((b"%YAML", b"---\n"))
    if not marked and suffix not in {".yaml", ".yml"}:
        return False
    lines = [line for line in begun.split(b"\n") if line.strip() and line.strip() not in {b"---", b"..."}]
    keyed = sum(_KEY.match(line) is not None for line in lines)
    return any(b": " in line or line.endswith(b":") for line in lines) and keyed >= 0.9 * len(lines)
