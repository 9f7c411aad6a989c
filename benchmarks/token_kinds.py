"""What a token should be: words, byte pairs and characters after the same training time, all letters paid for.

Give files of texts. For each the test split's bits per character are measured, unknown words spelled, for each kind of
token, and beside them which kind the rule of `auto` takes; its figure is to be the lowest of the three or within 2 %.
The time is that of the processor on one thread, so that what else runs on the machine does not count: each kind gets as
many epochs as fit into it.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from report import REPOSITORY, Row, parser, quiet_home, say, show

KINDS = ("words", "bpe", "chars")
CLOSE = 1.02
STARTER = REPOSITORY / "data" / "corpora" / "starter.csv"
WARM_UP, STEPS = 4, 24


def epochs_within(path: Path, kind: str, args: argparse.Namespace) -> int:
    """Return how many epochs fit into the time, no more than the recipe has, by the processor time of a few steps."""
    from jokegen.core.settings import make_settings
    from jokegen.core.training.device import choose_machine
    from jokegen.core.training.preparation import make_trainer, prepare_corpus, read_source

    settings = make_settings({"tokenizer": kind, "preset": args.preset})
    prepared = prepare_corpus(read_source(str(path), settings), settings)
    corpus, recipe = prepared.corpus, prepared.recipe
    trainer = make_trainer(corpus, recipe, choose_machine(settings), settings)
    trainer.time_steps(WARM_UP)
    began, wall_began = time.process_time(), time.perf_counter()
    seconds_a_token = trainer.time_steps(STEPS)
    busy = (time.process_time() - began) / (time.perf_counter() - wall_began)
    return min(recipe.epochs, max(1, int(args.seconds / (seconds_a_token * busy * len(corpus.train.tokens)))))


def train_once(path: Path, kind: str, args: argparse.Namespace, folder: Path) -> tuple[float, float]:
    """Train a run and return the bits per character of the test split with unknown words spelled, and their share."""
    from jokegen.core.events import Ended
    from jokegen.core.runs.store import RunStore
    from jokegen.core.settings import make_settings
    from jokegen.core.training.workflow import TrainingRequest, train

    epochs = epochs_within(path, kind, args)
    say(f"{path.name}, {kind}, {epochs} epochs")
    settings = make_settings({"tokenizer": kind, "preset": args.preset, "max_epochs": epochs})
    for event in train(TrainingRequest(str(path), settings, name=f"{path.stem} {kind}"), RunStore(folder)):
        if isinstance(event, Ended) and event.test is not None:
            return event.test.spelled_bits_per_character or 0.0, event.test.unknown_rate
    raise SystemExit("The training ended without figures.")


def main() -> None:
    options = parser(__doc__)
    options.add_argument(
        "files", nargs="*", type=Path, default=[STARTER], metavar="FILE", help="texts (default: the bundled jokes)"
    )
    options.add_argument("--seconds", type=float, default=25.0, help="processor time of each (default: 25)")
    options.add_argument("--preset", default="small", help="the network (default: small)")
    args = options.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # before torch is loaded
    from jokegen.core.settings import TrainingSettings
    from jokegen.core.training.preparation import prepare_corpus
    from jokegen.data.reading import read_texts

    rows: list[Row] = [("texts", "unknown words", *KINDS, "auto takes", "over the best")]
    worst = 0.0
    with quiet_home() as home:
        for path in args.files:
            chosen = prepare_corpus(read_texts(path), TrainingSettings(preset=args.preset)).corpus.tokenizer.kind
            bits: dict[str, float] = {}
            unknown = 0.0
            for kind in KINDS:
                bits[kind], rate = train_once(path, kind, args, home / "runs")
                unknown = rate if kind == "words" else unknown
            over = bits[chosen] / min(bits.values())
            worst = max(worst, over)
            figures = (f"{bits[kind]:.3f}" for kind in KINDS)
            rows.append((path.stem, f"{100 * unknown:.1f} %", *figures, chosen, f"{over:.3f}"))
            say(" | ".join(rows[-1]))
    show(args, "Bits per character, unknown words spelled", rows, figure=worst, reference=CLOSE, ratio=worst / CLOSE)


if __name__ == "__main__":
    main()
