"""Numbers as people read them, the same on every face, and in few cells whatever their size. Plain strings."""

from __future__ import annotations

import math

NOTHING = "–"
"""What stands where there is no value."""
_LARGEST_FIGURE = 1e6
_LARGEST_COUNT = 1e12
_LARGEST_LOSS = 700.0
"""Nats beyond which the perplexity of a loss is no number any more."""


def count(value: float | None) -> str:
    """A whole number with thousands separated, such as ``12,300``."""
    if value is None or math.isnan(value):
        return NOTHING
    return _beyond(value, _LARGEST_COUNT) or f"{value:,.0f}"


def decimal(value: float | None, digits: int = 3) -> str:
    """A figure with fixed decimals, such as ``3.142``."""
    if value is None or math.isnan(value):
        return NOTHING
    return _beyond(value, _LARGEST_FIGURE) or f"{value:,.{digits}f}"


def perplexity(loss: float | None) -> str:
    """The perplexity of a loss in nats, with as many digits as are worth reading."""
    if loss is None or math.isnan(loss):
        return NOTHING
    value = perplexity_of(loss)
    return decimal(value, 0 if value >= 1000 else 1)


def perplexity_of(loss: float) -> float:
    """Return e to the ``loss`` (nats), infinite where that is no number any more."""
    return math.exp(loss) if loss < _LARGEST_LOSS else math.inf


def loss_of(perplexity: float) -> float | None:
    """Return the natural logarithm of a ``perplexity``; None for what can be none, such as 0 from a damaged file."""
    return math.log(perplexity) if perplexity > 0 else None


def short_count(value: float | None) -> str:
    """A count in a few characters: ``812``, ``24.1k``, ``2.2M``."""
    if value is None or math.isnan(value):
        return NOTHING
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= limit:
            scaled = value / (1e3 if unit == "k" else limit)
            return _beyond(value, _LARGEST_COUNT) or f"{scaled:.{0 if scaled >= 99.95 else 1}f}{unit}"
    return f"{value:,.0f}"


def clock(seconds: float | None) -> str:
    """A duration as ``m:ss``, ``h:mm:ss`` or in days."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return NOTHING
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 100:
        return f"{count(hours / 24) if hours < 24e6 else '>1e6'} days"
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def roughly(seconds: float) -> str:
    """A rough duration in words: ``25 s``, ``3 min``, ``1.5 h``, ``12 days``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 360_000 else clock(seconds)


def percent(share: float | None) -> str:
    """A share of 1 as per cent, such as ``3.1 %``."""
    if share is None or math.isnan(share):
        return NOTHING
    return "< 0.1 %" if 0 < share < 0.0005 else f"{decimal(100 * share, 1)} %"


def narrow_percent(share: float) -> str:
    """A share of 1 in four cells, with a decimal where a whole percent would say nothing."""
    if share >= 0.095:
        return f"{min(share, 1.0):4.0%}"
    return f"{100 * share:3.1f}%" if share >= 0.0005 else " ~0%"


def size(size_bytes: float) -> str:
    """A size on disk, such as ``4.2 MB``."""
    for limit, unit in ((1e9, "GB"), (1e6, "MB")):
        if size_bytes >= limit:
            return f"{decimal(size_bytes / limit, 1)} {unit}"
    return f"{size_bytes / 1000:,.0f} kB"


def _beyond(value: float, limit: float) -> str:
    """Say that ``value`` lies beyond ``limit``; nothing where it does not."""
    power = round(math.log10(limit))
    return f">1e{power}" if value >= limit else f"<-1e{power}" if value <= -limit else ""
