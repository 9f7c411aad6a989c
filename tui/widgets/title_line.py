"""The first line of every screen: the name, the two modes, and what is loaded."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from ..display import plain_line
from ..handing_over import app_of


class ModeTab(Static):
    """One of the two modes; a click switches to it."""

    def __init__(self, mode: str, label: str, *, active: bool) -> None:
        """A tab for a mode of the app."""
        super().__init__(label, markup=False, classes="active" if active else "")
        self.mode = mode

    def on_click(self) -> None:
        """Switch the app to this mode."""
        app_of(self).switch_mode(self.mode)


class TitleLine(Horizontal):
    """Name, modes and, on the right, a line about the model that is cut where the room ends."""

    DEFAULT_CSS = """
    TitleLine {
        height: 1;
        background: $panel;
        .name { width: auto; padding: 0 1; color: $text-primary; text-style: bold; }
        ModeTab { width: auto; padding: 0 1; color: $text-muted; }
        ModeTab.active { color: $block-cursor-foreground; background: $block-cursor-background; text-style: bold; }
        ModeTab:hover { text-style: underline; }
        .training { width: auto; max-width: 34; padding: 0 1; color: $text-success; text-style: bold; display: none; }
        .training { text-wrap: nowrap; text-overflow: ellipsis; }
        .about { width: 1fr; height: 1; padding: 0 1; text-align: right; color: $text-muted; }
        .about { text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    def __init__(self, mode: str) -> None:
        """The line of the screen of ``mode``."""
        super().__init__()
        self.mode = mode
        self._parts: tuple[str, ...] = ()
        self._training = ""
        # Held and not looked up: the app tells of a training before a screen is composed and while one is closed.
        self._training_line = Static("", markup=False, classes="training")
        self._about = Static("", markup=False, classes="about")

    def compose(self) -> ComposeResult:
        """Name, tabs, line."""
        yield Static("JokeGen", markup=False, classes="name")
        for mode, label in (("train", "F2 Train"), ("prompt", "F3 Prompt")):
            active = mode == self.mode
            yield ModeTab(mode, f"▸{label[2:]}" if active else label, active=active)
        yield self._training_line
        yield self._about

    def tell(self, *parts: str) -> None:
        """Show what is loaded, the most important first; empty parts are left out, foreign text is welcome."""
        if parts != self._parts:
            self._parts = parts
            self._redraw()

    def tell_training(self, line: str) -> None:
        """Show the training that goes on out of sight; nothing where there is none."""
        if line == self._training:
            return
        content, before = plain_line(line), plain_line(self._training)
        self._training = line
        # The step goes up all the time: only a line of another length moves what stands beside it.
        moves = content.cell_length != before.cell_length
        self._training_line.update(content, layout=moves)
        if moves:
            self._training_line.display = bool(line)
            self.call_after_refresh(self._redraw)

    def on_resize(self) -> None:
        """More or fewer parts fit."""
        self.call_after_refresh(self._redraw)

    def _redraw(self) -> None:
        """Show as many whole parts as fit; the first is cut if it must be."""
        about = self._about
        contents = [plain_line(part) for part in self._parts if part]
        while len(contents) > 1 and sum(part.cell_length + 3 for part in contents) - 3 > about.content_size.width:
            contents.pop()
        about.update(Content(" · ").join(contents), layout=False)
