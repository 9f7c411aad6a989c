"""What a training says once an epoch, kept in bounds however many epochs there are."""

from __future__ import annotations

from typing import TypeVar

from ..events import EpochDone, Remembered, SampleMade

_AT_MOST = 256

_Milestone = TypeVar("_Milestone", EpochDone, SampleMade, Remembered)


def bounded(milestones: tuple[_Milestone, ...]) -> tuple[_Milestone, ...]:
    """Return ``milestones``, oldest first, or where there are too many of them the latest and some of the earlier.

    The first, the latest best and all of the second half stay; the others go the sooner the older they are. The files
    of the run keep all.
    """
    while len(milestones) > _AT_MOST:
        half = len(milestones) // 2
        best = max((each.epoch for each in milestones if isinstance(each, EpochDone) and each.best), default=0)
        earlier = (each for place, each in enumerate(milestones[:half]) if place % 2 == 0 or each.epoch == best)
        milestones = (*earlier, *milestones[half:])
    return milestones
