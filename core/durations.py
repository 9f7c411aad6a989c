"""Lengths of time as people type them: 30s, 2m, 1h, or a number of seconds."""

from __future__ import annotations

import re

from ..data.cleaning import one_line
from .errors import SettingsError

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_FORM = re.compile(r"\s*([0-9]+(?:[.,][0-9]+)?)\s*([a-z]*)\s*", re.IGNORECASE)


def seconds_of(text: str) -> float:
    """Return the seconds that ``text`` says; raises SettingsError when it says none."""
    found = _FORM.fullmatch(text)
    unit = found[2].lower() if found else ""
    seconds = float(found[1].replace(",", ".")) * _UNITS[unit] if found and unit in _UNITS else 0.0
    if seconds <= 0:
        raise SettingsError(f"'{one_line(text)}' is no time; write 30s, 2m or 1h.")
    return seconds
