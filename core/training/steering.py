"""What an intervention does to a training: a pure step from where it stood to where it stands."""

from __future__ import annotations

import math
from dataclasses import replace

from ...data.findings import counted
from ..events import Changed, EndReason
from ..runs.interventions import Intervention
from .progress import Progress
from .schedule import Schedule

_SHARE_TO_FINISH = 0.1
"""Share of the steps so far in which the rate falls to nothing when a training is asked to finish."""


def changed(progress: Progress, change: Intervention, schedule: Schedule) -> Progress:
    """Return where a training stands once ``change`` has been made; equal steps give equal results."""
    progress = replace(progress, interventions=progress.interventions + 1)
    course, step = progress.course, progress.step
    match change.kind:
        case "rate":
            course = replace(course, rate_factor=course.rate_factor * change.value)
        case "dropout":
            course = replace(course, dropout_factor=course.dropout_factor * change.value)
        case "patience":
            course = replace(course, patience=int(change.value))
        case "cores":
            course = replace(course, cores=int(change.value))
        case "epochs":
            return _with_epochs(progress, int(change.value), schedule)
        case "finish" if progress.ended is None:
            total = min(progress.total_steps, step + max(1, math.ceil(step * _SHARE_TO_FINISH)))
            course = course.bent(step, _plain_rate(progress, schedule), finishing=True)
            progress = replace(progress, total_steps=total)
        case "planned":
            total = max(int(change.value), step)
            epochs = math.ceil(total / schedule.steps_per_epoch)
            course = replace(course, epochs=epochs, out_of_time=total < schedule.full_steps)
            progress = replace(progress, total_steps=total, planned=True)
        case "time":
            course = replace(course, out_of_time=True)
            ended: EndReason | None = progress.ended if progress.step_in_epoch else "time"
            progress = replace(progress, total_steps=step, ended=ended)
        case _:
            pass
    return replace(progress, course=course)


def _with_epochs(progress: Progress, epochs: int, schedule: Schedule) -> Progress:
    """Return a training that ends after ``epochs``, or after the one in progress; one that had ended may go on."""
    done, step = progress.epoch - 1, progress.step
    left = max(epochs - done, 1 if progress.step_in_epoch else 0)
    total = step + left * schedule.steps_per_epoch - progress.step_in_epoch
    course = progress.course.bent(step, _plain_rate(progress, schedule), finishing=False)
    progress = replace(progress, total_steps=total, course=replace(course, epochs=done + left))
    if progress.ended == "diverged":
        return progress
    if not left:
        return replace(progress, ended=progress.ended or "finished")
    if progress.ended is not None:
        return replace(progress, ended=None, stale_epochs=0)
    return progress


def _plain_rate(progress: Progress, schedule: Schedule) -> float:
    return progress.course.plain_rate(schedule, progress.step, progress.total_steps, planned=progress.planned)


def ending_after_epoch(progress: Progress, watched: float, schedule: Schedule) -> EndReason | None:
    """Return why a training ends now that an epoch is done, ``watched`` its loss; None when it goes on."""
    course, recipe = progress.course, schedule.recipe
    patience = recipe.patience if course.patience is None else course.patience
    if not math.isfinite(watched):
        return "diverged"
    if patience and progress.stale_epochs >= patience:
        return "patience"
    if progress.step >= progress.total_steps:
        as_asked = course.bend is not None and not course.out_of_time
        return "finished" if as_asked or progress.total_steps >= schedule.full_steps else "time"
    return None


def told(progress: Progress, change: Intervention, schedule: Schedule, *, again: bool) -> Changed:
    """Return the event that says what ``change`` made of a training that now stands at ``progress``."""
    epochs = progress.course.epochs or schedule.recipe.epochs
    return Changed(
        step=progress.step,
        epoch=progress.epoch,
        kind=change.kind,
        value=change.value,
        message=_sentence(progress, change, schedule),
        total_steps=progress.total_steps,
        total_epochs=epochs,
        again=again,
    )


def _sentence(progress: Progress, change: Intervention, schedule: Schedule) -> str:
    value, course = change.value, progress.course
    rate = course.rate(schedule, progress.step, progress.total_steps, planned=progress.planned)
    match change.kind:
        case "rate":
            return f"The learning rate is {value:g} times what it was: {rate:.2g} now."
        case "dropout":
            return f"The dropout is {value:g} times what it was."
        case "cores":
            return f"It computes on {value:.0f} core{'s' * (value != 1)} of the processor from here on."
        case "patience" if value:
            return f"It ends after {counted(int(value), 'epoch')} without a better loss."
        case "patience":
            return "It does not end for want of a better loss."
        case "epochs" if progress.ended is not None:
            done = "The epoch is" if course.epochs == 1 else f"All of {course.epochs} epochs are"
            return f"{done} done."
        case "epochs":
            return (
                f"It goes on to the end of epoch {course.epochs}; the learning rate goes over to a schedule of that "
                "length and falls to nothing at its end."
            )
        case "finish":
            left = counted(progress.total_steps - progress.step, "step")
            return f"It finishes: the learning rate falls to nothing over {left}, then the model is measured."
        case "planned":
            allowed = progress.total_steps / schedule.steps_per_epoch
            return f"The time allows about {allowed:.1f} epochs; the schedule was fitted."
        case _:
            return "The time is used up."
