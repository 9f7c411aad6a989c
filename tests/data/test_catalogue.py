"""Corpora come by name: bundled ones at once, the others from their publisher, checked and kept."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from jokegen.data.catalogue import CORPORA, CatalogueEntry, find, is_catalogued, is_present, locate
from jokegen.data.faults import CorpusError

JOKES = b'"ID","Joke"\n' + b"".join(b'%d,"Joke number %d, all of it."\n' % (i, i) for i in range(5_000))


class Publisher(BaseHTTPRequestHandler):
    """Serves the published file, another one, an error, or half of what it promises."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        status = 404 if self.path == "/gone.csv" else 200
        body = JOKES.replace(b"Joke", b"Hoax") if self.path == "/other.csv" else JOKES
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if self.path == "/broken.csv" else body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def entry_at(port: int, page: str = "jokes.csv") -> CatalogueEntry:
    published = next(entry for entry in CORPORA if entry.source == "download")
    url = f"http://127.0.0.1:{port}/{page}"
    return replace(published, file="jokes.csv", url=url, sha256=hashlib.sha256(JOKES).hexdigest())


def one_sentence(error: pytest.ExceptionInfo[CorpusError]) -> str:
    message = str(error.value)
    assert message.isprintable()
    assert message.endswith((".", "?"))
    return message


def test_a_corpus_is_fetched_once_with_progress_and_kept(publisher: ThreadingHTTPServer, tmp_path: Path) -> None:
    entry, told = entry_at(publisher.server_port), list[tuple[int, int]]()
    assert not is_present(entry, tmp_path)
    path = find(entry, tmp_path, lambda read, expected: told.append((read, expected)))
    assert path.read_bytes() == JOKES
    assert told[-1] == (len(JOKES), len(JOKES))
    assert [read for read, _ in told] == sorted(read for read, _ in told)
    assert is_present(entry, tmp_path)
    assert find(entry, tmp_path) == path
    assert publisher.asked == ["/jokes.csv"]  # type: ignore[attr-defined]


def test_a_damaged_copy_is_fetched_again(publisher: ThreadingHTTPServer, tmp_path: Path) -> None:
    (tmp_path / "jokes.csv").write_bytes(JOKES[:100])
    assert find(entry_at(publisher.server_port), tmp_path).read_bytes() == JOKES


@pytest.mark.parametrize(
    ("page", "says"), [("other.csv", "not the published file"), ("gone.csv", "404"), ("broken.csv", "later")]
)
def test_what_is_not_the_published_file_is_not_kept(
    publisher: ThreadingHTTPServer, tmp_path: Path, page: str, says: str
) -> None:
    with pytest.raises(CorpusError) as caught:
        find(entry_at(publisher.server_port, page), tmp_path)
    message = one_sentence(caught)
    assert says in message
    assert "file of your own" in message
    assert list(tmp_path.iterdir()) == []


def test_without_a_network_one_sentence_offers_a_file(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    with pytest.raises(CorpusError) as caught:
        find(entry_at(port), tmp_path)
    message = one_sentence(caught)
    assert "network" in message
    assert "file of your own" in message


def test_a_folder_that_cannot_be_written_is_named(publisher: ThreadingHTTPServer, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    with pytest.raises(CorpusError) as caught:
        find(entry_at(publisher.server_port), blocked)
    assert "blocked" in one_sentence(caught)


def test_fetching_prints_nothing(
    publisher: ThreadingHTTPServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    find(entry_at(publisher.server_port), tmp_path, lambda *_: None)
    assert capfd.readouterr() == ("", "")


def test_the_bundled_corpus_needs_no_folder() -> None:
    assert locate("starter", None).is_file()
    assert is_present(CORPORA[0], None)


def test_names_are_known_exactly(tmp_path: Path) -> None:
    assert is_catalogued("starter")
    assert not is_catalogued("./starter")
    with pytest.raises(CorpusError) as caught:
        locate("\x1b[2Jnothing", tmp_path)
    assert "starter, reddit-cleanjokes" in one_sentence(caught)


def test_the_tutorials_file_is_pinned_to_its_address_and_content() -> None:
    entry = next(entry for entry in CORPORA if entry.name == "reddit-cleanjokes")
    assert entry.url == (
        "https://raw.githubusercontent.com/amoudgl/short-jokes-dataset/master/data/reddit-cleanjokes.csv"
    )
    assert entry.sha256 == "c27717bf0212c34057e9546a5afcac3674f1ab3b5c0c5cdd8c63fa627019c0a5"
