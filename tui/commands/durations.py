"""The option for a length of time."""

from __future__ import annotations

from typing import Any

import click

from ...core.durations import seconds_of
from ...core.errors import SettingsError
from .options import Decorated


class Duration(click.ParamType[float]):
    """A length of time, in seconds."""

    name = "duration"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds that ``value`` says; a usage error when it says none."""
        if not isinstance(value, str):
            return value
        try:
            return seconds_of(value)
        except SettingsError as error:
            self.fail(str(error), param, ctx)


def time_option(verb: Decorated) -> Decorated:
    """Add ``--time`` as the parameter ``time``, in seconds."""
    option = click.option(
        "--time",
        type=Duration(),
        metavar="TIME",
        help="How long all of it may take, as 30s, 2m or 1h: the same as --max-seconds. Epochs follow from it.",
    )
    return option(verb)


def with_time(chosen: dict[str, Any], time: float | None) -> dict[str, Any]:
    """Return the settings that were chosen with ``time`` among them; a usage error where it stands there already."""
    if time is None:
        return chosen
    if "max_seconds" in chosen:
        raise click.UsageError("Choose --time or --max-seconds.")
    return {**chosen, "max_seconds": time}
