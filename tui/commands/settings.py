"""``jokegen-tui settings``: the options of all verbs, as a file to set them in."""

from __future__ import annotations

import click

from .command_tree import whole_program
from .options import debug_option


@click.command()
@debug_option
@click.pass_context
def settings(context: click.Context) -> None:
    """Print a settings.toml with every option of every verb.

    Redirect it into settings.toml in JokeGen's folder and change what you like. What is typed on the command line
    wins, and a training that is resumed keeps what it was started with. A mistake is told when its verb is used.
    """
    from ...core.home import home
    from .defaults import FILE, template

    program, root = whole_program(context)
    click.echo(f"# Settings of JokeGen; this belongs into {home() / FILE}")
    click.echo("# Take the mark away from a line and say what you want.\n")
    click.echo(template(program, root), nl=False)
