"""What ten times the corpus costs: time per trained token, and memory for each token more.

The larger corpus holds the same words in ten times as many different texts: every copy of a text has its words in
another order. Both sizes are read, split and trained on in processes of their own, in turns, for the same time.

With --gigabyte a file of a gigabyte is made, of words as frequent as in a language (Zipf 1949), read, turned into
tokens and trained on for a while: memory, megabytes a second, and the time a token beside that of the file's first two
megabytes. --megabytes makes it smaller. All of it is done by one process.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from report import JOKES, data_file, parser, say, show, spread

_VOCABULARY = 3000
_WORDS = 250_000
_STAGES = ("reading", "tokenizing", "counting")


def measure(path: Path, times: int, seconds: float) -> dict[str, float]:
    """Train on ``times`` the texts of ``path`` and return what that took."""
    import numpy as np
    import pandas as pd
    from _training import make_trainer, training_rate
    from jokegen.core.recipes import network_for, recipe_for
    from jokegen.core.settings import TrainingSettings
    from jokegen.data.corpus import build_corpus
    from jokegen.data.reading import read_texts

    random = np.random.default_rng(0)
    texts = read_texts(path)
    copies = [" ".join(random.permutation(text.split())) for _ in range(times - 1) for text in texts.texts]
    texts = replace(texts, texts=pd.concat([texts.texts, pd.Series(copies, dtype="str")], ignore_index=True))
    recipe = recipe_for(TrainingSettings(), "small")
    # The vocabulary of one size: words must not become known by being copied.
    corpus = build_corpus(texts, recipe.tokenizer, min_count=1, max_vocabulary=_VOCABULARY)
    trainer = make_trainer(corpus, network_for(recipe, corpus.tokenizer.vocabulary_size), recipe)
    events = trainer.events()
    training_rate(events, min(1.0, seconds))
    rate = training_rate(events, seconds)
    return {
        "tokens": len(corpus.train.tokens),
        "vocabulary": corpus.tokenizer.vocabulary_size,
        "microseconds": 1e6 / rate,
        "megabytes": resident_megabytes(),
    }


def measure_large(path: Path, seconds: float) -> dict[str, float]:
    """Read, prepare and train on the file at ``path`` and return what that took."""
    from _training import make_trainer, training_rate
    from jokegen.core.recipes import network_for, recipe_for
    from jokegen.core.settings import TrainingSettings
    from jokegen.core.speaking.counting import count_ngrams, known_texts
    from jokegen.core.speaking.memorization import CopyDetector
    from jokegen.data.corpus import build_corpus
    from jokegen.data.reading import ReadingOptions, read_texts

    began, computed = time.perf_counter(), time.process_time()
    texts = read_texts(path, ReadingOptions(layout="lines"), cache=path.parent)
    read = time.perf_counter()
    corpus = build_corpus(texts, "words", min_count=1, max_vocabulary=_VOCABULARY)
    prepared, computed = time.perf_counter(), time.process_time() - computed
    after_preparing = resident_megabytes()
    ngram = count_ngrams(corpus, 5)
    counted = time.perf_counter()
    copies = CopyDetector(known_texts(corpus.train), corpus.tokenizer)
    copies.nearest(corpus.train.text(0).tolist())
    recipe = recipe_for(TrainingSettings(), "small")
    trainer = make_trainer(corpus, network_for(recipe, corpus.tokenizer.vocabulary_size), recipe)
    events = trainer.events()
    training_rate(events, min(3.0, seconds))
    rate = training_rate(events, seconds)
    computing_rate = training_rate(events, seconds, time.process_time)
    return {
        "texts": texts.count,
        "tokens": len(corpus.train.tokens),
        "vocabulary": corpus.tokenizer.vocabulary_size,
        "on_disk": corpus.train.is_on_disk,
        "reading_seconds": read - began,
        "tokenizing_seconds": prepared - read,
        "counting_seconds": counted - prepared,
        "ngram_order": ngram.order,
        "megabytes_a_second": path.stat().st_size / 1e6 / (prepared - began),
        "megabytes_a_processor_second": path.stat().st_size / 1e6 / computed,
        "microseconds": 1e6 / rate,
        "processor_microseconds": 1e6 / computing_rate,
        "preparing_megabytes": after_preparing,
        "megabytes": resident_megabytes(),
    }


def write_zipfian(path: Path, megabytes: int) -> None:
    """Write texts of some fifteen words, drawn by Zipf's law from a quarter of a million invented ones."""
    import numpy as np

    random = np.random.default_rng(0)
    letters = np.array(list("etaoinshrdlucmfwypvbgk"))
    words = ["".join(random.choice(letters, length)) for length in random.integers(2, 10, _WORDS)]
    ranks = 1.0 / np.arange(1, _WORDS + 1)
    cumulative = np.cumsum(ranks) / ranks.sum()
    size = 0
    with path.open("w", encoding="ascii") as file:
        while size < megabytes * 1_000_000:
            drawn = [words[place] for place in np.searchsorted(cumulative, random.random(300_000)).tolist()]
            edges = np.cumsum(random.integers(6, 25, 19_000)).tolist()
            texts = (" ".join(drawn[start:stop]) for start, stop in pairwise(edges) if stop <= len(drawn))
            size += file.write("".join([f"{text}.\n" for text in texts]))


def large(args: argparse.Namespace) -> None:
    """Measure the large file beside its beginning, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="jokegen-scaling-", dir=args.folder) as folder:
        path, part = Path(folder, "large.txt"), Path(folder, "small.txt")
        say(f"making {args.megabytes:,} MB")
        write_zipfian(path, args.megabytes)
        with path.open("rb") as whole:
            part.write_bytes(whole.read(2_000_000).rpartition(b"\n")[0])
        found: dict[str, dict[str, float]] = {}
        # The small one before and after, because a machine is not always as fast.
        for name, measured in (("small", part), ("large", path), ("small again", part)):
            say(f"reading, preparing and training: {name}")
            command = [sys.executable, __file__, "--seconds", str(args.seconds), "--large-part", str(measured)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            found[name] = json.loads(done.stdout.splitlines()[-1])
    whole, parts = found["large"], [found["small"], found["small again"]]
    reference = statistics.fmean(part["microseconds"] for part in parts)
    ratio = whole["microseconds"] / reference
    computing = statistics.fmean(part["processor_microseconds"] for part in parts)
    memory, small, small_computing = (
        spread([part[what] for part in parts], ".1f")
        for what in ("megabytes", "microseconds", "processor_microseconds")
    )
    rows = [
        ("", "large", "small"),
        ("training tokens", f"{whole['tokens']:,.0f}", f"{parts[0]['tokens']:,.0f}"),
        ("MB a second, read and tokenized", f"{whole['megabytes_a_second']:.1f}", ""),
        ("the same of processor time", f"{whole['megabytes_a_processor_second']:.1f}", ""),
        *((f"seconds of {what}", f"{whole[f'{what}_seconds']:.0f}", "") for what in _STAGES),
        ("microseconds a token", f"{whole['microseconds']:.1f} ({ratio:.2f} x)", small),
        (
            "the same of processor time",
            f"{whole['processor_microseconds']:.1f} ({whole['processor_microseconds'] / computing:.2f} x)",
            small_computing,
        ),
        ("MB at the highest, preparing", f"{whole['preparing_megabytes']:.0f}", ""),
        ("MB at the highest, all", f"{whole['megabytes']:.0f}", memory),
    ]
    show(
        args,
        f"A corpus of {args.megabytes:,} MB",
        rows,
        figure=whole["microseconds"],
        reference=reference,
        ratio=ratio,
        runs=found,
    )


def resident_megabytes() -> float:
    """Return the memory that this process holds at its highest."""
    import resource

    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return highest / (1 << 20) if sys.platform == "darwin" else highest / 1024


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--seconds", type=float, default=10.0, help="training of each size (default: 10)")
    options.add_argument("--rounds", type=int, default=3, help="how often, in turns (default: 3)")
    options.add_argument("--part", type=int, metavar="TIMES", help="only measure this size, in this process")
    options.add_argument("--gigabyte", action="store_true", help="a corpus larger than the memory that is used")
    options.add_argument("--megabytes", type=int, default=1000, help="how large that is (default: 1000)")
    options.add_argument("--folder", type=Path, help="where it is made (default: the system's for temporary files)")
    options.add_argument("--large-part", type=Path, metavar="FILE", help="only measure this file, in this process")
    args = options.parse_args()
    if args.large_part is not None:
        print(json.dumps(measure_large(args.large_part, args.seconds)))
        return
    if args.gigabyte:
        large(args)
        return
    path = data_file(args, JOKES)
    if args.part is not None:
        print(json.dumps(measure(path, args.part, args.seconds)))
        return
    found: dict[int, list[dict[str, float]]] = {1: [], 10: []}
    for number in range(args.rounds):
        for times, runs in found.items():
            say(f"round {number + 1}: {times} x the corpus")
            command = [sys.executable, __file__, "--data", str(args.data), "--seconds", str(args.seconds)]
            done = subprocess.run([*command, "--part", str(times)], check=True, stdout=subprocess.PIPE, text=True)
            runs.append(json.loads(done.stdout.splitlines()[-1]))
    cost = {times: [run["microseconds"] for run in runs] for times, runs in found.items()}
    memory = {times: [run["megabytes"] for run in runs] for times, runs in found.items()}
    tokens = {times: runs[0]["tokens"] for times, runs in found.items()}
    figure, reference = statistics.fmean(cost[10]), statistics.fmean(cost[1])
    more = (statistics.fmean(memory[10]) - statistics.fmean(memory[1])) * (1 << 20) / (tokens[10] - tokens[1])
    rows = [("corpus", "training tokens", "microseconds a token", "MB at the highest")]
    for times, count in tokens.items():
        rows.append((f"{times} x", f"{count:,.0f}", spread(cost[times], ".1f"), spread(memory[times], ".0f")))
    rows.append(("ratio", f"{tokens[10] / tokens[1]:.1f}", f"{figure / reference:.2f}", f"{more:.0f} bytes a token"))
    show(
        args,
        f"Ten times the corpus: {args.rounds} rounds of {args.seconds:g} s",
        rows,
        figure=figure,
        reference=reference,
        ratio=figure / reference,
        bytes_per_token=more,
        runs=found,
    )


if __name__ == "__main__":
    main()
