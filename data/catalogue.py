"""The corpora JokeGen knows by name, and fetching those it does not bring along."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from .cleaning import one_line
from .faults import CorpusError
from .nearness import advice

NOTHING_KEPT = (
    "Nothing is kept yet, so there is nothing to learn from; keep answers on the Prompt screen (F7) or with "
    "'generate --keep' first."
)
_TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class CatalogueEntry:
    """One corpus with a name."""

    name: str
    description: str
    source: Literal["bundled", "download", "own"]
    licence: str
    file: str
    sha256: str | None = None
    url: str | None = None


CORPORA: tuple[CatalogueEntry, ...] = (
    CatalogueEntry("starter", "original clean jokes, written for JokeGen", "bundled", "CC0 1.0", "starter.csv"),
    CatalogueEntry(
        "reddit-cleanjokes",
        "1,622 clean jokes, the texts of the PyTorch tutorial",
        "download",
        "not stated; fetched from its authors",
        "reddit-cleanjokes.csv",
        "c27717bf0212c34057e9546a5afcac3674f1ab3b5c0c5cdd8c63fa627019c0a5",
        "https://raw.githubusercontent.com/amoudgl/short-jokes-dataset/master/data/reddit-cleanjokes.csv",
    ),
    CatalogueEntry("kept", "the texts that you kept of what models said", "own", "yours", "kept.jsonl"),
)


def is_catalogued(name: str) -> bool:
    """Return whether ``name`` is a corpus of the catalogue."""
    return any(entry.name == name for entry in CORPORA)


def is_present(entry: CatalogueEntry, cache: Path | None) -> bool:
    """Return whether the corpus can be read without a network."""
    if entry.source == "own":
        return cache is not None and bool(_own_texts(cache / entry.file))
    return entry.source == "bundled" or (cache is not None and _intact(cache / entry.file, entry))


def locate(name: str, cache: Path | None, progress: Callable[[int, int], None] | None = None) -> Path:
    """Return the file of a catalogued corpus, fetching it into ``cache`` where it is not there yet.

    ``progress`` is told the bytes read and the bytes expected (0 when unknown).

    Raises:
        CorpusError: the name is unknown, the network is out of reach, or what came is not the published file.
    """
    entry = next((entry for entry in CORPORA if entry.name == name), None)
    if entry is None:
        names = [known.name for known in CORPORA]
        near = advice(name, names, f"the catalogue has: {', '.join(names)}.")
        raise CorpusError(f"There is no corpus named '{one_line(name)}'; {near}")
    return find(entry, cache, progress)


def find(entry: CatalogueEntry, cache: Path | None, progress: Callable[[int, int], None] | None = None) -> Path:
    """Return the file of ``entry``; see :func:`locate`."""
    if entry.source == "bundled":
        path = Path(__file__).parent / "corpora" / entry.file
        if not path.is_file():
            raise CorpusError(f"The bundled corpus {entry.name} is missing; install JokeGen again.")
        return path
    if entry.source == "own":
        if cache is None or not (cache / entry.file).is_file():
            raise CorpusError(NOTHING_KEPT)
        return cache / entry.file
    if cache is None:
        raise CorpusError(f"{entry.name} has to be fetched, but there is no folder to keep it in; set JOKEGEN_HOME.")
    path = cache / entry.file
    return path if _intact(path, entry) else _fetch(entry, cache, progress)


def content(name: str, cache: Path | None, progress: Callable[[int, int], None] | None = None) -> bytes:
    """Return the texts of a catalogued corpus as a file would hold them; see :func:`locate`."""
    path = locate(name, cache, progress)
    if not any(entry.name == name and entry.source == "own" for entry in CORPORA):
        return path.read_bytes()
    texts = _own_texts(path)
    if not texts:
        raise CorpusError(NOTHING_KEPT)
    # The texts alone: what else is known of them is nothing to learn from.
    return "".join(json.dumps({"text": text}) + "\n" for text in texts).encode("ascii")


def _own_texts(path: Path) -> list[str]:
    """Return the texts in a file of kept ones; damaged lines are passed over, no file has none."""
    texts: list[str] = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return texts
    for line in lines:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        text = cast("dict[str, object]", value).get("text") if isinstance(value, dict) else None
        if isinstance(text, str):
            texts.append(text)
    return texts


def _intact(path: Path, entry: CatalogueEntry) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256
    except OSError:
        return False


def _fetch(entry: CatalogueEntry, cache: Path, progress: Callable[[int, int], None] | None) -> Path:
    import logging

    import pooch  # pyright: ignore[reportMissingTypeStubs]
    import requests

    fetcher = cast("Any", pooch)
    fetcher.get_logger().setLevel(logging.CRITICAL)
    bar = _Progress(progress) if progress else False
    downloader = fetcher.HTTPDownloader(progressbar=bar, timeout=_TIMEOUT_SECONDS)
    remedy = "try later, or give the path of a file of your own"
    try:
        # `retrieve` downloads beside the target, checks the hash and only then renames.
        fetched = fetcher.retrieve(
            entry.url, f"sha256:{entry.sha256}", fname=entry.file, path=cache, downloader=downloader
        )
    except requests.HTTPError as error:
        answer = "" if error.response is None else f" ({error.response.status_code})"
        raise CorpusError(f"{entry.name} is not where it was published any more{answer}; {remedy}.") from error
    except requests.RequestException as error:
        raise CorpusError(f"{entry.name} cannot be fetched without a network connection; {remedy}.") from error
    except ValueError as error:
        raise CorpusError(f"What was fetched for {entry.name} is not the published file; {remedy}.") from error
    except OSError as error:
        reason = one_line(error.strerror or str(error))
        raise CorpusError(
            f"{entry.name} cannot be kept in {one_line(str(cache))} ({reason}); set JOKEGEN_HOME."
        ) from error
    return Path(fetched)


class _Progress:
    """What pooch expects of a progress bar, handed on to a callback."""

    def __init__(self, report: Callable[[int, int], None]) -> None:
        self.total = 0
        self._report = report
        self._read = 0

    def update(self, count: int) -> None:
        self._read += count
        # pooch counts the last chunk as a whole one.
        self._report(min(self._read, self.total) if self.total else self._read, self.total)

    def reset(self) -> None:
        # pooch resets the bar and then adds the whole once more; the count is already complete.
        self._read = 0

    def close(self) -> None:
        pass
