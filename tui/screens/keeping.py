"""What the Prompt screen keeps: the talk is saved by itself as it grows, and an earlier one is taken up again."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from textual import work

from ...core.errors import PLAIN_ERRORS, EngineError
from ..display import sentence
from ..handing_over import hand_over
from ..workbench import Workbench
from .walking import WalkingScreen

if TYPE_CHECKING:
    from ...core.keeping.autosaves import Autosave
    from ...core.keeping.talks import StoredTalk

SAVE_EVERY = 1.0
"""Seconds between two looks at what of the talk is not on the disk yet."""


class KeepingScreen(WalkingScreen):
    """A talk that is on the disk a second after it was had."""

    def __init__(self, bench: Workbench) -> None:
        """Keep the talk of this screen among those of ``bench``."""
        super().__init__(bench)
        self._autosave: Autosave | None = None
        self._save_problem = ""

    def on_mount(self) -> None:
        """Look once a second."""
        self.set_interval(SAVE_EVERY, self.save_talk)

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
            stored, autosave, notices = self.bench.reopened(id)
        except PLAIN_ERRORS as error:
            hand_over(self, self._say_unsaved, sentence(error))
        else:
            hand_over(self, self._opened, stored, autosave, notices)

    async def _opened(self, stored: StoredTalk, autosave: Autosave, notices: tuple[str, ...]) -> None:
        self.stop_speaking()
        self.leave_talk()
        self._autosave, self.bench.open_talk = autosave, autosave.id
        self.desk.open(stored.talk)
        await self.transcript.show([], None)
        await self.show_talk()
        for notice in notices:
            self.notify(notice, severity="warning", markup=False, timeout=10)
        self.line.focus()
