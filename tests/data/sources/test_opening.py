"""Files, folders, patterns and several sources at once; links are not followed."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
from jokegen.data.faults import CorpusError
from jokegen.data.reading import ReadingOptions, read_texts
from plain_reading import plain_sentence


def fill(folder: Path, files: int, lines: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for place in range(files):
        poem = "\n".join(f"Line {line} of poem {place}" for line in range(lines))
        (folder / f"p{place:02d}.txt").write_text(poem, encoding="utf-8")


def test_many_short_files_are_a_text_each_and_that_is_said(tmp_path: Path) -> None:
    fill(tmp_path / "poems", 20, 4)
    found = read_texts(tmp_path / "poems")
    assert (found.name, found.layout, len(found.texts)) == ("poems", "file", 20)
    assert found.texts[3].splitlines()[0] == "Line 0 of poem 3"
    assert "one text for each file" in found.notices[0]
    assert len(read_texts(tmp_path / "poems", ReadingOptions(layout="lines")).texts) == 80


def test_few_or_long_files_are_divided(tmp_path: Path) -> None:
    fill(tmp_path / "few", 3, 30)
    fill(tmp_path / "long", 10, 200)
    assert (len(read_texts(tmp_path / "few").texts), len(read_texts(tmp_path / "long").texts)) == (90, 2000)


def test_several_sources_and_patterns_are_read_together(tmp_path: Path) -> None:
    fill(tmp_path, 4, 5)
    (tmp_path / "table.csv").write_text("id,joke\n1,why did it run\n2,so it could hide\n", encoding="utf-8")
    both = read_texts([tmp_path / "p00.txt", str(tmp_path / "table.csv")])
    assert len(both.texts) == 7
    assert both.reading.sources == (str(tmp_path / "p00.txt"), str(tmp_path / "table.csv"))
    assert len(read_texts(str(tmp_path / "p0[12].txt")).texts) == 10
    assert len(read_texts(str(tmp_path / "**" / "*.txt")).texts) == 20


def test_a_name_with_the_signs_of_a_pattern_is_a_name(tmp_path: Path) -> None:
    (tmp_path / "jokes [1].txt").write_text("one joke\nanother joke\n")
    assert len(read_texts(str(tmp_path / "jokes [1].txt")).texts) == 2


def test_links_and_hidden_files_in_a_folder_are_left_alone(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret\n")
    folder = tmp_path / "texts"
    fill(folder, 2, 5)
    (folder / "link.txt").symlink_to(secret)
    (folder / "loop").symlink_to(folder)
    (folder / ".hidden").write_text("hidden\n")
    found = read_texts(folder)
    assert not any("secret" in text or "hidden" in text for text in found.texts)
    assert any("2 symbolic links" in sentence and "not followed" in sentence for sentence in found.reading.left_out)


def test_what_cannot_be_read_in_a_folder_is_left_out_with_a_word(tmp_path: Path) -> None:
    fill(tmp_path, 2, 5)
    (tmp_path / "cover.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 99)
    (tmp_path / "empty.txt").write_text("")
    found = read_texts(tmp_path)
    assert len(found.texts) == 10
    said = " ".join(map(plain_sentence, found.reading.left_out))
    assert "cover.png is a picture" in said
    assert "empty.txt is empty" in said


def test_a_folder_without_texts_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    with pytest.raises(CorpusError, match="folder without files"):
        read_texts(tmp_path)
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(CorpusError, match="a picture"):
        read_texts(tmp_path)


def test_a_pipe_is_read_like_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"ID,Question,Answer\n1,Why did it go?,It had to.\n2,Why did it stay?,It could.\n3,Why not me?,No idea.\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert read_texts("-").texts.tolist()[0] == "Why did it go? It had to."


def test_a_named_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    if os.fork() == 0:
        pipe.write_text("one joke\nanother one\n")
        os._exit(0)
    assert read_texts(pipe).texts.tolist() == ["one joke", "another one"]
    os.wait()
