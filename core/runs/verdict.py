"""What a training's curve says so far: whether it still learns, has stopped getting better, or learns by heart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..events import EpochDone, Remembered, SampleMade

_FEWEST_EPOCHS = 3
_LATEST_SAMPLES = 3
_GROWING_GAP = 0.1
"""Nats by which validation must have moved away from training since the best epoch to speak of a growing gap."""
_COPIED_WORDS, _COPIED_SHARE = 5, 0.8
_HALF, _MORE_THAN_HELD_OUT = 0.5, 0.25
"""From these shares of its stretches on, in all and beyond those of held-out texts, a model says what it has read."""
_WHOLE_TEXTS = 0.25
"""Share of whole texts from which on it does so whatever the stretches are."""
_NOT_HELD_OUT = 0.8
"""Share of the held-out texts' stretches from which on they are no held-out texts."""


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


def learned_by_heart(found: Remembered) -> bool:
    """Whether a model says mostly what it has read.

    Where the texts resemble each other, held-out texts hold many stretches of the training texts too: then only what
    goes beyond that counts, unless the held-out texts themselves stand there.
    """
    if found.copied_texts is not None and found.copied_texts >= _WHOLE_TEXTS:
        return True
    if found.copied is None or found.copied < _HALF:
        return False
    held_out = found.held_out or 0.0
    return found.copied - held_out >= _MORE_THAN_HELD_OUT or held_out >= _NOT_HELD_OUT


def verdict(
    epochs: Sequence[EpochDone],
    samples: Sequence[SampleMade],
    remembered: Sequence[Remembered] = (),
    *,
    goes_on: bool,
) -> Verdict | None:
    """Say how a training stands; None where there are too few epochs, or none was validated.

    Without ``remembered``, as in old runs, an epoch's training loss is one with dropout, so the gap to the validation
    loss is compared with itself at the best epoch and not with nothing.
    """
    known = [(one, one.valid_loss) for one in epochs if one.valid_loss is not None and math.isfinite(one.valid_loss)]
    if len(known) < _FEWEST_EPOCHS:
        return None
    best, best_loss = min(known, key=lambda pair: pair[1])
    last, last_loss = known[-1]
    since = last.epoch - best.epoch
    kept = f"the weights of epoch {best.epoch} are kept"
    heart = _by_heart(samples, remembered)
    if heart is not None:
        advice = f"stop ({kept}); more dropout or more texts help" if goes_on else "more dropout or more texts help"
        return Verdict("learning by heart", f"It learns by heart: {heart}; {advice}.", worry=True)
    if remembered and (remembered[-1].held_out or 0.0) >= _NOT_HELD_OUT:
        sentence = (
            f"Validation only tells what is known by heart: {remembered[-1].held_out:.0%} of the held-out texts stands "
            "in the training texts, five words in a row; take out what repeats."
        )
        return Verdict("validates by heart", sentence, worry=True)
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


def _by_heart(samples: Sequence[SampleMade], remembered: Sequence[Remembered]) -> str | None:
    """Say what shows that it learns by heart; None: it does not."""
    if not remembered:
        latest = samples[-_LATEST_SAMPLES:]
        copied = sum(by_heart(one.copied, one.words) for one in latest)
        return "its samples stand in the texts" if latest and 2 * copied > len(latest) else None
    found = remembered[-1]
    if not learned_by_heart(found):
        return None
    parts = [f"{found.copied or 0:.0%} of what it says stands in the training texts, five words in a row"]
    if found.held_out is not None:
        parts[0] += f" (held-out texts: {found.held_out:.0%})"
    if found.copied_texts:
        parts.append(f"{found.copied_texts:.0%} as whole texts")
    known = max(found.held_out_texts or 0.0, 0.0 if (found.held_out or 0.0) < _NOT_HELD_OUT else 1.0)
    if known >= _HALF:
        parts.append("the held-out texts stand there too, so validation does not see it")
    return ", ".join(parts)
