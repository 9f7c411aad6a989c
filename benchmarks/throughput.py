"""How close training comes to the machine: its FLOP/s over those of bare matrix products of the same shapes.

Training counts 6 floating-point operations for each multiply-add of the LSTM and the output layer per token: 2 forward
and 4 backward. The peer is one matrix product for each of the layer's own shapes (the input's, the recurrent one step
after the other, the output's), in the same precision, measured in turns with the training in this same run.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import statistics
import time

import torch
from _training import make_trainer, training_rate
from jokegen.core.recipes import network_for, recipe_for
from jokegen.core.settings import make_settings
from jokegen.core.training.trainer import Trainer
from jokegen.data.batching import text_batches
from jokegen.data.corpus import build_corpus
from jokegen.data.reading import read_texts
from jokegen.models.configuration import ModelConfig
from report import JOKES, data_file, parser, show, spread


class Products:
    """The matrix products of one average batch."""

    def __init__(self, config: ModelConfig, steps: int, rows: int, predicted: int, precision: str) -> None:
        """Draw operands for ``steps`` time steps of ``rows`` texts with ``predicted`` tokens to predict."""
        kind = torch.bfloat16 if precision == "bfloat16" else torch.float32

        def operands(left: int, shared: int, right: int) -> tuple[torch.Tensor, torch.Tensor]:
            return torch.randn(left, shared).to(kind), torch.randn(right, shared).to(kind).T

        hidden, features = config.hidden_size, config.embedding_size if config.tied else config.hidden_size
        self._work: list[tuple[torch.Tensor, torch.Tensor, int]] = []
        for layer in range(config.layers):
            inputs = config.embedding_size if layer == 0 else hidden
            self._work.append((*operands(steps * rows, inputs, 4 * hidden), 1))
            self._work.append((*operands(rows, hidden, 4 * hidden), steps))
        self._work.append((*operands(predicted, features, config.vocabulary_size), 1))
        self.operations = sum(2 * a.shape[0] * a.shape[1] * b.shape[1] * times for a, b, times in self._work)

    @torch.inference_mode()
    def rate(self, seconds: float) -> float:
        """Return the FLOP/s of the products, computed again and again for about ``seconds``."""
        rounds = 0
        began = time.perf_counter()
        while (spent := time.perf_counter() - began) < seconds or not rounds:
            for left, right, times in self._work:
                for _ in range(times):
                    torch.mm(left, right)
            rounds += 1
        return rounds * self.operations / spent


def average_shape(trainer: Trainer) -> tuple[int, int, int]:
    """Return the mean time steps, the texts and the mean predicted tokens of a batch."""
    recipe, train = trainer.recipe, trainer.corpus.train
    batches = text_batches(train, recipe.batch_size, recipe.sequence_length, seed=0, epoch=1)
    steps = statistics.fmean(len(batch.targets) for batch in batches)
    predicted = statistics.fmean(len(batch.predicted) for batch in batches)
    return round(steps), recipe.batch_size, round(predicted)


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--preset", default="small", choices=("small", "medium", "large"), help="(default: small)")
    options.add_argument("--precision", default="auto", choices=("auto", "float32", "bfloat16"))
    options.add_argument("--seconds", type=float, default=5.0, help="of each measurement (default: 5)")
    options.add_argument("--rounds", type=int, default=3, help="how often, in turns (default: 3)")
    args = options.parse_args()
    texts = read_texts(data_file(args, JOKES))
    settings = make_settings({"preset": args.preset, "device": "cpu"})
    recipe = recipe_for(settings, args.preset)
    corpus = build_corpus(texts, recipe.tokenizer)
    config = network_for(recipe, corpus.tokenizer.vocabulary_size)
    trainer = make_trainer(corpus, config, recipe, precision=args.precision)
    precision = trainer.machine.precision
    events = trainer.events()
    products = Products(config, *average_shape(trainer), precision)
    training_rate(events, min(1.0, args.seconds))
    products.rate(0.1)
    speeds: list[float] = []
    reference: list[float] = []
    for _ in range(args.rounds):
        speeds.append(training_rate(events, args.seconds))
        reference.append(products.rate(args.seconds))
    rates = [6 * config.multiply_adds * speed for speed in speeds]
    ratios = [rate / peer for rate, peer in zip(rates, reference, strict=True)]
    steps, rows, predicted = average_shape(trainer)
    show(
        args,
        f"Training against bare matrix products: preset {args.preset}, {config.multiply_adds:,} multiply-adds a token, "
        f"mean batch {steps} x {rows} with {predicted} tokens, {args.rounds} rounds of {args.seconds:g} s",
        [
            ("", "GFLOP/s", "tokens/s"),
            ("matrix products of these shapes", spread([r / 1e9 for r in reference], ".1f"), ""),
            ("training", spread([r / 1e9 for r in rates], ".1f"), spread(speeds, ",.0f")),
            ("share", spread(ratios, ".2f"), ""),
        ],
        figure=statistics.fmean(rates),
        reference=statistics.fmean(reference),
        ratio=statistics.fmean(ratios),
        precision=precision,
        tokens_per_second=statistics.fmean(speeds),
    )


if __name__ == "__main__":
    main()
