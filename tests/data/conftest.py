"""Files written and read in one go, and small texts to fill them with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jokegen.data.faults import CorpusError
from jokegen.data.reading import ReadingOptions, Texts, read_texts
from plain_reading import ReadFile, plain_sentence


@pytest.fixture
def read_file(tmp_path: Path) -> ReadFile:
    """Write a file and read it; whatever is said about it is plain."""

    def write_and_read(name: str, content: str | bytes, **options: Any) -> Texts:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        found = read_texts(path, ReadingOptions(**options))
        for sentence in found.notices:
            plain_sentence(sentence)
        return found

    return write_and_read


@pytest.fixture
def refused(read_file: ReadFile) -> Callable[..., str]:
    """Write a file that cannot be read and return the sentence that says so."""

    def write_and_fail(name: str, content: str | bytes, **options: Any) -> str:
        with pytest.raises(CorpusError) as caught:
            read_file(name, content, **options)
        return plain_sentence(str(caught.value))

    return write_and_fail


@pytest.fixture
def jokes() -> list[str]:
    """Return 60 different short texts of one line."""
    people = ["baker", "farmer", "pilot", "sailor", "clown", "teacher", "lawyer", "doctor", "waiter", "drummer"]
    return [
        f"Why did the {person} call the {people[(place * 3 + number) % 10]} {number} times, and then run?"
        for number in range(6)
        for place, person in enumerate(people)
    ]


@pytest.fixture
def answers() -> list[str]:
    """Return 60 different texts that go on from the jokes."""
    things = ["soup", "piano", "goose", "ladder", "clock", "cactus"]
    return [f"Because of the {thing}, said number {number}!" for number in range(10) for thing in things]
