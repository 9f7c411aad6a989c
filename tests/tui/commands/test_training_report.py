"""The progress of a training on a terminal: what it says fits, whatever the numbers."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.core.events import EpochDone, Started, StepDone
from jokegen.tui.commands.training_report import TrainingReport
from rich.console import Console

LARGE = st.floats(min_value=0, max_value=1e300)


def _started(epochs: int, steps: int) -> Started:
    return Started(
        "bar", "tiny", "words", "small", 100, 1000, 10_000, "cpu", "float32", 1, 0, steps, epochs, 0, 4.0, 1.0, 3.0
    )


def _picture(width: int, started: Started, steps: list[StepDone], valid: float | None = None) -> list[str]:
    """Return the lines that the terminal shows after ``steps``."""
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=True, color_system=None, legacy_windows=False)
    report = TrainingReport(console, live=True)
    report.total_steps = started.total_epochs * started.steps_per_epoch
    report.show(started)
    if valid is not None:
        report.show(EpochDone(1, 1, valid, valid, 1.0, 1.0, True))
    for step in steps:
        report.show(step)
    file.seek(0)
    file.truncate()
    console.print(report.picture())
    return file.getvalue().splitlines()


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_hours_left_leave_the_words_their_room(width: int) -> None:
    steps = [StepDone(n, 1, 5.123, 0.01, 500, n * 0.5) for n in range(1, 5)]
    lines = _picture(width, _started(100_000, 7), steps)
    assert len(lines) == 2
    assert all(len(line) <= width for line in lines)
    assert "epoch 1/100000" in lines[0]
    assert "loss 5.123" in lines[0]
    assert lines[1].endswith("97:13:18 left")
    assert "…" not in "".join(lines)
    assert ("words/s" in lines[0]) == (width >= 60)


@given(
    width=st.integers(40, 200),
    loss=LARGE,
    valid=LARGE,
    seconds=LARGE,
    tokens=st.integers(0, 10**12),
    epochs=st.integers(1, 1_000_000),
    per_epoch=st.integers(1, 1_000_000),
)
@settings(max_examples=60)
def test_epoch_loss_and_time_stay_whole_whatever_the_magnitude(
    width: int, loss: float, valid: float, seconds: float, tokens: int, epochs: int, per_epoch: int
) -> None:
    steps = [StepDone(n, epochs, loss, 0.01, tokens, seconds * n) for n in (1, 2)]
    lines = _picture(width, _started(epochs, per_epoch), steps, valid)
    assert len(lines) == 2
    assert all(len(line) <= width for line in lines)
    assert f"epoch {epochs}/{epochs}" in lines[0]
    assert "loss " in lines[0]
    assert lines[1].endswith(" left")
    assert "…" not in "".join(lines)
