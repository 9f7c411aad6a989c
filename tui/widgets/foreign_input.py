"""An input line that never holds what a terminal would obey."""

from __future__ import annotations

from textual.widgets import Input

from ...data.cleaning import printable

LONGEST = 20_000
"""Characters that are kept of a pasted text."""


class ForeignInput(Input):
    """An ``Input`` that drops control and bidi characters however they come in: typed, pasted or set."""

    def validate_value(self, value: str) -> str:
        """The value as it may be shown, on one line."""
        return printable(value[:LONGEST]).replace("\n", " ")
