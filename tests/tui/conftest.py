"""A home of each test's own, so that nothing of the person who runs the tests is read or written."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where everything of JokeGen is for this test; the folder is made by what needs it."""
    monkeypatch.setenv("JOKEGEN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def home(own_home: Path) -> Path:
    """The same, for tests that put runs there; a file may fill it first."""
    return own_home
