"""Texts as arguments: those that begin with a dash too, and with their line breaks where the model knows some."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import click

from ...data.cleaning import clean_text
from .program import complain

if TYPE_CHECKING:
    from ...core.runs.folder import Run
    from ...core.speaking.generation import Generator

_GUARD = "\0"
"""Before an argument that is a text; no argument of a shell can hold it."""
_TEXT = re.compile(r"-[^=]*\s")
"""A dash with a blank before any ``=``: no option is written like that."""


class TextCommand(click.Command):
    """A verb whose arguments are texts: one that begins with a dash is no option where it cannot be one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; what only can be a text is kept from being read as an option."""
        guarded = [_GUARD + arg if _TEXT.match(arg) else arg for arg in args]
        try:
            rest = super().parse_args(ctx, guarded)
        except click.NoSuchOption as error:
            if error.possibilities:
                raise
            raise click.UsageError(
                f"No such option: {error.option_name}; put -- before a text that begins with a dash.", ctx
            ) from error
        ctx.params = {name: _unguarded(value) for name, value in ctx.params.items()}
        return rest


def _unguarded(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_unguarded(part) for part in value)  # pyright: ignore[reportUnknownVariableType]
    return value.removeprefix(_GUARD) if isinstance(value, str) else value


def typed_or_piped(typed: str) -> str:
    """Return ``typed``, or everything on standard input where it is ``-``; wrong bytes are replaced, never an error."""
    if typed != "-":
        return typed
    return sys.stdin.buffer.read().decode("utf-8", errors="replace")


def as_read(typed: str, run: Run, generator: Generator, what: str = "prompt") -> str:
    """Return what was typed as the model reads it, cleaned as its texts were; what that changes is said."""
    text = generator.cleaned(typed)
    if run.info.settings.letters_only:
        letters = clean_text(text, letters_only=True)
        if letters != text:
            complain(f"Punctuation and digits of the {what} were left out, as from the texts of {run.name}.")
        text = letters
    if "\n" in text and not generator.knows_line_breaks:
        complain(f"The texts of {run.name} have no line breaks, so those of the {what} were read as blanks.")
        text = " ".join(text.split())
    return text
