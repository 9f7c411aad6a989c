"""Files for others are new ones, and none at all where an app is served."""

from pathlib import Path

import pytest
from jokegen.core.keeping.handouts import write_new
from jokegen.core.keeping.journals import KeepingError


def test_where_only_one_folder_may_be_read_no_file_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOKEGEN_TEXTS", str(tmp_path))
    with pytest.raises(KeepingError, match="No file can be written"):
        write_new(tmp_path / "authorized_keys", "mine")
    assert not [*tmp_path.iterdir()]
    monkeypatch.delenv("JOKEGEN_TEXTS")
    write_new(tmp_path / "talk.md", "mine")
    with pytest.raises(KeepingError, match="already"):
        write_new(tmp_path / "talk.md", "yours")
