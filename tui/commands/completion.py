"""``jokegen-tui completion``: what makes a shell complete verbs, options, runs and corpora."""

from __future__ import annotations

import click

from .options import debug_option

_EPILOG = """\b
Put the line for your shell into its start-up file:
  ~/.bashrc                    eval "$(jokegen-tui completion bash)"
  ~/.zshrc, after compinit     eval "$(jokegen-tui completion zsh)"
  ~/.config/fish/config.fish   jokegen-tui completion fish | source
"""


@click.command(epilog=_EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@debug_option
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes SHELL complete verbs, options, runs and corpora."""
    from click.shell_completion import get_completion_class

    program = "jokegen-tui"
    maker = get_completion_class(shell)
    if maker is None:
        raise click.UsageError(f"click {click.__version__} completes no {shell}; install a newer one.")
    # The variable that click's own `main` looks for.
    variable = f"_{program.replace('-', '_')}_COMPLETE".upper()
    click.echo(maker(context.find_root().command, {}, program, variable).source())
