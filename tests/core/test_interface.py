"""The Python interface, and what the README says of it."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jokegen import core
from jokegen.core import open_run, train
from jokegen.core.errors import RunError, SettingsError

README = Path(__file__).parents[2] / "README.md"


def test_the_example_of_the_readme_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("JOKEGEN_HOME", str(tmp_path))
    text = README.read_text(encoding="utf-8")
    example = next(block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if ">>>" in block)
    test = doctest.DocTestParser().get_doctest(example, {}, "README", str(README), 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(test)
    assert runner.summarize(verbose=False).failed == 0
    assert runner.tries >= 5


def test_a_run_is_trained_and_talked_to(corpus_file):
    run = train(corpus_file, name="mine", preset="small", max_epochs=1)
    assert run.speak("Why did", words=6, seed=3) == open_run("mine").speak("Why did", words=6, seed=3)
    assert run.speak("Why did", greedy=True).startswith("Why did")
    words = list(open_run().stream("Why did", words=4, temperature=1.2))
    assert all(0 < word.probability <= 1 for word in words)
    assert run.score("Why did the duck walk into the bar?").loss > 0
    assert run.series()["loss"].notna().all()
    assert run.figures is not None
    assert run.figures.split == "test"


def test_mistakes_are_sentences(corpus_file):
    with pytest.raises(RunError, match="no run named"):
        open_run("nothing")
    with pytest.raises(SettingsError, match="max-epochs"):
        train(corpus_file, max_epochs=0)
    with pytest.raises(SettingsError, match="no setting 'epochs'"):
        train(corpus_file, epochs=1)
    run = train(corpus_file, name="other", preset="ngram")
    with pytest.raises(SettingsError, match="temperature"):
        run.speak(temperature=0)
    with pytest.raises(SettingsError, match="no such choice"):
        run.speak(heat=1)


def test_the_door_opens_lazily_and_only_to_what_is_there():
    with pytest.raises(AttributeError):
        core.nothing  # noqa: B018
    code = "import sys, jokegen.core\nfrom jokegen.core import open_run\nprint('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
