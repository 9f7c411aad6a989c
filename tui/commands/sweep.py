"""``jokegen-tui sweep``: many trainings one after the other, to find the settings that suit some texts."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from ...core.settings import TrainingSettings
from ..numbers import clock, decimal
from .compare import print_comparison, write_comparison
from .durations import Duration
from .interruption import StopSwitch
from .options import debug_option, given, json_option, options_of, typed
from .output import console_for_people, fields_of, notice, plain, write_json
from .program import DONE, INTERRUPTED
from .suggestions import corpora_for

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live

    from ...core.runs.store import RunStore
    from ...core.runs.sweeps import SweepPlan
    from ...core.training.sweeping import SweepEvent

_EPILOG = """\b
Examples:
  jokegen-tui sweep --set dropout=0.4,0.6 --set hidden=128,256
  jokegen-tui sweep jokes.csv --set learning-rate=0.002,0.004 --seeds 3 --time 20m --name rates
  jokegen-tui sweep --resume rates
"""


@click.command(epilog=_EPILOG, short_help="Try settings against each other.")
@click.argument("corpus", nargs=-1, shell_complete=corpora_for)
@click.option(
    "--set", "grid", multiple=True, metavar="SETTING=A,B", help="A setting and the values to try; several are combined."
)
@click.option(
    "--seeds", type=click.IntRange(1, 100), metavar="N", help="Train each combination with N seeds.  [default: 1]"
)
@click.option("--time", type=Duration(), metavar="TIME", help="How long all of it may take, as 20m or 2h.")
@click.option("--name", metavar="NAME", help="Name of the sweep, which its runs begin with.  [default: a free one]")
@click.option("--resume", metavar="NAME", help="Go on with a sweep that was stopped.")
@options_of(TrainingSettings)
@json_option
@debug_option
def sweep(
    corpus: tuple[str, ...],
    grid: tuple[str, ...],
    seeds: int | None,
    time: float | None,
    name: str | None,
    resume: str | None,
    as_json: bool,
    **flags: Any,
) -> int:
    """Train on CORPUS with every combination of the values of --set, and say which settings suit it best.

    After a quarter and after a half of the epochs the better half of the combinations goes on and the others are left
    behind; all of them stay as runs with a tag. Ctrl-C stops and saves; --resume goes on.
    """
    if resume is not None and (corpus or grid or seeds or time or name or typed(flags)):
        raise click.UsageError("--resume goes on with a sweep as it was planned; leave everything else out.")
    with StopSwitch() as switch:
        from ...core.home import runs_folder, sweeps_folder
        from ...core.runs.store import RunStore
        from ...core.runs.sweeps import read_plan

        store = RunStore(runs_folder())
        if resume is not None:
            plan = read_plan(sweeps_folder(), resume)
        else:
            plan = _planned(store, corpus or ("starter",), grid, seeds or 1, time, name, given(flags))
        return _follow(plan, store, switch, as_json=as_json)


def _planned(
    store: RunStore,
    sources: tuple[str, ...],
    grid: tuple[str, ...],
    seeds: int,
    time: float | None,
    name: str | None,
    chosen: dict[str, Any],
) -> SweepPlan:
    """Return the plan that was asked for, written down."""
    from ...core.home import sweeps_folder
    from ...core.runs.sweeps import check_is_new, free_name, make_plan, write_plan
    from ...core.settings import make_settings

    values: dict[str, list[str]] = {}
    for one in grid:
        setting, equals, tried = one.partition("=")
        if not equals:
            raise click.UsageError(f"'{one}' names no values; write --set dropout=0.4,0.6.")
        values.setdefault(setting.strip().replace("-", "_"), []).extend(tried.split(","))
    folder = sweeps_folder()
    plan = make_plan(name or free_name(folder), sources, make_settings(chosen), values, seeds)
    check_is_new(folder, plan.name)
    for run in plan.runs:
        store.check_free(run)
    if time is not None:
        from ...core.training.sweeping import within_time

        fitted = within_time(plan, time)
        plan = fitted.plan
        for sentence in fitted.sentences:
            notice(sentence)
    write_plan(folder, plan)
    return plan


def _follow(plan: SweepPlan, store: RunStore, switch: StopSwitch, *, as_json: bool) -> int:
    """Go through the plan and end with its comparison."""
    from ...core.runs.comparison import record
    from ...core.training.sweeping import Sweep, SweepEnded

    console = console_for_people(stderr=as_json)
    ended: SweepEnded | None = None
    sweep = Sweep(plan, store, switch)
    with ExitStack() as stack:
        report = _Report(console, live=console.is_terminal and not (as_json and sys.stdout.isatty()), stack=stack)
        report.begin(plan)
        for event in sweep.events():
            switch.training = True
            if isinstance(event, SweepEnded):
                ended = event
            elif as_json:
                _write_event(event)
            report.show(event)
    if ended is None:
        console.print(plain(sweep.how_to_go_on), soft_wrap=True)
        return INTERRUPTED
    records = [record(store.open(run)) for run in plan.runs]
    if as_json:
        write_comparison(records)
        write_json({"event": "end", **fields_of(ended)})
    else:
        console.print()
        print_comparison(console, records)
        console.print()
        console.print(plain(ended.sentence), soft_wrap=True)
    return DONE


class _Report:
    """Says how a sweep goes: a line a run and a round, and on a terminal what is trained just now."""

    def __init__(self, console: Console, *, live: bool, stack: ExitStack) -> None:
        from rich.live import Live

        self._console = console
        self._live: Live | None = None
        if live:
            self._live = stack.enter_context(Live(console=console, auto_refresh=False, transient=True))
        self._doing = ""
        self._noticed: set[str] = set()
        """What is said of the texts holds for every run."""

    def begin(self, plan: SweepPlan) -> None:
        """Say what is planned."""
        from ...core.runs.sweeps import words_of

        many = len(plan.combinations)
        seeds = f" × {plan.seeds} seeds" if plan.seeds > 1 else ""
        self._print(f"sweep {plan.name} · {many} combination{'s' * (many != 1)}{seeds}")
        for combination in plan.combinations:
            self._print(f"  {words_of(combination)}")
        if len(plan.shares) > 1:
            parts = " and ".join(f"{share:.0%}" for share in plan.shares[:-1])
            self._print(f"after {parts} of the epochs the better half goes on, the others are left behind")

    def show(self, event: SweepEvent) -> None:
        """Show one event."""
        from ...core.events import Noticed, StepDone
        from ...core.training.sweeping import Halved, RunBegins, RunDone

        match event:
            case RunBegins():
                share = f", to {event.share:.0%}" if event.share < 1 else ""
                self._doing = f"{event.run} · {event.words} · round {event.round} of {event.rounds}{share}"
                self._draw(self._doing)
            case RunDone():
                self._print(
                    f"{event.run}  {event.words}  epoch {event.epochs}  valid ppl {decimal(event.perplexity, 1)}"
                )
            case Halved():
                self._print(f"left behind after round {event.round}: {'; '.join(event.left_behind)}")
            case StepDone() if event.step % _STEPS_BETWEEN_PICTURES == 0:
                self._draw(f"{self._doing} · epoch {event.epoch} · {clock(event.seconds)}")
            case Noticed() if event.message not in self._noticed:
                self._noticed.add(event.message)
                if self._live is None:
                    notice(event.message)
                else:
                    self._console.print(plain(event.message, "yellow"), soft_wrap=True)
            case _:
                return

    def _print(self, line: str) -> None:
        self._console.print(plain(line), soft_wrap=True)

    def _draw(self, line: str) -> None:
        if self._live is not None:
            self._live.update(plain(line), refresh=True)


_STEPS_BETWEEN_PICTURES = 20


def _write_event(event: SweepEvent) -> None:
    from ...core.training.sweeping import Halved, RunBegins, RunDone

    for kind, name in ((RunBegins, "run"), (RunDone, "reached"), (Halved, "halved")):
        if isinstance(event, kind):
            write_json({"event": name, **fields_of(event)})
