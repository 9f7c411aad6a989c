"""The manual page, read by ``man`` itself."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from command_line import environment, run_cli
from jokegen.core.described import choices_of
from jokegen.core.settings import TrainingSettings
from jokegen.tui.main import cli


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not installed")
def test_man_shows_every_verb_and_option_without_a_warning(tmp_path: Path) -> None:
    page = tmp_path / "jokegen-tui.1"
    page.write_text(run_cli(tmp_path, "man").stdout, encoding="utf-8")
    variables = environment(tmp_path) | {"MANWIDTH": "100", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"}
    done = subprocess.run(["man", "--warnings", "-l", str(page)], env=variables, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    words = set(done.stdout.split())
    assert cli.commands.keys() <= words
    assert {f"--{choice.flag}" for choice in choices_of(TrainingSettings) if choice.kind is not bool} <= words
    assert 'jokegen-tui generate "Why did the chicken"' in done.stdout
    assert "Several are read together." in " ".join(done.stdout.split())
