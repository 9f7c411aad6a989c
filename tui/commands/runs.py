"""``jokegen-tui runs``: the trained models, listed, shown, renamed, deleted, moved between machines."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...core.runs.voice import BUNDLED, has_voice
from ...data.findings import counted
from ..numbers import NOTHING, clock, count, decimal, size
from .compare import compare
from .labels import note, tag
from .options import debug_option, json_option
from .output import bare_table, console_for_people, fields_of, figures_table, plain, write_json
from .report import report
from .suggestions import runs_for

if TYPE_CHECKING:
    from ...core.events import EpochDone
    from ...core.runs.folder import Run
    from ...core.runs.store import RunStore

_NAME = click.argument("name", shell_complete=runs_for)
_FILE = click.Path(path_type=Path)
_FORMATS = {".txt": "text", ".onnx": "onnx", ".safetensors": "safetensors"}
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))
_EPILOG = """\b
Examples:
  jokegen-tui runs
  jokegen-tui runs show first
  jokegen-tui runs compare first second
  jokegen-tui runs export first first.zip
  jokegen-tui runs export first first.onnx
  jokegen-tui runs export first first.txt
  jokegen-tui runs export first --tensorboard logs
  jokegen-tui runs series first --output first.csv
"""


def _store() -> RunStore:
    from ...core.home import runs_folder
    from ...core.runs.store import RunStore

    return RunStore(runs_folder())


@click.group(invoke_without_command=True, epilog=_EPILOG)
@json_option
@debug_option
@click.pass_context
def runs(context: click.Context, as_json: bool) -> None:
    """List, show, compare, tag, rename, delete, export or import runs, or write their series."""
    if context.invoked_subcommand is None:
        _list(as_json=as_json)
    elif as_json:
        raise click.UsageError(f"Put --json after '{context.invoked_subcommand}'.")


@runs.command("list")
@json_option
@debug_option
def list_runs(as_json: bool) -> None:
    """List all runs, the newest first."""
    _list(as_json=as_json)


def _list(*, as_json: bool) -> None:
    summaries = _store().list()
    if as_json:
        for summary in summaries:
            write_json(fields_of(summary))
        return
    console = console_for_people()
    if not summaries:
        console.print("No runs yet; make one with: jokegen-tui train")
        if has_voice():
            console.print(f"Until then the model that comes with JokeGen speaks: jokegen-tui runs show {BUNDLED}")
        return
    numbers = ("epochs", "valid ppl", "test ppl", "size")
    table = bare_table(
        "name", "corpus", "preset", "epochs", "valid ppl", "test ppl", "status", "age", "size", right=numbers
    )
    for summary in summaries:
        table.add_row(
            plain(summary.name, "bold"),
            plain(summary.corpus or NOTHING),
            plain(summary.preset or NOTHING),
            count(summary.epochs),
            decimal(summary.valid_perplexity, 1),
            decimal(summary.test_perplexity, 1),
            plain(summary.status),
            age(summary.created),
            size(summary.size_bytes),
        )
    console.print(table)
    for summary in summaries:
        if summary.problem is not None:
            console.print(plain(summary.problem, "yellow"), soft_wrap=True)


@runs.command()
@_NAME
@json_option
@debug_option
def show(name: str, as_json: bool) -> None:
    """Show all that is known about the run NAME."""
    run = _store().open(name)
    info, epochs, samples = run.info, run.epochs(), run.samples()
    if as_json:
        write_json(
            {
                "run": run.name,
                "path": str(run.path),
                **info.model_dump(),
                "history": [fields_of(epoch) for epoch in epochs],
                "samples": [fields_of(sample) for sample in samples],
                "snapshots": run.snapshots(),
            }
        )
        return
    console = console_for_people()
    console.print(_facts(run))
    figures = [row for row in (info.figures("valid"), info.figures("test")) if row is not None]
    if figures:
        console.print()
        console.print(figures_table(figures))
    if epochs:
        console.print()
        console.print(_history(epochs))
    if samples:
        console.print()
        console.print(plain(f"after epoch {samples[-1].epoch} it said: {samples[-1].text}", "italic"), soft_wrap=True)


def _facts(run: Run) -> object:
    info = run.info
    table = bare_table("", "")
    table.show_header = False
    for label, value in (
        ("run", run.name),
        ("status", f"{run.standing.state}, started {age(info.created)} ago"),
        ("corpus", f"{info.corpus}, {count(info.train_tokens)} training tokens"),
        ("tokenizer", f"{info.tokenizer}, vocabulary {count(info.vocabulary)}"),
        ("network", f"{info.recipe.get('preset', NOTHING)}, {count(info.parameters)} parameters"),
        ("training", f"{counted(info.epochs, 'epoch')} in {clock(info.seconds)}, best {info.best_epoch or NOTHING}"),
        (
            "machine",
            f"{info.device} {info.precision}, threads {info.threads}, seed {info.settings.seed}",
        ),
        ("tags", ", ".join(info.tags)),
        ("note", info.note),
        ("epochs kept", ", ".join(map(str, run.snapshots())) or NOTHING),
        ("folder", str(run.path)),
    ):
        if value:
            table.add_row(label, plain(value))
    return table


def _history(epochs: list[EpochDone]) -> object:
    columns = ("epoch", "step", "train loss", "valid loss", "tokens/s", "time")
    table = bare_table(*columns, "", right=columns)
    for epoch in epochs:
        table.add_row(
            count(epoch.epoch),
            count(epoch.step),
            decimal(epoch.train_loss),
            decimal(epoch.valid_loss),
            count(round(epoch.tokens_per_second)),
            clock(epoch.seconds),
            "best so far" if epoch.best else "",
        )
    return table


@runs.command()
@click.argument("old", shell_complete=runs_for)
@click.argument("new")
@debug_option
def rename(old: str, new: str) -> None:
    """Give the run OLD the name NEW."""
    _store().rename(old, new)
    _say(f"{old} is now {new}")


@runs.command()
@_NAME
@click.option("--yes", is_flag=True, help="Do not ask.")
@debug_option
def delete(name: str, yes: bool) -> None:
    """Delete the run NAME and all that belongs to it."""
    store = _store()
    run = store.open(name)
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("Without a terminal nobody can be asked; add --yes to delete the run.")
        if not click.confirm(f"Delete the run {run.name} and its model for good?", err=True):
            _say("nothing was deleted")
            return
    store.delete(name)
    _say(f"{name} is deleted")


@runs.command()
@_NAME
@click.argument("file", type=_FILE, required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["zip", "text", "onnx", "safetensors"]),
    help="A whole run for another machine, its texts by split, or its best network for other tools.  "
    "[default: by FILE's ending, else zip]",
)
@click.option(
    "--tensorboard",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write event files for TensorBoard into a folder in DIR.",
)
@debug_option
def export(name: str, file: Path | None, form: str | None, tensorboard: Path | None) -> None:
    """Write the run NAME into FILE: as a ZIP archive, its texts, or its network as ONNX or safetensors."""
    run = _store().open(name)
    if tensorboard is not None:
        if file is not None or form is not None:
            raise click.UsageError("--tensorboard writes a folder of its own; leave FILE and --format out.")
        from ...core.speaking.tensorboard import export_events

        _say(f"the series of {name} are in {export_events(run, tensorboard)}")
        return
    if file is None:
        raise click.UsageError("Say which FILE to write, or a folder with --tensorboard.")
    match form or _FORMATS.get(file.suffix.lower(), "zip"):
        case "zip":
            _store().export(name, file)
            _say(f"{name} is in {file}")
        case "text":
            from ...core.speaking.exporting import export_texts

            files, unknown = export_texts(run, file)
            _say(f"the texts of {name} are in {', '.join(map(str, files))}")
            if unknown:
                _say(
                    f"{counted(unknown, 'word')} that its vocabulary does not know {'is' if unknown == 1 else 'are'} "
                    "unknown in them: a run keeps tokens"
                )
        case chosen:
            from ...core.speaking.exporting import export_network

            tokenizer = export_network(run, file, "onnx" if chosen == "onnx" else "safetensors")
            _say(f"the best network of {name} is in {file}, its tokenizer in {tokenizer}")


@runs.command()
@_NAME
@click.option("--output", type=_FILE, required=True, metavar="FILE", help="A file that ends in .csv or .parquet.")
@debug_option
def series(name: str, output: Path) -> None:
    """Write what the run NAME said at every step of its training into a table."""
    from ...core.speaking.exporting import export_series

    rows = export_series(_store().open(name), output)
    _say(f"{counted(rows, 'step')} of {name} {'is' if rows == 1 else 'are'} in {output}")


@runs.command("import")
@click.argument("file", type=_FILE)
@click.option("--name", metavar="NAME", help="Name of the run here.  [default: its own]")
@debug_option
def import_run(file: Path, name: str | None) -> None:
    """Take the run in FILE, a ZIP archive written by `runs export`."""
    _say(f"imported the run {_store().import_(file, name)}")


runs.add_command(compare)
runs.add_command(tag)
runs.add_command(note)
runs.add_command(report)


def _say(sentence: str) -> None:
    console_for_people().print(plain(sentence), soft_wrap=True)


def age(created: str) -> str:
    """Return how long ago an ISO 8601 time was, such as ``3 h``."""
    try:
        seconds = (datetime.now(UTC) - datetime.fromisoformat(created)).total_seconds()
    except (ValueError, TypeError):
        return NOTHING
    for length, unit in _UNITS:
        count = int(seconds // length)
        if count >= 1:
            return f"{count} {unit}"
    return "now"
