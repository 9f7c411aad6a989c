"""Arrays and plain values as one safetensors document that notices a changed byte, which the format itself would not.

The header's metadata has a single entry, so that equal content gives equal bytes: safetensors writes several entries in
an order that differs from process to process.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from .arrays_on_disk import in_parts

_ENTRY = "jokegen"
_CHECKSUM = "crc32"
_UNSEALED = "00000000"
"""The checksum's value while it is computed."""
_EARLIER_ENTRIES = ("values", "corpus")
"""Where version 0.1 kept the values; its checksum was an entry of its own."""
_LENGTH = 8
_LONGEST_HEADER = 1 << 20
_AT_ONCE = 1 << 22


def seal(arrays: Mapping[str, NDArray[Any]], values: Mapping[str, Any]) -> bytes:
    """Return ``arrays`` and the JSON-ready ``values`` as one document."""
    file = BytesIO()
    seal_into(file, arrays, values)
    return file.getvalue()


def seal_into(file: IO[bytes], arrays: Mapping[str, NDArray[Any]], values: Mapping[str, Any]) -> None:
    """Write ``arrays`` and the JSON-ready ``values`` as one document, piece by piece.

    ``file`` can be sought in, and the arrays may be files.
    """
    entry = json.dumps({_CHECKSUM: _UNSEALED, "values": values}, sort_keys=True)
    described: dict[str, Any] = {"__metadata__": {_ENTRY: entry}}
    place = 0
    # The format wants the widest numbers first, so that all of them are aligned.
    ordered = sorted(arrays.items(), key=lambda item: (-item[1].dtype.itemsize, item[0]))
    for name, array in ordered:
        described[name] = {
            "dtype": "BOOL" if array.dtype.kind == "b" else f"{array.dtype.kind.upper()}{array.dtype.itemsize * 8}",
            "shape": list(array.shape),
            "data_offsets": [place, place + array.nbytes],
        }
        place += array.nbytes
    header = json.dumps(described, separators=(",", ":")).encode()
    header += b" " * (-len(header) % _LENGTH)
    length = len(header).to_bytes(_LENGTH, "little")
    checksum = zlib.crc32(header, zlib.crc32(length))
    begin = file.tell()
    file.write(length + header)
    for _, array in ordered:
        for part in in_parts(array.reshape(-1)):
            content = np.ascontiguousarray(part).view(np.uint8).data
            checksum = zlib.crc32(content, checksum)
            file.write(content)
    file.seek(begin + _LENGTH)
    file.write(header.replace(_mark(_UNSEALED), _mark(f"{checksum:08x}"), 1))
    file.seek(0, os.SEEK_END)


def unseal_file(
    path: Path, is_large: Callable[[dict[str, Any]], bool]
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the arrays and the values of the document at ``path``; where ``is_large`` says so of the values, the
    arrays are the file itself, looked into.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is damaged or none of ours.
    """
    with path.open("rb") as file:
        length = file.read(_LENGTH)
        header = file.read(min(int.from_bytes(length, "little"), _LONGEST_HEADER))
        try:
            described: dict[str, Any] = json.loads(header)
            entry = json.loads(described.pop("__metadata__")[_ENTRY])
            values, checksum = dict[str, Any](entry["values"]), str(entry[_CHECKSUM])
            large = is_large(values)
        except (ValueError, KeyError, TypeError, AttributeError):
            large, values, checksum, described = False, dict[str, Any](), "", dict[str, Any]()
        if not large:
            return unseal(length + header + file.read())
        found = zlib.crc32(header.replace(_mark(checksum), _mark(_UNSEALED), 1), zlib.crc32(length))
        while part := file.read(_AT_ONCE):
            found = zlib.crc32(part, found)
    if f"{found:08x}" != checksum:
        raise ValueError("the document was changed after it was sealed")
    begin = _LENGTH + len(header)
    kinds = {"U16": np.uint16, "I32": np.int32, "I64": np.int64}
    try:
        return {
            name: np.memmap(path, kinds[what["dtype"]], "r", begin + what["data_offsets"][0], tuple(what["shape"]))
            for name, what in described.items()
        }, values
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError("the document is damaged") from error


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
