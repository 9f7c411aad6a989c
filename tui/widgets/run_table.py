"""The table of runs, and the one of the settings in which some of them differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.widgets import DataTable

from ...data.cleaning import one_line
from ..bindings import key
from ..charts.curves import LETTERS
from ..numbers import NOTHING, clock, decimal, short_count
from ..view import STATE_MARKS

if TYPE_CHECKING:
    from ...core.runs.comparison import RunRecord

COLUMNS = (
    ("", 2), ("run", 20), ("texts", 13), ("size", 7), ("time", 7), ("valid", 7), ("test", 7), ("×n-gram", 8),
    ("new", 5), ("state", 12), ("tags", 16), ("note", 40),
)  # fmt: skip
"""Headings, which are what runs are sorted by, and widths in cells."""
PIN = "▲"
_NUMBERS = {"size", "time", "valid", "test", "×n-gram", "new"}


class RunTable(DataTable[Text]):
    """Runs with their figures, a row a run; foreign text in it is never markup."""

    BINDINGS: ClassVar[list[BindingType]] = [key("runs.open", "enter", "select_cursor", "open", "Show the run")]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """An empty table."""
        super().__init__(id=id, cursor_type="row", cell_padding=0)
        self._names: list[str] = []

    def show(
        self, records: Sequence[RunRecord], marked: Sequence[str], shown: str | None, order: tuple[str, bool], at: str
    ) -> None:
        """Show runs in this order, the cursor on the run ``at``, or where it was when that is gone."""
        row, top = self.cursor_row, self.scroll_y
        self.clear(columns=True)
        for heading, width in COLUMNS:
            arrow = ("↓" if order[1] else "↑") if heading == order[0] else ""
            label = f"{heading}{arrow} " if heading in _NUMBERS else f"{heading}{arrow}"
            self.add_column(_cell(label, width, right=heading in _NUMBERS), width=width, key=heading)
        self._names = [record.name for record in records]
        for record in records:
            self.add_row(*_row(record, marked, shown))
        if records:
            row = self._names.index(at) if at in self._names else min(row, len(records) - 1)
            self.scroll_to(y=top, animate=False, force=True)
            self.move_cursor(row=row)

    @property
    def highlighted(self) -> str | None:
        """The name of the run under the cursor."""
        return self._names[self.cursor_row] if self.cursor_row < len(self._names) else None


class DifferenceTable(DataTable[Text]):
    """The settings in which runs differ, and nothing else."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """An empty table."""
        super().__init__(id=id, show_cursor=False, cell_padding=1)

    def show(self, names: Sequence[str], differences: Mapping[str, Sequence[str]]) -> None:
        """Show the values of each setting, a column a run."""
        self.clear(columns=True)
        self.add_column(Text("differs in"))
        for letter, name in zip(LETTERS, names, strict=False):
            self.add_column(_cell(f"{letter} {name}", 22))
        for setting, values in differences.items():
            self.add_row(_cell(setting, 22), *(_cell(value, 22) for value in values))


def _row(record: RunRecord, marked: Sequence[str], shown: str | None) -> list[Text]:
    letter = LETTERS[marked.index(record.name)] if record.name in marked else "›" if record.name == shown else ""
    bold = "bold" if letter else ""
    if record.problem and not record.settings:
        return [Text(letter), _cell(record.name, 20), *(Text("") for _ in COLUMNS[3:-1]), _cell(record.problem, 40)]
    new = NOTHING if record.newness is None else f"{record.newness:.0%}"
    values = (
        letter, f"{PIN} {record.name}" if record.pinned else record.name, record.corpus,
        short_count(record.parameters or 0), clock(record.seconds),
        decimal(record.valid_perplexity, 1), decimal(record.test_perplexity, 1), decimal(record.times_ngram, 2), new,
        f"{STATE_MARKS.get(record.state, '')} {record.state}",
        ", ".join(record.tags), record.note,
    )  # fmt: skip
    return [
        _cell(value, width, bold, right=heading in _NUMBERS)
        for value, (heading, width) in zip(values, COLUMNS, strict=True)
    ]


def _cell(text: str, width: int, style: str = "", *, right: bool = False) -> Text:
    """Foreign text in a column of a fixed width, which keeps a free cell at its end."""
    cell = Text(one_line(text), style=style, no_wrap=True)
    cell.truncate(width - 1, overflow="ellipsis")
    if right:
        cell.pad_left(width - 1 - cell.cell_len)
    return cell
