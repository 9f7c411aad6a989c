"""How well the preset `small` predicts beside 5-gram Kneser-Ney, by the texts and by the tokens it is trained on.

Fits the numbers of `core/expectation.py` to the rows of `expectations.csv`, and says how far the rows of each corpus
are missed by a fit to the others. With --measure rows that are missing are added, which takes about an hour for all:
samples of the bundled jokes and, where they are, of the tutorial's jokes, of Penn Treebank's sentences and of
Shakespeare's lines are each trained on for several numbers of tokens, to the end of their schedule.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
from jokegen.core.expectation import FADES
from report import JOKES, Row, parser, quiet_home, say, show

TABLE = Path(__file__).with_name("expectations.csv")
COLUMNS = (
    "texts", "train_texts", "train_tokens", "vocabulary", "epochs", "unigram_perplexity", "ngram_perplexity",
    "times_ngram",
)  # fmt: skip
TRAINED = (150_000, 300_000, 600_000, 1_200_000, 2_400_000)
"""Tokens of each training, about."""
STARTER = (1_600, 4_000, 8_000)
SENTENCES = (4_000, 16_000)
LINES = 12_000
MOST_EPOCHS = 60
OFF = 0.05

Numbers = tuple[float, float, float, float, float]


def sampled(source: str, count: int, **options: Any) -> list[str]:
    """Return ``count`` of the texts of ``source``, always the same ones."""
    from jokegen.data.interpretation import ReadingOptions
    from jokegen.data.reading import read_texts

    texts = list(read_texts(source, ReadingOptions(**options)).texts)
    random.Random(0).shuffle(texts)
    return texts[:count]


def measured(path: Path, folder: Path, trained: int) -> tuple[Any, ...]:
    """Train on about so many tokens, which need not be whole epochs; returns a row of the table without its name."""
    from jokegen.core.events import Ended, Started
    from jokegen.core.runs.store import RunStore
    from jokegen.core.settings import make_settings
    from jokegen.core.training.workflow import TrainingJob, TrainingRequest

    settings = make_settings({"preset": "small", "tokenizer": "words", "max_epochs": MOST_EPOCHS})
    request = TrainingRequest(str(path), settings, name=None)
    job = TrainingJob(request, RunStore(folder / "runs"), lambda: False)
    began, epochs = None, 0.0
    for event in job.events():
        if isinstance(event, Started):
            began = event
            epochs = min(trained / event.train_tokens, MOST_EPOCHS)
            job.change("planned", max(round(epochs * event.steps_per_epoch), 1))
        if isinstance(event, Ended) and event.valid is not None and event.valid.ngram_perplexity is not None and began:
            times = event.valid.perplexity / event.valid.ngram_perplexity
            ngram = round(event.valid.ngram_perplexity, 2)
            texts, unigram = frequencies(RunStore(folder / "runs").open(event.run))
            found = texts, began.train_tokens, began.vocabulary, round(epochs, 2)
            return *found, round(unigram, 2), ngram, round(times, 4)
    raise SystemExit("The training ended without figures.")


def frequencies(run: Any) -> tuple[int, float]:
    """Return how many training texts there are, and the validation perplexity of the frequencies of their tokens."""
    from jokegen.core.runs.contents import load_corpus, load_tokenizer
    from jokegen.core.speaking.counting import count_ngrams
    from jokegen.core.speaking.predictors import NGramPredictor

    corpus = load_corpus(run, load_tokenizer(run))
    if corpus.valid is None:
        raise SystemExit("There are no validation texts.")
    counted = NGramPredictor(count_ngrams(corpus, 1), corpus.tokenizer.end_id)
    return len(corpus.train), float(np.exp(-counted.log_probabilities(corpus.valid).mean()))


def measure(data: Path, only: str | None) -> None:
    """Add the rows that the table does not have yet."""
    corpora: dict[str, list[str]] = {f"starter {count}": sampled("starter", count) for count in STARTER}
    if (data / JOKES).is_file():
        corpora["tutorial's jokes"] = sampled(str(data / JOKES), 10_000)
    sentences = data / "ptb" / "ptb.train.txt"
    if sentences.is_file():
        for count in SENTENCES:
            corpora[f"Penn Treebank {count}"] = sampled(str(sentences), count, layout="lines")
    lines = data / "tinyshakespeare" / "input.txt"
    if lines.is_file():
        corpora[f"Shakespeare {LINES}"] = sampled(str(lines), LINES, layout="lines")
    rows = table()
    with quiet_home() as home:
        for name, texts in corpora.items():
            path = home / f"{name}.jsonl"
            path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
            for trained in TRAINED:
                done = [float(row["train_tokens"]) * float(row["epochs"]) for row in rows if row["texts"] == name]
                if any(0.7 < tokens / trained < 1.4 for tokens in done) or (only and only not in name):
                    continue
                say(f"{name}, {trained:,} tokens")
                values = (name, *measured(path, home, trained))
                say(str(values))
                rows.append(dict(zip(COLUMNS, map(str, values), strict=True)))
                with TABLE.open("w", encoding="utf-8", newline="") as file:
                    writer = csv.writer(file)
                    in_order = sorted(rows, key=lambda row: (row["texts"], float(row["epochs"])))
                    writer.writerows([COLUMNS, *([row[column] for column in COLUMNS] for row in in_order)])


def table() -> list[dict[str, str]]:
    """Return the rows that were measured."""
    if not TABLE.is_file():
        return []
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def columns_of(rows: list[dict[str, str]]) -> list[np.ndarray]:
    """Return tokens read a type, how often one stands in the texts, how many, what counting gains, what was reached."""
    value = {name: np.array([float(row[name]) for row in rows]) for name in COLUMNS[1:]}
    read = value["train_tokens"] * value["epochs"] / value["vocabulary"]
    types = np.log(value["vocabulary"]) - 8.0
    frequent = np.log(value["train_tokens"] / value["vocabulary"]) - 3.0
    return [
        read,
        frequent,
        types,
        np.log(value["unigram_perplexity"] / value["ngram_perplexity"]),
        value["times_ngram"],
    ]


def errors_of(rows: list[dict[str, str]], found: Numbers) -> np.ndarray:
    """Return by how much each multiple is missed by the numbers of `core/expectation.py`."""
    read, frequent, types, gain, times = columns_of(rows)
    lacked, fading, end, by_frequency, by_types = found
    return (
        np.exp(gain * lacked * np.exp(-((read / fading) ** FADES)) - end - by_frequency * frequent + by_types * types)
        - times
    )


def fitted(rows: list[dict[str, str]]) -> Numbers:
    """Return the numbers of `core/expectation.py` that miss the rows least."""
    read, frequent, types, gain, times = columns_of(rows)
    best: tuple[float, Numbers] | None = None
    for fading in np.arange(20.0, 150.1, 1.0):
        terms = np.stack([gain * np.exp(-((read / fading) ** FADES)), -np.ones_like(read), -frequent, types], 1)
        # Weighted so that errors of the multiples count, not of their logarithms.
        solved = np.linalg.lstsq(terms * times[:, None], np.log(times) * times, rcond=None)[0].tolist()
        found = (solved[0], float(fading), solved[1], solved[2], solved[3])
        missed = float(np.square(errors_of(rows, found)).mean())
        if best is None or missed < best[0]:
            best = missed, found
    if best is None:
        raise SystemExit("There are no rows to fit to.")
    return best[1]


def left_out(rows: list[dict[str, str]]) -> np.ndarray:
    """Return by how much the rows of each corpus are missed by a fit to those of the others."""
    corpora = [row["texts"].rstrip(" 0123456789") for row in rows]
    errors = np.empty(len(rows))
    for corpus in set(corpora):
        mine = np.array([name == corpus for name in corpora])
        others = fitted([row for row, own in zip(rows, mine, strict=True) if not own])
        errors[mine] = errors_of(rows, others)[mine]
    return errors


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--measure", action="store_true", help="make the rows anew")
    options.add_argument("--only", metavar="NAME", help="only texts whose name holds this")
    args = options.parse_args()
    if args.measure:
        measure(args.data, args.only)
    rows = table()
    found = fitted(rows)
    errors, apart = np.abs(errors_of(rows, found)), np.abs(left_out(rows))
    names = ("_LACKED", "_FADING", "_END", "_BY_FREQUENCY", "_BY_TYPES")
    shown: list[Row] = [("", *names, "off on average", "at most", "within 0.05")]
    for name, off in (("fit", errors), ("each corpus left out", apart)):
        values = [f"{number:.2f}" if off is errors else "" for number in found]
        shown.append((name, *values, f"{off.mean():.3f}", f"{off.max():.3f}", f"{(off <= OFF).sum()} of {len(rows)}"))
    show(
        args,
        f"{len(rows)} trainings, off by {errors.mean():.3f} on average, {errors.max():.3f} at most",
        shown,
        figure=float(errors.mean()),
        reference=None,
        ratio=None,
    )


if __name__ == "__main__":
    main()
