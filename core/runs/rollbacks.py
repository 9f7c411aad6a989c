"""What ``metrics.jsonl`` says of a training that was taken back to an earlier state."""

from __future__ import annotations

import json
from dataclasses import asdict

from ..events import RolledBack
from .files import write_atomically
from .folder import METRICS, Run

_KIND = "rollback"


def note_rollback(run: Run, event: RolledBack) -> None:
    """Forget what a rollback undid and note it; to note it again, after a kill, changes nothing.

    Raises:
        RunError: the disk does not take it.
    """
    run.truncate(step=event.step, epoch=event.epoch - 1)
    values = asdict(event)
    # Not by the names that order a line: it stays whatever step the training goes on from.
    line = {"kind": _KIND, "to_step": values.pop("step"), "to_epoch": values.pop("epoch"), **values}
    lines = [json.loads(text) for text in (run.path / METRICS).read_text(encoding="utf-8").splitlines()]
    others = [known for known in lines if known.get("kind") != _KIND or known.get("number", 0) < event.number]
    write_atomically(run.path / METRICS, "".join(json.dumps(known) + "\n" for known in [*others, line]))
