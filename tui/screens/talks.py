"""The talks so far: open one, rename it, delete it, take it along as a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList

from ..bindings import key
from ..display import moment_shown, plain_line
from .listing import DELETE, FILTER, ListingScreen

if TYPE_CHECKING:
    from ...core.keeping.summaries import TalkSummary


class TalksScreen(ListingScreen["TalkSummary"]):
    """Lists the talks, the latest first; its result is the one to go on with."""

    CSS_PATH = "listing.tcss"
    TITLE_SHOWN = "talks"
    KEYS = "enter open · / filter · r rename · e export · d delete · esc close"
    HEADINGS = f"  {'last said':<17}{'answers':>8}{'words':>8}   title"
    EMPTY = "No talk yet: every talk of the Prompt screen is saved here by itself."
    QUESTIONS: ClassVar = {
        FILTER: "",
        "rename": "Another title?",
        DELETE: "Nothing brings a deleted talk back. Type yes to delete it.",
        "export": "Into which file? .md and .json are understood, anything else is plain text.",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        key("talks.filter", "slash", "ask('filter')", "filter", "Show the talks with some words alone", display="/"),
        key("talks.rename", "r", "ask('rename')", "rename", "Give the talk another title"),
        key("talks.export", "e", "ask('export')", "export", "Write the talk into a file"),
        key("talks.delete", "d", "ask('delete')", "delete", "Delete the talk, after a question"),
        key("talks.down", "j", "step(1)", "step", "Down and up, as the arrows", shown=False),
        key("talks.up", "k", "step(-1)", "step", "Up", shown=False),
        key("talks.leave", "escape", "leave", "close", "Close the list"),
    ]

    def read_items(self) -> tuple[Sequence[TalkSummary], str]:
        """All talks."""
        return self.bench.talks.list(), ""

    def shown_items(self) -> Sequence[TalkSummary]:
        """Those with the wanted words in the title or the models' names."""
        wanted = self.wanted.casefold()
        return [each for each in self.items if wanted in f"{each.title} {' '.join(each.models)}".casefold()]

    def id_of(self, item: TalkSummary) -> str:
        """The name of its file."""
        return item.id

    def row_of(self, item: TalkSummary) -> Content:
        """When, how much, and how it begins; the one on the Prompt screen is marked."""
        mark = "●" if item.id == self.bench.open_talk else " "
        numbers = f"{moment_shown(item.changed):<17}{item.answers:>8,}{item.words:>8,}   "
        title = plain_line(item.title or item.problem, "" if item.title else "$text-error")
        return Content.assemble((f"{mark} ", "bold"), numbers, title)

    def detail_of(self, item: TalkSummary) -> tuple[Content, bool]:
        """Its name, its beginning and its models, or what is wrong with it."""
        if item.problem:
            return plain_line(item.problem), True
        begun, models = moment_shown(item.created), ", ".join(item.models)
        parts = (item.id, f"begun {begun}" if begun else "", f"with {models}" if models else "")
        return plain_line(" · ".join(part for part in parts if part)), False

    @on(OptionList.OptionSelected)
    def _open(self) -> None:
        item = self.highlighted()
        if item is not None and item.title:
            self.dismiss(item.id)

    def objection(self, what: str, item: TalkSummary) -> str:
        """The talk on the Prompt screen is saved every second, so it cannot be deleted."""
        if what == DELETE and item.id == self.bench.open_talk:
            return "This talk is on the Prompt screen; begin a new one there (ctrl+n) first."
        return ""

    def value_for(self, what: str, item: TalkSummary) -> str:
        """The title to change, or the name of a file."""
        return {"rename": item.title, "export": f"talk-{item.id}.md"}.get(what, "")

    def change(self, what: str, item: TalkSummary, value: str) -> str:
        """Rename, delete or export."""
        if what == "rename":
            return f"It is called {self.bench.talks.rename(item.id, value)} now."
        if what == DELETE:
            self.bench.talks.delete(item.id)
            return "The talk is deleted."
        from ...core.keeping.handouts import TALK_FORMATS, format_of, talk_as, write_new

        path = Path(value).expanduser()
        form = format_of(path, None)
        write_new(path, talk_as(form if form in TALK_FORMATS else "text", self.bench.talks.open(item.id)))
        return f"The talk is in {path.absolute()}."
