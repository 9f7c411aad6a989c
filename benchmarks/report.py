"""What every benchmark says: the machine, a small table, and with --json one line for programs."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

REPOSITORY = Path(__file__).resolve().parents[1]
DATA = REPOSITORY.parent / "shared" / "data"
JOKES = "reddit-cleanjokes.csv"

Row = tuple[str, ...]


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options that every benchmark has."""
    options = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument(
        "--data", type=Path, default=DATA, metavar="FOLDER", help="where the texts are (default: ../shared/data)"
    )
    options.add_argument("--json", action="store_true", dest="as_json", help="end with one line of JSON")
    return options


def data_file(options: argparse.Namespace, name: str) -> Path:
    """Return the path of ``name`` in the data folder; without it the benchmark is skipped with a sentence."""
    path = options.data / name
    if not path.is_file():
        skip(options, f"{path} is missing, so there is nothing to measure; name the folder that has it with --data.")
    return path


def skip(options: argparse.Namespace, why: str) -> NoReturn:
    """End the benchmark without a figure; the exit status stays 0, so that the others still run."""
    print(f"skipped: {why}", file=sys.stderr)
    if options.as_json:
        print(json.dumps({"figure": None, "reference": None, "ratio": None, "skipped": why}))
    raise SystemExit(0)


def processor() -> str:
    """Return the processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine(precision: str | None = None) -> dict[str, Any]:
    """Return what a figure depends on beside the code."""
    import torch

    found: dict[str, Any] = {
        "processor": processor(),
        "cores": cores(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }
    return found if precision is None else found | {"precision": precision}


def spread(values: Sequence[float], form: str = ".3f") -> str:
    """Return the mean, and the lowest and highest where there are several."""
    mean = format(statistics.fmean(values), form)
    if len(values) == 1:
        return mean
    return f"{mean} ({format(min(values), form)}–{format(max(values), form)})"


def middle(values: Sequence[float], form: str = ".2f") -> str:
    """Return the median, and the lowest and highest."""
    return f"{format(statistics.median(values), form)} ({format(min(values), form)}–{format(max(values), form)})"


@contextmanager
def quiet_home() -> Iterator[Path]:
    """Keep runs and preferences of a benchmark in a folder that is gone afterwards."""
    import tempfile

    before = os.environ.get("JOKEGEN_HOME")
    with tempfile.TemporaryDirectory(prefix="jokegen-benchmark-") as folder:
        os.environ["JOKEGEN_HOME"] = folder
        try:
            yield Path(folder)
        finally:
            if before is None:
                del os.environ["JOKEGEN_HOME"]
            else:
                os.environ["JOKEGEN_HOME"] = before


def say(text: str) -> None:
    """Tell on stderr what goes on, because a benchmark takes minutes."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def show(
    options: argparse.Namespace,
    title: str,
    rows: Sequence[Row],
    *,
    figure: float | None,
    reference: float | None,
    ratio: float | None,
    precision: str | None = None,
    **more: Any,
) -> None:
    """Print the table ``rows`` (the first one the heading), the machine, and with --json the figures unrounded."""
    print(f"\n{title}\n")
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)]
        print(f"| {' | '.join(cells)} |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    about = machine(precision)
    print("\n" + ", ".join(f"{name} {value}" for name, value in about.items()) + "\n")
    if options.as_json:
        print(json.dumps({"figure": figure, "reference": reference, "ratio": ratio, **more, "machine": about}))


if __name__ == "__main__":
    print(json.dumps(machine()))
