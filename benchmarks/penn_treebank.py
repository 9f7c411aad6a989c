"""Penn Treebank: test perplexity of a network of at most 5 million parameters, beside the published figures.

The protocol of the published tables: 10,000 types with `<unk>` among them, an end after each line and predicted like a
word, the state carried from line to line, every token of the test text counted once. The validation text decides which
epoch is kept and how much of Kneser-Ney is mixed in.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import argparse
import copy
import math
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from _dynamic_evaluation import adapted_log_probabilities
from _training import make_trainer, predictor_of, stream_recipe
from jokegen.core.events import EpochDone
from jokegen.core.recipes import Recipe
from jokegen.core.settings import TrainingSettings
from jokegen.core.speaking.predictors import best_mixture_weight, mix
from jokegen.core.training.device import choose_machine
from jokegen.data.corpus import Corpus, Split, corpus_from_splits
from jokegen.models.configuration import ModelConfig
from jokegen.models.networks import LanguageModel
from jokegen.models.ngram import KneserNey
from report import data_file, parser, say, show

LIMIT = 5_000_000
PUBLISHED_NGRAM = 141.2
PUBLISHED_SMALL = 114.5
VALIDATION_STRETCHES = 16
DYNAMIC_RATES = (0.1, 0.3, 1.0)


def read_corpus(folder: Path) -> Corpus:
    """Read the three files as lines of words; every line ends with an end of text."""
    parts = {name: (folder / f"ptb.{name}.txt").read_text(encoding="utf-8") for name in ("train", "valid", "test")}
    lines = {name: [line.strip() for line in text.splitlines() if line.strip()] for name, text in parts.items()}
    return corpus_from_splits("Penn Treebank", lines, "spaces", layout="stream")


def as_stretches(split: Split, count: int) -> Split:
    """Return the split as ``count`` long texts, so that a state is carried through the lines of each."""
    return replace(split, offsets=np.linspace(0, len(split.tokens), count + 1).astype(np.int64))


def main() -> None:
    args = parsed_arguments()
    corpus = read_corpus(data_file(args, "ptb/ptb.train.txt").parent)
    assert corpus.valid is not None
    assert corpus.test is not None
    types, end = corpus.tokenizer.vocabulary_size, corpus.tokenizer.end_id
    assert end is not None
    config = configuration(types, args)
    recipe = stream_recipe("spaces", args, frequent_tokens=args.frequent, sampled_tokens=args.sampled)
    if config.parameters > LIMIT:
        raise SystemExit(f"The network has {config.parameters:,} parameters, more than {LIMIT:,}; make it smaller.")
    trained, epochs, spent = train(corpus, config, recipe, args)
    network = predictor_of(trained, end)
    say("counting n-grams")
    began = time.perf_counter()
    counted = KneserNey.fit(corpus.train.tokens, corpus.train.offsets, types, order=5, end_id=end)
    ngram_seconds = time.perf_counter() - began
    held_out = (corpus.valid, corpus.test)
    own = {split.name: network.log_probabilities(as_stretches(split, 1)) for split in held_out}
    ngram = {split.name: counted.log_probabilities(split.tokens, split.offsets) for split in held_out}
    weight, mixed = mixture(own, ngram)
    rows = [
        ("", "valid", "test", "share of the LSTM"),
        ("5-gram Kneser-Ney, published", "", f"{PUBLISHED_NGRAM}", ""),
        (f"5-gram Kneser-Ney, ours, counted in {ngram_seconds:.1f} s", *both(ngram), ""),
        ("2 x 200 LSTM (Zaremba et al. 2014), published", "", f"{PUBLISHED_SMALL}", ""),
        ("LSTM", *both(own), "1"),
        ("LSTM with Kneser-Ney", *both(mixed), f"{weight:.2f}"),
    ]
    more: dict[str, float] = {}
    if args.dynamic:
        rate, adapted = dynamically(trained, corpus.valid, corpus.test, end)
        weight, adapted_mixed = mixture(adapted, ngram)
        rows += [
            (f"LSTM, dynamic evaluation at {rate:g}", *both(adapted), "1"),
            ("dynamic evaluation with Kneser-Ney", *both(adapted_mixed), f"{weight:.2f}"),
        ]
        more = {"dynamic": perplexity(adapted["test"]), "dynamic_mixed": perplexity(adapted_mixed["test"])}
    figure = perplexity(own["test"])
    show(
        args,
        f"Penn Treebank: {config.parameters:,} parameters, {len(corpus.train.tokens):,} training words, "
        f"{len(corpus.test.tokens):,} test words, {epochs} epochs in {spent:.0f} s, seed {args.seed}",
        rows,
        figure=figure,
        reference=PUBLISHED_NGRAM,
        ratio=figure / PUBLISHED_NGRAM,
        precision=choose_machine(TrainingSettings()).precision,
        mixed=perplexity(mixed["test"]),
        ngram=perplexity(ngram["test"]),
        ngram_seconds=ngram_seconds,
        parameters=config.parameters,
        seconds=spent,
        **more,
    )


def parsed_arguments() -> argparse.Namespace:
    """Return what the command line asks for."""
    options = parser(__doc__)
    options.add_argument("--seconds", type=float, default=1800.0, help="training time (default: 1800)")
    options.add_argument("--epochs", type=int, default=14, help="epochs to plan for if the time allows (default: 14)")
    options.add_argument("--size", type=int, default=512, help="of the layers (default: 512)")
    options.add_argument("--embedding", type=int, default=256, help="size of the embedding (default: 256)")
    options.add_argument("--frequent", type=int, default=1500, help="tokens always computed; 0: all (default: 1500)")
    options.add_argument("--sampled", type=int, default=1000, help="tokens sampled of the others (default: 1000)")
    options.add_argument("--layers", type=int, default=1, help="(default: 1)")
    options.add_argument("--dropout", type=float, default=0.4, help="locked, on inputs, layers, outputs (default: 0.4)")
    options.add_argument("--embedding-dropout", type=float, default=0.05, help="of whole words (default: 0.05)")
    options.add_argument("--weight-dropout", type=float, default=0.0, help="of recurrent weights (default: 0)")
    options.add_argument("--weight-decay", type=float, default=0.1, help="(default: 0.1)")
    options.add_argument("--learning-rate", type=float, default=0.004, help="(default: 0.004)")
    options.add_argument("--batch-size", type=int, default=20, help="streams side by side (default: 20)")
    options.add_argument("--sequence-length", type=int, default=35, help="tokens a gradient reaches (default: 35)")
    options.add_argument("--average", type=float, default=0.0, help="decay of averaged weights (default: 0, off)")
    options.add_argument("--dynamic", action="store_true", help="measure dynamic evaluation too, some minutes more")
    options.add_argument("--seed", type=int, default=0, help="(default: 0)")
    return options.parse_args()


def configuration(vocabulary_size: int, args: argparse.Namespace) -> ModelConfig:
    """Return the network that the command line asks for."""
    return ModelConfig(
        vocabulary_size,
        args.embedding,
        args.size,
        layers=args.layers,
        embedding_dropout=args.embedding_dropout,
        input_dropout=args.dropout,
        hidden_dropout=args.dropout,
        output_dropout=args.dropout,
        weight_dropout=args.weight_dropout,
    )


def train(
    corpus: Corpus, config: ModelConfig, recipe: Recipe, args: argparse.Namespace
) -> tuple[LanguageModel, int, float]:
    """Train and return the network of the best epoch, the epochs and the seconds."""
    assert corpus.valid is not None
    watched = replace(corpus, valid=as_stretches(corpus.valid, VALIDATION_STRETCHES))
    trainer = make_trainer(watched, config, recipe, seed=args.seed, max_seconds=args.seconds)
    best = copy.deepcopy(trainer.averaged.state_dict())
    epochs = 0
    for event in trainer.events():
        if isinstance(event, EpochDone):
            epochs = event.epoch
            valid = math.exp(event.valid_loss or math.nan)
            say(f"epoch {event.epoch}: valid {valid:.1f}, {event.seconds:.0f} s")
            if event.best:
                best = copy.deepcopy(trainer.averaged.state_dict())
    trainer.averaged.load_state_dict(best)
    return trainer.averaged, epochs, trainer.progress.seconds


def mixture(own: dict[str, np.ndarray], ngram: dict[str, np.ndarray]) -> tuple[float, dict[str, np.ndarray]]:
    """Return the share of the network that suits the validation text best, and both texts with it."""
    weight = best_mixture_weight(own["valid"], ngram["valid"])
    return weight, {name: mix(own[name], ngram[name], weight) for name in own}


def dynamically(network: LanguageModel, valid: Split, test: Split, end: int) -> tuple[float, dict[str, np.ndarray]]:
    """Return the rate that suits the validation text best, and both texts read with it."""
    say("dynamic evaluation; the validation text decides how fast")
    tried = {rate: adapted_log_probabilities(network, valid, end, rate) for rate in DYNAMIC_RATES}
    rate = max(tried, key=lambda one: float(tried[one].mean()))
    return rate, {"valid": tried[rate], "test": adapted_log_probabilities(network, test, end, rate)}


def perplexity(log_probabilities: np.ndarray) -> float:
    """Return the perplexity of tokens with these natural log-probabilities."""
    return math.exp(-float(log_probabilities.mean()))


def both(found: dict[str, np.ndarray]) -> tuple[str, str]:
    """Return the perplexities of the validation and the test text as they are shown."""
    return f"{perplexity(found['valid']):.1f}", f"{perplexity(found['test']):.1f}"


if __name__ == "__main__":
    main()
