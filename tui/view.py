"""One picture of a training for the Train screen, made from a live session or from a run on disk."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..core.events import EpochDone, Figures, Remembered, SampleMade
from ..core.runs.milestones import bounded
from ..core.runs.status import IN_TRAINING
from ..core.runs.verdict import Verdict, verdict
from .charts.curves import COPIED, GAP, Curves, SeriesSource

if TYPE_CHECKING:
    from ..core.runs.folder import Run
    from ..core.training.standing import Snapshot

STATE_MARKS = {
    "preparing": "◌", "training": "●", "evaluating": "◍", "paused": "‖", "stopping": "◌", "finished": "✓",
    "stopped": "■", "failed": "✗", "interrupted": "■",
}  # fmt: skip
"""A mark for each state, told apart without colour."""

_BACK = " Press h to train it again that way."


@dataclass(frozen=True)
class RunView:
    """Everything the Train screen shows about one run; losses in nats per token."""

    name: str
    live: bool
    """Whether it comes from the session of this app rather than from disk."""
    state: str
    message: str
    """One plain sentence: what it does now, how it ended or what went wrong."""
    corpus: str = ""
    preset: str = ""
    device: str = ""
    """Device and precision, such as ``cpu bfloat16``."""
    step: int = 0
    total_steps: int | None = None
    steps_per_epoch: int | None = None
    epoch: int = 0
    total_epochs: int | None = None
    train_loss: float | None = None
    learning_rate: float | None = None
    words_per_second: float | None = None
    seconds: float = 0.0
    seconds_left: float | None = None
    characters_per_token: float = 1.0
    ngram_loss: float | None = None
    parameters: int | None = None
    vocabulary: int | None = None
    resumable: bool = False
    diverged: bool = False
    """Whether the loss ran away."""
    epochs: tuple[EpochDone, ...] = ()
    samples: tuple[SampleMade, ...] = ()
    remembered: tuple[Remembered, ...] = ()
    """What it had learned by heart after the epochs that were looked into; at last the best one's, where it is done."""
    notices: tuple[str, ...] = ()
    test: Figures | None = None

    @property
    def working(self) -> bool:
        """Whether a training goes on, paused or not."""
        return self.live and self.state in {"preparing", "training", "evaluating", "paused", "stopping"}

    @property
    def best(self) -> EpochDone | None:
        """The epoch with the lowest validation loss."""
        known = [epoch for epoch in self.epochs if epoch.valid_loss is not None and math.isfinite(epoch.valid_loss)]
        return min(known, key=lambda epoch: epoch.valid_loss or 0.0, default=None)

    @property
    def valid_loss(self) -> float | None:
        """The latest validation loss."""
        return self.epochs[-1].valid_loss if self.epochs else None

    @property
    def gap(self) -> float | None:
        """How far validation lies above training without dropout, in the epoch looked into last; nats."""
        losses = {epoch.epoch: epoch.valid_loss for epoch in self.epochs}
        found = self.remembered[-1] if self.remembered else None
        valid = losses.get(found.epoch) if found is not None else None
        return None if found is None or valid is None else valid - found.train_loss

    @property
    def verdict(self) -> Verdict | None:
        """What the curve says so far."""
        return verdict(self.epochs, self.samples, self.remembered, goes_on=self.working)

    def curves(self, source: SeriesSource) -> Curves:
        """What the chart draws; ``source`` has the series of the run."""
        import numpy as np

        best = self.best
        validated = [epoch for epoch in self.epochs if epoch.valid_loss is not None]
        valid_steps = np.array([epoch.step for epoch in validated], dtype=np.int64)
        valid_losses = np.array([epoch.valid_loss for epoch in validated], dtype=np.float64)
        trained = np.array([epoch.train_loss for epoch in validated], dtype=np.float64)
        now_and_then = {GAP: (valid_steps, valid_losses - trained)} if validated else {}
        looked = sorted({one.step: one for one in self.remembered}.values(), key=lambda one: one.step)
        steps = np.array([one.step for one in looked], dtype=np.int64)
        if looked and validated:
            trained = np.array([one.train_loss for one in looked], dtype=np.float64)
            now_and_then[GAP] = steps, np.interp(steps, valid_steps, valid_losses) - trained
        if looked:
            shares = [math.nan if one.copied is None else one.copied for one in looked]
            now_and_then[COPIED] = steps, 100 * np.array(shares, dtype=np.float64)
        held_out = looked[-1].held_out if looked else None
        return Curves(
            source=source,
            valid_steps=np.array([epoch.step for epoch in validated], dtype=np.int64),
            valid_losses=np.array([epoch.valid_loss for epoch in validated], dtype=np.float64),
            best_step=best.step if best else None,
            best_loss=best.valid_loss if best else None,
            ngram_loss=self.ngram_loss,
            steps_per_epoch=self.steps_per_epoch,
            total_steps=self.total_steps if self.working else None,
            characters_per_token=self.characters_per_token,
            last_step=self.step,
            now_and_then=now_and_then,
            held_out=None if held_out is None else 100 * held_out,
            name=self.name,
        )


def view_of_session(snapshot: Snapshot) -> RunView:
    """The picture of a session that goes on, or has just ended."""
    started, ended = snapshot.started, snapshot.ended
    paused_for_later = ended is not None and ended.reason == "stopped"
    diverged = ended is not None and ended.reason == "diverged"
    complete = snapshot.state == "finished" and not paused_for_later
    remembered = snapshot.remembered
    if ended is not None and ended.remembered is not None:
        remembered = (*remembered, ended.remembered)
    view = RunView(
        name=started.run if started else "",
        live=True,
        state="stopped" if paused_for_later else snapshot.state,
        message=snapshot.message + (_BACK if diverged else ""),
        step=snapshot.step,
        total_steps=(snapshot.step if complete else snapshot.total_steps) or None,
        epoch=snapshot.epoch,
        total_epochs=(snapshot.epoch if complete else snapshot.total_epochs) or None,
        train_loss=snapshot.train_loss,
        learning_rate=snapshot.learning_rate,
        seconds=snapshot.seconds,
        seconds_left=snapshot.seconds_left,
        epochs=snapshot.epochs,
        samples=snapshot.samples,
        remembered=remembered,
        notices=snapshot.notices,
        test=ended.test if ended else None,
        resumable=paused_for_later,
        diverged=diverged,
    )
    if started is None:
        return view
    speed = snapshot.tokens_per_second
    return replace(
        view,
        corpus=snapshot.sweep or started.corpus,
        preset="" if snapshot.sweep else started.preset,
        device=f"{started.device} {started.precision}",
        steps_per_epoch=started.steps_per_epoch or None,
        characters_per_token=started.characters_per_token,
        words_per_second=None if speed is None else speed * started.words_per_token,
        ngram_loss=started.ngram_loss,
        parameters=started.parameters,
        vocabulary=started.vocabulary,
    )


def view_of_run(run: Run) -> RunView:
    """The picture of a run on disk; reads it. RunError in a sentence when it is damaged."""
    info, epochs = run.info, tuple(run.epochs())
    found = run.standing
    state, message, resumable = found.state, found.sentence, run.resumable and found is not IN_TRAINING
    if resumable:
        message += " Press r to go on with it."
    diverged = info.status == "diverged"
    if diverged:
        message += _BACK
    last = epochs[-1] if epochs else None
    per_epoch = epochs[0].step // max(1, epochs[0].epoch) if epochs else None
    total = info.total_epochs
    return RunView(
        name=run.name,
        live=False,
        state=state,
        message=message,
        corpus=info.corpus,
        preset=str(info.recipe.get("preset", "")),
        device=f"{info.device} {info.precision}",
        step=last.step if last else 0,
        total_steps=last.step if last and found.complete else per_epoch * total if per_epoch and total else None,
        steps_per_epoch=per_epoch,
        epoch=last.epoch if last else info.epochs,
        total_epochs=last.epoch if last and found.complete else total,
        train_loss=last.train_loss if last else None,
        seconds=info.seconds,
        characters_per_token=info.characters_per_token,
        ngram_loss=info.ngram_loss,
        parameters=info.parameters,
        vocabulary=info.vocabulary,
        resumable=resumable,
        diverged=diverged,
        epochs=bounded(epochs),
        samples=bounded(tuple(run.samples())),
        remembered=(*bounded(tuple(run.remembered())), *([info.by_heart] if info.by_heart is not None else [])),
        test=info.figures("test"),
    )
