"""Held-out jokes: the network's test perplexity over 5-gram Kneser-Ney's on the same tokens, plain and mixed.

Each seed is a whole training as `jokegen-tui train` does it; the split follows from the texts and is the same for all.
With --tokenizer bpe or chars the comparison is in bits per character with PPMd of order 8 that has read the training
texts, because such tokenizers know every word.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Sequence
from pathlib import Path

from report import JOKES, data_file, parser, quiet_home, say, show, spread

PPMD_ORDER = 8
PPMD_MEMORY = 64 << 20
BITS = ("bits", "mixed_bits")


def ppmd_bits_per_character(train: Sequence[str], test: Sequence[str]) -> float:
    """Return what the test texts cost PPMd after the training texts; each text ends with one more character."""
    import pyppmd

    def size(texts: Sequence[str]) -> int:
        text = "".join(f"{text}\n" for text in texts)
        return len(pyppmd.compress(text.encode(), max_order=PPMD_ORDER, mem_size=PPMD_MEMORY, variant="I"))

    bits = 8 * (size([*train, *test]) - size(train))
    return bits / sum(len(text) + 1 for text in test)


def compare_with_ppmd(path: Path) -> float | None:
    """Return PPMd's bits per character on our split, or None without the pyppmd package."""
    from jokegen.data.reading import read_texts
    from jokegen.data.splitting import split_of

    texts = list(read_texts(path).texts)
    train = [text for text in texts if split_of(text) == "train"]
    try:
        return ppmd_bits_per_character(train, [text for text in texts if split_of(text) == "test"])
    except ImportError:
        return None


def train_once(args: argparse.Namespace, path: Path, folder: Path, seed: int) -> dict[str, float]:
    """Train a run and return its figures on the test split."""
    from jokegen.core.events import Ended, Started
    from jokegen.core.runs.store import RunStore
    from jokegen.core.settings import make_settings
    from jokegen.core.training.workflow import TrainingRequest, train

    values = {"preset": args.preset, "seed": seed, "max_seconds": args.seconds, "max_epochs": args.epochs}
    settings = make_settings(values | {"tokenizer": args.tokenizer})
    parameters = 0
    for event in train(TrainingRequest(str(path), settings, name=f"seed {seed}"), RunStore(folder)):
        if isinstance(event, Started):
            parameters = event.parameters
        if isinstance(event, Ended) and event.test is not None:
            test = event.test
            if test.ngram_perplexity is None or test.mixed_perplexity is None:
                raise SystemExit("The training gave no n-gram figures.")
            mixed_bits = math.log2(test.mixed_perplexity) * test.tokens / test.characters
            return {
                "parameters": parameters,
                "tokens": test.tokens,
                "characters": test.characters,
                "perplexity": test.perplexity,
                "ngram": test.ngram_perplexity,
                "mixed": test.mixed_perplexity,
                "bits": test.bits_per_character,
                "mixed_bits": mixed_bits,
                "unknown_rate": test.unknown_rate,
                "epochs": event.epochs,
                "seconds": event.seconds,
            }
    raise SystemExit("The training ended without figures.")


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--preset", default="auto", help="the network (default: auto)")
    options.add_argument("--seconds", type=float, help="training time (default: 60, or 300 for a named preset)")
    options.add_argument("--epochs", type=int, help="epochs (default: the preset's own)")
    options.add_argument("--tokenizer", choices=("words", "spaces", "bpe", "chars"), help="(default: words)")
    options.add_argument("--seeds", type=int, default=3, help="how many trainings (default: 3)")
    args = options.parse_args()
    path = data_file(args, JOKES)
    args.seconds = args.seconds or (60.0 if args.preset in ("auto", "small") else 300.0)
    found: list[dict[str, float]] = []
    with quiet_home() as home:
        for seed in range(args.seeds):
            say(f"{args.preset}, seed {seed}, at most {args.seconds:g} s")
            found.append(train_once(args, path, home / "runs", seed))
    ngram = found[0]["ngram"]
    plain = [run["perplexity"] / ngram for run in found]
    mixed = [run["mixed"] / ngram for run in found]
    figure, reference = statistics.fmean(run["perplexity"] for run in found), ngram
    rows = [
        ("", "test perplexity", "over Kneser-Ney"),
        ("Kneser-Ney", f"{ngram:.2f}", "1"),
        (f"LSTM ({args.preset})", spread([run["perplexity"] for run in found], ".2f"), spread(plain)),
        ("LSTM with Kneser-Ney", spread([run["mixed"] for run in found], ".2f"), spread(mixed)),
    ]
    ppmd = None
    # Bits per character compare only where no word is unknown: the unknown word is cheap to predict.
    if args.tokenizer in ("bpe", "chars"):
        ppmd = compare_with_ppmd(path)
        counted = [math.log2(run["ngram"]) * run["tokens"] / run["characters"] for run in found]
        bits = [("bits per character",), (spread(counted),), *((spread([r[n] for r in found]),) for n in BITS)]
        rows = [(*row, *more) for row, more in zip(rows, bits, strict=True)]
        if ppmd is not None:
            rows.append((f"PPMd, order {PPMD_ORDER}", "", "", f"{ppmd:.3f}"))
            figure, reference = statistics.fmean(run["bits"] for run in found), ppmd
    seconds = spread([run["seconds"] for run in found], ".0f")
    show(
        args,
        f"Held-out jokes: {found[0]['tokens']:,} test tokens, {args.tokenizer or 'words'}, "
        f"{100 * found[0]['unknown_rate']:.1f} % unknown, {found[0]['parameters']:,} parameters, "
        f"{seconds} s of training, seeds 0–{args.seeds - 1}",
        rows,
        figure=figure,
        reference=reference,
        ratio=figure / reference,
        mixed_ratio=statistics.fmean(mixed),
        ppmd_bits_per_character=ppmd,
        runs=found,
    )


if __name__ == "__main__":
    main()
