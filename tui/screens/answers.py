"""Several answers to one prompt, side by side: they stream at once, and one of them is taken into the talk."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Static

from ...core.keeping.tree import Place, Stretch
from ...core.keeping.turns import Turn
from ..bindings import key
from ..display import MUTED, plain, plain_line
from ..talk.answering import Began, Speaker, answer
from ..talk.desk import Desk
from ..talk.dials import Dials
from ..talk.surprise import mean_bits, surprise_bars
from ..talk.variants import DIFFERENCES, MOST, Loader, SharedModels, Variant, Voices, room_for, variants
from ..talk.word_stream import Turns, WordStream
from ..widgets.growing_text import GrowingText
from ..widgets.key_line import KeyLine

if TYPE_CHECKING:
    from ...core.speaking.spoken import Word
    from ..workbench import Talker

FLUSH_EVERY = 1 / 10
"""Seconds between two looks at the words that were made: a training pays for each."""
TELL_EVERY = 0.5
"""Seconds between two looks at the figures of an answer that grows."""
NO_EPOCHS = "This model has kept no earlier epochs to speak from. v lets something else differ."


class AnswerColumn(Vertical, can_focus=False):
    """One answer as it grows, and what there is to say about it."""

    text = query_one(GrowingText)

    def __init__(self, number: int, variant: Variant, speaker: Speaker, stretch: Stretch) -> None:
        """The ``number``-th column shows ``stretch`` while ``speaker`` fills it."""
        super().__init__()
        self._number = number
        self._take(variant, speaker, stretch)

    def _take(self, variant: Variant, speaker: Speaker, stretch: Stretch) -> None:
        self.variant = variant
        self.speaker = speaker
        self.stretch = stretch
        self.ended = False
        self.news = ""
        """What became of keeping it."""
        self._shown = 0
        self._told = 0.0

    @property
    def _title(self) -> Content:
        return plain_line(f"{self._number} · {self.variant.label}")

    def compose(self) -> ComposeResult:
        """What sets it apart, the words, and some lines about them."""
        yield Static(self._title, markup=False, classes="label")
        yield GrowingText()
        yield Static("", markup=False, classes="note")

    def begin(self, variant: Variant, speaker: Speaker, stretch: Stretch) -> None:
        """Show another answer from now on."""
        self._take(variant, speaker, stretch)
        self.query_one(".label", Static).update(self._title, layout=False)
        self.query_one(".note", Static).update("", layout=False)
        self.text.clear()

    def redraw(self) -> None:
        """Show the answer as it is now; what is said about it follows a little later while it grows."""
        words = [(word.text, word.probability) for word in self.stretch.words]
        self.text.say(words[self._shown :], growing=not self.ended)
        self._shown = len(words)
        now = time.monotonic()
        if self.ended or now - self._told > TELL_EVERY:
            self._told = now
            self.query_one(".note", Static).update(self._note([probability for _, probability in words]), layout=False)

    def _note(self, probabilities: Sequence[float]) -> Content:
        if self.speaker.stream.problem:
            return plain_line(self.speaker.stream.problem, "$text-error")
        if not probabilities:
            return Content("")
        count = len("".join(word.text for word in self.stretch.words).split())
        parts = [f"{count} word{'' if count == 1 else 's'}", f"{mean_bits(probabilities):.1f} bits a word"]
        if self.ended:
            parts.append(self.stretch.ending)
        bars = surprise_bars(probabilities, self.content_size.width)
        news = f"\n{self.news}" if self.news else ""
        return Content.assemble((bars, "$primary"), "\n", (" · ".join(parts), MUTED), plain(news))

    def tell(self, stretch: int, news: str) -> None:
        """Show what became of keeping an answer, while it is the one that is shown."""
        if self.is_attached and stretch == self.stretch.number:
            self.news = news
            self.redraw()


@dataclass(frozen=True)
class Asked:
    """What all answers have in common."""

    prompt: str
    dials: Dials
    voices: Voices
    """Who may answer."""


Keeper = Callable[[Turn, "Talker | None", Callable[[str], None]], None]
"""Keeps an answer of a model, or takes that back, and tells what came of it."""


class AnswersScreen(ModalScreen["int | None"]):
    """Columns of answers; its result is the number of the stretch that was taken, None where none was."""

    CSS_PATH = "answers.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("answers.left", "left,h", "point(-1)", "answer", "The answer to the left or right", display="← →"),
        key("answers.right", "right,l", "point(1)", "answer", "The answer to the right", shown=False),
        key("answers.take", "enter", "take", "take", "Take this answer into the talk; a digit takes its column"),
        key("answers.vary", "v", "differ", "vary", "What differs: seed, temperature, top-p, model, epoch"),
        key("answers.again", "r", "again", "again", "Others, with the next seeds"),
        key("answers.more", "plus,equals_sign", "more(1)", "more", "One answer more or fewer", display="+ −"),
        key("answers.fewer", "minus", "more(-1)", "more", "One answer fewer", shown=False),
        key("answers.keep", "s,f7", "keep", "keep", "Keep this answer, or take that back; F8 lists what is kept"),
        key("answers.up", "up,k", "scroll(-1)", "scroll", "Scroll the answer", shown=False),
        key("answers.down", "down,j", "scroll(1)", "scroll", "Scroll the answer down", shown=False),
        *(
            key(f"answers.take-{n}", f"{n}", f"take({n})", "take it", "Take the answer of this column", shown=False)
            for n in range(1, MOST + 1)
        ),
        key("answers.leave", "escape,q", "leave", "back", "Back to the talk; take none", display="esc"),
    ]

    def __init__(self, desk: Desk, asked: Asked, load: Loader, keep: Keeper) -> None:
        """Ask for answers at the place where ``desk`` stands; ``load`` gives the models, in threads."""
        super().__init__()
        self.desk = desk
        self.asked = asked
        self._load = load
        self._keep = keep
        self._before = desk.talk.head
        """Where one stood before the prompt."""
        self._fork: Place | None = None
        """Where the answers begin."""
        self._prompt: int | None = None
        self.differing = DIFFERENCES[0]
        self._count = 0
        self._seed = round(asked.dials.values["seed"])
        self._turns = Turns()
        self._pointed = 0
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """A title, the columns, the keys."""
        with Vertical(id="answers"):
            yield Static("", markup=False, id="differing")
            asked = plain_line(self.asked.prompt) if self.asked.prompt else Content.styled("(goes on)", MUTED)
            yield Static(asked, markup=False, id="asked")
            yield Horizontal(id="columns")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin to ask."""
        self._count = room_for(self.size.width)
        self._fork, self._prompt = self.desk.say(self.asked.prompt)
        self._timer = self.set_interval(FLUSH_EVERY, self._flush)
        self.call_after_refresh(self._ask)

    def on_unmount(self) -> None:
        """A thread that waits for its words to be shown would keep the process alive."""
        self._stop()

    @property
    def columns(self) -> list[AnswerColumn]:
        """The answers on the screen."""
        return list(self.query(AnswerColumn))

    async def _ask(self) -> None:
        """Have answers made that differ as wanted; those made before stay in the talk."""
        self._stop()
        dials = self.asked.dials
        chosen = variants(self.differing, self._count, self._seed, dials.sampling(), self.asked.voices)
        shared = SharedModels(self._load)
        answers: list[tuple[Variant, Speaker, Stretch]] = []
        for index, variant in enumerate(chosen):
            task = self.desk.answer_from(
                self._fork, self.asked.prompt, variant.seed, variant.sampling, round(dials.values["words"])
            )
            prompt = self._prompt if index == 0 else None
            load = partial(shared.get, variant.model, variant.epoch)
            stream = WordStream(partial(answer, task.request, load), self._turns)
            speaker = Speaker(self.desk.talk, task.number, prompt, stream, task.request.draw)
            answers.append((variant, speaker, self.desk.talk.stretches[task.number]))
        await self._show(answers)
        self._pointed = max(0, min(self._pointed, len(answers) - 1))
        self._show_pointed()
        for _, speaker, _ in answers:
            self._run_stream(speaker.stream)

    async def _show(self, answers: Sequence[tuple[Variant, Speaker, Stretch]]) -> None:
        """Have each answer in a column of its own; where there are as many as before, in those that are there."""
        columns = self.columns
        if columns and len(columns) == len(answers):
            for column, begun in zip(columns, answers, strict=True):
                column.begin(*begun)
            return
        room = self.query_one("#columns", Horizontal)
        await room.remove_children()
        columns = [AnswerColumn(index, *begun) for index, begun in enumerate(answers, 1)]
        await room.mount_all(columns or [Static(NO_EPOCHS, markup=False, classes="nobody")])

    @work(thread=True, group="answers", exit_on_error=False)
    def _run_stream(self, stream: WordStream[Began | Word]) -> None:
        stream.run()

    def _flush(self) -> None:
        """Show the words whose time has come."""
        speed = float(self.asked.dials.values["speed"])
        for column in self.columns:
            if column.ended or not column.is_mounted:
                continue
            said = column.speaker.say_due(speed)
            if column.speaker.done:
                column.speaker.finish()
                column.ended = True
            if said or column.ended:
                column.redraw()

    def _stop(self) -> None:
        for column in self.columns:
            if not column.ended:
                column.ended = True
                column.speaker.finish(stopped=True)

    def _show_pointed(self) -> None:
        columns = self.columns
        for index, column in enumerate(columns):
            column.query_one(".label").set_class(index == self._pointed, "pointed")
        which = f" · answer {self._pointed + 1} of {len(columns)}" if columns else ""
        differs = Content.assemble(
            ("side by side", "bold"), " · differing in ", (self.differing, "bold $text-accent"), which
        )
        self.query_one("#differing", Static).update(differs, layout=False)

    def on_click(self, event: events.Click) -> None:
        """A click points at an answer; a second one takes it."""
        for index, column in enumerate(self.columns):
            if event.widget is not None and column in event.widget.ancestors_with_self:
                self._pointed = index
                self._show_pointed()
                if event.chain > 1:
                    self.action_take()
                return

    def action_point(self, step: int) -> None:
        """Point at another answer."""
        if self.columns:
            self._pointed = (self._pointed + step) % len(self.columns)
            self._show_pointed()

    def action_take(self, number: int = 0) -> None:
        """Take an answer into the talk; one that is still being made is taken as far as it is."""
        columns = self.columns
        index = number - 1 if number else self._pointed
        if 0 <= index < len(columns):
            self._stop()
            self.dismiss(columns[index].stretch.number)

    def action_keep(self) -> None:
        """Keep the answer pointed at, as far as it is, or take that back."""
        if self.columns:
            column = self.columns[self._pointed]
            turn, began = self.desk.turn_of(column.stretch.number), column.speaker.began
            if turn is None or not column.stretch.words:
                column.tell(column.stretch.number, "There is nothing to keep yet.")
            else:
                tell = partial(column.tell, column.stretch.number)
                self._keep(turn, None if began is None else began.talker, tell)

    async def action_differ(self) -> None:
        """Let something else differ."""
        self.differing = DIFFERENCES[(DIFFERENCES.index(self.differing) + 1) % len(DIFFERENCES)]
        await self._ask()

    async def action_again(self) -> None:
        """Others, with the seeds after these."""
        self._seed += self._count if self.differing == "seed" else 1
        await self._ask()

    async def action_more(self, step: int) -> None:
        """More or fewer answers."""
        count = max(1, min(MOST, self._count + step))
        if count != self._count:
            self._count = count
            await self._ask()

    def action_scroll(self, direction: int) -> None:
        """Scroll the answer pointed at."""
        if self.columns:
            self.columns[self._pointed].text.scroll_rows(direction)

    def action_leave(self) -> None:
        """Take none: stand where one stood before."""
        self._stop()
        self.desk.talk.stand(self._before)
        self.dismiss(None)
