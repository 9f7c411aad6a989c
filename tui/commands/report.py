"""``jokegen-tui runs report``: one file about a run, to show somebody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..numbers import NOTHING, clock, count, decimal, percent
from .options import debug_option
from .output import console_for_people, plain
from .suggestions import runs_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...core.events import EpochDone, Figures, Remembered, SampleMade
    from ...core.runs.comparison import RunRecord
    from ...core.runs.folder import Run
    from ..charts.curves import Curves
    from ..pages import Page, Section

_EPILOG = """\b
Examples:
  jokegen-tui runs report first
  jokegen-tui runs report first --output first.md
"""
_MOST_SAMPLES = 12
_MOST_EPOCHS = 40
_DRAWING = (78, 20)
"""Cells of the curve in Markdown."""


@click.command(epilog=_EPILOG, no_args_is_help=True)
@click.argument("name", shell_complete=runs_for)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="File to write, .html or .md.  [default: NAME.html]",
)
@debug_option
def report(name: str, output: Path | None) -> None:
    """Write all that is worth showing of the run NAME into one file: curve, figures, settings, what it said."""
    from ...core.errors import RunError
    from ...core.home import runs_folder
    from ...core.runs.files import written_whole
    from ...core.runs.store import RunStore
    from ..pages import as_html, as_markdown

    run = RunStore(runs_folder()).open(name)
    path = output or Path(f"{run.name}.html")
    forms = {".html": as_html, ".htm": as_html, ".md": as_markdown}
    if path.suffix.lower() not in forms:
        raise click.UsageError("A report is a page or Markdown; end its name in .html or .md.")
    if path.exists():
        raise RunError(f"There is already a file {path}; choose another name with --output.")
    page = forms[path.suffix.lower()](page_of(run))
    with written_whole(path, remedy="choose another place with --output") as handle:
        handle.write(page.encode("utf-8"))
    console_for_people().print(plain(f"{run.name} is described in {path}"), soft_wrap=True)


def page_of(run: Run) -> Page:
    """Return the page about a run; raises RunError when it is damaged."""
    from ...core.runs.comparison import record, shown
    from ..charts.picture import picture
    from ..pages import Page, Section
    from ..view import view_of_run

    view, info, row = view_of_run(run), run.info, record(run)
    curves = view.curves(run.book())
    about = (
        f"{info.corpus}, {row.preset or NOTHING}, {count(info.parameters)} parameters; {row.state}, {info.created[:10]}"
    )
    sections = [
        Section("Figures", ("", "validation", "test"), _figures(row, info.figures("valid"), info.figures("test"))),
        Section("Training", (), [
            ("epochs", count(info.epochs)),
            ("best epoch", NOTHING if info.best_epoch is None else count(info.best_epoch)),
            ("time", clock(info.seconds)),
            ("training tokens", count(info.train_tokens)),
            ("vocabulary", count(info.vocabulary)),
            ("perplexity as a multiple of the n-gram model's", decimal(row.times_ngram, 2)),
            ("words of its samples that are not copied in a row", percent(row.newness)),
            *_by_heart(info.by_heart),
            *([("what the curve says", view.verdict.sentence)] if view.verdict is not None else []),
            *([("tags", ", ".join(row.tags))] if row.tags else []),
            *([("note", row.note)] if row.note else []),
        ]),
        _said(view.samples, info.best_epoch),
        _epochs(view.epochs),
        Section("Settings", (), [(name, shown(value)) for name, value in row.settings.items()]),
    ]  # fmt: skip
    kept = [section for section in sections if section.rows or section.quotes]
    return Page(run.name, about, kept, picture(curves), _drawing(curves))


def _figures(row: RunRecord, valid: Figures | None, test: Figures | None) -> list[tuple[str, str, str]]:
    def both(label: str, name: str, digits: int) -> tuple[str, str, str]:
        own, other = (decimal(getattr(split, name) if split else None, digits) for split in (valid, test))
        return label, own, other

    if valid is None and test is None:
        return [("perplexity", decimal(row.valid_perplexity, 1), NOTHING)]
    return [
        both("perplexity", "perplexity", 1),
        both("n-gram perplexity", "ngram_perplexity", 1),
        both("mixed with n-grams", "mixed_perplexity", 1),
        both("bits per character", "bits_per_character", 3),
        both("loss (nats per token)", "loss", 3),
    ]


def _by_heart(found: Remembered | None) -> list[tuple[str, str]]:
    """What it says that stands in the training texts; nothing for older runs."""
    if found is None:
        return []
    rows = [
        ("of what it says, five words in a row that stand in the training texts", found.copied),
        ("the same of the held-out texts", found.held_out),
        ("whole texts it says that stand there", found.copied_texts),
        ("the same of the held-out texts", found.held_out_texts),
    ]
    return [(label, percent(share)) for label, share in rows if share is not None]


def _said(samples: Sequence[SampleMade], best: int | None) -> Section:
    """Some samples, spread over the training, with the best epoch's and the last one."""
    from ..pages import Section

    every = max(1, len(samples) // _MOST_SAMPLES)
    chosen = [
        sample
        for place, sample in enumerate(samples)
        if place % every == 0 or sample.epoch == best or place == len(samples) - 1
    ]
    return Section("What it said", quotes=[(_when(sample, best), sample.text) for sample in chosen])


def _when(sample: SampleMade, best: int | None) -> str:
    star = ", the best" if sample.epoch == best else ""
    return f"epoch {sample.epoch}{star} · copied {sample.copied}/{sample.words}"


def _epochs(epochs: Sequence[EpochDone]) -> Section:
    from ..pages import Section

    every = max(1, -(-len(epochs) // _MOST_EPOCHS))
    rows = [
        (count(epoch.epoch), decimal(epoch.train_loss), decimal(epoch.valid_loss), clock(epoch.seconds))
        for place, epoch in enumerate(epochs)
        if place % every == 0 or place == len(epochs) - 1
    ]
    return Section("Epochs", ("epoch", "training loss", "validation loss", "time"), rows)


def _drawing(curves: Curves) -> str:
    """The curve in characters."""
    from dataclasses import replace

    from rich.style import Style

    from ..charts.curves import Look
    from ..charts.drawing import STYLES, ChartDrawing

    still = replace(curves, total_steps=None)
    strips = ChartDrawing(still, Look(), dict.fromkeys(STYLES, Style())).strips(*_DRAWING)
    return "\n".join(strip.text.rstrip() for strip in strips) if len(strips) > 1 else ""
