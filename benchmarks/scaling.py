"""What ten times the corpus costs: time per trained token, and memory for each token more.

The larger corpus holds the same words in ten times as many different texts: every copy of a text has its words in
another order. Both sizes are read, split and trained on in processes of their own, in turns, for the same time.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from report import JOKES, data_file, parser, say, show, spread


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
    corpus = build_corpus(texts, recipe.tokenizer, min_count=1, max_vocabulary=3000)
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
    args = options.parse_args()
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
