"""Options that several verbs share, so that they read and behave the same everywhere."""

from __future__ import annotations

from collections.abc import Callable, Container
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from ...core.described import Choice, choices_of
from ...data.amendments import lines_of
from .program import switch_on_debugging
from .suggestions import runs_for

if TYPE_CHECKING:
    from ...core.runs.folder import Run
    from ...core.runs.store import RunStore

Described = TypeVar("Described")
Decorated = TypeVar("Decorated", bound=Callable[..., Any])

SPLITS = ("train", "valid", "test")
READING = ("tokenizer", "column", "texts", "where", "exclude", "correct", "keep_spacing", "letters_only")
"""The settings that say how texts are read: every verb that reads texts has them."""
_OF_FILES = ("exclude", "correct")
"""Settings whose values may stand in a file, one a line."""


def options_of(described: type, *, only: Container[str] | None = None) -> Callable[[Decorated], Decorated]:
    """Add an option for each choice of a dataclass (those in ``only``); what is not given arrives as None.

    The limits are left to the dataclass, whose sentence says more than click's.
    """

    def add(verb: Decorated) -> Decorated:
        for choice in reversed(choices_of(described)):
            if only is None or choice.name in only:
                verb = _option(choice)(verb)
        return verb

    return add


def _option(choice: Choice) -> Callable[[Decorated], Decorated]:
    described = choice.described
    default = "" if choice.default in (None, False, "") else f"  [default: {choice.default}]"
    if choice.kind is bool:
        return click.option(f"--{choice.flag}/--no-{choice.flag}", default=None, help=described.help)
    if choice.many:
        from_files = _from_files if choice.name in _OF_FILES else None
        return click.option(
            f"--{choice.flag}", type=choice.kind, metavar=described.metavar, multiple=True, help=described.help,
            callback=from_files,
        )  # fmt: skip
    kind = click.Choice(choice.allowed) if choice.allowed else choice.kind
    return click.option(
        f"--{choice.flag}", type=kind, metavar=described.metavar or None, help=f"{described.help}{default}"
    )


def _from_files(_context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the values with what the files among them say instead of their names."""
    found: list[str] = []
    for value in values:
        try:
            lines = Path(value).read_text(encoding="utf-8-sig").splitlines() if Path(value).is_file() else None
        except (OSError, ValueError):
            lines = None
        found += [value] if lines is None else lines_of(lines, whole=parameter.name == "correct")
    return tuple(found)


def given(flags: dict[str, Any]) -> dict[str, Any]:
    """Return the options that were given."""
    return {name: value for name, value in flags.items() if value not in (None, ())}


def made_of(described: type[Described], flags: dict[str, Any]) -> Described:
    """Return a dataclass of choices from those of ``flags`` that were given and are its own."""
    own = {choice.name for choice in choices_of(described)}
    return described(**given({name: value for name, value in flags.items() if name in own}))


def typed(flags: dict[str, Any]) -> dict[str, Any]:
    """Return the options that were given on this command line: not those that settings.toml sets."""
    context = click.get_current_context()
    return {
        name: value
        for name, value in given(flags).items()
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT_MAP
    }


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
    option = click.option(
        "--run", metavar="NAME", shell_complete=runs_for, help="The run whose model speaks.  [default: the newest]"
    )
    return option(verb)


def epoch_option(verb: Decorated) -> Decorated:
    """Add ``--epoch`` as the parameter ``epoch``."""
    option = click.option(
        "--epoch", type=click.IntRange(1), metavar="N", help="The run as it was after epoch N.  [default: the best]"
    )
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


def refuse_tokenizer(run: Run, asked: str | None) -> None:
    """Raise a usage error where a run is asked to read other tokens than it was trained on."""
    own = run.info.tokenizer
    if asked not in (None, "auto", own):
        raise click.UsageError(
            f"The run '{run.name}' was trained on {own}, and a model keeps its tokenizer; leave --tokenizer out."
        )
