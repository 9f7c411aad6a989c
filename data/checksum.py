"""A checksum inside a safetensors document: the format itself would not notice a weight that has changed."""

from __future__ import annotations

import zlib

FIELD = "crc32"
"""Name of the checksum in the document's metadata."""
UNSEALED = "00000000"
"""Its value while the checksum is computed."""

_LENGTH = 8


def sealed(document: bytes) -> bytes:
    """Return ``document`` with its checksum filled in; its metadata must hold ``FIELD`` with the value ``UNSEALED``."""
    start, header = _header(document)
    rest = memoryview(document)[start:]
    filled = header.replace(_entry(UNSEALED), _entry(f"{_checksum(document[:_LENGTH], header, rest):08x}"))
    return b"".join((document[:_LENGTH], filled, rest))


def check_intact(document: bytes, checksum: str | None) -> None:
    """Raise ValueError unless ``document`` is as it was when sealed; one without a checksum is taken as it is."""
    if checksum is None:
        return
    start, header = _header(document)
    unsealed = header.replace(_entry(checksum), _entry(UNSEALED))
    if f"{_checksum(document[:_LENGTH], unsealed, memoryview(document)[start:]):08x}" != checksum:
        raise ValueError("the document was changed after it was sealed")


def _header(document: bytes) -> tuple[int, bytes]:
    start = _LENGTH + int.from_bytes(document[:_LENGTH], "little")
    return start, document[_LENGTH:start]


def _entry(checksum: str) -> bytes:
    return f'"{FIELD}":"{checksum}"'.encode()


def _checksum(length: bytes, header: bytes, rest: memoryview) -> int:
    return zlib.crc32(rest, zlib.crc32(header, zlib.crc32(length)))
