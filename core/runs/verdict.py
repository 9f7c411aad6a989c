"""What a training's curve says so far: whether it still learns, has stopped getting better, or learns by heart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..events import EpochDone, SampleMade

_FEWEST_EPOCHS = 3
_LATEST_SAMPLES = 3
_GROWING_GAP = 0.1
"""Nats by which validation must have moved away from training since the best epoch to speak of a growing gap."""
_COPIED_WORDS, _COPIED_SHARE = 5, 0.8


@dataclass(frozen=True)
class Verdict:
    """What the curve says."""

    short: str
    """A few words."""
    sentence: str
    """What to do, in a sentence or two."""
    worry: bool
    """Whether something should be done."""


def by_heart(copied: int, words: int) -> bool:
    """Whether nearly all of a text stands like that in one stretch of the training texts."""
    return copied >= _COPIED_WORDS and copied >= _COPIED_SHARE * words


def verdict(epochs: Sequence[EpochDone], samples: Sequence[SampleMade], *, goes_on: bool) -> Verdict | None:
    """Say how a training stands; None where there are too few epochs, or none was validated.

    An epoch's training loss is measured with dropout, so the gap to the validation loss is compared with itself at the
    best epoch and not with nothing.
    """
    known = [(one, one.valid_loss) for one in epochs if one.valid_loss is not None and math.isfinite(one.valid_loss)]
    if len(known) < _FEWEST_EPOCHS:
        return None
    best, best_loss = min(known, key=lambda pair: pair[1])
    last, last_loss = known[-1]
    since = last.epoch - best.epoch
    kept = f"the weights of epoch {best.epoch} are kept"
    latest = samples[-_LATEST_SAMPLES:]
    if latest and 2 * sum(by_heart(one.copied, one.words) for one in latest) > len(latest):
        advice = f"stop ({kept}); more dropout or more texts help" if goes_on else "more dropout or more texts help"
        return Verdict(
            "learning by heart", f"It learns by heart, its samples stand in the texts: {advice}.", worry=True
        )
    if since < max(_FEWEST_EPOCHS, best.epoch // 4):
        return Verdict("still learning", "It is still learning.", worry=False) if goes_on else None
    gap_grows = (last_loss - last.train_loss) - (best_loss - best.train_loss) > _GROWING_GAP
    more = ", or raise dropout next time" if gap_grows else ""
    if goes_on:
        sentence = f"No better since epoch {best.epoch}: stop ({kept}){more}."
        return Verdict(f"no better since {best.epoch}", sentence, worry=True)
    wish = "fewer epochs" + (" or more dropout" if gap_grows else "")
    sentence = f"It was best at epoch {best.epoch} of {last.epoch}: {wish} would do."
    return Verdict(f"best at {best.epoch}", sentence, worry=False)
