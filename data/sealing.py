"""Arrays and plain values as one safetensors document that notices a changed byte, which the format itself would not.

The header's metadata has a single entry, so that equal content gives equal bytes: safetensors writes several entries in
an order that differs from process to process.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

_ENTRY = "jokegen"
_CHECKSUM = "crc32"
_UNSEALED = "00000000"
"""The checksum's value while it is computed."""
_EARLIER_ENTRIES = ("values", "corpus")
"""Where version 0.1 kept the values; its checksum was an entry of its own."""
_LENGTH = 8


def seal(arrays: Mapping[str, NDArray[Any]], values: Mapping[str, Any]) -> bytes:
    """Return ``arrays`` and the JSON-ready ``values`` as one document."""
    entry = json.dumps({_CHECKSUM: _UNSEALED, "values": values}, sort_keys=True)
    document = save(dict(arrays), metadata={_ENTRY: entry})
    start, header = _header(document)
    rest = memoryview(document)[start:]
    checksum = f"{_sum(document[:_LENGTH], header, rest):08x}"
    return b"".join((document[:_LENGTH], header.replace(_mark(_UNSEALED), _mark(checksum), 1), rest))


def unseal(document: bytes) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the arrays and the values of a document; raises ValueError when it is damaged or none of ours."""
    try:
        arrays = load(document)
        start, header = _header(document)
        metadata = json.loads(header)["__metadata__"]
        if _ENTRY in metadata:
            entry = json.loads(metadata[_ENTRY])
            values, checksum, mark = dict[str, Any](entry["values"]), str(entry[_CHECKSUM]), _mark
        else:
            earlier = next(metadata[name] for name in _EARLIER_ENTRIES if name in metadata)
            values = dict[str, Any](json.loads(earlier))
            checksum, mark = metadata.get(_CHECKSUM), _earlier_mark
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError, StopIteration, RecursionError) as error:
        raise ValueError("the document is damaged") from error
    if checksum is not None:
        unsealed = header.replace(mark(checksum), mark(_UNSEALED), 1)
        if f"{_sum(document[:_LENGTH], unsealed, memoryview(document)[start:]):08x}" != checksum:
            raise ValueError("the document was changed after it was sealed")
    return arrays, values


def _header(document: bytes) -> tuple[int, bytes]:
    start = _LENGTH + int.from_bytes(document[:_LENGTH], "little")
    return start, document[_LENGTH:start]


def _mark(checksum: str) -> bytes:
    # The entry is a JSON text inside a JSON text.
    return rf"\"{_CHECKSUM}\": \"{checksum}\"".encode()


def _earlier_mark(checksum: str) -> bytes:
    return f'"{_CHECKSUM}":"{checksum}"'.encode()


def _sum(length: bytes, header: bytes, rest: memoryview) -> int:
    return zlib.crc32(rest, zlib.crc32(header, zlib.crc32(length)))
