"""The time that a whole training may take, from its first byte read to its last figure, and the steps it pays for."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import TypeVar

from .progress import Progress
from .schedule import Schedule

_Event = TypeVar("_Event")
_A_PAUSE = 0.5
"""Seconds after which whoever does not go on has paused."""
_STEPS_TO_MEASURE = 30
"""Steps after which the speed can be known well enough to plan with it, where it was not known before."""
_SHARE_TO_MEASURE = 0.03
"""Share of the time in which it is not planned either: the first steps are not typical."""
_STEPS_OF_EXPECTATION = 50
"""How many steps an expected speed counts as much as."""
_FADING = 0.995
"""What a step counts, with each one after it: the machine may have become slower."""
_SHARE_TO_LOOK_AGAIN = 1 / 8
"""Share of the steps that are left after which the plan is looked at again."""
_FEWEST_BETWEEN_LOOKS = 10
_WORTH_A_CHANGE, _WORTH_IT_OF_ALL = 0.02, 0.01
"""Share of the steps that are left, and of all, by which a plan must be wrong to be changed."""
_SHARE_TO_GIVE_UP = 0.03
_SHARE_TO_OVERRUN = 0.03
"""How much later than asked for a training may end by itself before it is ended: its last steps matter most."""
_FORWARD_SHARE = 1 / 3
"""What reading a token costs of what learning from it costs."""


class Stopwatch:
    """The time that something takes, without the pauses in it."""

    def __init__(self, began: float | None = None, *, now: Callable[[], float] = time.monotonic) -> None:
        """Count from the moment ``began`` of the clock ``now``; None: from now."""
        self._now = now
        self._began = now() if began is None else began

    @property
    def seconds(self) -> float:
        """What has gone by."""
        return self._now() - self._began

    def through(self, events: Generator[_Event, None, None]) -> Iterator[_Event]:
        """Yield ``events``; whoever does not ask for the next one for a while pauses."""
        with closing(events):
            for event in events:
                given = self._now()
                yield event
                away = self._now() - given
                if away > _A_PAUSE:
                    self._began += away


class TimeBudget:
    """How long a training may still take."""

    def __init__(
        self,
        seconds: float,
        watch: Stopwatch | None = None,
        *,
        most_epochs: int | None = None,
        held_out_share: float = 0.1,
    ) -> None:
        """Let ``seconds`` go by.

        Args:
            seconds: the time for everything.
            watch: what has gone by of it; None: nothing.
            most_epochs: up to how many epochs more time pays for; None: those of the recipe.
            held_out_share: tokens that are read after an epoch, as a share of those learned from in it.
        """
        self.seconds = seconds
        self.reserve = 0.0
        """Seconds that are needed after the last step."""
        self.earlier = 0.0
        """Seconds that an earlier process took."""
        self._watch = watch or Stopwatch()
        self._most_epochs = most_epochs
        self._held_out_share = held_out_share
        self._last: tuple[int, int, float] | None = None
        """Epoch, step and seconds when it was looked at last."""
        self._next = 0
        self._steps = 0.0
        self._step_seconds = 0.0
        self._beside_seconds = 0.0
        self._epochs_done = 0

    def expect(self, seconds_a_step: float) -> None:
        """Plan with this speed until the training has shown its own."""
        self._steps = _STEPS_OF_EXPECTATION
        self._step_seconds = _STEPS_OF_EXPECTATION * seconds_a_step

    @property
    def elapsed(self) -> float:
        """Seconds so far."""
        return self._watch.seconds + self.earlier

    @property
    def is_over(self) -> bool:
        """Whether the last step has to be the last one."""
        return self.elapsed + self.reserve >= (1 + _SHARE_TO_OVERRUN) * self.seconds

    @property
    def seconds_a_step(self) -> float | None:
        """How long a step takes of late; None before the first one."""
        return self._step_seconds / self._steps if self._steps > 0 else None

    def plan(self, progress: Progress, schedule: Schedule) -> int | None:
        """Return how many steps there are to be in all, where that differs from the plan; None otherwise.

        To be asked before the first step and after every one.
        """
        self._look(progress)
        if progress.ended is not None or progress.course.bend is not None or progress.step < self._next:
            return None  # whoever has changed the length of a training wants it like that
        total = self._affordable(progress, schedule)
        if total is None:
            return None
        left = total - progress.step
        self._next = progress.step + max(_FEWEST_BETWEEN_LOOKS, int(_SHARE_TO_LOOK_AGAIN * left))
        worth_it = max(_WORTH_A_CHANGE * left, _WORTH_IT_OF_ALL * total)
        return total if abs(total - progress.total_steps) > worth_it else None

    def _look(self, progress: Progress) -> None:
        """Learn how long steps take, and what is done between two epochs."""
        before, self._last = self._last, (progress.epoch, progress.step, self.elapsed)
        if before is None or progress.step <= before[1]:  # the first look, or it was taken back to an earlier state
            return
        steps, seconds = progress.step - before[1], self._last[2] - before[2]
        if progress.epoch == before[0]:
            fading = _FADING**steps
            self._steps = fading * self._steps + steps
            self._step_seconds = fading * self._step_seconds + seconds
        else:
            self._epochs_done += 1
            self._beside_seconds += max(seconds - steps * (self.seconds_a_step or 0.0), 0.0)

    def _affordable(self, progress: Progress, schedule: Schedule) -> int | None:
        a_step, elapsed, an_epoch = self.seconds_a_step, self.elapsed, schedule.steps_per_epoch
        known = self._steps >= _STEPS_TO_MEASURE and (
            self._steps >= _STEPS_OF_EXPECTATION or elapsed >= _SHARE_TO_MEASURE * self.seconds
        )
        if a_step is None or not known:
            return None
        beside = self._held_out_share * _FORWARD_SHARE * a_step * an_epoch
        if self._epochs_done:
            beside = self._beside_seconds / self._epochs_done
        left = self.seconds - self.reserve - elapsed
        # Each epoch that is left ends with reading and saving, and the last one is only half one on average.
        left -= beside * (progress.step_in_epoch / an_epoch + 0.5)
        total = progress.step + max(int(left / (a_step + beside / an_epoch)), 1)
        most = (self._most_epochs or schedule.recipe.epochs) * an_epoch
        unfinished = total % an_epoch
        if total > an_epoch and unfinished < _SHARE_TO_GIVE_UP * total:
            total -= unfinished  # so that the last epoch is a whole one
        return max(min(total, most), progress.step + 1)
