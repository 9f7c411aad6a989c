"""The few verbs of the Python interface; ``from jokegen.core import train, open_run`` comes here."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import SettingsError
from .events import Ended, Figures
from .home import runs_folder
from .runs.folder import Run
from .runs.store import RunStore
from .speaking.choices import Sampling, TextChoices

if TYPE_CHECKING:
    import pandas as pd

    from .speaking.generation import Generator
    from .speaking.scoring import TextScore
    from .speaking.spoken import Word


class TrainedRun:
    """A run to talk to. The model is loaded with the first word; torch is not."""

    def __init__(self, run: Run) -> None:
        """Wrap a run's folder."""
        self._run = run
        self.name = run.name
        self.path: Path = run.path

    @property
    def figures(self) -> Figures | None:
        """How well it predicts the test split, if its training reached its end."""
        return self._run.info.figures("test")

    def speak(self, prompt: str = "", *, words: int = 100, seed: int = 7, **sampling: Any) -> str:
        """Return ``prompt`` as the model goes on with it.

        Raises:
            EngineError: in one sentence, when a value makes no sense or the run is damaged.
        """
        return prompt + "".join(word.text for word in self.stream(prompt, words=words, seed=seed, **sampling))

    def stream(self, prompt: str = "", *, words: int = 100, seed: int = 7, **sampling: Any) -> Iterator[Word]:
        """Yield the words after ``prompt`` one by one; ``sampling`` are the fields of ``Sampling``."""
        chosen = TextChoices(words, seed)
        try:
            drawing = Sampling(**sampling)
        except TypeError as error:
            raise SettingsError(f"There is no such choice: {', '.join(sampling)}; see Sampling.") from error
        generator = self._generator
        return generator.stream(generator.read(prompt), drawing, chosen.seed, chosen.words)

    def score(self, text: str) -> TextScore:
        """Return how surprising each word of ``text`` is to the model."""
        from .speaking.scoring import score

        return score(self._generator, text)

    def series(self) -> pd.DataFrame:
        """Return the curves of its training, a row a step."""
        return self._run.series()

    @cached_property
    def _generator(self) -> Generator:
        from .speaking.loading import load_generator

        return load_generator(self._run)


def open_run(name: str | None = None) -> TrainedRun:
    """Return a saved run, the newest without a ``name``; raises RunError when there is none."""
    store = RunStore(runs_folder())
    return TrainedRun(store.newest() if name is None else store.open(name))


def train(source: str | Path = "starter", *, name: str | None = None, **settings: Any) -> TrainedRun:
    """Train on a corpus, a name or a file, to the end and return the run; ``settings`` are those of ``train``'s flags.

    Raises:
        EngineError, CorpusError: one plain sentence; what was saved before stays.
    """
    from .settings import make_settings
    from .training.workflow import TrainingRequest
    from .training.workflow import train as train_events

    store = RunStore(runs_folder())
    ended: Ended | None = None
    for event in train_events(TrainingRequest(str(source), make_settings(settings), name=name), store):
        ended = event if isinstance(event, Ended) else ended
    assert ended is not None  # noqa: S101  a training that does not raise ends with this event
    return TrainedRun(store.open(ended.run))
