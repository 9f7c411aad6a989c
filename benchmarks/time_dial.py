"""Whether `train --time` keeps its word: how long the whole process takes, and the figure that was expected of it.

Four corpora: the tutorial's jokes (1,600 texts), 5,000 and all of the bundled jokes, and 18,000 of Penn Treebank's
sentences; each is trained for both times by a process of its own, as from a shell. What was expected is what the dialog
would have shown before. Takes about eleven minutes on a machine that does nothing else.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from expectations import sampled
from report import JOKES, data_file, parser, quiet_home, say, show

LATE = 0.15
OFF = 0.05


def corpora(args: Any, folder: Path) -> dict[str, Path]:
    """Write the corpora as files."""
    texts = {
        "tutorial's jokes": sampled(str(data_file(args, JOKES)), 10_000),
        "starter, 5,000": sampled("starter", 5_000),
        "starter, all": sampled("starter", 10_000),
        "sentences, 18,000": sampled(str(data_file(args, "ptb/ptb.train.txt")), 18_000, layout="lines"),
    }
    found: dict[str, Path] = {}
    for number, (name, lines) in enumerate(texts.items()):
        found[name] = folder / f"corpus {number}.jsonl"
        found[name].write_text("".join(json.dumps({"text": line}) + "\n" for line in lines), encoding="utf-8")
    return found


def trained(path: Path, seconds: float) -> dict[str, Any]:
    """Train as from a shell; returns what was expected, the time it took and what came out."""
    from jokegen.core.settings import make_settings
    from jokegen.core.training.estimation import estimate

    expected = estimate(str(path), make_settings({"max_seconds": seconds}))
    command = [sys.executable, "-m", "jokegen.tui.main", "train", str(path), "--time", f"{seconds:g}s", "--json"]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))
    spent = time.monotonic() - began
    if done.returncode:
        raise SystemExit(done.stderr)
    ended = json.loads(done.stdout.splitlines()[-1])
    return {
        "asked": seconds,
        "seconds": spent,
        "preset": expected.preset,
        "epochs_expected": expected.epochs_in_time,
        "epochs": ended["epochs"],
        "times_ngram_expected": expected.times_ngram,
        "times_ngram": ended["valid"]["perplexity"] / ended["valid"]["ngram_perplexity"],
        "memory_expected": expected.memory_bytes,
        "memory": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024,
        "load": os.getloadavg()[0],
    }


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--times", default="30,120", help="seconds, parted by commas (default: 30,120)")
    options.add_argument("--only", type=int, help="only the first so many corpora")
    args = options.parse_args()
    rows: list[tuple[str, ...]] = [
        ("texts", "asked", "took", "epochs expected", "epochs", "expected × n-gram", "reached", "memory", "load")
    ]
    found: list[dict[str, Any]] = []
    with quiet_home() as home:
        for name, path in list(corpora(args, home).items())[: args.only]:
            for seconds in map(float, args.times.split(",")):
                say(f"{name}, {seconds:g} s")
                run = trained(path, seconds)
                found.append({"texts": name, **run})
                expected = run["times_ngram_expected"]
                rows.append(
                    (
                        name,
                        f"{seconds:g} s",
                        f"{run['seconds']:.1f} s",
                        f"{run['epochs_expected']:.1f}",
                        f"{run['epochs']}",
                        "" if expected is None else f"{expected:.2f}",
                        f"{run['times_ngram']:.2f}",
                        f"{run['memory_expected'] / 1e9:.2f} GB",
                        f"{run['load']:.1f}",
                    )
                )
    in_time = sum(abs(run["seconds"] / run["asked"] - 1) <= LATE for run in found)
    as_expected = sum(abs((run["times_ngram_expected"] or 9) - run["times_ngram"]) <= OFF for run in found)
    show(
        args,
        f"{in_time} of {len(found)} within {LATE:.0%} of the time asked for, {as_expected} within {OFF} of the "
        "expected multiple of the n-gram model's validation perplexity",
        rows,
        figure=in_time / len(found),
        reference=1.0,
        ratio=in_time / len(found),
        as_expected=as_expected,
        runs=found,
    )


if __name__ == "__main__":
    main()
