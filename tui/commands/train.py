"""``jokegen-tui train``: train a model, or go on with an interrupted training."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .interruption import StopSwitch
from .options import DEVICES, PRECISIONS, PRESETS, TEXTS, TOKENIZERS, debug_option, json_option
from .output import console_for_people, fields_of, write_json
from .program import DONE, FAILED, INTERRUPTED, complain

if TYPE_CHECKING:
    from ...core.events import Ended, Event
    from ...core.runs.store import RunStore
    from ...core.training.workflow import TrainingRequest

_EPILOG = """\b
Examples:
  jokegen-tui train
  jokegen-tui train jokes.csv --max-seconds 60 --name first
  jokegen-tui train --resume first
"""


@click.command(epilog=_EPILOG, short_help="Train a model, or go on with an interrupted one.")
@click.argument("corpus", required=False)
@click.option("--preset", type=click.Choice(PRESETS), help="The network; auto goes by the size of the corpus.")
@click.option("--max-epochs", type=int, metavar="N", help="Passes over the texts.")
@click.option("--batch-size", type=int, metavar="N", help="Texts read side by side.")
@click.option("--sequence-length", type=int, metavar="N", help="Tokens a gradient reaches back.")
@click.option("--learning-rate", type=float, metavar="X", help="Highest rate of the schedule.")
@click.option("--tokenizer", type=click.Choice(TOKENIZERS), help="What a token is.")
@click.option("--seed", type=int, metavar="N", help="Everything random follows from it.  [default: 0]")
@click.option("--device", type=click.Choice(DEVICES), help="Where to compute.  [default: auto]")
@click.option("--precision", type=click.Choice(PRECISIONS), help="Of the matrix products.  [default: auto]")
@click.option("--max-seconds", type=float, metavar="X", help="Time to plan the training for.")
@click.option("--patience", type=int, metavar="N", help="Stop after N epochs without a better loss.")
@click.option("--column", metavar="NAME", help="Column of a table that holds the texts.")
@click.option("--texts", type=click.Choice(TEXTS), help="A text a line, between blank lines, or one long text.")
@click.option("--letters-only/--no-letters-only", default=None, help="Drop punctuation and digits.")
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="TOML file of settings; flags win.",
)
@click.option("--name", metavar="NAME", help="Name of the new run.  [default: a free one]")
@click.option("--overwrite", is_flag=True, help="Replace a run of that name.")
@click.option("--resume", metavar="RUN", help="Go on with an interrupted run.")
@json_option
@debug_option
def train(
    corpus: str | None,
    settings_file: Path | None,
    name: str | None,
    overwrite: bool,
    resume: str | None,
    as_json: bool,
    **flags: Any,
) -> int:
    """Train a model on CORPUS: a name (see `jokegen-tui corpora`), a file, or - for standard input.

    CORPUS is `starter` unless given. Ctrl-C stops after the step in progress and saves.
    """
    given = {flag: value for flag, value in flags.items() if value is not None}
    with StopSwitch() as switch:
        from ...core.home import runs_folder
        from ...core.runs.store import RunStore
        from ...core.settings import make_settings, read_settings

        store = RunStore(runs_folder())
        if settings_file is not None:
            given = read_settings(settings_file) | given
        settings = make_settings(given)
        from ...core.training.workflow import TrainingRequest  # loads torch: after what can be said without it

        if resume is not None:
            if name is not None or overwrite:
                raise click.UsageError(
                    "--resume goes on with a run under its own name; leave --name and --overwrite out."
                )
            _refuse_changes(store, resume, corpus, given)
            request = TrainingRequest(resume=resume)
        else:
            request = TrainingRequest(corpus or "starter", settings, name=name, overwrite=overwrite)
        ended = _follow(request, store, switch, as_json=as_json)
    if ended is None or ended.reason == "stopped":
        return INTERRUPTED
    if ended.reason == "diverged":
        complain(ended.message)
        return FAILED
    return DONE


def _refuse_changes(store: RunStore, resume: str, corpus: str | None, given: dict[str, Any]) -> None:
    """Raise a usage error when a resumed run is asked to differ from what it was started as."""
    info = store.open(resume).info
    own = info.settings.model_dump()
    changed = [f"--{name.replace('_', '-')}" for name, value in given.items() if own.get(name) != value]
    if corpus is not None and corpus not in (info.source, info.corpus):
        changed.insert(0, "CORPUS")
    if changed:
        raise click.UsageError(
            f"A resumed run keeps its corpus and settings; leave {', '.join(changed)} out, or train a new run."
        )


def _follow(request: TrainingRequest, store: RunStore, switch: StopSwitch, *, as_json: bool) -> Ended | None:
    """Run the training to its end and report it; returns its last event."""
    from ...core.events import Ended, Started
    from ...core.training.workflow import TrainingJob
    from .training_report import TrainingReport

    console = console_for_people(stderr=as_json)
    # Beside JSON on the same terminal a moving bar would tear the lines apart.
    live = console.is_terminal and not (as_json and sys.stdout.isatty())
    ended: Ended | None = None
    job = TrainingJob(request, store, switch)
    events: Iterator[Event] = job.events()
    try:
        with TrainingReport(console, live=live) as report:
            for event in events:
                if isinstance(event, Started):
                    switch.training = True
                    report.max_seconds = store.open(event.run).info.settings.max_seconds
                elif isinstance(event, Ended):
                    ended = event
                report.total_steps = job.total_steps
                if as_json:
                    _write_event(event)
                report.show(event)
    finally:
        close = getattr(events, "close", None)
        if close is not None:
            close()
    return ended


def _write_event(event: Event) -> None:
    from ...core.events import Ended, EpochDone, Started

    for kind, name in ((Started, "start"), (EpochDone, "epoch"), (Ended, "end")):
        if isinstance(event, kind):
            write_json({"event": name, **fields_of(event)})
