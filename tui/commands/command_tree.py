"""All verbs of the command line and what can follow them."""

from __future__ import annotations

from collections.abc import Iterator

import click


def commands_of(group: click.Group, context: click.Context, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every verb, and after each what can follow it, under its whole name."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None:
            continue
        yield f"{before}{name}", command
        if isinstance(command, click.Group):
            yield from commands_of(command, context, f"{before}{name} ")


def whole_program(context: click.Context) -> tuple[click.Group, click.Context]:
    """Return the program that a verb belongs to, and its context."""
    root = context.find_root()
    if not isinstance(root.command, click.Group):
        raise TypeError("a verb belongs to a program")
    return root.command, root
