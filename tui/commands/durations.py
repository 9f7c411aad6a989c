"""Times as people type them: 30s, 2m, 1h, or a number of seconds."""

from __future__ import annotations

import re
from typing import Any

import click

from .options import Decorated

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_FORM = re.compile(r"\s*([0-9]+(?:[.,][0-9]+)?)\s*([a-z]*)\s*", re.IGNORECASE)


class Duration(click.ParamType[float]):
    """A length of time, in seconds."""

    name = "duration"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds that ``value`` says; a usage error when it says none."""
        if not isinstance(value, str):
            return value
        found = _FORM.fullmatch(value)
        unit = found[2].lower() if found else ""
        seconds = float(found[1].replace(",", ".")) * _UNITS[unit] if found and unit in _UNITS else 0.0
        if seconds <= 0:
            self.fail(f"'{value}' is no time; write 30s, 2m or 1h.", param, ctx)
        return seconds


def time_option(verb: Decorated) -> Decorated:
    """Add ``--time`` as the parameter ``time``, in seconds."""
    option = click.option(
        "--time",
        type=Duration(),
        metavar="TIME",
        help="How long it may train, as 30s, 2m or 1h: the same as --max-seconds. The network follows from it.",
    )
    return option(verb)


def with_time(chosen: dict[str, Any], time: float | None) -> dict[str, Any]:
    """Return the settings that were chosen with ``time`` among them; a usage error where it stands there already."""
    if time is None:
        return chosen
    if "max_seconds" in chosen:
        raise click.UsageError("Choose --time or --max-seconds.")
    return {**chosen, "max_seconds": time}
