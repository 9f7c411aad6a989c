"""Changing a training while it goes on: the rate, the dropout, how long, or finishing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ...core.errors import EngineError
from ..bindings import key
from ..display import sentence

if TYPE_CHECKING:
    from ...core.events import ChangeKind
    from ...core.training.session import TrainingSession

EPOCHS = 5
_LASTING = 3


class SteerDialog(ModalScreen[None]):
    """What can be changed; each choice is made at once and the dialog closes."""

    CSS_PATH = "steer.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("steer.leave", "escape,t,q", "dismiss", "close", "Change nothing"),
        key("steer.finish", "f", "choose(0)", "finish", "Finish now"),
        key("steer.slower", "minus", "choose(1)", "rate", "Half or twice the learning rate"),
        key("steer.faster", "plus,equals_sign", "choose(2)", "rate", "Twice the learning rate"),
        key("steer.longer", "m", "choose(3)", "epochs", "More or fewer epochs"),
        key("steer.shorter", "l", "choose(4)", "epochs", "Fewer epochs"),
    ]

    def __init__(self, session: TrainingSession) -> None:
        """Change ``session``."""
        super().__init__()
        self.session = session
        snapshot = session.snapshot()
        epochs, cores = snapshot.total_epochs, 1 if snapshot.started is None else snapshot.started.threads
        fewer = max(epochs - EPOCHS, 1)
        self.choices: tuple[tuple[str, ChangeKind, float], ...] = (
            ("f  finish now: the rate falls to nothing, then it measures", "finish", 0),
            ("-  half the learning rate", "rate", 0.5),
            ("+  twice the learning rate", "rate", 2),
            (f"m  more epochs: {epochs + EPOCHS:,} instead of {epochs:,}", "epochs", epochs + EPOCHS),
            (f"l  fewer epochs: {fewer:,} instead of {epochs:,}", "epochs", fewer),
            ("   more dropout (a quarter)", "dropout", 1.25),
            ("   less dropout (a fifth)", "dropout", 0.8),
            (f"   end after {_LASTING} epochs without a better loss", "patience", _LASTING),
            ("   never end for want of a better loss", "patience", 0),
            *(_about_cores(cores) if cores > 1 else ()),
        )

    def compose(self) -> ComposeResult:
        """The choices and what becomes of them."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "change the training"
            dialog.border_subtitle = "enter changes it · esc closes"
            yield OptionList(*(Option(label) for label, _, _ in self.choices), id="changes", markup=False)
            yield Static("The run notes each change and goes the same way when it is resumed.", markup=False)

    def on_mount(self) -> None:
        """The arrows choose."""
        self.query_one(OptionList).focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.action_choose(event.option_index)

    def action_choose(self, index: int) -> None:
        """Make one of the changes; what it did is told by the training itself."""
        _, kind, value = self.choices[index]
        try:
            self.session.change(kind, value)
        except EngineError as error:
            self.notify(sentence(error), severity="warning", markup=False)
        self.dismiss()


def _about_cores(cores: int) -> tuple[tuple[str, ChangeKind, float], ...]:
    half = cores // 2
    return (
        (f"   leave the processor to others: {half} of {cores} cores", "cores", half),
        (f"   all {cores} cores again", "cores", cores),
    )
