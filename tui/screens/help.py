"""The help: what each key does, screen by screen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Everywhere",
        (
            ("F2  F3", "Train and Prompt; switching never stops a training"),
            ("ctrl+p", "all commands, themes and runs, by name"),
            ("F1  ?", "this help (? where nothing is being typed)"),
            ("ctrl+q  ctrl+c", "quit; a training is asked about and saved first"),
            ("tab", "the next field or list"),
        ),
    ),
    (
        "Train",
        (
            ("space", "pause, and go on"),
            ("s", "stop and save; r goes on with an interrupted run later"),
            ("n", "new run: texts, size, epochs …"),
            ("o", "open a run, rename or delete it"),
            ("p", "prompt the model on show, also while it trains"),
            ("m", "loss, perplexity or bits per character"),
            ("l", "linear or log axis"),
            ("+  −  0", "zoom in, out, everything;  ← → move"),
            ("q", "quit"),
        ),
    ),
    (
        "Prompt",
        (
            ("enter", "the model answers; with an empty line it just goes on"),
            ("esc", "stop; what was said stays, and so does its state"),
            ("→", "take the suggested end of the word"),
            ("ctrl+r", "another answer from the same place (next seed)"),
            ("ctrl+z", "take back one word; at its end, the prompt"),
            ("ctrl+t", "reset the hidden state: the model forgets the talk"),
            ("ctrl+l", "carry the state from prompt to prompt, or not"),
            ("ctrl+o", "choose the model: the one in training or any run"),
            ("ctrl+s  ctrl+n", "save the talk to a text file;  a new talk"),
            ("F4", "show or hide the panel with the next words and settings"),
            ("↑ ↓", "in the prompt: earlier prompts;  in a setting: more or less"),
        ),
    ),
    (
        "Reading the screen",
        (
            ("★", "the epoch with the lowest validation loss: its weights are kept"),
            ("n-gram", "a counting model on the same texts; ×0.90: ours has 10 % less perplexity"),
            ("copied 7/9", "7 words in a row stand like that in the training texts; ⚠ nearly all of it"),
            ("words", "bold = it was sure, italic = a guess; colours say the same"),
        ),
    ),
)


class HelpScreen(ModalScreen[None]):
    """All keys; any of esc, q, ? and F1 closes it."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,f1,enter", "dismiss", "close")]

    def compose(self) -> ComposeResult:
        """A scrollable list."""
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = "Keys"
            dialog.border_subtitle = "esc closes · ↑ ↓ scroll"
            for title, keys in KEYS:
                yield Static(title, markup=False, classes="heading")
                for key, meaning in keys:
                    with Horizontal(classes="entry"):
                        yield Static(key, markup=False, classes="key")
                        yield Static(meaning, markup=False, classes="meaning")

    def on_mount(self) -> None:
        """The list has the focus, so that arrows scroll."""
        self.query_one(VerticalScroll).focus()
