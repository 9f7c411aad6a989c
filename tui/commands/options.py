"""Options that several verbs share, so that they read and behave the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .program import switch_on_debugging

if TYPE_CHECKING:
    from ...core.runs.folder import Run
    from ...core.runs.store import RunStore

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

# The same as in core/settings.py, which takes a tenth of a second to import: too long for --help.
PRESETS = ("auto", "tutorial", "small", "medium", "large", "ngram")
TOKENIZERS = ("words", "spaces", "bpe", "chars")
TEXTS = ("lines", "blank", "whole")
DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("auto", "float32", "bfloat16")
SPLITS = ("train", "valid", "test")


def json_option(verb: Decorated) -> Decorated:
    """Add ``--json`` as the parameter ``as_json``."""
    option = click.option(
        "--json", "as_json", is_flag=True, help="One JSON object a line on stdout, numbers unrounded."
    )
    return option(verb)


def debug_option(verb: Decorated) -> Decorated:
    """Add ``--debug``, which shows a traceback when something fails."""
    option = click.option(
        "--debug", is_flag=True, expose_value=False, callback=switch_on_debugging, help="Show a traceback on an error."
    )
    return option(verb)


def run_option(verb: Decorated) -> Decorated:
    """Add ``--run`` as the parameter ``run``: a run's name, or None for the newest that has a model."""
    option = click.option("--run", metavar="NAME", help="The run whose model speaks.  [default: the newest]")
    return option(verb)


def mix_option(verb: Decorated) -> Decorated:
    """Add ``--mix`` as the parameter ``mix``."""
    option = click.option(
        "--mix", is_flag=True, help="Mix the network with the n-gram model of its texts, which predicts better."
    )
    return option(verb)


def run_named(store: RunStore, name: str | None) -> Run:
    """Return the run of that name, or the newest that has a model."""
    return store.newest() if name is None else store.open(name)
