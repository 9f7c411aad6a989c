"""What the texts of a training are: their pictures, those that stand out, and which are left out or corrected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from ...core.errors import PLAIN_ERRORS
from ...data.amendments import correction, corrections_of
from ...data.cleaning import one_line
from ..bindings import key
from ..charts.bars import bar, columns
from ..display import MUTED, flowed, plain, plain_line, sentence
from ..handing_over import hand_over
from ..numbers import count, percent, short_count
from ..widgets.foreign_input import ForeignInput

if TYPE_CHECKING:
    from ...core.speaking.generation import Generator
    from ...data.reading import Texts
    from ...data.survey import FoundText, Survey

LONGEST, NEAR, BOTH, STRANGE, UNKNOWN, CHANGED = "longest", "near-repeats", "in both", "strangest", "unknown", "changed"
VIEWS = (LONGEST, NEAR, BOTH, STRANGE, UNKNOWN, CHANGED)
_WHAT = {
    LONGEST: "The longest texts.",
    NEAR: "Texts that nearly repeat an earlier one.",
    BOTH: "Held-out texts that mostly stand in training texts: figures would flatter.",
    STRANGE: "The texts that surprise the model most, in bits a token.",
    UNKNOWN: "Held-out words that no training text has.",
    CHANGED: "What is left out (✗) and corrected (~).",
}
_NO_MODEL = "No model is there to be surprised; open this from the Train screen of a run."
_LENGTHS, _FREQUENT = 5, 30
_BARS = "$text-primary"


@dataclass(frozen=True)
class Amended:
    """What a person decided about texts: numbers to leave out, and corrected texts by number."""

    exclude: tuple[str, ...] = ()
    correct: tuple[str, ...] = ()


class TextsScreen(ModalScreen["Amended | None"]):
    """Shows texts; its result is what is to be left out and corrected, None when that is as before."""

    CSS_PATH = "texts.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (70, "-normal")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        *(key(f"texts.list-{n}", f"{n}", f"view({n - 1})", "lists", "Another list of texts") for n in range(1, 7)),
        key("texts.next-list", "right,tab", "turn(1)", "next list", "The next list"),
        key("texts.previous-list", "left", "turn(-1)", "next list", "The list before"),
        key("texts.leave-out", "x", "leave_out", "leave out", "Leave the text out, or take it back"),
        key("texts.correct", "e", "correct", "correct", "Write what the text should say"),
        key("texts.leave", "escape,q", "leave", "close", "Leave the line, then the texts; what was decided holds"),
    ]

    def __init__(
        self, name: str, read: Callable[[], Texts], speaker: Callable[[], Generator] | None, before: Amended
    ) -> None:
        """Show the texts that ``read`` gives (it blocks), as the model of ``speaker`` finds them (it blocks too)."""
        super().__init__()
        self._name = name
        self._read_texts, self._speaker = read, speaker
        self._before = before
        self._excluded = dict.fromkeys(before.exclude)
        self._corrected = corrections_of(before.correct)
        self._survey: Survey | None = None
        self._texts: Mapping[str, FoundText] = {}
        self._strangest: tuple[FoundText, ...] = ()
        self._view = LONGEST
        self._why_none = _NO_MODEL if speaker is None else "The model reads the texts …"
        self._editing = ""

    def compose(self) -> ComposeResult:
        """Pictures beside a list, the text under the cursor, a line to type into."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = plain_line(f"texts of {self._name}").markup
            dialog.border_subtitle = "1-6 lists · x leave out · e correct · esc closes"
            with Horizontal(id="found"):
                yield Static("", markup=False, id="pictures")
                with Vertical():
                    yield Static("", markup=False, id="lists")
                    yield OptionList(id="list", markup=False)
            yield Static("reading the texts…", markup=False, id="detail")
            yield ForeignInput(id="line", compact=True)

    def on_mount(self) -> None:
        """Read the texts in a thread."""
        self.query_one("#line").display = False
        self.query_one("#list").focus()
        self._look()

    @work(thread=True, exclusive=True, group="survey", exit_on_error=False)
    def _look(self) -> None:
        try:
            from ...data.survey import survey

            texts = self._read_texts()
            read = texts.texts.tolist()
            hand_over(self, self._show, survey(read, texts.layout))
            if self._speaker is not None and texts.layout != "whole":
                from ...core.speaking.strangeness import strangest

                hand_over(self, self._show_strangest, tuple(strangest(self._speaker(), read)), "")
        except PLAIN_ERRORS as error:
            hand_over(self, self._show_problem, sentence(error))
        except Exception as error:  # noqa: BLE001  # shown in words; the dialog stays
            hand_over(self, self._show_problem, f"The texts cannot be looked at: {sentence(error)}.")

    def _show(self, found: Survey) -> None:
        self._survey = found
        self._draw()
        self._fill()

    def _show_strangest(self, found: tuple[FoundText, ...], problem: str) -> None:
        self._strangest, self._why_none = found, problem
        self._fill()

    def _show_problem(self, problem: str) -> None:
        self._why_none = problem
        if self._survey is None:
            self._say(problem, error=True)

    def _say(self, text: str | Content, *, error: bool = False) -> None:
        detail = self.query_one("#detail", Static)
        detail.set_class(error, "error")
        detail.update(text if isinstance(text, Content) else plain_line(text))

    def on_resize(self, _: Resize) -> None:
        """The pictures are as wide as there is room."""
        self.call_after_refresh(self._draw)
        self.call_after_refresh(self._head)

    def _draw(self) -> None:
        panel = self.query_one("#pictures", Static)
        width, height = panel.content_size
        if self._survey is not None and width > 0:
            panel.update(Content("\n").join(pictures(self._survey, width, height)))

    def _items(self) -> tuple[FoundText, ...]:
        found = self._survey
        if found is None:
            return ()
        lists = {LONGEST: found.longest, NEAR: found.near, BOTH: found.both, STRANGE: self._strangest}
        if self._view != CHANGED:
            return lists.get(self._view, ())
        known = {each.number: each for each in (*found.longest, *found.near, *found.both, *self._strangest)}
        return tuple(known[number] for number in (*self._excluded, *self._corrected) if number in known)

    def _fill(self) -> None:
        """Show the list that is chosen; the cursor stays at its place."""
        listing, found = self.query_one("#list", OptionList), self._survey
        if found is None:
            return
        items, at = self._items(), listing.highlighted or 0
        self._texts = {each.number: each for each in items}
        if self._view == UNKNOWN:
            listing.set_options([plain_line(f"{count(many):>6} {word}") for word, many in found.vocabulary.unknown])
        else:
            listing.set_options([Option(self._row(each), id=number) for number, each in self._texts.items()])
        many = len(listing.options)
        listing.highlighted = min(at, many - 1) if many else None
        self._head()
        if not many:
            self._say(self._why_none if self._view == STRANGE and self._why_none else f"{_WHAT[self._view]} None.")
        elif self._view == UNKNOWN:
            self._say(f"{_WHAT[UNKNOWN]} They are {percent(found.vocabulary.unknown_share)} of the held-out words.")

    def _head(self) -> None:
        found = self._survey
        if found is None:
            return
        numbers = {NEAR: found.near_count, BOTH: found.both_count, CHANGED: len(self._excluded) + len(self._corrected)}
        parts = [
            Content.styled(
                " ".join([f"{place}", view, *([count(numbers[view])] if view in numbers else [])]),
                "bold reverse" if view == self._view else MUTED,
            )
            for place, view in enumerate(VIEWS, 1)
        ]
        lists = self.query_one("#lists", Static)
        lists.update(flowed(parts, "  ", lists.content_size.width))

    def _row(self, each: FoundText) -> Content:
        mark = "✗" if each.number in self._excluded else "~" if each.number in self._corrected else " "
        figure = each.figure
        shown = f"{figure:.0%}" if self._view in (NEAR, BOTH) else f"{figure:.1f}" if self._view == STRANGE else ""
        shown = shown or (count(int(figure)) if self._view == LONGEST else "")
        said = self._corrected.get(each.number, each.text)
        return Content.assemble(f"{mark} ", f"{shown:>4} ", plain_line(said, "strike" if mark == "✗" else ""))

    def _highlighted(self) -> FoundText | None:
        option = self.query_one("#list", OptionList).highlighted_option
        return None if option is None else self._texts.get(option.id or "")

    @on(OptionList.OptionHighlighted)
    def _detail(self) -> None:
        each = self._highlighted()
        if each is None or self._editing:
            return
        parts = [plain_line(f"{each.number} · {each.split}", MUTED), plain(each.text)]
        if each.number in self._corrected:
            parts.append(Content.assemble(("corrected: ", MUTED), plain(self._corrected[each.number])))
        if each.other:
            parts.append(Content.assemble(("like: ", MUTED), plain(each.other)))
        self._say(Content("\n").join(parts))

    def action_view(self, place: int) -> None:
        """Show another list."""
        self._view = VIEWS[place]
        self.query_one("#list", OptionList).highlighted = None
        self._fill()

    def action_turn(self, step: int) -> None:
        """Show the next list."""
        self.action_view((VIEWS.index(self._view) + step) % len(VIEWS))

    def action_leave_out(self) -> None:
        """Leave the text out, or take it back."""
        each = self._highlighted()
        if each is None or self._editing:
            return
        if each.number in self._excluded:
            del self._excluded[each.number]
        else:
            self._excluded[each.number] = None
        self._fill()

    def action_correct(self) -> None:
        """Put up the line with the text."""
        each = self._highlighted()
        if each is None or self._editing:
            return
        self._editing = each.number
        line = self.query_one("#line", ForeignInput)
        line.display = True
        line.value = correction("", self._corrected.get(each.number, each.text))[1:]
        line.cursor_position = len(line.value)
        line.focus()
        self._say(r"What the text should say, \n for a line break; as it was takes the correction back:")

    @on(Input.Submitted, "#line")
    def _submitted(self, event: Input.Submitted) -> None:
        number, each = self._editing, self._texts.get(self._editing)
        written = event.value.strip()
        if each is None or not written:
            self._say("A text needs some words; leave it out with x instead.", error=True)
            return
        said = corrections_of([f"{number}={written}"])[number]
        self._corrected.pop(number, None)
        if said != each.text:
            self._corrected[number] = said
        self._end_editing()
        self._fill()

    def _end_editing(self) -> None:
        self._editing = ""
        self.query_one("#line").display = False
        self.query_one("#list").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """While something is typed only leaving the line works."""
        return not self._editing or action == "leave"

    def action_leave(self) -> None:
        """Leave the line, then the texts."""
        if self._editing:
            self._end_editing()
            self._detail()
            return
        corrected = tuple(correction(number, text) for number, text in self._corrected.items())
        now = Amended(tuple(self._excluded), corrected)
        self.dismiss(None if now == self._before else now)


def pictures(found: Survey, width: int, height: int) -> list[Content]:
    """Lengths, coverage and frequent words, as many lines as there is room for."""
    lines = [plain_line(_how_many(found), "bold")]
    if found.lengths:
        short, middling, long = found.usual
        drawn = columns([texts for *_, texts in found.lengths], width, _LENGTHS)
        lines += [Content.styled(line, _BARS) for line in drawn]
        lines.append(plain_line(f"{short}–{middling}–{long} {found.unit}, most {found.lengths[-1][1]}", MUTED))
    lines.append(plain_line(f"covered by so many {found.unit}", "bold"))
    room = max(4, width - 22)
    for size, train, held_out in found.vocabulary.coverage[-4:]:
        other = "" if held_out is None else f" {held_out:>4.0%}"
        drawn = (bar(train, room).ljust(room), _BARS)
        lines.append(Content.assemble(f"{count(size):>9} ", drawn, f" {train:>4.0%}{other}"))
    if found.vocabulary.unknown_share is not None:
        lines.append(Content.styled(f"{'trained, held out':>{width}}"[:width], MUTED))
    lines.append(plain_line("frequent", "bold"))
    frequent = found.vocabulary.frequent[: max(0, min(_FREQUENT, height - len(lines)))]
    room = max(4, width - 18)
    for word, many in frequent:
        shown = Content.styled(one_line(word), "").truncate(9, ellipsis=True, pad=True)
        drawn = (bar(many / frequent[0][1], room).ljust(room), _BARS)
        lines.append(Content.assemble(shown, " ", drawn, f" {short_count(many):>7}"))
    return lines


def _how_many(found: Survey) -> str:
    texts = "1 text" if found.texts == 1 else f"{count(found.texts)} texts"
    return texts if found.looked_at >= found.texts else f"{count(found.looked_at)} of {texts} looked at"
