"""How values and foreign text become something a terminal may show: never markup, never control characters."""

from __future__ import annotations

import math

from textual.content import Content

from ..data.cleaning import one_line, printable

MUTED = "$foreground 60%"
"""The style of what stands beside the point; ``$text-muted`` does not blend inside content."""


def plain(text: str, style: str = "") -> Content:
    """Foreign text as content that keeps its line breaks; markup in it stays text."""
    return Content.styled(printable(text), style)


def plain_line(text: str, style: str = "") -> Content:
    """Foreign text as content on one line; markup in it stays text."""
    return Content.styled(one_line(text), style)


def sentence(error: BaseException) -> str:
    """The message of an error, fit for one line of the screen."""
    return one_line(str(error)) or type(error).__name__


def number(value: float | None) -> str:
    """A whole number with thousands separated, ``–`` where there is none."""
    return "–" if value is None or not math.isfinite(value) else f"{value:,.0f}"


def decimals(value: float | None, digits: int = 2) -> str:
    """A number with fixed decimals, ``–`` where there is none."""
    return "–" if value is None or not math.isfinite(value) else f"{value:,.{digits}f}"


def perplexity(loss: float | None) -> str:
    """The perplexity of a loss in nats, with as many digits as are worth reading."""
    if loss is None or not math.isfinite(loss):
        return "–"
    value = math.exp(min(loss, 700.0))
    if value >= 1e6:
        return f"{value:.1e}"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}"


def short_number(value: float) -> str:
    """A count in a few characters: ``812``, ``24.1k``, ``2.2M``."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= limit:
            scaled = value / (1e3 if unit == "k" else limit)
            return f"{scaled:.0f}{unit}" if scaled >= 100 else f"{scaled:.1f}{unit}"
    return f"{value:,.0f}"


def clock(seconds: float | None) -> str:
    """A duration as ``m:ss``, ``h:mm:ss`` or in days, ``–`` where it is not known."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 100:
        return f"{hours / 24:,.0f} days"
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def about(seconds: float) -> str:
    """A rough duration in words: ``25 s``, ``3 min``, ``1.5 h``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def percent(share: float) -> str:
    """A share in four cells, with a decimal where a whole percent would say nothing."""
    if share >= 0.095:
        return f"{share:4.0%}"
    return f"{100 * share:3.1f}%" if share >= 0.0005 else " ~0%"


def half_cell_bar(share: float, width: int) -> str:
    """A bar of ``share`` (0–1) of ``width`` cells, exact to half a cell; below one percent there is none."""
    if not share >= 0.01:
        return ""
    full, half = divmod(max(1, round(min(1.0, share) * width * 2)), 2)
    return "━" * full + "╸" * half


def thin_bar(share: float, width: int) -> tuple[str, str]:
    """The done and the open part of a progress line of ``width`` cells; they differ in weight, not in colour alone."""
    done = min(width, max(0, round(share * width)))
    return "━" * done, "─" * (width - done)


def certainty_style(probability: float) -> str:
    """The style of a word the model gave this probability; weight and slant tell it apart without colour."""
    if probability >= 0.5:
        return "bold $text-success"
    if probability >= 0.15:
        return "$text-success"
    if probability >= 0.03:
        return "$foreground"
    return "italic $text-warning"
