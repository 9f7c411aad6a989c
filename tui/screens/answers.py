"""Several answers to one prompt, side by side: they stream at once, and one of them is taken into the talk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Static

from ...core.keeping.turns import Turn, text_to
from ..bindings import key
from ..display import MUTED, plain_line
from ..handing_over import cancel
from ..talk.answering import Began, Speaker, answer
from ..talk.desk import Desk, Fork
from ..talk.dials import Dials
from ..talk.variants import DIFFERENCES, MOST, Loader, SharedModels, Voices, room_for, variants
from ..talk.word_stream import Turns, WordStream
from ..widgets.answer_columns import AnswerColumn, AnswerColumns
from ..widgets.key_line import KeyLine

if TYPE_CHECKING:
    from ...core.speaking.spoken import Word
    from ..workbench import Talker

FEW, FLUSH_EVERY, FLUSH_MANY_EVERY = 2, 1 / 10, 1 / 6
"""Answers that are read word by word; the seconds between two looks at the words that were made, for so many and for
more of them: a training pays for each look."""
SHOWN_BEFORE = 160
"""Characters of what the answers follow that are shown, at most."""
NO_EPOCHS = "This model has kept no earlier epochs to speak from. v lets something else differ."


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
        """Ask for answers at the place that ``desk`` looks at; ``load`` gives the models, in threads."""
        super().__init__()
        self.desk = desk
        self.asked = asked
        self._load = load
        self._keep = keep
        self._fork: Fork | None = None
        self.differing = DIFFERENCES[0]
        self._count = 0
        self._seed = round(asked.dials.values["seed"])
        self._turns = Turns()
        self.view = AnswerColumns()
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """A title, the columns, the keys."""
        with Vertical(id="answers"):
            yield Static("", markup=False, id="differing")
            yield Static("", markup=False, id="asked")
            yield self.view
            yield Static(NO_EPOCHS, markup=False, id="nobody")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin to ask."""
        self._count = room_for(self.size.width)
        self._fork = self.desk.fork(self.asked.prompt)
        self.query_one("#asked", Static).update(self._opening(self._fork))
        self.call_after_refresh(self._ask)

    def _opening(self, fork: Fork) -> Content:
        """Return what the answers follow."""
        if fork.prompt:
            return plain_line(fork.prompt)
        before = "" if fork.place is None else text_to(self.desk.talk, fork.place.stretch)
        if not before:
            return Content.styled("(begins by itself)", MUTED)
        said = plain_line(before if len(before) <= SHOWN_BEFORE else f"… {before[-SHOWN_BEFORE:]}")
        return Content.assemble(("goes on after  ", MUTED), said)

    def on_unmount(self) -> None:
        """A thread that waits for its words to be shown would keep the process alive."""
        self._stop()

    @property
    def columns(self) -> list[AnswerColumn]:
        """The answers on the screen."""
        return self.view.columns

    def _ask(self) -> None:
        """Have answers made that differ as wanted; those made before stay in the talk."""
        self._stop()
        fork, dials = self._fork, self.asked.dials
        if fork is None:
            return
        chosen = variants(self.differing, self._count, self._seed, dials.sampling(), self.asked.voices)
        shared = SharedModels(self._load)
        columns: list[AnswerColumn] = []
        for index, variant in enumerate(chosen):
            words = round(dials.values["words"])
            task = self.desk.answer_from(fork, variant.seed, variant.sampling, words)
            prompt = fork.asked if index == 0 else None
            load = partial(shared.get, variant.model, variant.epoch)
            stream = WordStream(partial(answer, task.request, load), self._turns)
            speaker = Speaker(self.desk.talk, task.number, prompt, stream, task.request.draw)
            columns.append(AnswerColumn(index + 1, variant, speaker, self.desk.talk.stretches[task.number]))
        self.view.show(columns)
        self.view.display = bool(columns)
        self.query_one("#nobody").display = not columns
        self._point(max(0, min(self.view.pointed, len(columns) - 1)))
        for column in columns:
            self._run_stream(column.speaker.stream)
        self._timer = self.set_interval(FLUSH_EVERY if len(columns) <= FEW else FLUSH_MANY_EVERY, self._flush)

    @work(thread=True, group="answers", exit_on_error=False)
    def _run_stream(self, stream: WordStream[Began | Word]) -> None:
        stream.run()

    def _flush(self) -> None:
        """Show the words whose time has come."""
        speed = float(self.asked.dials.values["speed"])
        for column in self.columns:
            if column.ended:
                continue
            said = column.speaker.say_due(speed)
            if column.speaker.done:
                column.speaker.finish()
                column.ended = True
            if said or column.ended:
                self.view.grow(column)
        if all(column.ended for column in self.columns):
            self._rest()

    def _rest(self) -> None:
        """There are no more words to look for."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _stop(self) -> None:
        self._rest()
        cancel(self, "answers")  # who waits for the model in training waits no longer
        for column in self.columns:
            if not column.ended:
                column.ended = True
                column.speaker.finish(stopped=True)

    def _point(self, index: int) -> None:
        self.view.point(index)
        which = f" · answer {index + 1} of {len(self.columns)}" if self.columns else ""
        differs = Content.assemble(
            ("side by side", "bold"), " · differing in ", (self.differing, "bold $text-accent"), which
        )
        self.query_one("#differing", Static).update(differs, layout=False)

    @on(AnswerColumns.Clicked)
    def _look_at_clicked(self, message: AnswerColumns.Clicked) -> None:
        """A click points at an answer; a second one takes it."""
        self._point(message.index)
        if message.times > 1:
            self.action_take()

    def action_point(self, step: int) -> None:
        """Point at another answer."""
        if self.columns:
            self._point((self.view.pointed + step) % len(self.columns))

    def action_take(self, number: int = 0) -> None:
        """Take an answer into the talk; one that is still being made is taken as far as it is."""
        columns = self.columns
        index = number - 1 if number else self.view.pointed
        if 0 <= index < len(columns):
            self._stop()
            self.dismiss(columns[index].stretch.number)

    def action_keep(self) -> None:
        """Keep the answer pointed at, as far as it is, or take that back."""
        if self.columns:
            column = self.columns[self.view.pointed]
            turn, began = self.desk.turn_of(column.stretch.number), column.speaker.began
            if turn is None or not column.stretch.words:
                self.view.tell(column.stretch.number, "There is nothing to keep yet.")
            else:
                tell = partial(self.view.tell, column.stretch.number)
                self._keep(turn, None if began is None else began.talker, tell)

    def action_differ(self) -> None:
        """Let something else differ."""
        self.differing = DIFFERENCES[(DIFFERENCES.index(self.differing) + 1) % len(DIFFERENCES)]
        self._ask()

    def action_again(self) -> None:
        """Others, with the seeds after these."""
        self._seed += self._count if self.differing == "seed" else 1
        self._ask()

    def action_more(self, step: int) -> None:
        """More or fewer answers."""
        count = max(1, min(MOST, self._count + step))
        if count != self._count:
            self._count = count
            self._ask()

    def action_scroll(self, direction: int) -> None:
        """Scroll the answer pointed at."""
        if self.columns:
            self.view.scroll(self.view.pointed, direction)

    def action_leave(self) -> None:
        """Take none: stand where one stood before."""
        self._stop()
        if self._fork is not None:
            self.desk.leave(self._fork)
        self.dismiss(None)
