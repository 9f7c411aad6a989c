from dataclasses import replace
from pathlib import Path

import pytest
import torch
from jokegen.core import runs, settings, workflow
from jokegen.core.checkpoints import load_checkpoint
from jokegen.core.events import Ended
from jokegen.core.run import BEST, LAST, TRAINER_STATE, Run

ANIMALS = ("duck", "cow", "cat", "dog", "hen", "pig", "owl", "fox", "bee", "ant")
PLACES = ("bar", "shop", "bank", "park", "zoo", "pool")


def jokes(count=60):
    """Return that many different short texts in a handful of words."""
    walks = (f"Why did the {ANIMALS[i % 10]} walk into the {PLACES[i // 10 % 6]}?" for i in range(count))
    return [f"{walk} It saw {i % 7 + 2} {ANIMALS[i * 3 % 10]}s!" for i, walk in enumerate(walks)]


@pytest.fixture(autouse=True)
def one_thread_and_a_home(monkeypatch, tmp_path):
    torch.set_num_threads(1)
    monkeypatch.setenv("JOKEGEN_HOME", str(tmp_path / "home"))


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


def resumed(request, name="run"):
    return replace(request, resume=name)


def tensors_of(run, files=(BEST, LAST, TRAINER_STATE)):
    return {
        f"{file}/{name}": tensor for file in files for name, tensor in load_checkpoint(run.path / file).tensors.items()
    }


def assert_same_training(run, expected):
    """Assert that two runs hold the same numbers, to the last bit."""
    mine, theirs = tensors_of(run), tensors_of(expected)
    assert mine.keys() == theirs.keys()
    different = [name for name, tensor in mine.items() if not torch.equal(tensor, theirs[name])]
    assert different == []
    assert [epoch.valid_loss for epoch in run.epochs()] == [epoch.valid_loss for epoch in expected.epochs()]
    assert run.curve().losses.tolist() == expected.curve().losses.tolist()
