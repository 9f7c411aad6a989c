"""How foreign text and shares become something a terminal may show: never markup, never control characters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

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


def flowed(parts: Sequence[Content], between: str, width: int) -> Content:
    """Parts beside each other in lines of ``width`` cells, none of them broken where it has room."""
    lines: list[Content] = []
    for part in parts:
        if lines and lines[-1].cell_length + len(between) + part.cell_length <= width:
            lines[-1] = Content(between).join([lines[-1], part])
        else:
            lines.append(part)
    return Content("\n").join(lines)


def sentence(error: BaseException) -> str:
    """The message of an error, fit for one line of the screen."""
    return one_line(str(error)) or type(error).__name__


def moment_shown(moment: str) -> str:
    """A moment in ISO 8601 as date and time of where one is; nothing for what is none."""
    try:
        return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OSError, OverflowError):
        return ""


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
