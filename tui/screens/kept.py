"""The texts worth keeping, across all talks: found, put in order, edited, tagged, dropped, taken along."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList

from ...core.errors import EngineError
from ...core.keeping.turns import fold
from ..bindings import key
from ..clipboard import copy
from ..display import moment_shown, plain, plain_line, sentence
from ..editor import edited
from ..handing_over import app_of
from ..numbers import NOTHING
from ..workbench import Workbench
from .listing import FILTER, ListingScreen

if TYPE_CHECKING:
    from ...core.keeping.collection import Change, Kept
    from ...core.keeping.picking import Order

ORDERS: dict[Order, str] = {
    "date": "latest first",
    "surprise": "most surprising first",
    "length": "longest first",
    "newness": "least copied first",
}
MOST_SHOWN = 600
"""Characters of the highlighted text that are shown under the list."""
DROP, UNDO, EDIT, AGAIN = "drop", "undo", "edit", "again"


class KeptScreen(ListingScreen["Kept"]):
    """Lists the kept texts, repeats folded."""

    CSS_PATH = "listing.tcss"
    TITLE_SHOWN = "kept texts"
    KEYS = "/ find · s order · e edit · t tag · d drop · y copy · F1 more · esc"
    HEADINGS = f"{'kept':<12}{'words':>6}{'bits':>6}{'copied':>8}  text"
    EMPTY = "Nothing is kept yet; F7 on the Prompt screen keeps an answer, and s in the talk does."
    QUESTIONS: ClassVar = {
        FILTER: "",
        EDIT: "Other words? What was said stays with it; E opens your editor.",
        "tag": "Which tags? Single words; none takes all away.",
        "export": "Into which file? .csv, .jsonl and .md are understood, anything else is plain text.",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        key("kept.filter", "slash", "ask('filter')", "filter", "Show those with some words, tags or run", display="/"),
        key("kept.order", "s", "order", "order", "The latest, most surprising, longest or least copied first"),
        key("kept.edit", "e", "ask('edit')", "edit", "Give the text other words"),
        key("kept.editor", "E", "editor", "editor", "Change the text in your own editor", shown=False),
        key("kept.tag", "t", "ask('tag')", "tag", "Give the text tags"),
        key("kept.drop", "d", "drop", "drop", "Take the text out; u brings it back"),
        key("kept.undo", "u", "undo", "undo", "Take the last change back"),
        key("kept.copy", "y", "copy", "copy", "Copy the text to the terminal's clipboard"),
        key("kept.again", "a", "again", "again", "Make the text anew by the weights that said it"),
        key("kept.export", "x", "ask('export')", "export", "Write what is listed into a file"),
        key("kept.down", "j", "step(1)", "step", "Down and up, as the arrows", shown=False),
        key("kept.up", "k", "step(-1)", "step", "Up", shown=False),
        key("kept.leave", "escape", "leave", "close", "Close the list"),
    ]

    def __init__(self, bench: Workbench) -> None:
        """List the texts that ``bench`` keeps."""
        super().__init__(bench)
        self.order: Order = "date"
        self._times: dict[str, int] = {}
        """How many there are of each text that is shown."""
        self._undoable: list[tuple[str, Change]] = []
        """What was done here, the latest last."""

    def read_items(self) -> tuple[Sequence[Kept], str]:
        """All texts."""
        contents = self.bench.kept.read()
        return contents.texts, contents.notice

    def shown_items(self) -> Sequence[Kept]:
        """Those that are wanted, repeats folded."""
        from ...core.keeping.picking import folded, matching, ordered

        rows = folded(ordered(matching(self.items, self.wanted), self.order))
        self._times = {kept.id: times for kept, times in rows}
        return [kept for kept, _ in rows]

    def id_of(self, item: Kept) -> str:
        """Its name in the collection."""
        return item.id

    def row_of(self, item: Kept) -> Content:
        """When, how long, how surprising, how new, and its words."""
        bits = NOTHING if item.bits is None else f"{item.bits:.1f}"
        copied = NOTHING if item.copied is None else f"{item.copied:.0%}"
        numbers = f"{moment_shown(item.when)[:10]:<12}{item.words:>6,}{bits:>6}{copied:>8}  "
        tags = "".join(f" #{tag}" for tag in item.tags)
        times = f" ×{self._times[item.id]}" if self._times.get(item.id, 1) > 1 else ""
        text, marked = plain_line(item.text), plain_line(tags, "$text-accent")
        return Content.assemble(numbers, text, (times, "bold"), marked)

    def detail_of(self, item: Kept) -> tuple[Content, bool]:
        """All its words, and where they come from."""
        from ...core.keeping.handouts import said_by

        text = item.text if len(item.text) <= MOST_SHOWN else f"{item.text[:MOST_SHOWN]}…"
        return Content.assemble(plain(text, "$foreground"), "\n", plain_line(f"{item.id} · {said_by(item)}")), False

    def value_for(self, what: str, item: Kept) -> str:
        """What is changed, or the name of a file."""
        return {EDIT: item.text, "tag": " ".join(item.tags), "export": "kept.md"}.get(what, "")

    def objection(self, what: str, item: Kept) -> str:
        """A text of several lines would lose them in one line."""
        several = what == EDIT and "\n" in item.text
        return "This text has several lines; E opens your editor for it." if several else ""

    @on(OptionList.OptionSelected)
    def _edit_chosen(self) -> None:
        self.action_ask(EDIT)

    def change(self, what: str, item: Kept, value: str) -> str:
        """Do what was asked; what changes the collection can be undone."""
        collection = self.bench.kept
        if what == EDIT:
            self._undoable.append(("The words are as they were.", collection.edit(item.id, value)))
            return "The text is changed; u takes that back."
        if what == "tag":
            self._undoable.append(("The tags are as they were.", collection.tag(item.id, value.split())))
            return "The tags are changed; u takes that back."
        if what == DROP:
            same = [each.id for each in self.items if fold(each.text) == fold(item.text)]
            self._undoable.append(("The text is back.", collection.drop(same)))
            return "The text is dropped; u brings it back."
        if what == AGAIN:
            return self._made_again(item)
        return self._export(value)

    def _made_again(self, item: Kept) -> str:
        from ...core.keeping.remaking import remade

        if item.origin is None:
            raise EngineError("A person wrote this text; there is no model to say it again.")
        if remade(item.origin, self.bench.store) == item.as_said:
            return "The same weights say the same again, word for word."
        raise EngineError("The same weights say something else here: the words are rounded otherwise on this machine.")

    def _export(self, value: str) -> str:
        from ...core.keeping.handouts import KEPT_FORMATS, format_of, kept_as, write_new

        path, texts = Path(value).expanduser(), self.shown_items()
        form = format_of(path, None)
        write_new(path, kept_as(form if form in KEPT_FORMATS else "text", texts))
        return f"{len(texts):,} text{'s' * (len(texts) != 1)} in {path.absolute()}."

    def action_order(self) -> None:
        """Take the next order."""
        orders = list(ORDERS)
        self.order = orders[(orders.index(self.order) + 1) % len(orders)]
        self.fill()
        self.tell(f"In this order: {ORDERS[self.order]}.")

    def action_drop(self) -> None:
        """Take the text out, and those that say the same."""
        item = self.highlighted()
        if item is not None and not self.asking:
            self.begin_change(DROP, item, "")

    def action_again(self) -> None:
        """Make the text anew."""
        item = self.highlighted()
        if item is not None and not self.asking:
            self.say("making it again…")
            self.begin_change(AGAIN, item, "")

    def action_undo(self) -> None:
        """Take the last change back."""
        if not self._undoable:
            self.say("There is nothing to take back.")
            return
        news, change = self._undoable.pop()
        try:
            self.bench.kept.undo(change)
        except EngineError as error:
            self.say(sentence(error), error=True)
        else:
            self.read_again(news)

    def action_copy(self) -> None:
        """Copy the text."""
        item = self.highlighted()
        if item is not None:
            self.say(copy(app_of(self), item.text))

    def action_editor(self) -> None:
        """Change the text in the person's own editor."""
        item = self.highlighted()
        if item is None or self.asking:
            return
        try:
            text = edited(app_of(self), item.text)
        except EngineError as error:
            self.say(sentence(error), error=True)
        else:
            self.begin_change(EDIT, item, text)
