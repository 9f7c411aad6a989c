"""What the model says after each epoch, from the same seed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from ...core.events import SampleMade
from ...core.runs.verdict import by_heart
from ..display import plain_line
from ..handing_over import app_of


def copied_note(copied: int, words: int) -> str:
    """How much of a text stands in the training texts; a warning sign when it is nearly all."""
    if not words:
        return ""
    return f"copied {copied}/{words}" + (" ⚠" if by_heart(copied, words) else "")


class SampleLine(Horizontal):
    """One sample: epoch, text, how much of it is copied."""

    def __init__(self, sample: SampleMade) -> None:
        """A line for one sample."""
        super().__init__()
        self.sample = sample

    def compose(self) -> ComposeResult:
        """Three columns."""
        sample = self.sample
        yield Static(f"epoch {sample.epoch}", markup=False, classes="epoch")
        yield Static(plain_line(sample.text), markup=False, classes="text")
        yield Static(copied_note(sample.copied, sample.words), markup=False, classes="copied")


class SampleList(VerticalScroll):
    """The samples of a run, oldest first; follows the newest until someone scrolls."""

    BORDER_TITLE = "what it says"
    DEFAULT_CSS = """
    SampleList {
        SampleLine { height: auto; }
        .epoch { width: 10; color: $text-muted; }
        .text { width: 1fr; }
        .copied { width: auto; padding: 0 0 0 2; color: $text-muted; }
        .empty { color: $text-muted; }
        SampleLine.-read { background: $boost; }
        SampleLine.-read .epoch { text-style: bold reverse; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """An empty list."""
        super().__init__(id=id)
        self._shown: tuple[str, tuple[SampleMade, ...]] = ("", ())
        self._following = True
        """Whether the newest sample was in sight after the last scrolling."""

    def compose(self) -> ComposeResult:
        """Start with a line that says what will come."""
        yield Static("After each epoch the model makes up a text here.", markup=False, classes="empty")

    def show(self, run: str, samples: Sequence[SampleMade]) -> None:
        """Show the samples of a run; new ones are added to those of the same run."""
        shown_run, shown = self._shown
        wanted = tuple(samples)
        if (run, wanted) == self._shown:
            return
        self._shown = (run, wanted)
        self._following |= run != shown_run
        with app_of(self).batch_update():
            if wanted[: len(shown)] != shown or run != shown_run:
                self.query(SampleLine).remove()
                shown = ()
            self.query(".empty").set(display=not wanted)
            self.mount_all([SampleLine(sample) for sample in wanted[len(shown) :]])
        self._follow()

    def on_resize(self) -> None:
        """Lines wrap anew, the newest stays in sight."""
        self._follow()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Someone has scrolled."""
        super().watch_scroll_y(old_value, new_value)
        self._following = new_value >= self.max_scroll_y - 1

    def point_at(self, epoch: int | None) -> None:
        """Bring the sample of an epoch into sight and mark it; None goes back to the newest."""
        for line in self.query(SampleLine):
            line.set_class(line.sample.epoch == epoch, "-read")
            if line.sample.epoch == epoch:
                self.scroll_to_widget(line, animate=False)
        if epoch is None:
            self._following = True
            self._follow()

    def _follow(self) -> None:
        if self._following:
            # Not anchor(): it would push a list that is still short to the bottom.
            self.call_after_refresh(self.scroll_end, animate=False)
