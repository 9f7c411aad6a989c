"""How a command ends: one sentence on stderr, and an exit status that means something."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn, cast

import click

from ...core.errors import PLAIN_ERRORS, SettingsError
from ...data.cleaning import one_line

DONE = 0
FAILED = 1
MISUSED = 2
TO_DECIDE = 3
"""Nothing failed, and somebody should look before going on."""
INTERRUPTED = 130
READER_GONE = 141
"""128 + SIGPIPE, what the shell reports for any program whose reader went away."""

_DEBUG = "jokegen.debug"


def complain(sentence: str) -> None:
    """Print one sentence on stderr under the program's name; it may quote foreign text."""
    click.echo(f"jokegen-tui: {one_line(sentence)}", err=True)


def switch_on_debugging(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    """Remember for the whole command line that ``--debug`` was given, before or after the verb."""
    if value:
        context.find_root().meta[_DEBUG] = True


class Program(click.Group):
    """The command line as a whole: a verb's module is read when it is named, and whatever fails in a verb ends here."""

    def __init__(self, *args: Any, verbs: Mapping[str, Sequence[str]] | None = None, **attributes: Any) -> None:
        """Know the names of the ``verbs``, in groups: each is the command in the module of its name beside this one."""
        super().__init__(*args, **attributes)
        self._groups = verbs or {}
        self._verbs = [name for names in self._groups.values() for name in names]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the verbs, as the help shows them."""
        return [*self._verbs, *(name for name in super().list_commands(ctx) if name not in self._verbs)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs in their groups, in one column."""
        width = max(map(len, self._verbs), default=0)
        for group, names in self._groups.items():
            with formatter.section(group):
                commands = [(name, self.get_command(ctx, name)) for name in names]
                rows = [
                    (name.ljust(width), command.get_short_help_str(formatter.width - width - 6))
                    for name, command in commands
                    if command is not None
                ]
                formatter.write_dl(rows)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a verb; None when there is none of that name."""
        # All are read for a name that none has: the nearest of them is suggested.
        for name in [cmd_name] if cmd_name in self._verbs else self._verbs:
            if name not in self.commands:
                self.add_command(getattr(import_module(f".{name}", __package__), name))
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the verb and what follows it; its options have the defaults that a person set."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and not ctx.resilient_parsing and "--help" not in rest:
            from ...core.home import home
            from .defaults import FILE, read_defaults

            ctx.default_map = read_defaults(home() / FILE, self, ctx, name)
        return name, command, rest

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run the command line and exit with its status."""
        extra["standalone_mode"] = False
        try:
            status = cast("object", super().main(*args, **extra))
        except click.ClickException as error:
            complain(_sentence_of_misuse(error))
            status = error.exit_code
        except click.Abort:
            complain("Interrupted.")
            status = INTERRUPTED
        except OSError as error:  # while --help or --version was written
            complain(_sentence_of_failure(error))
            _discard_stdout()
            status = FAILED
        sys.exit(status if isinstance(status, int) else DONE)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; whatever goes wrong in it becomes a sentence and an exit status."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except (click.ClickException, click.exceptions.Exit, click.Abort, KeyboardInterrupt, EOFError):
            raise
        except BrokenPipeError:
            _discard_stdout()
            ctx.exit(READER_GONE)
        except Exception as error:  # noqa: BLE001 - this is where a bug becomes a sentence
            if ctx.meta.get(_DEBUG):
                click.echo(traceback.format_exc(), err=True)
            complain(_sentence_of_failure(error))
            ctx.exit(MISUSED if isinstance(error, SettingsError) else FAILED)
        return result


def _sentence_of_misuse(error: click.ClickException) -> str:
    sentence = error.format_message().rstrip(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return sentence
    ending = "" if sentence.endswith(("?", ")")) else "."
    return f"{sentence}{ending} Try '{context.command_path} --help'."


def _sentence_of_failure(error: Exception) -> str:
    if isinstance(error, PLAIN_ERRORS):
        return str(error)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "The disk is full; free some space and try again."
    if isinstance(error, OSError) and error.strerror:
        place = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
        return f"{place}{error.strerror[0].lower()}{error.strerror[1:]}."
    if isinstance(error, MemoryError):
        return "There is not enough memory; try a smaller preset, batch size or corpus."
    return f"Something went wrong inside JokeGen ({type(error).__name__}: {error}); add --debug to see where."


def _discard_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's last flush does not fail a second time."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return
