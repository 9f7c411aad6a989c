"""``jokegen-tui train``: train a model, or go on with an interrupted training."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from ...core.errors import NameTakenError, RunError
from ...core.runs.status import meaning
from ...core.settings import TrainingSettings
from .durations import time_option, with_time
from .interruption import StopSwitch
from .options import debug_option, given, json_option, options_of, typed
from .output import console_for_people, fields_of, write_json
from .program import DONE, FAILED, INTERRUPTED, complain
from .suggestions import corpora_for, runs_for

if TYPE_CHECKING:
    from ...core.events import Ended, Event
    from ...core.runs.store import RunStore
    from ...core.training.workflow import TrainingRequest

_EPILOG = """\b
Examples:
  jokegen-tui train
  jokegen-tui train jokes.csv --max-seconds 60 --name first
  jokegen-tui train starter --time 2m
  jokegen-tui train reddit.json --column title,body --where "score >= 20"
  jokegen-tui train limericks.txt --from first
  jokegen-tui train --resume first
  jokegen-tui train --resume first --max-epochs 60
  jokegen-tui train novel.txt --processes 4
  torchrun --nproc-per-node 2 -m jokegen.tui.main train novel.txt
"""

_OF_THE_MACHINE = ("device", "precision", "processes")
"""Settings that a resumed run may change: it may have moved to another machine."""


@click.command(epilog=_EPILOG, short_help="Train a model, or go on with an interrupted one.")
@click.argument("corpus", nargs=-1, shell_complete=corpora_for)
@options_of(TrainingSettings)
@time_option
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="TOML file of settings; flags win.",
)
@click.option("--name", metavar="NAME", help="Name of the new run.  [default: a free one]")
@click.option("--overwrite", is_flag=True, help="Replace a run of that name.")
@click.option(
    "--resume",
    metavar="RUN",
    shell_complete=runs_for,
    help="Go on with a run; with --max-epochs, up to that many.",
)
@click.option(
    "--from",
    "start_from",
    metavar="RUN",
    shell_complete=runs_for,
    help="Start a new run from the weights of another, whose vocabulary is kept and added to.",
)
@click.option(
    "--again",
    metavar="RUN",
    shell_complete=runs_for,
    help="Repeat a run as a new one, with all that was changed on its way.",
)
@json_option
@debug_option
def train(
    corpus: tuple[str, ...],
    time: float | None,
    settings_file: Path | None,
    name: str | None,
    overwrite: bool,
    resume: str | None,
    start_from: str | None,
    again: str | None,
    as_json: bool,
    **flags: Any,
) -> int:
    """Train a model on CORPUS: a name (see `jokegen-tui corpora`), a file, a folder, a pattern, or - (standard input).

    Several are read together. CORPUS is `starter` unless given. Ctrl-C stops after the step in progress and saves.
    """
    began = monotonic()
    # A run that goes on or is repeated keeps what it was started with.
    chosen = with_time(given(flags) if resume is None and again is None else typed(flags), time)
    with StopSwitch() as switch:
        from ...core.home import runs_folder
        from ...core.ranks import launched
        from ...core.runs.store import RunStore
        from ...core.settings import make_settings, read_settings

        store = RunStore(runs_folder())
        if settings_file is not None:
            chosen |= read_settings(settings_file) | typed(flags)
        team = launched()
        if team is not None:
            chosen = _as_launched(chosen, team[1], again)
        settings = make_settings(chosen)
        from ...core.training.workflow import TrainingRequest  # loads torch: after what can be said without it

        if team is not None and team[0] > 0:
            return _help()

        if again is not None:
            if corpus or chosen.keys() - {"on_divergence"} or resume is not None or start_from is not None:
                raise click.UsageError(
                    "--again repeats a run as it was; leave all but --name, --overwrite and --on-divergence out."
                )
            request = TrainingRequest(settings=settings, again=again, name=name, overwrite=overwrite)
        elif resume is not None:
            if name is not None or overwrite or start_from is not None:
                raise click.UsageError(
                    "--resume goes on with a run under its own name; leave --name, --overwrite and --from out."
                )
            epochs = chosen.pop("max_epochs", None)
            _refuse_changes(store, resume, corpus, chosen)
            request = TrainingRequest(settings=settings, resume=resume, epochs=_asked_anew(store, resume, epochs))
        else:
            request = TrainingRequest(
                corpus or ("starter",), settings, name=name, overwrite=overwrite, start_from=start_from
            )
        try:
            ended = _follow(replace(request, began=began), store, switch, as_json=as_json)
        except NameTakenError as error:
            raise RunError(f"{str(error).removesuffix('.')} or pass --overwrite.") from error
    if ended is None or ended.reason == "stopped":
        return INTERRUPTED
    if ended.reason == "diverged":
        complain(ended.message)
        return FAILED
    return DONE


def _as_launched(chosen: dict[str, Any], size: int, again: str | None) -> dict[str, Any]:
    """Return the choices of a training that a launcher such as torchrun has started in ``size`` processes."""
    if again is not None:
        raise click.UsageError("--again starts as many processes as the run had; leave the launcher out.")
    if chosen.get("processes", size) != size:
        raise click.UsageError(f"The launcher has started {size} processes; leave --processes out.")
    return {**chosen, "processes": size}


def _help() -> int:
    """Train along with the first process, which is the one to talk to."""
    import signal

    from ...core.training.helping import help_training

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process stops all of them
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    help_training()
    return DONE


def _asked_anew(store: RunStore, resume: str, epochs: int | None) -> int | None:
    """Return how many epochs a resumed run is to have in all; None where that is what it was to have anyway."""
    info = store.open(resume).info
    return None if epochs == info.total_epochs and not meaning(info.status).complete else epochs


def _refuse_changes(store: RunStore, resume: str, corpus: tuple[str, ...], chosen: dict[str, Any]) -> None:
    """Raise a usage error when a resumed run is asked to differ from what it was started as."""
    from ...core.settings import make_settings

    info = store.open(resume).info
    own, asked = info.settings.to_dict(), make_settings(chosen).to_dict()
    own["column"], asked["column"] = info.settings.reading.columns, make_settings(chosen).reading.columns
    kept = [name for name in chosen if name not in _OF_THE_MACHINE]
    changed = [f"--{name.replace('_', '-')}" for name in kept if own.get(name) != asked[name]]
    if corpus and " ".join(corpus) not in (info.source, info.corpus):
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
                    asked = store.open(event.run).info.settings
                    report.limit_time(asked.max_seconds, asked_for_epochs=asked.max_epochs is not None)
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
    from ...core.events import Changed, Ended, EpochDone, RolledBack, Started

    kinds = (Started, "start"), (EpochDone, "epoch"), (Changed, "change"), (RolledBack, "rollback"), (Ended, "end")
    for kind, name in kinds:
        if isinstance(event, kind):
            write_json({"event": name, **fields_of(event)})
