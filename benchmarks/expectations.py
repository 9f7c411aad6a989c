"""How well the preset `small` predicts beside 5-gram Kneser-Ney, by the texts and by the tokens it is trained on.

Fits the numbers of `core/expectation.py` to the rows of `expectations.csv`. With --measure the rows are made anew,
which takes about twenty minutes: samples of the bundled jokes and, where they are, of the tutorial's jokes and of
Penn Treebank's sentences are each trained on for several numbers of epochs, to the end of their schedule.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
from report import JOKES, parser, quiet_home, say, show

TABLE = Path(__file__).with_name("expectations.csv")
COLUMNS = ("texts", "train_tokens", "vocabulary", "unknown_rate", "epochs", "times_ngram")
TRAINED = (250_000, 600_000, 1_500_000)
"""Tokens of each training, about."""
STARTER = (1_600, 4_000, 8_996)
SENTENCES = 16_000
FAR_OFF = 0.041


def sampled(source: str, count: int, **options: Any) -> list[str]:
    """Return ``count`` of the texts of ``source``, always the same ones."""
    from jokegen.data.interpretation import ReadingOptions
    from jokegen.data.reading import read_texts

    texts = list(read_texts(source, ReadingOptions(**options)).texts)
    random.Random(0).shuffle(texts)
    return texts[:count]


def measured(path: Path, folder: Path, trained: int) -> tuple[Any, ...]:
    """Train once; returns a row of the table without its name."""
    from jokegen.core.events import Ended, Started
    from jokegen.core.runs.store import RunStore
    from jokegen.core.settings import make_settings
    from jokegen.core.training.preparation import prepare_corpus, read_source
    from jokegen.core.training.workflow import TrainingRequest, train

    settings = make_settings({"preset": "small", "tokenizer": "words"})
    tokens = len(prepare_corpus(read_source(str(path), settings), settings).corpus.train.tokens)
    epochs = max(1, round(trained / tokens))
    settings = make_settings({"preset": "small", "tokenizer": "words", "max_epochs": epochs})
    vocabulary = 0
    for event in train(TrainingRequest(str(path), settings, name=f"{path.stem} {epochs}"), RunStore(folder / "runs")):
        if isinstance(event, Started):
            vocabulary = event.vocabulary
        if isinstance(event, Ended) and event.valid is not None and event.valid.ngram_perplexity is not None:
            times = event.valid.perplexity / event.valid.ngram_perplexity
            return tokens, vocabulary, round(event.valid.unknown_rate, 4), epochs, round(times, 4)
    raise SystemExit("The training ended without figures.")


def measure(data: Path) -> None:
    """Write the table anew."""
    corpora = {f"starter {count}": sampled("starter", count) for count in STARTER}
    if (data / JOKES).is_file():
        corpora["tutorial's jokes"] = sampled(str(data / JOKES), 10_000)
    sentences = data / "ptb" / "ptb.train.txt"
    if sentences.is_file():
        corpora[f"Penn Treebank {SENTENCES}"] = sampled(str(sentences), SENTENCES, layout="lines")
    rows: list[tuple[Any, ...]] = []
    with quiet_home() as home:
        for name, texts in corpora.items():
            path = home / f"{name}.jsonl"
            path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
            for trained in TRAINED:
                say(f"{name}, {trained:,} tokens")
                rows.append((name, *measured(path, home, trained)))
                with TABLE.open("w", encoding="utf-8", newline="") as file:
                    csv.writer(file).writerows([COLUMNS, *rows])


def fitted(rows: list[dict[str, str]], of_vocabulary: float) -> tuple[np.ndarray, np.ndarray]:
    """Return floor, effect of size and of unknown words, what is still to learn; and what is left unexplained."""
    tokens, vocabulary, unknown, epochs, times = (np.array([float(row[name]) for row in rows]) for name in COLUMNS[1:])
    still = (vocabulary / 2000) ** of_vocabulary * 5e5 / (tokens * epochs)
    terms = np.stack([np.ones_like(tokens), np.log(tokens / 1e5), unknown, still], 1)
    found = np.linalg.lstsq(terms, times, rcond=None)[0]
    return found, terms @ found - times


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--measure", action="store_true", help="make the rows anew")
    args = options.parse_args()
    if args.measure:
        measure(args.data)
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    powers = np.arange(0.0, 1.51, 0.01)
    # Of few rows the weakest effect that leaves none far off is a better guess than the one that fits them best.
    largest = [float(np.abs(fitted(rows, power)[1]).max()) for power in powers]
    power = float(next((power for power, off in zip(powers, largest, strict=True) if off <= FAR_OFF), powers[-1]))
    found, errors = fitted(rows, power)
    table: list[tuple[str, ...]] = [("", "_FLOOR", "_OF_SIZE", "_OF_UNKNOWN", "_STILL_TO_LEARN", "_OF_VOCABULARY")]
    table.append(("fit", *(f"{value:.3f}" for value in found), f"{power:.2f}"))
    show(
        args,
        f"{len(rows)} trainings, off by {np.abs(errors).mean():.3f} on average, {np.abs(errors).max():.3f} at most",
        table,
        figure=float(np.abs(errors).mean()),
        reference=None,
        ratio=None,
    )


if __name__ == "__main__":
    main()
