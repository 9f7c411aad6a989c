"""The question before leaving while a training goes on, and the wait while it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from ..bindings import key

if TYPE_CHECKING:
    from ...core.training.session import TrainingSession

PATIENCE_SECONDS = 15.0
"""After this long a way out that does not wait is offered."""
LOOK_EVERY = 0.1


class LeaveScreen(ModalScreen["bool | None"]):
    """Asks, saves, waits; its result is None to stay, True once all is saved, False to leave without waiting."""

    CSS_PATH = "leave.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("leave.stay", "escape,n", "stay", "stay", "Stay"),
        key("leave.save", "y,q,ctrl+q,ctrl+c", "save", "save and quit", "Save the training and quit", first=True),
        key("leave.other", "left,right", "app.focus_next", "other", "The other button", shown=False),
    ]

    def __init__(self, session: TrainingSession) -> None:
        """Ask about ``session``."""
        super().__init__()
        self.session = session
        self.saving = False
        self._waited = 0.0

    def compose(self) -> ComposeResult:
        """The question and its two answers."""
        snapshot = self.session.snapshot()
        where = f"epoch {snapshot.epoch:,} of {snapshot.total_epochs:,}" if snapshot.total_epochs else "preparing"
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Quit?"
            yield Static(
                f"A training is going on ({where}). Quitting stops it and saves everything; it can go on later.",
                markup=False,
                id="question",
            )
            with Horizontal(classes="buttons", id="answers"):
                yield Button("Save and quit", variant="primary", id="save", compact=True)
                yield Button("Keep training", id="stay", compact=True)
            with Horizontal(classes="buttons", id="impatient"):
                yield Button("Quit without waiting", variant="warning", id="leave-now", compact=True)

    def on_mount(self) -> None:
        """The safe answer that was asked for has the focus."""
        self.query_one("#impatient").display = False
        self.query_one("#save").focus()

    @on(Button.Pressed, "#stay")
    def action_stay(self) -> None:
        """Back to work, unless it is being saved already."""
        if not self.saving:
            self.dismiss(None)

    @on(Button.Pressed, "#save")
    def action_save(self) -> None:
        """Stop the training and wait for it to be on disk."""
        if self.saving:
            return
        self.saving = True
        self.session.stop()
        self.query_one("#question", Static).update("Saving the run…")
        self.query_one("#answers").display = False
        self.set_interval(LOOK_EVERY, self._look)

    def _look(self) -> None:
        if self.session.done.is_set():
            self.dismiss(True)
            return
        self._waited += LOOK_EVERY
        self.query_one("#question", Static).update(f"Saving the run… {self._waited:.0f} s")
        late = self.query_one("#impatient")
        if self._waited > PATIENCE_SECONDS and not late.display:
            late.display = True
            self.query_one("#leave-now").focus()

    @on(Button.Pressed, "#leave-now")
    def _leave_now(self) -> None:
        """The last checkpoint on disk is what remains."""
        self.dismiss(False)
