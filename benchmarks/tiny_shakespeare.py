"""Tiny Shakespeare by characters: nats a character on the last tenth of the text, after a short training on a CPU.

The first nine tenths are trained on, the last tenth is read once, from its first character to its last with the state
carried. nanoGPT's README gives 1.88 for its training on a CPU (about 86 s on two cores) and 1.4697 on an A100.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import argparse
import statistics

from _training import make_trainer, predictor_of, stream_recipe
from jokegen.core.events import EpochDone
from jokegen.data.corpus import build_corpus
from jokegen.data.reading import ReadingOptions, read_texts
from jokegen.models.configuration import ModelConfig
from report import data_file, parser, say, show, spread

ON_A_CPU = 1.88
ON_A_GPU = 1.4697


def main() -> None:
    args = parsed_arguments()
    path = data_file(args, "tinyshakespeare/input.txt")
    corpus = build_corpus(read_texts(path, ReadingOptions(layout="whole", as_written=True)), "chars", train_share=0.9)
    assert corpus.test is not None
    config = ModelConfig(
        corpus.tokenizer.vocabulary_size,
        args.embedding,
        args.size,
        tied=False,
        input_dropout=args.dropout,
        output_dropout=args.dropout,
    )
    recipe = stream_recipe("chars", args)
    losses: list[float] = []
    seconds: list[float] = []
    precision = ""
    for seed in range(args.seeds):
        trainer = make_trainer(corpus, config, recipe, seed=seed, max_seconds=args.seconds)
        precision = trainer.machine.precision
        for event in trainer.events():
            if isinstance(event, EpochDone):
                speed = f"{event.tokens_per_second:,.0f} characters/s"
                say(f"seed {seed}, epoch {event.epoch}: train {event.train_loss:.3f}, {speed}, {event.seconds:.0f} s")
        found = predictor_of(trainer.averaged, corpus.tokenizer.end_id).log_probabilities(corpus.test)
        # The end of the text is no character of it.
        losses.append(-float(found[:-1].mean()))
        seconds.append(trainer.progress.seconds)
    figure = statistics.fmean(losses)
    show(
        args,
        f"Tiny Shakespeare: {len(corpus.train.tokens) - 1:,} training characters, "
        f"{len(corpus.test.tokens) - 1:,} held out, {config.parameters:,} parameters, "
        f"{spread(seconds, '.0f')} s of training, seeds 0–{args.seeds - 1}",
        [
            ("", "nats a character"),
            ("nanoGPT on a CPU, its README", f"{ON_A_CPU}"),
            ("nanoGPT on an A100, its README", f"{ON_A_GPU}"),
            ("JokeGen on this machine", spread(losses, ".4f")),
        ],
        figure=figure,
        reference=ON_A_GPU,
        ratio=figure / ON_A_GPU,
        precision=precision,
        losses=losses,
        seconds=seconds,
        parameters=config.parameters,
    )


def parsed_arguments() -> argparse.Namespace:
    """Return what the command line asks for."""
    options = parser(__doc__)
    options.add_argument(
        "--seconds",
        type=float,
        default=85.9,
        help="training time (default: 85.9, so that the last step ends before 86)",
    )
    options.add_argument("--epochs", type=int, default=12, help="epochs to plan for if the time allows (default: 12)")
    options.add_argument("--embedding", type=int, default=32, help="size of the embedding (default: 32)")
    options.add_argument("--size", type=int, default=256, help="of the layer (default: 256)")
    options.add_argument("--dropout", type=float, default=0.0, help="locked, on inputs and outputs (default: 0)")
    options.add_argument("--learning-rate", type=float, default=0.02, help="(default: 0.02)")
    options.add_argument("--batch-size", type=int, default=64, help="streams side by side (default: 64)")
    options.add_argument("--sequence-length", type=int, default=32, help="characters a gradient reaches (default: 32)")
    options.add_argument("--weight-decay", type=float, default=0.05, help="(default: 0.05)")
    options.add_argument("--average", type=float, default=0.0, help="decay of averaged weights (default: 0, off)")
    options.add_argument("--seeds", type=int, default=3, help="how many trainings (default: 3)")
    return options.parse_args()


if __name__ == "__main__":
    main()
