"""A list in a dialog with a line under it: what is filtered, changed or asked is typed there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from ...core.errors import PLAIN_ERRORS
from ..display import plain_line, sentence
from ..handing_over import hand_over
from ..widgets.foreign_input import ForeignInput
from ..workbench import Workbench

Item = TypeVar("Item")
FILTER, DELETE = "filter", "delete"


class ListingScreen(ModalScreen["str | None"], Generic[Item]):
    """A list of things that are kept on the disk; its result is the one chosen, None to stay."""

    TITLE_SHOWN: ClassVar[str]
    KEYS: ClassVar[str]
    """What the lower border says."""
    HEADINGS: ClassVar[str]
    QUESTIONS: ClassVar[Mapping[str, str]]
    """What the line may be for, and what is asked then."""
    EMPTY: ClassVar[str]

    def __init__(self, bench: Workbench) -> None:
        """List what ``bench`` has."""
        super().__init__()
        self.bench = bench
        self.items: Sequence[Item] = ()
        self.wanted = ""
        """The words that what is listed has."""
        self._news = ""
        """A sentence that the next highlighted line must not push off the screen."""
        self.asking = ""
        """What the line is for now, one of ``QUESTIONS``; empty while it is away."""

    # What a list is made of

    def read_items(self) -> tuple[Sequence[Item], str]:
        """Return everything and what is to be said about it; runs in a thread. A plain error where it cannot be."""
        raise NotImplementedError

    def shown_items(self) -> Sequence[Item]:
        """Return what is wanted, in the order in which it is shown."""
        raise NotImplementedError

    def id_of(self, item: Item) -> str:
        """Return what an item is known by."""
        raise NotImplementedError

    def row_of(self, item: Item) -> Content:
        """Return its line."""
        raise NotImplementedError

    def detail_of(self, item: Item) -> tuple[Content, bool]:
        """Return what is known of it, and whether that is a problem."""
        raise NotImplementedError

    def value_for(self, what: str, item: Item) -> str:
        """Return what stands in the line when it is put up."""
        raise NotImplementedError

    def change(self, what: str, item: Item, value: str) -> str:
        """Do what was asked, and return a sentence about it; runs in a thread. A plain error where it cannot be."""
        raise NotImplementedError

    def objection(self, what: str, item: Item) -> str:  # noqa: ARG002
        """Return why something cannot be done now, nothing where it can."""
        return ""

    # The screen

    def compose(self) -> ComposeResult:
        """Headings, the list, what is known of the one highlighted, a line to type into."""
        with Vertical(classes="dialog listing") as dialog:
            dialog.border_title = self.TITLE_SHOWN
            dialog.border_subtitle = self.KEYS
            yield Static(self.HEADINGS, markup=False, classes="headings")
            yield OptionList(id="list", markup=False)
            yield Static("", markup=False, id="detail")
            yield ForeignInput(id="line", compact=True)

    def on_mount(self) -> None:
        """Read the disk."""
        self.query_one("#line").display = False
        self.query_one("#list").focus()
        self.say("reading…")
        self.read_again()

    def say(self, text: str | Content, *, error: bool = False) -> None:
        """Show a sentence under the list."""
        detail = self.query_one("#detail", Static)
        detail.set_class(error, "error")
        detail.update(text if isinstance(text, Content) else plain_line(text))

    @work(thread=True, exclusive=True, group="listing", exit_on_error=False)
    def read_again(self, news: str = "", problem: str = "") -> None:
        """Read what there is now, and say what has happened."""
        items: Sequence[Item] = ()
        notice = ""
        try:
            items, notice = self.read_items()
        except PLAIN_ERRORS as error:
            problem = problem or sentence(error)
        hand_over(self, self._show, items, news or notice, problem)

    def _show(self, items: Sequence[Item], news: str, problem: str) -> None:
        self.items = items
        self.fill()
        if problem or news:
            self.tell(problem or news, error=bool(problem))
        elif not items:
            self.say(self.EMPTY)

    def tell(self, text: str, *, error: bool = False) -> None:
        """Say something that stays until another line is looked at."""
        self._news = text if self.items else ""
        self.say(text, error=error)

    def fill(self) -> None:
        """Show the wanted items; the cursor stays on the one it was on, or at its place."""
        listing = self.query_one("#list", OptionList)
        before, at = self.highlighted_id(), listing.highlighted or 0
        shown = self.shown_items()
        listing.set_options([Option(self.row_of(each), id=self.id_of(each)) for each in shown])
        ids = [self.id_of(each) for each in shown]
        listing.highlighted = ids.index(before) if before in ids else min(at, len(ids) - 1) if ids else None
        if not shown and self.items:
            self.say(f"Nothing here has '{self.wanted}' in it.")

    def highlighted_id(self) -> str:
        """Return what the line under the cursor is known by, nothing without one."""
        option = self.query_one("#list", OptionList).highlighted_option
        return "" if option is None else option.id or ""

    def highlighted(self) -> Item | None:
        """Return the item under the cursor."""
        wanted = self.highlighted_id()
        return next((item for item in self.items if self.id_of(item) == wanted), None)

    @on(OptionList.OptionHighlighted)
    def _detail(self) -> None:
        item = self.highlighted()
        if self._news or item is None or self.asking:
            self._news = ""
            return
        text, problem = self.detail_of(item)
        self.say(text, error=problem)

    def action_ask(self, what: str) -> None:
        """Put up the line for something that is typed."""
        item = self.highlighted()
        if self.asking or (item is None and what != FILTER):
            return
        objection = "" if item is None else self.objection(what, item)
        if objection:
            self.say(objection, error=True)
            return
        self.asking = what
        line = self.query_one("#line", ForeignInput)
        line.display = True
        line.placeholder = "words to find" if what == FILTER else ""
        line.value = self.wanted if what == FILTER else "" if item is None else self.value_for(what, item)
        line.cursor_position = len(line.value)
        line.focus()
        if self.QUESTIONS[what]:
            self.say(self.QUESTIONS[what])

    @on(Input.Changed, "#line")
    def _typed(self, event: Input.Changed) -> None:
        if self.asking == FILTER:
            self.wanted = event.value.strip()
            self.fill()

    @on(Input.Submitted, "#line")
    def _submitted(self, event: Input.Submitted) -> None:
        what, value, item = self.asking, event.value.strip(), self.highlighted()
        self._end_asking()
        if item is None or what == FILTER:
            return
        if what == DELETE and value.lower() != "yes":
            self.say("Nothing was deleted.")
            return
        self.begin_change(what, item, value)

    def _end_asking(self) -> None:
        self.asking = ""
        self.query_one("#line").display = False
        self.query_one("#list").focus()

    @work(thread=True, group="change", exit_on_error=False)
    def begin_change(self, what: str, item: Item, value: str) -> None:
        """Do what was asked in a thread, and show what is there then."""
        news = problem = ""
        try:
            news = self.change(what, item, value)
        except PLAIN_ERRORS as error:
            problem = sentence(error)
        hand_over(self, self.read_again, news, problem)

    def action_step(self, step: int) -> None:
        """Another line."""
        listing = self.query_one("#list", OptionList)
        (listing.action_cursor_down if step > 0 else listing.action_cursor_up)()

    def action_leave(self) -> None:
        """Leave the line, then what is filtered, then the list."""
        if self.asking or self.wanted:
            if self.asking in ("", FILTER):
                self.wanted = ""
            self._end_asking()
            self.fill()
        else:
            self.dismiss(None)
