"""What a person sees first, before there is any run: what this is, and the keys to begin with."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from ..handing_over import app_of

_WORDMARK = """\
  ┬ ┌─┐ ┬┌─ ┌─┐ ┌─┐ ┌─┐ ┌┐┌
  │ │ │ ├┴┐ ├┤  │ ┬ ├┤  │││
 └┘ └─┘ ┴ ┴ └─┘ └─┘ └─┘ ┘└┘"""
_EXPLANATION = """\
JokeGen teaches a small neural network to tell jokes while you watch.
Then you talk to it, and it goes on from your words, one at a time."""
_FIRST_KEYS = (
    ("p", "talk now, to the model that comes with it"),
    ("enter", "train your own on the jokes that come with it"),
    ("n", "train on texts of your own"),
)


class FirstKey(Horizontal):
    """A key and what it does; a click does the same."""

    def __init__(self, key: str, meaning: str) -> None:
        """Show ``key`` as textual names it."""
        super().__init__(classes="first-key")
        self._key = key
        self._meaning = meaning

    def compose(self) -> ComposeResult:
        """The key, and its meaning beside it."""
        yield Static(self._key, markup=False, classes="key")
        yield Static(self._meaning, markup=False, classes="meaning")

    def on_click(self) -> None:
        """As if the key had been pressed."""
        app_of(self).simulate_key(self._key)


class Welcome(Vertical):
    """The name, two sentences and three ways to begin."""

    def compose(self) -> ComposeResult:
        """One below the other."""
        yield Static(_WORDMARK, markup=False, id="wordmark")
        yield Static(_EXPLANATION, markup=False, id="explanation")
        with Vertical(id="first-keys"):
            for key, meaning in _FIRST_KEYS:
                yield FirstKey(key, meaning)
