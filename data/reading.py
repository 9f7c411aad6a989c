"""Reading texts from any file a person has: tables, lines of JSON, plain text, compressed or piped."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pandas as pd

from .catalogue import CORPORA, is_catalogued, locate
from .cleaning import clean_text, one_line, printable
from .decoding import decode
from .faults import CorpusError
from .layouts import TextLayout, divide, guess_layout
from .records import read_records
from .splitting import split_key
from .tables import Column, names_a_text_column, read_table, separator_of

Layout = Literal["lines", "blank", "whole", "records"]

STDIN = "-"
_MAXIMUM_BYTES = 512 * 1024 * 1024
_TABLES = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_JSON = {".jsonl", ".ndjson", ".json"}
_NAMES = {entry.name for entry in CORPORA}
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts as they were read, with what a person should know about the reading."""

    name: str
    texts: pd.Series[str]
    layout: Layout
    """How the source was divided: ``records`` of a table, or ``lines``, ``blank`` lines or the ``whole`` of a text."""
    notices: tuple[str, ...] = ()
    column: str | None = None


def read_texts(
    source: str | Path,
    *,
    column: str | None = None,
    layout: TextLayout | None = None,
    letters_only: bool = False,
    as_written: bool = False,
    cache: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Texts:
    """Read the texts of ``source``: a catalogue name, a path, or ``-`` for standard input.

    Texts are cleaned, empty ones and repeats dropped. ``as_written`` keeps every text and repeat as it stands, but for
    control characters, as the tutorial reads them.

    Raises:
        CorpusError: nothing can be read, in one sentence that says why.
    """
    name, data = _load(source, cache, progress)
    if data.startswith(_GZIP):
        data = _unpack(data, name)
    if not data.strip():
        raise CorpusError(f"{name} is empty; give it some texts, one a line.")
    text, notices = decode(data, name)
    suffix = Path(name.lower().removesuffix(".gz")).suffix if source not in _NAMES else ".csv"
    table = _read_columns(name, text, suffix, column) if layout is None or suffix in {*_TABLES, *_JSON} else None
    if table is not None:
        read = Texts(name, table.texts, "records", table.notices, table.name)
    else:
        if column is not None:
            raise CorpusError(f"{name} is plain text without columns; leave the column '{one_line(column)}' out.")
        chosen = layout or guess_layout(text)
        if layout is None and chosen != "lines":
            how = "one long text" if chosen == "whole" else "texts between blank lines"
            notices.append(f"{name} was read as {how}; choose lines, blank or whole if that is wrong.")
        read = Texts(name, pd.Series(divide(text, chosen), dtype="str"), chosen)
    notices += read.notices
    if as_written:
        texts = _series(map(printable, read.texts))
    else:
        texts = _series(clean_text(text, letters_only=letters_only) for text in read.texts)
        if read.layout != "whole":
            texts = _distinct(_filled(texts, notices), notices)
    texts = texts.reset_index(drop=True)
    if texts.empty:
        raise CorpusError(f"{name} has no text left after cleaning; check the file or choose another column.")
    return replace(read, texts=texts, notices=tuple(notices))


def _series(texts: Iterable[str]) -> pd.Series[str]:
    return pd.Series(list(texts), dtype="str")


def _filled(texts: pd.Series[str], notices: list[str]) -> pd.Series[str]:
    count = int((texts == "").sum())
    if count:
        notices.append(f"{count:,} empty text{'s were' if count > 1 else ' was'} left out.")
    return texts[texts != ""]


def _distinct(texts: pd.Series[str], notices: list[str]) -> pd.Series[str]:
    repeated = texts.map(split_key).duplicated()
    if repeated.any():
        count = int(repeated.sum())
        notices.append(f"{count:,} repeated text{'s were' if count > 1 else ' was'} left out.")
    return texts[~repeated]


def _load(source: str | Path, cache: Path | None, progress: Callable[[int, int], None] | None) -> tuple[str, bytes]:
    """Return the name to call the source by, and its bytes."""
    if source == STDIN:
        return "standard input", _read_stdin()
    if isinstance(source, str) and is_catalogued(source):
        return source, locate(source, cache, progress).read_bytes()
    shown = one_line(str(source))[:200]
    try:
        path = Path(source).expanduser()
        if path.is_dir():
            raise CorpusError(f"{shown} is a folder; name a file in it.")
        # Read up to the limit rather than asked for the size: a pipe has none, and a device no end.
        with path.open("rb") as file:
            data = file.read(_MAXIMUM_BYTES + 1)
    except FileNotFoundError as error:
        raise CorpusError(
            f"There is no file or corpus named {shown}; check the path, or see 'jokegen-tui corpora'."
        ) from error
    except (OSError, ValueError, RuntimeError) as error:
        reason = one_line(getattr(error, "strerror", None) or str(error))
        raise CorpusError(f"{shown} cannot be read ({reason}); check the path and its permissions.") from error
    if len(data) > _MAXIMUM_BYTES:
        raise CorpusError(f"{shown} is larger than 512 MB; train on a part of it.")
    return one_line(path.name) or shown, data


def _read_stdin() -> bytes:
    # In the app the keyboard is standard input: reading it would wait for ever and swallow the keys.
    if sys.stdin is None or sys.stdin.isatty():  # pyright: ignore[reportUnnecessaryComparison]
        raise CorpusError("Nothing is piped in; name a file, or pipe one into the command.")
    data = sys.stdin.buffer.read(_MAXIMUM_BYTES + 1)
    if len(data) > _MAXIMUM_BYTES:
        raise CorpusError("Standard input is larger than 512 MB; train on a part of it.")
    return data


def _unpack(data: bytes, name: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as handle:
            unpacked = handle.read(_MAXIMUM_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise CorpusError(f"{name} is a damaged gzip file; compress it again.") from error
    if len(unpacked) > _MAXIMUM_BYTES:
        raise CorpusError(f"{name} unpacks to more than 512 MB; train on a part of it.")
    return unpacked


def _read_columns(name: str, text: str, suffix: str, column: str | None) -> Column | None:
    """Return the texts of a table or of JSON records; None for plain text."""
    first = text.lstrip().split("\n", 1)[0].strip()
    if suffix in _JSON:
        return read_records(name, text, column)
    if suffix in _TABLES:
        return read_table(name, text, separator_of(first, _TABLES[suffix]), column)
    if first.startswith("{") and first.endswith("}"):
        return read_records(name, text, column)
    if column is not None or names_a_text_column(first):
        return read_table(name, text, separator_of(first), column)
    return None
