"""Making the run that comes with JokeGen from a finished one: ``make voice`` trains it and packs it."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ..events import Ended, EpochDone
from ..runs.checkpoints import load_checkpoint, save_checkpoint
from ..runs.files import write_atomically
from ..runs.folder import BEST, CORPUS, METRICS, SAMPLES, TOKENIZER, Run
from ..runs.store import RunStore
from ..runs.voice import VOICE_FOLDER
from ..settings import make_settings
from ..speaking.loading import evaluate_run
from .workflow import TrainingRequest, train

SETTINGS: dict[str, Any] = {"preset": "small", "max_epochs": 10, "precision": "auto", "seed": 0}
_EVERY = 8
"""One step in so many is kept of the curve."""


def bundle(run: Run, folder: Path) -> None:
    """Write what speaking needs of ``run`` into ``folder``: weights in half precision, measured anew with them."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    best = load_checkpoint(run.path / BEST)
    halves = {name: array.astype(np.float16) for name, array in best.arrays.items()}
    save_checkpoint(folder / BEST, halves, best.values)
    for file in (TOKENIZER, CORPUS, SAMPLES):
        shutil.copyfile(run.path / file, folder / file)
    write_atomically(folder / METRICS, "".join(f"{json.dumps(line)}\n" for line in _thinned(run)))
    bundled = Run(folder)
    bundled.write_info(run.info.model_copy(update={"source": "starter"}))
    valid, test = (asdict(evaluate_run(bundled, split)[0]) for split in ("valid", "test"))
    bundled.update_info(valid=valid, test=test)


def _thinned(run: Run) -> Iterator[dict[str, Any]]:
    """Yield the lines of all epochs and of some steps."""
    for line in (run.path / METRICS).read_text(encoding="utf-8").splitlines():
        values = json.loads(line)
        if values["kind"] != "step" or values["step"] % _EVERY == 0:
            yield {name: float(f"{value:.6g}") if isinstance(value, float) else value for name, value in values.items()}


def main() -> None:
    """Train on the bundled jokes and put the result into the package."""
    with tempfile.TemporaryDirectory() as scratch:
        store = RunStore(Path(scratch))
        for event in train(TrainingRequest("starter", make_settings(SETTINGS), name="voice"), store):
            if isinstance(event, EpochDone | Ended):
                sys.stdout.write(f"{event}\n")
                sys.stdout.flush()
        bundle(store.open("voice"), VOICE_FOLDER)
    size = sum(file.stat().st_size for file in VOICE_FOLDER.iterdir())
    sys.stdout.write(f"{VOICE_FOLDER}: {size / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main()
