"""All runs: found, sorted, pinned, marked to be compared, opened, named, described and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.getters import query_one
from textual.screen import Screen
from textual.widgets import DataTable, Input, Static

from ...core.errors import PLAIN_ERRORS
from ...core.runs.names import LONGEST_NAME
from ...data.cleaning import one_line
from ...data.findings import counted
from ..bindings import key
from ..charts.curves import LETTERS
from ..display import plain_line, sentence
from ..handing_over import hand_over
from ..numbers import size
from ..seeds import of_seeds
from ..widgets.foreign_input import ForeignInput
from ..widgets.key_line import KeyLine
from ..widgets.run_table import COLUMNS, DifferenceTable, RunTable
from ..workbench import Workbench

if TYPE_CHECKING:
    from ...core.runs.comparison import RunRecord

ORDERS = ("created", *(heading for heading, _ in COLUMNS if heading and heading != "note"))
"""What runs can be sorted by, in the order in which a key goes through it."""
QUESTIONS = {
    "rename": "Another name for {}:",
    "delete": "Nothing brings a deleted run back. Type yes to delete {}:",
    "tag": "Tags of {}, with commas:",
    "note": "A note about {}:",
}


class RunsScreen(Screen["str | None"]):
    """Lists runs; its result is the name of the one to show, None when none was chosen."""

    CSS_PATH = "runs.tcss"
    AUTO_FOCUS = "#table"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-slim"), (80, "-normal"), (100, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        key("runs.mark", "space", "mark", "mark", "Mark the run: its curve is laid over the one on show"),
        key("runs.unmark", "u", "unmark", "unmark", "Take all marks away", shown=False),
        key(
            "runs.pin",
            "p",
            "pin",
            "pin",
            "Pin the run: it stands above the others, however they are sorted",
            shown=False,
        ),
        key("runs.filter", "slash", "filter", "filter", "Only runs with these words in name, texts, tags or settings"),
        key("runs.sort", "s", "sort(1)", "sort", "Sort by the next column, or the other way round", shown=False),
        key("runs.turn", "S", "turn", "sort", "Sort the other way round", shown=False),
        key("runs.rename", "r", "edit('rename')", "rename", "Rename the run"),
        key("runs.tag", "t", "edit('tag')", "tags", "Tags of the run", shown=False),
        key("runs.note", "n", "edit('note')", "note", "A note about the run", shown=False),
        key("runs.delete", "d", "edit('delete')", "delete", "Delete the run, after a question"),
        key("runs.leave", "escape", "close", "close", "Leave the line, the filter, then the list"),
    ]

    table = query_one("#table", RunTable)
    line = query_one("#line", ForeignInput)
    filter = query_one("#filter", ForeignInput)

    def __init__(self, bench: Workbench) -> None:
        """List the runs of ``bench``."""
        super().__init__()
        self.bench = bench
        self._records: list[RunRecord] = []
        self._found: list[RunRecord] = []
        """The runs in the table, in their order."""
        self._editing: tuple[str, str] | None = None
        """What the line is for and the run's name."""
        self._problem = ""
        """A sentence that the next highlighted run must not push off the screen."""

    def compose(self) -> ComposeResult:
        """Filter, table, what is known of the highlighted run, what the marked ones differ in, keys."""
        with Vertical(id="runs"):
            yield ForeignInput(id="filter", compact=True, placeholder="words of name, texts, tags, dropout=0.4 …")
            yield RunTable(id="table")
        yield Static("", markup=False, id="detail")
        yield ForeignInput(id="line", compact=True)
        with Vertical(id="comparison"):
            yield DifferenceTable(id="differences")
            yield Static("", markup=False, id="repeats")
        yield KeyLine()

    def on_mount(self) -> None:
        """Read the runs."""
        self.filter.display = self.line.display = False
        self.query_one("#comparison").display = False
        self.query_one("#comparison").border_title = "marked"
        self._say("reading the runs…")
        self.read(self._shown or "")

    @property
    def _shown(self) -> str | None:
        """The run on the Train screen."""
        session = self.bench.session_run() if self.bench.show_session else None
        return session or self.bench.shown

    def _say(self, text: str, *, error: bool = False) -> None:
        detail = self.query_one("#detail", Static)
        detail.set_class(error, "error")
        detail.update(plain_line(text))

    @work(thread=True, exclusive=True, group="runs", exit_on_error=False)
    def read(self, at: str) -> None:
        """Read all runs and put the cursor on the run ``at``."""
        problem, records = "", list["RunRecord"]()
        try:
            records = self.bench.records()
        except PLAIN_ERRORS as error:
            problem = sentence(error)
        hand_over(self, self._take, records, at, problem)

    def _take(self, records: list[RunRecord], at: str, problem: str) -> None:
        self._records = records
        names = {record.name for record in records}
        self.bench.marked = tuple(name for name in self.bench.marked if name in names)
        self._fill(at)
        self._compare()
        if problem:
            self._problem = problem if records else ""
            self._say(problem, error=True)
        elif not records:
            self._say("No run yet: close this with esc and press n to train one.")

    def _fill(self, at: str = "") -> None:
        """Show what passes the filter, sorted."""
        from ...core.runs.searching import matching, ordered

        by, largest_first = self.bench.runs_order
        at = at or self.table.highlighted or ""
        self._found = ordered(matching(self._records, self.filter.value), by, reverse=largest_first)
        self.table.show(self._found, self.bench.marked, self._shown, self.bench.runs_order, at)
        some = f"{len(self._found)} of {len(self._records)}"
        how_many = some if len(self._found) < len(self._records) else str(len(self._records))
        frame = self.query_one("#runs")
        frame.border_title = f"Runs · {how_many}"
        sorting = "newest first" if self.bench.runs_order == ("created", True) else f"by {by}"
        frame.border_subtitle = f"{sorting} · s sort · p pin · t tags · n note"
        if not self._found and self._records:
            self._say(f"No run has '{one_line(self.filter.value)}' in its name, texts, tags, note or settings.")

    def _compare(self) -> None:
        """Show what the marked runs differ in."""
        from ...core.runs.comparison import differences, repeats, shown

        by_name = {record.name: record for record in self._records}
        chosen = [by_name[name] for name in self.bench.marked]
        panel = self.query_one("#comparison")
        panel.display = len(chosen) > 1
        if len(chosen) > 1:
            found = {name: [shown(value) for value in values] for name, values in differences(chosen).items()}
            self.query_one("#differences", DifferenceTable).show([record.name for record in chosen], found)
            self.query_one("#differences").display = bool(found)
            groups = repeats(chosen)
            same = [] if found else ["All settings are the same."]
            self.query_one("#repeats", Static).update(plain_line(" ".join([*same, *map(of_seeds, groups)])))

    def _highlighted(self) -> RunRecord | None:
        name = self.table.highlighted
        return next((record for record in self._found if record.name == name), None)

    @on(DataTable.RowHighlighted, "#table")
    def _detail(self) -> None:
        if self._problem:
            self._problem = ""
            return
        record = self._highlighted()
        if record is None or self._editing is not None:
            return
        if record.problem:
            self._say(record.problem, error=True)
            return
        created = one_line(record.created)[:16].replace("T", " ")
        epochs = f"{counted(record.epochs or 0, 'epoch')}, best {record.best_epoch or '–'}"
        parts = [created, epochs, f"seed {record.settings.get('seed', '–')}", size(record.size_bytes)]
        parts += ["can go on" if record.resumable else "", ", ".join(record.tags), record.note]
        self._say(" · ".join(part for part in parts if part))

    @on(DataTable.RowSelected, "#table")
    def _open(self) -> None:
        """Show the highlighted run."""
        record = self._highlighted()
        if record is not None and self._editing is None and (record.problem is None or record.resumable):
            self.dismiss(record.name)

    @on(DataTable.HeaderSelected, "#table")
    def _sort_by(self, event: DataTable.HeaderSelected) -> None:
        heading = event.column_key.value
        if heading in ORDERS:
            by, largest_first = self.bench.runs_order
            self.bench.runs_order = (heading, by == heading and not largest_first)
            self._fill()

    def action_sort(self, places: int) -> None:
        """Sort by another column."""
        by = ORDERS[(ORDERS.index(self.bench.runs_order[0]) + places) % len(ORDERS)]
        self.bench.runs_order = (by, by == "created")
        self._fill()

    def action_turn(self) -> None:
        """Sort the other way round."""
        by, largest_first = self.bench.runs_order
        self.bench.runs_order = (by, not largest_first)
        self._fill()

    def action_mark(self) -> None:
        """Mark the highlighted run, or take its mark away."""
        record, marked = self._highlighted(), self.bench.marked
        if record is None:
            return
        if record.name in marked:
            self.bench.marked = tuple(name for name in marked if name != record.name)
        elif len(marked) == len(LETTERS):
            self._say(f"{len(LETTERS)} runs are marked already; take a mark away first.", error=True)
            return
        elif not record.settings:
            self._say(record.problem or "", error=True)
            return
        else:
            self.bench.marked = (*marked, record.name)
        self._fill()
        self._compare()

    def action_pin(self) -> None:
        """Put the highlighted run above all others, or back among them."""
        record = self._highlighted()
        if record is not None and self._editing is None:
            self._change("pin", record.name, "")

    def action_unmark(self) -> None:
        """Take all marks away."""
        self.bench.marked = ()
        self._fill()
        self._compare()

    def action_filter(self) -> None:
        """Type words that a run must have."""
        self.filter.display = True
        self.filter.focus()

    @on(Input.Changed, "#filter")
    def _filtered(self) -> None:
        self._fill()

    @on(Input.Submitted, "#filter")
    def _filter_done(self) -> None:
        self.filter.display = bool(self.filter.value)
        self.table.focus()

    def action_close(self) -> None:
        """Leave the line, the filter, then the list."""
        if self._editing is not None:
            self._end_editing()
            self._detail()
        elif self.filter.display:
            self.filter.value = ""
            self.filter.display = False
            self.table.focus()
        else:
            self.dismiss(None)

    def action_edit(self, purpose: str) -> None:
        """Ask for another name, tags, a note, or whether the run is to be deleted."""
        record = self._highlighted()
        if record is None or self._editing is not None:
            return
        if purpose in {"rename", "delete"} and self.bench.training and record.name == self.bench.session_run():
            self._say("This run is in training; stop it first.", error=True)
            return
        self._editing = (purpose, record.name)
        now = {"rename": record.name, "tag": ", ".join(record.tags), "note": record.note}
        self.line.max_length = LONGEST_NAME if purpose == "rename" else 0
        self.line.display = True
        self.line.value = now.get(purpose, "")
        self.line.cursor_position = len(self.line.value)
        self.line.focus()
        self._say(QUESTIONS[purpose].format(record.name))

    def _end_editing(self) -> None:
        self._editing = None
        self.line.display = False
        self.table.focus()

    @on(Input.Submitted, "#line")
    def _submitted(self, event: Input.Submitted) -> None:
        if self._editing is None:
            return
        purpose, name = self._editing
        value = event.value.strip()
        if purpose == "delete" and value.lower() != "yes":
            self._end_editing()
            self._say("Nothing was deleted.")
            return
        self._change(purpose, name, value)

    @work(thread=True, exclusive=True, group="change-run", exit_on_error=False)
    def _change(self, purpose: str, name: str, value: str) -> None:
        problem, now = "", name
        try:
            now = self.bench.change_run(purpose, name, value)
        except PLAIN_ERRORS as error:
            problem = sentence(error)
        hand_over(self, self._changed, name, None if purpose == "delete" else now, problem)

    def _changed(self, name: str, now: str | None, problem: str) -> None:
        if problem:  # what was typed stays in the line
            self._say(problem, error=True)
            return
        self.bench.follow(name, now)
        self._end_editing()
        self.read(now or "")
