"""What the Prompt screen keeps: the talk is saved by itself as it grows, and an earlier one is taken up again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events, work

from ...core.errors import PLAIN_ERRORS, EngineError
from ...core.keeping.turns import Turn, fold, turn_text
from ..clipboard import copy
from ..display import sentence
from ..handing_over import app_of, hand_over
from ..talk.surprise import mean_bits
from ..workbench import Reopened, Talker, Workbench
from .understanding import UnderstandingScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...core.keeping.autosaves import Autosave
    from ...core.keeping.collection import Change, Kept
    from ...core.speaking.generation import Generator

SAVE_EVERY = 1.0
"""Seconds between two looks at what of the talk is not on the disk yet."""


class KeepingScreen(UnderstandingScreen):
    """A talk that is on the disk a second after it was had."""

    def __init__(self, bench: Workbench) -> None:
        """Keep the talk of this screen among those of ``bench``."""
        super().__init__(bench)
        self._autosave: Autosave | None = None
        self._save_problem = ""
        self._keeps: dict[str, Change] = {}
        """What was kept on this screen, by the texts, to take it back."""

    def on_mount(self) -> None:
        """Look once a second."""
        self.set_interval(SAVE_EVERY, self.save_talk)

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        """The collection may have changed elsewhere."""
        self._read_kept()

    def on_unmount(self) -> None:
        """The app closes: what was said last is saved as well."""
        if self._autosave is not None or self.desk.talk.stretches:
            with suppress(EngineError):  # said when it first failed
                autosave = self._kept_by()
                autosave.note(self.desk.talk)
                autosave.write()
                autosave.close()

    def save_talk(self) -> None:
        """Have what was said since the last time written."""
        if self.desk.talk.stretches and self._kept_by().note(self.desk.talk):
            self._write(self._kept_by(), last=False)

    def leave_talk(self) -> None:
        """Save the talk and let go of it; what is said from now on belongs to another one."""
        if self.desk.talk.stretches:
            autosave = self._kept_by()
            autosave.note(self.desk.talk)
            self._write(autosave, last=True)
        self._autosave, self.bench.open_talk = None, ""

    def _kept_by(self) -> Autosave:
        if self._autosave is None:
            self._autosave = self.bench.new_autosave()
            self.bench.open_talk = self._autosave.id
        return self._autosave

    @work(thread=True, group="autosave", exit_on_error=False)
    def _write(self, autosave: Autosave, *, last: bool) -> None:
        problem = ""
        try:
            autosave.write()
        except PLAIN_ERRORS as error:
            problem = f"The talk is not saved: {sentence(error)}"
        if last:
            autosave.close()
        hand_over(self, self._say_unsaved, problem)

    def _say_unsaved(self, problem: str) -> None:
        """Say once that saving fails; it is tried again every second."""
        if problem and problem != self._save_problem:
            self.notify(problem, severity="error", markup=False, timeout=10)
        self._save_problem = problem

    @work(thread=True, exclusive=True, group="open-talk", exit_on_error=False)
    def open_talk(self, id: str) -> None:  # noqa: A002
        """Take up an earlier talk."""
        try:
            reopened = self.bench.reopened(id)
        except PLAIN_ERRORS as error:
            hand_over(self, self._say_unsaved, sentence(error))
        else:
            hand_over(self, self._opened, reopened)

    async def _opened(self, reopened: Reopened) -> None:
        self.stop_speaking()
        self.leave_talk()
        self._autosave, self.bench.open_talk = reopened.autosave, reopened.autosave.id
        self.desk.open(reopened.stored.talk)
        await self.transcript.show([], None)
        await self.show_talk()
        if reopened.run and (self.talker is None or self.talker.run != reopened.run):
            self.use_model(reopened.run)
        for notice in reopened.notices:
            self.notify(notice, severity="warning", markup=False, timeout=10)
        self.line.focus()

    # Answers

    def action_copy_turn(self) -> None:
        """Copy prompt and answer."""
        turn = self.desk.turn_looked_at
        text = "" if turn is None else turn_text(turn)
        self.status.hint(copy(app_of(self), text) if text else "There is nothing to copy yet.")

    def action_keep(self) -> None:
        """Keep the answer, or take that back where it was kept just now."""
        turn = self.desk.turn_looked_at
        if turn is None or not turn_text(turn):
            self.status.hint("There is nothing to keep yet; ask for an answer first.")
        else:
            self.keep_answer(turn, self.talker, self.status.hint)

    def keep_answer(self, turn: Turn, talker: Talker | None, tell: Callable[[str], None]) -> None:
        """Keep an answer of ``talker``'s, or take that back where it was kept just now; ``tell`` what came of it."""
        from ...core.keeping.collection import new
        from ...core.keeping.provenance import origin_of

        text = turn_text(turn)
        change = self._keeps.pop(fold(text), None)
        if change is not None:
            self._take_back(text, change, tell)
            return
        words = turn.words or (turn.asked.words if turn.asked is not None else ())
        bits = mean_bits([word.probability for word in words]) if words else None
        origin = origin_of(self.desk.talk, turn)
        own = talker is not None and (origin is None or origin.run == talker.run)
        kept = new(text, prompt=turn.prompt, bits=bits, origin=origin)
        self._keep(kept, talker.generator if talker is not None and own else None, tell)

    @work(thread=True, group="keep", exit_on_error=False)
    def _keep(self, kept: Kept, generator: Generator | None, tell: Callable[[str], None]) -> None:
        from ...core.keeping.provenance import copied_share

        try:
            copied = None if generator is None else copied_share(generator, kept.text)
            found, change = self.bench.kept.keep(replace(kept, copied=copied))
        except PLAIN_ERRORS as error:
            hand_over(self, self._say_kept, sentence(error), "", None, tell)
        else:
            news = f"★ Kept as {found.id}; again undoes it, F8 lists all."
            if change is None:
                news = f"It is kept already, as {found.id}; F8 lists all."
            hand_over(self, self._say_kept, news, found.text, change, tell)

    @work(thread=True, group="keep", exit_on_error=False)
    def _take_back(self, text: str, change: Change, tell: Callable[[str], None]) -> None:
        try:
            self.bench.kept.undo(change)
        except PLAIN_ERRORS as error:
            hand_over(self, self._say_kept, sentence(error), text, change, tell)
        else:
            hand_over(self, self._say_kept, "It is not kept any more.", text, None, tell)

    def _say_kept(self, news: str, text: str, change: Change | None, tell: Callable[[str], None]) -> None:
        if change is not None:
            self._keeps[fold(text)] = change
        tell(news)
        self._read_kept()

    @work(thread=True, exclusive=True, group="kept", exit_on_error=False)
    def _read_kept(self) -> None:
        """Have the turns marked that are kept."""
        try:
            texts = self.bench.kept.read().texts
            kept = frozenset(fold(text) for each in texts for text in (each.text, each.as_said))
        except EngineError:
            return  # said by what changes the collection or lists it
        hand_over(self, self.transcript.tell_kept, kept)
