"""Where only one folder may be read, nothing leads out of it."""

from __future__ import annotations

import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jokegen.data.faults import CorpusError
from jokegen.data.reading import read_texts

SECRET = "Nobody may read this line of mine."


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that may be read; beside it lies what may not, and links lead there."""
    folder = tmp_path / "texts"
    (folder / "deep").mkdir(parents=True)
    for name in ("jokes.txt", "deep/more.txt"):
        (folder / name).write_text(f"Why not {name}?\nBecause of {name}.\n", encoding="utf-8")
    (tmp_path / "secret.txt").write_text(f"{SECRET}\n{SECRET} Twice.\n", encoding="utf-8")
    (tmp_path / "texts-too").mkdir()
    (tmp_path / "texts-too" / "secret.txt").write_text(f"{SECRET}\n", encoding="utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "out").symlink_to(tmp_path)
    monkeypatch.setenv("JOKEGEN_TEXTS", str(folder))
    return folder


@pytest.mark.parametrize("named", ["jokes.txt", "deep/more.txt", "./deep/../jokes.txt", "jo*.txt", "deep"])
def test_what_lies_in_the_folder_is_read_from_there(folder: Path, named: str) -> None:
    assert len(read_texts(named).texts) == 2
    assert len(read_texts(folder / "jokes.txt").texts) == 2


@pytest.mark.parametrize(
    "named",
    [
        "../secret.txt",
        "../texts-too/secret.txt",
        "link.txt",
        "out/secret.txt",
        "out",
        "..",
        "/etc/passwd",
        "~/.profile",
        "$HOME",
        "l*.txt",
        "../s*.txt",
        "out/s*.txt",
        "-",
    ],
)
def test_what_leads_out_of_it_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(f"{SECRET}\nAnd that.\n".encode())))
    with pytest.raises(CorpusError) as caught:
        read_texts(named)
    assert "passwd" not in str(caught.value) or "outside" in str(caught.value)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(st.sampled_from(["..", ".", "out", "texts", "deep", "*", "secret.txt", "~", "", "/"]), max_size=6)
)
def test_no_path_reads_the_secret(folder: Path, parts: list[str]) -> None:
    try:
        found = list(read_texts("/".join(parts)).texts)
    except CorpusError:
        return
    assert not any(SECRET in text for text in found)


def test_without_a_folder_no_file_is_read_but_a_corpus_by_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOKEGEN_TEXTS", "")
    monkeypatch.chdir(folder)
    for named in ("jokes.txt", str(folder / "jokes.txt"), "."):
        with pytest.raises(CorpusError, match="by its name"):
            read_texts(named)
    assert len(read_texts("starter").texts) > 100
