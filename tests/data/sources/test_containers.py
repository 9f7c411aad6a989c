"""Compressed files and archives are read like files and folders, within bounds."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import tarfile
import zipfile
from collections.abc import Callable

import pytest
from jokegen.data.sources import containers
from plain_reading import ReadFile

CSV = b"id,joke\n1,why did it cross the road\n2,so it could hide there\n"
TEXTS = ["why did it cross the road", "so it could hide there"]


def tar(*members: tuple[str, bytes], mode: str = "w", links: tuple[tuple[str, str], ...] = ()) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for name, target in links:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return file.getvalue()


def zipped(*members: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("jokes.csv.gz", gzip.compress(CSV)),
        ("jokes.csv.bz2", bz2.compress(CSV)),
        ("jokes.csv.xz", lzma.compress(CSV)),
        ("jokes.zip", zipped(("jokes.csv", CSV))),
        ("stored.zip", zipped(("jokes.csv", CSV), compression=zipfile.ZIP_STORED)),
        ("jokes.tar", tar(("jokes.csv", CSV))),
        ("jokes.tar.gz", tar(("jokes.csv", CSV), mode="w:gz")),
        ("jokes.tgz", tar(("jokes.csv", CSV), mode="w:gz")),
        ("jokes.tar.xz", tar(("a/b/jokes.csv", CSV), mode="w:xz")),
        ("twice.gz", gzip.compress(gzip.compress(CSV))),
        ("nested.zip", zipped(("inner.tar.gz", tar(("jokes.csv", CSV), mode="w:gz")))),
        ("noise.zip", zipped(("__MACOSX/._jokes.csv", b"\0\1\2"), (".DS_Store", b"\0"), ("jokes.csv", CSV))),
        ("no-ending", tar(("jokes.csv", CSV), mode="w:bz2")),
    ],
    ids=range(13),
)
def test_what_is_packed_is_read_as_if_it_were_not(read_file: ReadFile, name: str, content: bytes) -> None:
    found = read_file(name, content)
    assert (found.texts.tolist(), found.column) == (TEXTS, "joke")


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python reads zstd")
def test_zstd_says_how_to_decompress_it(refused: Callable[..., str]) -> None:
    assert "zstd -d" in refused("jokes.csv.zst", b"\x28\xb5\x2f\xfd" + b"x" * 40)


def test_an_archive_of_many_files_is_read_like_a_folder(read_file: ReadFile) -> None:
    members = [(f"poems/{place:02d}.txt", f"The moon {place}\nthe sea {place}\n".encode()) for place in range(12)]
    for content in (tar(*members, mode="w:gz"), zipped(*members)):
        found = read_file("poems.archive", content)
        assert (found.layout, len(found.texts)) == ("file", 12)


def test_paths_do_not_leave_the_archive_and_links_are_not_followed(read_file: ReadFile) -> None:
    found = read_file("a.tar", tar(("../../etc/jokes.csv", CSV), links=(("passwd.txt", "/etc/passwd"),)))
    assert found.texts.tolist() == TEXTS
    assert "links and special files are not followed" in found.reading.left_out[0]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.zip", zipped(), "holds no files"),
        ("a.tar", tar(), ""),
        ("a.zip", zipped(("a.txt", b"some text\n" * 99))[:-60], "damaged zip"),
        ("a.tar.gz", tar(("jokes.csv", CSV * 999), mode="w:gz")[:-40], "damaged"),
        ("a.xz", lzma.compress(CSV * 99)[:-20], "damaged xz"),
        ("a.bz2", bz2.compress(CSV * 99)[:-20], "damaged bzip2"),
        ("a.gz", gzip.compress(gzip.compress(gzip.compress(gzip.compress(CSV)))), "times over"),
    ],
    ids=range(7),
)
def test_what_is_damaged_is_one_sentence(refused: Callable[..., str], name: str, content: bytes, says: str) -> None:
    assert says in refused(name, content)


def test_an_encrypted_archive_is_one_sentence(refused: Callable[..., str]) -> None:
    content = bytearray(zipped(("a.txt", b"text")))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    assert "encrypted" in refused("a.zip", bytes(content))


def test_sizes_are_bounded_whatever_they_claim(refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MAXIMUM_BYTES", 1000)
    monkeypatch.setattr("jokegen.data.sources.opening.MAXIMUM_BYTES", 1000)
    bomb = b"a" * 100_000
    assert "unpacks to more than" in refused("a.gz", gzip.compress(bomb))
    assert "unpacks to more than" in refused("a.zip", zipped(("a.txt", bomb)))
    assert "unpacks to more than" in refused("b.zip", zipped(*((f"{n}.txt", b"b" * 400) for n in range(4))))
    lying = bytearray(zipped(("a.txt", bomb)))
    size = len(bomb).to_bytes(4, "little")
    while size in lying:
        lying[lying.index(size) : lying.index(size) + 4] = (10).to_bytes(4, "little")
    assert refused("c.zip", bytes(lying))
    assert "is larger than" in refused("a.txt", bomb)
