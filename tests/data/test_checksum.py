from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jokegen.data.checksum import FIELD, UNSEALED, check_intact, sealed
from safetensors.numpy import load, save

ARRAYS = {"weights": np.arange(24, dtype=np.float32).reshape(4, 6), "bias": np.ones(3, dtype=np.float64)}
DOCUMENT = sealed(save(ARRAYS, metadata={"note": json.dumps({FIELD: UNSEALED, "ü": 1}), FIELD: UNSEALED}))


def checksum_of(document: bytes) -> str | None:
    return json.loads(document[8 : 8 + int.from_bytes(document[:8], "little")])["__metadata__"].get(FIELD)


def test_a_sealed_document_is_still_safetensors() -> None:
    again = load(DOCUMENT)
    assert all(np.array_equal(again[name], array) for name, array in ARRAYS.items())
    assert checksum_of(DOCUMENT) != UNSEALED
    check_intact(DOCUMENT, checksum_of(DOCUMENT))


@given(st.integers(0, len(DOCUMENT) - 1), st.integers(1, 255))
@example(0, 9)  # a shorter header that ends in its own padding
def test_every_changed_byte_is_noticed(place: int, change: int) -> None:
    damaged = bytearray(DOCUMENT)
    damaged[place] ^= change
    try:
        checksum = checksum_of(bytes(damaged))
    except (ValueError, KeyError, AttributeError, TypeError):
        return  # what stands there is no longer a header at all
    if checksum is None:
        return  # the name of the checksum itself was hit, and nothing else
    with pytest.raises(ValueError, match="changed"):
        check_intact(bytes(damaged), checksum)


def test_a_document_without_a_checksum_is_taken_as_it_is() -> None:
    document = save(ARRAYS)
    assert sorted(load(document)) == sorted(ARRAYS)
    assert check_intact(document, None) is None


@pytest.mark.parametrize("length", [0, 7, 40, len(DOCUMENT) - 1])
def test_a_document_cut_short_is_noticed(length: int) -> None:
    with pytest.raises(ValueError, match="changed"):
        check_intact(DOCUMENT[:length], checksum_of(DOCUMENT))
