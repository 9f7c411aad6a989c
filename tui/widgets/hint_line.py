"""Above the prompt: what there is to say on the left, in two rows where it must, and the hidden state on the right."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from ...data.findings import counted
from ..display import plain_line


class HintLine(Horizontal):
    """A hint or an error, and whether the state is carried or fresh."""

    DEFAULT_CSS = """
    HintLine {
        height: auto;
        padding: 0 1;
        .hint { width: 1fr; height: auto; min-height: 1; max-height: 2; color: $text-muted; }
        .hint.error { color: $text-error; }
        .hint.unknown { color: $text-warning; }
        .state { width: auto; margin: 0 0 0 2; color: $text-muted; }
    }
    """

    def __init__(self) -> None:
        """Nothing is said yet."""
        super().__init__()
        # Held and not looked up: there may be something to say before it is composed and while the screen is closed.
        self._hint = Static("", markup=False, classes="hint")
        self._state = Static("", markup=False, classes="state")
        self._told: tuple[object, ...] = ()
        """What the right says: other words there arrange the whole screen anew."""

    def compose(self) -> ComposeResult:
        """Left and right."""
        yield self._hint
        yield self._state

    def hint(self, text: str = "", kind: str = "") -> None:
        """Show a sentence; ``kind`` is ``error``, ``unknown`` or nothing."""
        self._hint.set_classes(f"hint {kind}")
        self._hint.update(plain_line(text))

    def forget(self, kind: str) -> None:
        """Take the hint away if it is of this kind."""
        if self._hint.has_class(kind):
            self.hint()

    def state(self, tokens: int | None, *, carry: bool) -> None:
        """Show the hidden state: the tokens it has seen, None for a fresh one."""
        if (tokens, carry) == self._told:
            return
        self._told = tokens, carry
        if tokens is not None:
            content = Content.assemble("state ", ("● carried", "bold $text-success"), f" · {counted(tokens, 'token')}")
        else:
            content = Content.assemble("state ", ("○ fresh", "bold"), "" if carry else " · not carried")
        self._state.update(content)
