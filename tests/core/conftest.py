from pathlib import Path

import pytest
import torch
from jokegen.core import settings
from jokegen.core.events import Ended
from jokegen.core.runs import store as runs
from jokegen.core.runs.folder import Run
from jokegen.core.training import workflow
from trainings import jokes


@pytest.fixture(autouse=True)
def one_thread_and_a_home(monkeypatch, tmp_path):
    torch.set_num_threads(1)
    monkeypatch.setenv("JOKEGEN_HOME", str(tmp_path / "home"))


@pytest.fixture
def kills_asked(pytestconfig):
    """How often somebody wants trainings killed, None in the suite."""
    return pytestconfig.getoption("kills")


@pytest.fixture
def store(tmp_path):
    return runs.RunStore(tmp_path / "runs")


@pytest.fixture(scope="session")
def corpus_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "jokes.txt"
    path.write_text("\n".join(jokes()), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def make_request(corpus_file):
    def make(name="run", source=None, **chosen):
        chosen = {"preset": "small", "max_epochs": 2, "batch_size": 8, "precision": "float32", **chosen}
        if chosen["preset"] == "small":  # everything is the same in a quarter of the width, and quicker
            chosen = {"hidden": 64, **chosen}
        return workflow.TrainingRequest(
            source=str(source or corpus_file), settings=settings.make_settings(chosen), name=name
        )

    return make


@pytest.fixture(scope="session")
def trained(tmp_path_factory, make_request):
    """Train once a session for each set of choices; return the finished run."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("trained")
    made = {}

    def train(**chosen):
        key = tuple(sorted(chosen.items()))
        if key not in made:
            store = runs.RunStore(Path(folder) / str(len(made)))
            events = list(workflow.train(make_request(**chosen), store))
            assert isinstance(events[-1], Ended)
            made[key] = store.open("run")
        return made[key]

    return train


@pytest.fixture
def copied(trained, store):
    """Return a copy of a finished run that a test may damage."""
    import shutil

    def copy(**chosen):
        original = trained(**chosen)
        target = store.folder / "run"
        shutil.copytree(original.path, target)
        return Run(target)

    return copy
