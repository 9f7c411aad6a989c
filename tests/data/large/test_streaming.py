"""A large file is read piece by piece to the same texts, splits and tokens as at once, and goes on after any end."""

from __future__ import annotations

import errno
import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from jokegen.data.batching import Plan, text_batches
from jokegen.data.corpus import Split, at_hand, build_corpus
from jokegen.data.faults import CorpusError
from jokegen.data.large import many_files, pieces, shelf, streaming
from jokegen.data.reading import ReadingOptions, Texts, read_texts, reading_texts
from jokegen.data.sealed_corpus import read_corpus, write_corpus
from jokegen.data.sources import limits
from jokegen.data.splitting import SPLITS
from safetensors.numpy import load_file

JOKES = [
    f"Why did number {number} cross the {'café' if number % 7 == 0 else 'road'}?  To meet {number % 90} &amp; a friend!"
    for number in range(400)
]
PLAIN = "\n".join([*JOKES, *(joke.upper() for joke in JOKES[:30]), "", "a  \tb"]) + "\n"
TABLE = "id,joke,score\n" + "".join(
    f'{number},"{joke}\nHa ""{number}""!",{number % 5}\n' for number, joke in enumerate(JOKES)
)
LINES = "".join(json.dumps({"id": number, "text": joke}) + "\n" for number, joke in enumerate(JOKES)) + "{broken\n"
GAPS = "\n\n".join(f"{joke}\n   and so on {number}" for number, joke in enumerate(JOKES)).replace("\n\n", "\n\n\n", 5)
MARKS = "".join(f"{joke}\nHa\n%%%\n" for joke in JOKES)
FILES = {
    "lines.txt": (PLAIN, ReadingOptions()),
    "table.csv": (TABLE, ReadingOptions()),
    "where.csv": (TABLE, ReadingOptions(columns=("joke",), where=("score > 1",))),
    "records.jsonl": (LINES, ReadingOptions()),
    "gaps.txt": (GAPS, ReadingOptions(layout="blank")),
    "marks.txt": (MARKS, ReadingOptions()),
    "packed.txt.gz": (PLAIN, ReadingOptions()),
    "spaced.txt": (GAPS, ReadingOptions(layout="blank", keep_spacing=True)),
    "repeats.txt": (PLAIN, ReadingOptions(keep_repeats=True)),
}


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read everything as a large file, in pieces of a few dozen texts."""
    monkeypatch.setattr(limits, "LARGE_BYTES", 1000)
    monkeypatch.setattr(pieces, "PIECE_BYTES", 6000)


def written(folder: Path, name: str) -> Path:
    data = FILES[name][0].encode()
    path = folder / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def both(path: Path, options: ReadingOptions, cache: Path, patch: pytest.MonkeyPatch) -> tuple[Texts, Texts]:
    small = read_texts(path, options)
    with patch.context() as now:
        now.setattr(limits, "LARGE_BYTES", 1000)
        now.setattr(pieces, "PIECE_BYTES", 6000)
        now.setattr(streaming, "_AT_ONCE", 150)
        now.setattr(streaming, "_DIGEST_ROWS", 40)
        return small, read_texts(path, options, cache=cache)


@pytest.mark.parametrize("name", FILES)
def test_a_large_file_gives_the_texts_and_sentences_of_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    small, large = both(written(tmp_path, name), FILES[name][1], tmp_path / "cache", monkeypatch)
    assert large.stored is not None
    assert large.texts.tolist() == small.texts.tolist()
    assert large.count == len(small.texts) == large.reading.texts
    assert large.layout == small.layout
    assert large.reading.order == small.reading.order
    if name != "records.jsonl":  # there it is said on which line it was
        assert large.notices[: len(small.notices)] == small.notices


@pytest.mark.parametrize("name", ["lines.txt", "table.csv"])
def test_its_corpus_is_the_same_but_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    small, large = both(written(tmp_path, name), ReadingOptions(), tmp_path / "cache", monkeypatch)
    whole, streamed = build_corpus(small), build_corpus(large)
    assert streamed.fingerprint == whole.fingerprint
    assert streamed.tokenizer.to_json() == whole.tokenizer.to_json()
    assert streamed.train.is_on_disk
    path = tmp_path / "corpus.safetensors"
    with path.open("wb") as file:
        write_corpus(streamed, file)
    again = read_corpus(path, whole.tokenizer)
    assert again.train.is_on_disk
    for made in (streamed, again):
        for split in SPLITS:
            mine, theirs = made.split(split), whole.split(split)
            assert np.array_equal(mine.tokens, theirs.tokens)
            assert np.array_equal(mine.offsets, theirs.offsets)
            assert (mine.words, mine.characters, mine.unknown) == (theirs.words, theirs.characters, theirs.unknown)
    assert np.array_equal(load_file(path)["train.tokens"], whole.train.tokens)  # the format's own reader
    damaged = bytearray(path.read_bytes())
    damaged[-3] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(CorpusError, match="damaged"):
        read_corpus(path, whole.tokenizer)


def test_a_sample_is_bounded_and_of_all_splits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: None) -> None:
    monkeypatch.setattr(streaming, "SAMPLE_BYTES", 15_000)
    path = written(tmp_path, "lines.txt")
    large = read_texts(path, cache=tmp_path / "cache")
    assert 100 < len(large.texts) < 300 < large.count
    assert any(f"{len(large.texts):,} of them" in notice for notice in large.notices)
    corpus = build_corpus(large)
    assert sum(len(corpus.split(split)) for split in SPLITS) < large.count
    assert len(corpus.train) > len(large.texts)
    shuffled = tmp_path / "shuffled.txt"
    shuffled.write_text("\n".join(reversed(PLAIN.split("\n"))))
    other = read_texts(shuffled, cache=tmp_path / "cache")
    assert build_corpus(other).fingerprint == corpus.fingerprint
    # Which writing of a repeated text comes first depends on the order, which texts are chosen does not.
    assert {text.casefold() for text in other.texts} == {text.casefold() for text in large.texts}


def test_an_interrupted_reading_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: None
) -> None:
    path, cache = written(tmp_path, "table.csv"), tmp_path / "cache"
    whole = build_corpus(read_texts(path))
    work = reading_texts(path, cache=cache)
    told = list(islice(work, 4))
    work.close()
    assert [step.done for step in told] == sorted(step.done for step in told)
    (folder,) = (cache / "prepared").iterdir()
    with (folder / "texts").open("ab") as torn:  # written, but not noted
        torn.write(b"half a te")
    going_on = reading_texts(path, cache=cache)
    assert next(going_on).done > told[-1].done
    going_on.close()
    again = build_corpus(read_texts(path, cache=cache))
    assert again.fingerprint == whole.fingerprint
    assert np.array_equal(again.train.tokens, whole.train.tokens)


def test_a_killed_reading_goes_on_where_it_was(tmp_path: Path, tiny: None) -> None:
    path, cache = written(tmp_path, "lines.txt"), tmp_path / "cache"
    program = f"""
import os, signal
from jokegen.data.large import pieces
from jokegen.data.reading import reading_texts
from jokegen.data.sources import limits
limits.LARGE_BYTES, pieces.PIECE_BYTES = 1000, 6000
for number, _ in enumerate(reading_texts({str(path)!r}, cache=__import__("pathlib").Path({str(cache)!r}))):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == -signal.SIGKILL
    work = reading_texts(path, cache=cache)
    assert next(work).done > 4 * 5000
    work.close()
    assert build_corpus(read_texts(path, cache=cache)).fingerprint == build_corpus(read_texts(path)).fingerprint


def test_a_full_disk_is_one_sentence_and_what_stands_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: None
) -> None:
    path, cache = written(tmp_path, "lines.txt"), tmp_path / "cache"

    class Full(shelf.Shelf):
        def write_note(self, values: object) -> None:
            super().write_note(values)  # type: ignore[arg-type]
            if (self.folder / "texts").stat().st_size > 10_000:
                with shelf.told_writing(self.folder):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(streaming, "Shelf", Full)
        with pytest.raises(CorpusError, match=r"^The disk is full; .* is kept and used\.$"):
            read_texts(path, cache=cache)
    work = reading_texts(path, cache=cache)
    assert next(work).done > 10_000
    work.close()
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(CorpusError, match=r"MB are free; free some space"):
        read_texts(path, ReadingOptions(keep_repeats=True), cache=cache)


def test_what_cannot_be_read_in_pieces_says_up_to_what_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: None
) -> None:
    monkeypatch.setattr(limits, "MAXIMUM_BYTES", 2000)
    page = tmp_path / "page.html"
    page.write_text("<html><body>" + "".join(f"<p>{joke}</p>\n" for joke in JOKES) + "</body></html>")
    book = tmp_path / "book.txt"
    book.write_text(PLAIN)
    for path, options in ((page, None), (book, ReadingOptions(layout="whole"))):
        with pytest.raises(CorpusError, match=r"is read up to 0 MB; save it as one text a line"):
            read_texts(path, options)


def test_one_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: None) -> None:
    monkeypatch.setattr(pieces, "_LONGEST", 20_000)
    path = tmp_path / "line.txt"
    path.write_text("one\ntwo\n" * 2000 + "x" * 50_000)
    with pytest.raises(CorpusError, match="no end of a text"):
        read_texts(path, ReadingOptions(layout="lines"))


def test_only_the_last_folders_are_kept(tmp_path: Path, tiny: None) -> None:
    for name in ("lines.txt", "table.csv", "records.jsonl"):
        read_texts(written(tmp_path, name), cache=tmp_path / "cache")
    assert len(list((tmp_path / "cache" / "prepared").iterdir())) == 2


@pytest.mark.parametrize("name", ["lines.txt", "table.csv", "packed.txt.gz", "page.html"])
def test_what_is_piped_in_may_be_large_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    page = "<html><body>" + "".join(f"<p>{joke}</p>\n" for joke in JOKES) + "</body></html>"
    data = page.encode() if name == "page.html" else written(tmp_path, name).read_bytes()
    found: list[Texts] = []
    for least in (10**9, 1000):
        monkeypatch.setattr(limits, "LARGE_BYTES", least)
        monkeypatch.setattr(pieces, "PIECE_BYTES", 6000)
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(data)))
        found.append(read_texts("-", cache=tmp_path / "cache"))
    small, large = found
    assert (large.stored is None) == (name == "page.html")
    assert large.texts.tolist() == small.texts.tolist() != []
    assert large.name == small.name == "standard input"
    assert large.reading.sources == ("-",)
    assert not list((tmp_path / "cache").glob("piped-*"))


def test_a_full_disk_while_a_pipe_is_kept_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: None
) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(PLAIN.encode())))
    (tmp_path / "cache").write_text("a file, no folder")
    with pytest.raises(CorpusError, match=r"standard input cannot be kept on the disk .*; free some space, or name a"):
        read_texts("-", cache=tmp_path / "cache")
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(PLAIN.encode())))
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10_000}))
    with pytest.raises(CorpusError, match=r"MB are free; free some space"):  # of a pipe without end too
        read_texts("-", cache=tmp_path / "other")
    assert not list((tmp_path / "other").glob("piped-*"))


def folder_of(parent: Path, kind: str) -> Path:
    folder = parent / "many"
    folder.mkdir()
    for number in range(20):
        jokes = JOKES[number * 20 : number * 20 + 20]
        if kind == "tables":
            (folder / f"{number:02}.csv").write_text(
                "id,joke\n" + "".join(f'{n},"{joke}"\n' for n, joke in enumerate(jokes))
            )
        else:
            (folder / f"{number:02}.txt").write_text("\n".join(jokes) + "\n")
    (folder / "README.md").write_text("What is in here.\n")
    if kind == "large too":
        (folder / "10.txt").write_text(PLAIN)
    return folder


@pytest.mark.parametrize("kind", ["lines", "tables", "large too"])
def test_many_files_are_read_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    folder = folder_of(tmp_path, kind)
    small = read_texts(folder, ReadingOptions(layout=None if kind == "tables" else "lines"))
    monkeypatch.setattr(limits, "LARGE_BYTES", 10_000)
    monkeypatch.setattr(pieces, "PIECE_BYTES", 6000)
    monkeypatch.setattr(many_files, "_AT_ONCE", 5000)
    monkeypatch.setattr(many_files, "DECIDING_BYTES", 3000)
    cache = tmp_path / "cache"
    options = ReadingOptions(layout=None if kind == "tables" else "lines")
    work = reading_texts(folder, options, cache=cache)
    told = list(islice(work, 3))
    work.close()
    going_on = reading_texts(folder, options, cache=cache)
    assert next(going_on).done > told[-1].done
    going_on.close()
    large = read_texts(folder, options, cache=cache)
    assert large.stored is not None
    assert (large.name, large.layout, large.count) == (small.name, small.layout, small.count)
    assert sorted(large.texts) == sorted(small.texts)
    assert large.reading.order == small.reading.order
    assert any("What is about the texts" in sentence for sentence in large.notices)
    assert build_corpus(large).fingerprint == build_corpus(small).fingerprint


def test_of_many_files_those_that_cannot_be_read_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: None
) -> None:
    folder = folder_of(tmp_path, "lines")
    monkeypatch.setattr(limits, "LARGE_BYTES", 10_000)
    monkeypatch.setattr(many_files, "DECIDING_BYTES", 3000)
    (folder / "15.txt").write_bytes(b"\x7fELF" + bytes(range(256)) * 20)
    (folder / "16.txt").write_text("")
    large = read_texts([folder, written(tmp_path, "lines.txt")], ReadingOptions(layout="lines"), cache=tmp_path / "c")
    assert large.name == "many and 1 more"
    assert "Left out: 1 file of many and 1 more that cannot be read." in large.notices
    assert large.count == len({joke for joke in PLAIN.split("\n") if joke.strip()}) - 30


def split_of_lengths(lengths: list[int]) -> Split:
    offsets = np.cumsum([0, *lengths])
    return Split("train", np.arange(offsets[-1], dtype=np.int32), offsets, 0, 0, 0)


def places(plan: Plan) -> Iterator[int]:
    for batch in plan:
        yield from batch.targets[batch.targets >= 0].tolist()


def test_more_texts_than_have_room_are_shuffled_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    split = split_of_lengths([number % 11 + 1 for number in range(300)])
    whole = text_batches(split, 4, 8, seed=1, epoch=1)
    monkeypatch.setattr("jokegen.data.batching.STRETCH", 70)
    plan, other = (text_batches(split, 4, 8, seed=1, epoch=epoch) for epoch in (1, 2))
    assert sorted(places(plan)) == sorted(places(whole)) == list(range(len(split.tokens)))
    assert list(places(plan)) != list(places(other))
    assert sum(1 for _ in plan) == len(plan)
    again = text_batches(split, 4, 8, seed=1, epoch=1)
    assert np.array_equal(again[len(plan) - 1].targets, plan[-1].targets)  # a resumed epoch begins anywhere


def test_long_texts_are_shuffled_in_stretches_as_large_as_short_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    split = split_of_lengths([900 if number % 3 else 2 for number in range(60)])
    monkeypatch.setattr("jokegen.data.batching.STRETCH", 50)
    plan = text_batches(split, 4, 8, seed=1, epoch=1)
    assert sorted(places(plan)) == list(range(len(split.tokens)))
    first = [plan[number].targets for number in range(50 // 4)]  # of the same stretch, unless they have come to its end
    spans = [batch.max() - batch[batch >= 0].min() for batch in first]
    assert np.median(spans) < 50 * 8 + 900 < len(split.tokens) / 10


def test_what_is_at_hand_comes_from_all_over(tmp_path: Path) -> None:
    split = split_of_lengths([5] * 2000)
    split.tokens.tofile(tmp_path / "tokens")
    on_disk = Split("train", np.memmap(tmp_path / "tokens", np.int32, "r"), split.offsets, 0, 0, 0)
    some = at_hand(on_disk, 1000)
    assert not some.is_on_disk
    assert 600 < len(some.tokens) <= 1000
    assert some.tokens.min() == 0
    assert some.tokens.max() > 9500
    assert all(len(some.text(place)) == 5 for place in range(len(some)))
    assert np.array_equal(at_hand(on_disk, 10**6).tokens, split.tokens)
    assert at_hand(split, 10) is split
    cut = at_hand(on_disk, 200)  # less than a text for each place
    assert 100 < len(cut.tokens) <= 200
    assert cut.tokens.max() > 9500
