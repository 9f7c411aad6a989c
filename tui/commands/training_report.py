"""What a person sees of a training without the app: a progress bar on a terminal, a line an epoch elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ...core.events import Changed, Ended, EpochDone, Event, Noticed, Preparing, SampleMade, Started, StepDone
from ...core.pace import Pace
from ..numbers import NOTHING, clock, count, decimal, perplexity, roughly
from .output import figures_table, notice, plain, shortened

_SECONDS_BETWEEN_PICTURES = 0.1
_BARS_WIDTH = 50
_SECONDS_TO_KNOW = 2.0
_LONG = 240.0
"""Seconds of training that nobody should get without knowing it."""


class TrainingReport:
    """Prints the events of one training."""

    def __init__(self, console: Console, *, live: bool) -> None:
        """Print to ``console``; ``live`` draws a progress bar there as well."""
        self._max_seconds: float | None = None
        self._pace = Pace()
        self.total_steps: int | None = None
        """Steps of the whole training, once they are planned."""
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=True) if live else None
        self._drawn = 0.0
        self._doing = "starting"
        self._started: Started | None = None
        self._step: StepDone | None = None
        self._valid: float | None = None
        self._long_is_said = False

    def limit_time(self, max_seconds: float | None, *, asked_for_epochs: bool = False) -> None:
        """Say how much time the training has, before its first step, and whether its epochs were asked for."""
        self._max_seconds = max_seconds
        self._long_is_said = max_seconds is not None or asked_for_epochs
        self._pace = Pace(max_seconds=max_seconds)

    def __enter__(self) -> Self:
        """Begin to draw."""
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Take the progress bar away."""
        if self._live is not None:
            self._live.stop()

    def show(self, event: Event) -> None:
        """Show one event."""
        match event:
            case Preparing(message):
                self._doing = message
                self._draw(now=True)
            case Noticed(message):
                self._note(message)
            case Started():
                self._begin(event)
            case StepDone():
                self._take_step(event)
            case EpochDone():
                self._valid = event.valid_loss
                self._console.print(self._epoch_line(event), soft_wrap=True)
            case Changed():
                self._take_change(event)
            case SampleMade():
                if self._live is not None:
                    self._console.print(_sample_line(event), soft_wrap=True)
            case Ended():
                self._end(event)
            case _:
                return

    def _note(self, message: str) -> None:
        if self._live is None:
            notice(message)
        else:
            self._console.print(plain(message, "yellow"), soft_wrap=True)

    def _begin(self, event: Started) -> None:
        self._started = event
        self._doing = "training"
        text = Text("run ")
        text.append_text(plain(event.run, "bold"))
        text.append_text(plain(f" · {event.corpus} · {count(event.train_tokens)} training tokens ({event.tokenizer})"))
        text.append(f", vocabulary {count(event.vocabulary)}")
        self._console.print(text, soft_wrap=True)
        self._console.print(
            f"{event.preset}, {count(event.parameters)} parameters · {event.device} {event.precision}, "
            f"{event.threads} thread{'s' * (event.threads != 1)} · seed {event.seed}",
            soft_wrap=True,
        )
        if event.reading is not None:
            self._console.print(plain(f"read as {event.reading.line}"), soft_wrap=True)
            if event.reading.examples:
                self._console.print(plain(f"first: {shortened(event.reading.examples[0])}"), soft_wrap=True)
        if event.first_step:
            self._console.print(f"goes on after step {count(event.first_step)}", soft_wrap=True)

    def _take_change(self, event: Changed) -> None:
        if self._started is not None:
            self._started = replace(self._started, total_epochs=event.total_epochs)
        if event.kind not in ("planned", "time"):
            self._note(event.message)

    def _take_step(self, event: StepDone) -> None:
        self._step = event
        self._pace.take(event)
        if not self._long_is_said and event.seconds > _SECONDS_TO_KNOW and self.total_steps is not None:
            self._long_is_said = True
            left = self._pace.seconds_left(self.total_steps) or 0.0
            if left > _LONG:
                self._note(
                    f"All of it takes about {roughly(event.seconds + left)}; --time 2m trains for as long as that."
                )
        self._draw()

    def _epoch_line(self, event: EpochDone) -> Text:
        total = self._started.total_epochs if self._started is not None else event.epoch
        words = self._started.words_per_token if self._started is not None else 1.0
        line = Text(f"epoch {event.epoch:>{len(str(total))}}/{total}  step {count(event.step)}  ")
        line.append(f"loss {decimal(event.train_loss)}  ")
        if event.valid_loss is not None:
            line.append(f"valid {decimal(event.valid_loss)}  perplexity {perplexity(event.valid_loss)}  ")
        line.append(f"{count(round(event.tokens_per_second * words))} words/s  {clock(event.seconds)}")
        if event.best and event.valid_loss is not None:
            line.append("  best", style="bold green")
        return line

    def _end(self, event: Ended) -> None:
        if self._live is not None:
            self._live.stop()
        self._console.print(plain(event.message), soft_wrap=True)
        figures = [row for row in (event.valid, event.test) if row is not None]
        if figures:
            self._console.print(figures_table(figures))
        if event.transfer is not None and event.transfer.old_after is not None:
            before, now = event.transfer.old_before, event.transfer.old_after
            self._console.print(
                plain(
                    f"on the validation texts of {event.transfer.run}: loss {decimal(before)} at the start, "
                    f"{decimal(now)} now (perplexity {perplexity(now)})"
                ),
                soft_wrap=True,
            )
        verb = "train --resume" if event.reason == "stopped" else "generate --run"
        what = "go on with" if event.reason == "stopped" else "let it speak with"
        name = f'"{event.run}"' if " " in event.run else event.run
        self._console.print(
            plain(f"run {event.run}, {clock(event.seconds)} of training; {what}: jokegen-tui {verb} {name}"),
            soft_wrap=True,
        )

    def _draw(self, *, now: bool = False) -> None:
        clock = time.monotonic()
        if self._live is None or (not now and clock - self._drawn < _SECONDS_BETWEEN_PICTURES):
            return
        self._drawn = clock
        self._live.update(self.picture(), refresh=True)

    def picture(self) -> Group | Text:
        """Return what stands below the printed lines now: what it is doing, or the figures above the bar."""
        started, step = self._started, self._step
        if started is None or step is None or self._doing != "training":
            return plain(f"{self._doing} …")
        total = max(1, self.total_steps or started.steps_per_epoch * started.total_epochs)
        speed, left = self._pace.tokens_per_second, self._pace.seconds_left(total)
        share = max(step.step / total, step.seconds / self._max_seconds if self._max_seconds else 0.0)
        facts = (
            (f"epoch {step.epoch}/{started.total_epochs}", 0),
            (f"step {count(step.step)}/{count(total)}", 3),
            (f"loss {decimal(self._pace.loss)}", 0),
            (f"valid {decimal(self._valid)}", 2),
            (f"{NOTHING if speed is None else count(speed * started.words_per_token)} words/s", 1),
        )
        numbers = Text(_fitting(facts, self._console.width), no_wrap=True, overflow="ellipsis")
        percent, remaining = f"{100 * min(1.0, share):.0f} %", f"{clock(left)} left"
        bar = Table.grid(padding=(0, 1))
        for _ in range(3):
            bar.add_column(no_wrap=True)
        # The bar gives way, never the words.
        width = min(_BARS_WIDTH, self._console.width - len(percent) - len(remaining) - 3)
        picture = [] if width < 1 else [ProgressBar(total=1.0, completed=min(1.0, share), width=width)]
        bar.add_row(*picture, percent, remaining)
        return Group(numbers, bar)


def _fitting(facts: Sequence[tuple[str, int]], width: int) -> str:
    """Join as many ``facts`` as ``width`` cells have room for: the larger the number behind one, the sooner it goes."""
    kept = list(facts)
    while len(line := " · ".join(fact for fact, _ in kept)) > width and any(rank for _, rank in kept):
        kept.remove(max(kept, key=lambda fact: fact[1]))
    return line


def _sample_line(event: SampleMade) -> Text:
    line = Text("  ")
    line.append_text(plain(event.text, "italic"))
    if event.copied:
        line.append(f"  copied {event.copied}/{event.words}", style="dim")
    return line
