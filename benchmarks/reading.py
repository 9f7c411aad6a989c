"""Reading a large table: the time beside pandas' own reading, the memory beside the file's size, and a small file.

A CSV of made-up texts is read, its format and columns found, its texts cleaned and told apart, and tokenized; against
`pandas.read_csv` and the same tokenizing of the column as it stands. Each measurement is a process of its own. Time is
that of the processor, so that what else runs on the machine counts little. A small file is looked at in a process that
has read one before.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from report import Row, parser, quiet_home, say, show

WORDS = (
    *("why", "did", "the", "chicken", "cross", "road", "because", "it", "was", "late", "and", "a", "duck", "said"),
    *("nobody", "laughs", "at", "this", "joke", "but", "old", "doctor", "who", "asked", "for", "his", "hat", "back"),
)
SMALL_ROWS = 200
SMALL_ROUNDS = 20
LARGEST_RATIO, LARGEST_MEMORY, LARGEST_SMALL = 1.5, 4.0, 0.05


def write_table(path: Path, size: int) -> None:
    """Write a CSV file of about ``size`` bytes: a number, a text of 8 to 40 words, a score."""
    draw = random.Random(0)
    made = [f"{draw.choice(WORDS)}{number}" for number in range(20_000)]
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "joke", "score"])
        number = 0
        while file.tell() < size:
            for _ in range(1000):
                words = [
                    draw.choice(WORDS) if draw.random() < 0.8 else draw.choice(made) for _ in range(draw.randint(8, 40))
                ]
                rows.writerow(
                    [number, " ".join(words) + draw.choice([".", "!", '?" she said, "no."']), draw.randint(0, 99)]
                )
                number += 1


def measure(what: str, path: Path) -> dict[str, float]:
    """Do ``what`` with the file in a process of its own; returns seconds of the processor and bytes at the peak."""
    command = [sys.executable, __file__, "--measure", what, str(path)]
    environment = {**os.environ, "TOKENIZERS_PARALLELISM": "false", "RAYON_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)


def measured(what: str, path: Path) -> dict[str, float]:
    """Do ``what`` with the file in this process."""
    import pandas as pd
    from jokegen.data.corpus import build_corpus
    from jokegen.data.reading import Texts, read_texts

    if what == "small":
        _looked_at(path)
        return {"seconds": statistics.median(_looked_at(path) for _ in range(SMALL_ROUNDS))}
    before = _peak()
    began = time.process_time()
    texts = (
        read_texts(path) if what == "jokegen" else Texts("jokes", pd.read_csv(path)["joke"].astype("str"), "records")
    )
    read = time.process_time()
    peak = _peak() - before
    build_corpus(texts, "words")
    return {
        "seconds": time.process_time() - began,
        "reading": read - began,
        "bytes": peak,
        "bytes in all": _peak() - before,
        "texts": len(texts.texts),
    }


def _looked_at(path: Path) -> float:
    from jokegen.data.reading import read_texts

    began = time.process_time()
    read_texts(path)
    return time.process_time() - began


def _peak() -> float:
    """Return the largest resident size of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--megabytes", type=int, default=100, help="size of the large file (default: 100)")
    options.add_argument("--measure", nargs=2, metavar=("WHAT", "FILE"), help=argparse.SUPPRESS)
    args = options.parse_args(arguments)
    if args.measure is not None:
        print(json.dumps(measured(args.measure[0], Path(args.measure[1]))))
        return
    with quiet_home() as home:
        large, small = home / "large.csv", home / "small.csv"
        say(f"a table of {args.megabytes} MB")
        write_table(large, args.megabytes * 1_000_000)
        with large.open(encoding="utf-8") as file:
            small.write_text("".join(next(file) for _ in range(SMALL_ROWS)), encoding="utf-8")
        size = large.stat().st_size
        say("pandas")
        pandas = measure("pandas", large)
        say("jokegen")
        ours = measure("jokegen", large)
        looked = measure("small", small)["seconds"]
    ratio = ours["seconds"] / pandas["seconds"]
    rows: list[Row] = [
        ("", "JokeGen", "pandas", "ratio", "at most"),
        ("read and tokenized", f"{ours['seconds']:.1f} s", f"{pandas['seconds']:.1f} s", f"{ratio:.2f}", "1.5"),
        ("read", f"{ours['reading']:.1f} s", f"{pandas['reading']:.1f} s", "", ""),
        (
            "memory of reading, files of it",
            f"{ours['bytes'] / size:.1f}",
            f"{pandas['bytes'] / size:.1f}",
            "",
            f"{LARGEST_MEMORY:.0f}",
        ),
        (
            "the same with tokenizing",
            f"{ours['bytes in all'] / size:.1f}",
            f"{pandas['bytes in all'] / size:.1f}",
            "",
            "",
        ),
        ("a small file", f"{1000 * looked:.0f} ms", "", "", f"{1000 * LARGEST_SMALL:.0f} ms"),
    ]
    show(
        args,
        f"A table of {size / 1e6:.0f} MB and {ours['texts']:,.0f} texts",
        rows,
        figure=ratio,
        reference=LARGEST_RATIO,
        ratio=ratio / LARGEST_RATIO,
        memory=ours["bytes"] / size,
        small_seconds=looked,
    )


if __name__ == "__main__":
    main()
