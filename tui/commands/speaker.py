"""Whose words a verb makes: a run as it is or was, mixed with its n-gram model, or two runs as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .options import Decorated
from .suggestions import runs_for

if TYPE_CHECKING:
    from ...core.runs.folder import Run
    from ...core.runs.store import RunStore
    from ...core.speaking.generation import Generator

_EVENLY = 0.5


def blend_options(verb: Decorated) -> Decorated:
    """Add ``--blend`` and ``--weight``, which arrive as parameters of these names."""
    other = click.option(
        "--blend", metavar="RUN", shell_complete=runs_for, help="Speak as a blend with another run of one vocabulary."
    )
    weight = click.option(
        "--weight", type=click.FloatRange(0, 1), metavar="X", help=f"The share of --run in it.  [default: {_EVENLY}]"
    )
    return other(weight(verb))


def speaker(store: RunStore, run: Run, *, epoch: int | None, mix: bool, asked: dict[str, Any]) -> Generator:
    """Return the generator that the options ask for; raises a usage error when they do not go together."""
    blend, weight = asked.get("blend"), asked.get("weight")
    if blend is None:
        if weight is not None:
            raise click.UsageError("--weight is the share of --run in a blend; name the other run with --blend.")
        from ...core.speaking.loading import load_generator

        return load_generator(run, epoch=epoch, mixed=mix)
    if mix:
        raise click.UsageError("Choose --blend or --mix.")
    from ...core.speaking.blending import blended

    return blended(run, store.open(blend), given_share(asked), epoch=epoch)


def given_share(asked: dict[str, Any]) -> float:
    """Return the share of the first run in a blend."""
    weight = asked.get("weight")
    return _EVENLY if weight is None else weight
