"""``jokegen-tui keys``: the keys of the app, as a file to change them with."""

from __future__ import annotations

import click

from .options import debug_option


@click.command()
@debug_option
def keys() -> None:
    """Print a keys.toml with every action of the app and its keys.

    Redirect it into keys.toml in JokeGen's folder and change what you like; the help of the app (F1) and its footer
    follow. Mistakes are told when the app opens.
    """
    from ...core.home import home
    from ..app import KEYS, JokegenApp
    from ..keymap import template

    click.echo(f"# Keys of JokeGen; this belongs into {home() / KEYS}")
    click.echo(template([*JokegenApp.PLACES.values()]), nl=False)
