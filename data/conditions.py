"""Conditions on the rows of a table, ``COLUMN OP VALUE``: compared, never run as code."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .cleaning import one_line
from .faults import CorpusError

if TYPE_CHECKING:
    import pandas as pd

_WRITTEN = re.compile(
    r"\s*(`[^`]+`|[^=!<>`\s][^=!<>`]*?)\s*(==|!=|<=|>=|<>|=|<|>|\s(?:contains|is|is not)\s)\s*(.*?)\s*", re.DOTALL
)
_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "==": operator.eq,
    "is": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "is not": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ORDERS = {"<", "<=", ">", ">="}


@dataclass(frozen=True)
class Condition:
    """One comparison that a row has to pass."""

    written: str
    column: str
    sign: str
    value: str

    def passed(self, cells: pd.Series[str]) -> Sequence[bool]:
        """Return for each cell whether it passes: as numbers where the value is one, else as text."""
        import pandas as pd  # whoever only checks a condition needs none

        stripped = cells.str.strip()
        if self.sign == "contains":
            return stripped.str.contains(self.value, case=False, regex=False).tolist()
        wanted = pd.to_numeric(pd.Series([self.value]), errors="coerce").iloc[0]
        compare = _COMPARED[self.sign]
        if not pd.isna(wanted):
            numbers = pd.to_numeric(stripped, errors="coerce")
            passed = compare(numbers, wanted)
            if self.sign in _ORDERS or bool(numbers.notna().any()):
                # A cell that is no number is neither larger nor smaller, and only differs.
                return (passed & numbers.notna()).tolist() if self.sign in _ORDERS else passed.tolist()
        return compare(stripped.str.casefold(), self.value.casefold()).tolist()


def parse_condition(written: str) -> Condition:
    """Read ``COLUMN OP VALUE``; raises CorpusError with one sentence where it is something else."""
    found = _WRITTEN.fullmatch(written)
    if found is None:
        raise CorpusError(
            f"where is '{one_line(written)[:80]}', but it must be a comparison like score >= 20, with one of "
            "= != < <= > >= contains."
        )
    column, sign, value = found[1].strip("`"), found[2].strip(), found[3]
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return Condition(one_line(written), column, sign, value)
