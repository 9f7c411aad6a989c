"""A run's series, epochs and samples as event files, which TensorBoard draws beside those of other programs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, cast

from ...data.cleaning import one_line
from ..errors import RunError
from ..runs.files import unwritable
from ..runs.folder import Run

_REMEDY = "choose another place"


def export_events(run: Run, folder: Path) -> Path:
    """Write event files into a folder of the run's name in ``folder``, and return its path.

    A step's series stand under their names, an epoch's losses in nats per token under ``epoch/``, both by step and with
    the time of day they were made at, as far as that is known: pauses are not noted.

    Raises:
        RunError: the folder is there already or cannot be written, or the package tensorboardX is missing.
    """
    try:
        from tensorboardX import SummaryWriter  # pyright: ignore[reportMissingTypeStubs]
    except ImportError as error:
        raise RunError(
            "Event files need the package tensorboardX; install it with: pip install 'jokegen[tensorboard]'."
        ) from error
    path = folder / run.name
    if path.exists():
        raise RunError(f"{one_line(str(path))} already exists; choose another folder.")
    table, began = run.series(), _beginning(run.info.created)
    try:
        path.mkdir(parents=True)
        writer = cast("Any", SummaryWriter(str(path)))
        try:
            for name in table.columns.difference(["epoch", "seconds"]):
                known = table[[name, "seconds"]].dropna()
                for step, value, seconds in known.itertuples():
                    writer.add_scalar(name, float(value), int(step), began + float(seconds))
            at_step = {epoch.epoch: (epoch.step, began + epoch.seconds) for epoch in run.epochs()}
            for epoch in run.epochs():
                for name, loss in (("train_loss", epoch.train_loss), ("validation_loss", epoch.valid_loss)):
                    if loss is not None:
                        writer.add_scalar(f"epoch/{name}", loss, *at_step[epoch.epoch])
            for sample in run.samples():
                step, when = at_step.get(sample.epoch, (0, began))
                writer.add_text("sample", one_line(sample.text), step, when)
        finally:
            writer.close()
    except OSError as error:
        raise RunError(unwritable(path, error, _REMEDY)) from error
    return path


def _beginning(created: str) -> float:
    try:
        return datetime.fromisoformat(created).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0
