"""The entry point: one command that opens the app, and verbs that do the same without a screen."""

from __future__ import annotations

import gc
import os
import sys
from io import TextIOWrapper

import click

from .commands.launching import open_app
from .commands.options import debug_option
from .commands.program import Program
from .commands.suggestions import corpora_for, runs_for

_VERBS = {
    "Train": ("train", "sweep", "doctor", "corpora"),
    "Ask a model": ("generate", "score", "evaluate"),
    "Keep": ("runs", "talks", "kept"),
    "Share": ("watch", "serve"),
    "Set up": ("settings", "keys", "completion", "man"),
}

_OBJECTS_BETWEEN_COLLECTIONS = 50_000

_EPILOG = """\b
Examples:
  jokegen-tui                                    open the app
  jokegen-tui train starter --max-seconds 60     train without a screen
  jokegen-tui generate "Why did the chicken"     let the newest run go on
"""


@click.group(cls=Program, verbs=_VERBS, name="jokegen-tui", invoke_without_command=True, epilog=_EPILOG)
@click.option("--run", metavar="NAME", shell_complete=runs_for, help="Open the app on this run.")
@click.option(
    "--data",
    metavar="CORPUS",
    shell_complete=corpora_for,
    help="Open the app to train on this corpus, a name or a file.",
)
@click.version_option(package_name="jokegen", prog_name="jokegen-tui", message="%(prog)s %(version)s")
@debug_option
@click.pass_context
def cli(context: click.Context, run: str | None, data: str | None) -> int:
    """Train a small LSTM on jokes, watch it learn, and talk to it.

    Without a verb the app opens. The verbs do the same things for scripts and pipes; exit codes: 0 done, 1 failed,
    2 used wrongly, 130 interrupted and saved.
    """
    if context.invoked_subcommand is None:
        return open_app(run=run, corpus=data)
    if run is not None or data is not None:
        raise click.UsageError("--run and --data belong to the app; put what the verb needs after the verb.")
    return 0


def _open_closed_streams() -> None:
    """Put nothing where the shell closed a standard stream; the next file opened would take its place."""
    for name, number, mode in (("stdin", 0, os.O_RDONLY), ("stdout", 1, os.O_WRONLY), ("stderr", 2, os.O_WRONLY)):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, mode)
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
            setattr(sys, name, os.fdopen(number, "r" if mode == os.O_RDONLY else "w", encoding="utf-8"))


def main() -> None:
    """Run the command line; whatever the terminal cannot write is replaced rather than an error."""
    # How long threads wait for each other by spinning before they sleep. Spinning without end starves the screen, and a
    # hundredth of this costs a third of the training speed; the OpenMP of torch reads it once, when it is loaded.
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "100000")
    # The OpenBLAS of numpy spins as well. The products of a word are small: a second thread makes none of them sooner,
    # but takes half a processor from a training. Elsewhere than on x86 torch may use the same library, and needs it.
    if os.name == "nt" or os.uname().machine == "x86_64":
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Reading modules makes many objects and no garbage; looking for it takes a quarter of a verb's time to start.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    cli()


if __name__ == "__main__":  # `torchrun -m jokegen.tui.main train …`
    main()
