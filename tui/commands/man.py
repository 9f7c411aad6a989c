"""``jokegen-tui man``: the manual page, made from the options."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from .command_tree import commands_of, whole_program
from .options import debug_option

_EPILOG = """\b
Examples:
  jokegen-tui man | man -l -
  jokegen-tui man > ~/.local/share/man/man1/jokegen-tui.1
"""
_SHARED = ("--help", "--debug", "--version")
_END = r"""
.SH FILES
.TP
.B $JOKEGEN_HOME/runs/NAME/
A run: settings, texts, tokenizer, weights, figures.
.TP
.B $JOKEGEN_HOME/settings.toml
The options of the verbs where they are not given; see
.BR "jokegen-tui settings" .
.TP
.B $JOKEGEN_HOME/keys.toml
The keys of the app; see
.BR "jokegen-tui keys" .
.SH ENVIRONMENT
.TP
.B JOKEGEN_HOME
The folder for everything that JokeGen keeps; else the platform's folder for a user's data.
.TP
.B NO_COLOR
Nothing is coloured.
.SH EXIT STATUS
0 done, 1 failed, 2 used wrongly, 130 interrupted and saved.
"""


@click.command(epilog=_EPILOG)
@debug_option
@click.pass_context
def man(context: click.Context) -> None:
    """Print the manual page."""
    from importlib.metadata import version

    program, root = whole_program(context)
    click.echo(manual_page(program, root, version("jokegen")), nl=False)


def manual_page(program: click.Group, context: click.Context, version: str) -> str:
    """Return the program and all its verbs as one page for ``man``."""
    name = context.info_name or "jokegen-tui"
    first, _, rest = (program.help or "").partition("\n")
    lines = [
        f'.TH {_escaped(name.upper())} 1 "" "{_escaped(name)} {version}"',
        ".SH NAME",
        rf"{_escaped(name)} \- {_escaped(first.rstrip('.'))}",
        ".SH SYNOPSIS",
        rf".B {_escaped(name)}",
        "[options] [verb] [arguments]",
        ".SH DESCRIPTION",
        *_paragraphs(rest),
        ".SH OPTIONS",
        *_options(program, context, leave_out=()),
        ".SH VERBS",
        *(
            line
            for verb, command in commands_of(program, context)
            for line in _verb(f"{name} {verb}", command, context)
        ),
        ".SH EXAMPLES",
        *_literal(program.epilog or ""),
    ]
    return "\n".join(lines) + _END


def _verb(name: str, command: click.Command, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, parent, name)
    pieces = " ".join(command.collect_usage_pieces(context))
    yield f'.SS "{_escaped(f"{name} {pieces}")}"'
    yield from _paragraphs(command.help or "")
    yield from _options(command, context, leave_out=_SHARED)
    if command.epilog:
        yield from _literal(command.epilog)


def _options(command: click.Command, context: click.Context, *, leave_out: tuple[str, ...]) -> Iterator[str]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is None or record[0] in leave_out:
            continue
        yield ".TP"
        yield rf".B {_escaped(record[0])}"
        yield _escaped(" ".join(record[1].split()))


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        if paragraph:
            yield ".PP"
            yield _escaped(" ".join(paragraph.split()))


def _literal(epilog: str) -> Iterator[str]:
    """Yield examples as they stand; their heading and click's mark for literal text are left out."""
    yield ".PP"
    yield ".nf"
    for line in epilog.replace("\b", "").strip().splitlines():
        if line != "Examples:":
            yield _escaped(line)
    yield ".fi"


def _escaped(text: str) -> str:
    r"""Return text that roff shows as it stands: a backslash is ``\e``, and no line begins with a request."""
    shown = text.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq").replace("'", r"\(aq")
    return rf"\&{shown}" if shown.startswith(".") else shown
