"""The training texts that an answer was copied from and those most like it, each with what is shared."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from ..bindings import key
from ..display import MUTED, plain
from ..talk.copying import Copied, Copying
from ..talk.rare_words import RARE, WHAT_IT_IS, with_rare_marked

MOST = 8
"""Stretches that are shown."""


class CopiedScreen(ModalScreen[None]):
    """What an answer shares with the training texts."""

    CSS_PATH = "copied.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [key("copied.leave", "escape,q,t", "dismiss", "close", "Close the texts")]

    def __init__(self, copying: Copying) -> None:
        """The sources of one answer."""
        super().__init__()
        self.copying = copying
        self._has_rare = False

    def compose(self) -> ComposeResult:
        """A heading and the text for each stretch, the longest first, then the texts most like the answer."""
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = "what it shares with the training texts"
            dialog.border_subtitle = "↑ ↓ scroll · esc closes"
            for copied in self.copying.stretches[:MOST]:
                yield Static(f"{copied.words} words in a row", markup=False, classes="heading")
                yield self._source(source_content(copied))
            if not self.copying.stretches:
                words = f"{self.copying.longest} word{'' if self.copying.longest == 1 else 's'}"
                sentence = f"Nothing of five words and more; the longest stretch that stands there has {words}."
                yield Static(sentence, markup=False, classes="nothing")
            for near in self.copying.nearest:
                yield Static(f"likeness {near.likeness:.0%}", markup=False, classes="heading")
                pieces = [
                    plain(with_rare_marked(text), "bold underline" if shared else MUTED) for text, shared in near.pieces
                ]
                yield self._source(Content.assemble(*pieces))
            if self._has_rare:
                yield Static(WHAT_IT_IS, markup=False, classes="rare")

    def _source(self, content: Content) -> Static:
        self._has_rare = self._has_rare or RARE in content.plain
        return Static(content, markup=False, classes="source")

    def on_mount(self) -> None:
        """The arrows scroll."""
        self.query_one(VerticalScroll).focus()


def source_content(copied: Copied) -> Content:
    """A training text; what is shared is underlined."""
    before, shared, after = (
        with_rare_marked(part) for part in (copied.source.before, copied.source.shared, copied.source.after)
    )
    return Content.assemble(plain(before, MUTED), plain(shared, "bold underline"), plain(after, MUTED))
