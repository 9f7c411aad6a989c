from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jokegen.data.sealing import seal, seal_into, unseal
from safetensors.numpy import load, save

ARRAYS = {
    "weights": np.arange(24, dtype=np.float32).reshape(4, 6),
    "bias": np.ones(3, dtype=np.float64),
    "half": np.linspace(-1, 1, 5).astype(np.float16),
}
VALUES = {"ü": 1, "crc32": "00000000", "nested": {"none": None, "list": [1.5, "\x1b"]}}
DOCUMENT = seal(ARRAYS, VALUES)


def test_what_was_sealed_comes_back_and_is_still_safetensors() -> None:
    arrays, values = unseal(DOCUMENT)
    assert values == VALUES
    for found in (arrays, load(DOCUMENT)):
        assert found.keys() == ARRAYS.keys()
        assert all(np.array_equal(found[name], array) for name, array in ARRAYS.items())
        assert all(found[name].dtype == array.dtype for name, array in ARRAYS.items())


@given(st.integers(0, len(DOCUMENT) - 1), st.integers(1, 255))
@example(0, 9)  # a shorter header that ends in its own padding
def test_every_changed_byte_is_noticed(place: int, change: int) -> None:
    damaged = bytearray(DOCUMENT)
    damaged[place] ^= change
    with pytest.raises(ValueError, match="document"):
        unseal(bytes(damaged))


@pytest.mark.parametrize("length", [0, 7, 40, len(DOCUMENT) - 1])
def test_a_document_cut_short_is_noticed(length: int) -> None:
    with pytest.raises(ValueError, match="document"):
        unseal(DOCUMENT[:length])


@pytest.mark.parametrize(
    "metadata",
    [None, {}, {"other": "1"}, {"jokegen": "7"}, {"jokegen": "{"}, {"values": "[1, 2]"}, {"jokegen": '{"values": {}}'}],
)
def test_what_is_none_of_ours_is_refused(metadata: dict[str, str] | None) -> None:
    with pytest.raises(ValueError, match="document"):
        unseal(save(ARRAYS, metadata=metadata))


def test_equal_content_gives_equal_bytes_in_another_process() -> None:
    """An order that changes with the seed of Python's hashes, or of a hash map, would show here."""
    code = (
        "import sys, json, numpy as np\nfrom jokegen.data.sealing import seal\n"
        "arrays = {name: np.arange(size, dtype=np.float32) for name, size in (('b', 3), ('a', 2), ('c', 7))}\n"
        "sys.stdout.buffer.write(seal(arrays, json.loads(sys.argv[1])))"
    )
    made = {
        subprocess.run([sys.executable, "-c", code, json.dumps(VALUES)], capture_output=True, check=True).stdout
        for _ in range(4)
    }
    assert len(made) == 1


def test_writing_a_document_takes_little_memory_beside_its_arrays(tmp_path):
    arrays = {"weights": np.zeros(12_000_000, dtype=np.float32), "step": np.array(3)}
    tracemalloc.start()
    try:
        with (tmp_path / "document").open("wb") as file:
            seal_into(file, arrays, VALUES)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < arrays["weights"].nbytes / 2
    found, values = unseal((tmp_path / "document").read_bytes())
    assert values == VALUES
    assert all(np.array_equal(found[name], arrays[name]) for name in arrays)
