"""A tiny corpus and one run trained on it by the command line itself."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from command_line import RUN, Trained, json_lines, run_cli, tiny_jokes


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV file of the tiny jokes."""
    path = tmp_path_factory.mktemp("corpus") / "tiny.csv"
    rows = [f'{number},"{joke}"' for number, joke in enumerate(tiny_jokes(), 1)]
    path.write_text("\n".join(["ID,Joke", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> Trained:
    """One epoch on the tiny jokes; do not change it, take ``home`` for that."""
    home = tmp_path_factory.mktemp("trained")
    result = run_cli(home, "train", corpus, "--max-epochs", "2", "--name", RUN, "--preset", "small", "--json")
    assert result.exit_code == 0, result.stderr
    return Trained(home, corpus, json_lines(result.stdout))


@pytest.fixture
def home(trained: Trained, tmp_path: Path) -> Path:
    """A home of the test's own that holds the trained run."""
    copy = tmp_path / "home"
    shutil.copytree(trained.home, copy)
    return copy


@pytest.fixture
def jokegen(home: Path) -> Callable[..., Result]:
    """The command line on a home that holds one trained run."""

    def call(*arguments: str | Path, given: str | bytes | None = None) -> Result:
        return run_cli(home, *arguments, given=given)

    return call
