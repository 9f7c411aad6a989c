"""Looking into compressed files and archives: sizes are bounded, and nothing in them can name a place outside."""

from __future__ import annotations

import bz2
import gzip
import importlib
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any

from ..cleaning import one_line
from ..faults import CorpusError
from ..findings import Findings, counted
from .limits import MAXIMUM_BYTES, MAXIMUM_DEPTH, MAXIMUM_FILES

COMPRESSIONS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd"}
CONTAINER_ENDINGS = (*COMPRESSIONS, ".zip", ".tar", ".tgz", ".tbz2", ".txz")
_MAGIC = ((b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\x00", "xz"), (b"\x28\xb5\x2f\xfd", "zstd"))
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_DOCUMENTS = ("[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF")
"""What the ZIP archives have that are documents of an office program, books or programs."""
_DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError)
_DAMAGED_ARCHIVE = (*_DAMAGE, zipfile.BadZipFile, tarfile.TarError, NotImplementedError, RuntimeError)
"""The last two are how zipfile says that it does not know a compression or a password."""
_TAR_MARK = slice(257, 262)


@dataclass(frozen=True)
class Blob:
    """The bytes of one file, and its name as it may be shown."""

    name: str
    data: bytes
    inside: bool = False
    """Whether it stood in an archive or a folder."""


def unpacked(blob: Blob, findings: Findings, depth: int = 0, budget: int = MAXIMUM_BYTES) -> list[Blob]:
    """Return the files in ``blob``, which is itself where it is neither compressed nor an archive.

    Raises:
        CorpusError: it is damaged, encrypted, holds nothing, or unpacks to more than ``budget`` bytes.
    """
    data = blob.data
    kind = next((kind for magic, kind in _MAGIC if data.startswith(magic)), None)
    if kind is None and not _is_tar(data) and not _is_zip(data):
        return [blob]
    if depth >= MAXIMUM_DEPTH:
        raise CorpusError(f"{blob.name} is packed more than {MAXIMUM_DEPTH} times over; unpack it and give the files.")
    if kind is not None:
        plain = Blob(_without_ending(blob.name), _decompressed(blob, kind, budget), blob.inside)
        return unpacked(plain, findings, depth + 1, budget)
    found: list[Blob] = []
    skipped = 0
    members = _tar_members(blob) if _is_tar(data) else _zip_members(blob)
    for name, content in members:
        if content is None or _is_housekeeping(name):
            skipped += content is None
            continue
        if len(found) >= MAXIMUM_FILES:
            raise CorpusError(
                f"{blob.name} holds more than {MAXIMUM_FILES:,} files; unpack it and give a part of them."
            )
        try:
            with content:
                bytes_read = _bounded(content, blob.name, budget)
        except _DAMAGED_ARCHIVE as error:
            raise CorpusError(f"{blob.name} is a damaged archive; pack it again.") from error
        budget -= len(bytes_read)
        inner = Blob(one_line(PurePosixPath(name).name) or blob.name, bytes_read, inside=True)
        found += unpacked(inner, findings, depth + 1, budget + len(bytes_read))
    if skipped:
        entries = counted(skipped, "entry", "entries")
        findings.omit(f"{entries} of {blob.name} left out: links and special files are not followed.")
    if not found:
        raise CorpusError(f"{blob.name} holds no files; pack the texts again.")
    return found


def _is_tar(data: bytes) -> bool:
    return data[_TAR_MARK] == b"ustar"


def _is_zip(data: bytes) -> bool:
    if not data.startswith(_ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except _DAMAGED_ARCHIVE:
        return True  # damaged: said when it is read
    return not any(name in _DOCUMENTS for name in names)


def _is_housekeeping(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part.startswith(".") or part == "__MACOSX" for part in parts if part not in {".", ".."})


def _without_ending(name: str) -> str:
    lowered = name.lower()
    for short, long in ((".tgz", ".tar"), (".tbz2", ".tar"), (".txz", ".tar")):
        if lowered.endswith(short):
            return name[: -len(short)] + long
    ending = next((ending for ending in COMPRESSIONS if lowered.endswith(ending)), "")
    return name[: len(name) - len(ending)] or name


def _decompressed(blob: Blob, kind: str, budget: int) -> bytes:
    source = io.BytesIO(blob.data)
    try:
        if kind == "zstd":
            # Part of Python from 3.14 on; the type checker looks at the oldest that is supported.
            stream: IO[bytes] = importlib.import_module("compression.zstd").ZstdFile(source)
        else:
            opened: dict[str, Any] = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}
            stream = opened[kind](source, "rb")
    except ImportError as error:
        raise CorpusError(
            f"{blob.name} is compressed with zstd, which this Python cannot read; decompress it with 'zstd -d' first."
        ) from error
    with stream:
        try:
            return _bounded(stream, blob.name, budget)
        except CorpusError:
            raise
        except Exception as error:
            raise CorpusError(f"{blob.name} is a damaged {kind} file; compress it again.") from error


def _bounded(stream: IO[bytes], name: str, budget: int) -> bytes:
    """Read a stream whatever size it claims, up to what is left of the budget."""
    data = stream.read(budget + 1)
    if len(data) > budget:
        raise CorpusError(f"{name} unpacks to more than {MAXIMUM_BYTES // 1024**2} MB; train on a part of it.")
    return data


def _tar_members(blob: Blob) -> Iterator[tuple[str, IO[bytes] | None]]:
    """Yield the name and the content of each member; no content for links and special files."""
    try:
        with tarfile.open(fileobj=io.BytesIO(blob.data), mode="r:") as archive:
            for member in archive:
                if member.isdir():
                    continue
                yield member.name, archive.extractfile(member) if member.isreg() else None
    except (tarfile.TarError, *_DAMAGE) as error:
        raise CorpusError(f"{blob.name} is a damaged tar archive; pack it again.") from error


def _check_readable(member: zipfile.ZipInfo, name: str) -> None:
    if member.flag_bits & 1:
        raise CorpusError(f"{name} is encrypted; unpack it and give the files.")


def _zip_members(blob: Blob) -> Iterator[tuple[str, IO[bytes] | None]]:
    try:
        with zipfile.ZipFile(io.BytesIO(blob.data)) as archive:
            for member in archive.infolist():
                if member.is_dir():
                    continue
                _check_readable(member, blob.name)
                is_link = (member.external_attr >> 16) & 0o170000 == 0o120000
                yield member.filename, None if is_link else archive.open(member)
    except CorpusError:
        raise
    except _DAMAGED_ARCHIVE as error:
        raise CorpusError(f"{blob.name} is a damaged zip archive; pack it again.") from error
