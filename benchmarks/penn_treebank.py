"""Penn Treebank: test perplexity of a network of at most 5 million parameters, beside the published figures.

The protocol of the published tables: 10,000 types with `<unk>` among them, an end after each line and predicted like a
word, the state carried from line to line, every token of the test text counted once. The validation text decides which
epoch is kept and how much of Kneser-Ney is mixed in.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import copy
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
from _training import make_trainer
from jokegen.core.events import EpochDone
from jokegen.core.prediction import NetworkPredictor, best_mixture_weight, mix
from jokegen.core.recipes import Recipe
from jokegen.data.corpus import Corpus, Split, corpus_from_splits
from jokegen.models.configuration import ModelConfig
from jokegen.models.ngram import KneserNey
from report import data_file, parser, say, show

LIMIT = 5_000_000
PUBLISHED_NGRAM = 141.2
PUBLISHED_SMALL = 114.5
VALIDATION_STRETCHES = 16


def read_corpus(folder: Path) -> Corpus:
    """Read the three files as lines of words; every line ends with an end of text."""
    parts = {name: (folder / f"ptb.{name}.txt").read_text(encoding="utf-8") for name in ("train", "valid", "test")}
    lines = {name: [line.strip() for line in text.splitlines() if line.strip()] for name, text in parts.items()}
    return corpus_from_splits("Penn Treebank", lines, "spaces", layout="stream")


def as_stretches(split: Split, count: int) -> Split:
    """Return the split as ``count`` long texts, so that a state is carried through the lines of each."""
    return replace(split, offsets=np.linspace(0, len(split.tokens), count + 1).astype(np.int64))


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--seconds", type=float, default=1800.0, help="training time (default: 1800)")
    options.add_argument("--epochs", type=int, default=30, help="epochs to plan for if the time allows (default: 30)")
    options.add_argument("--size", type=int, default=300, help="of embedding and layers (default: 300)")
    options.add_argument("--embedding", type=int, help="size of the embedding (default: that of the layers)")
    options.add_argument("--frequent", type=int, default=0, help="tokens always computed; 0: all (default: 0)")
    options.add_argument("--sampled", type=int, default=1000, help="tokens sampled of the others (default: 1000)")
    options.add_argument("--layers", type=int, default=2, help="(default: 2)")
    options.add_argument("--dropout", type=float, default=0.4, help="locked, on inputs, layers, outputs (default: 0.4)")
    options.add_argument("--embedding-dropout", type=float, default=0.1, help="of whole words (default: 0.1)")
    options.add_argument("--weight-dropout", type=float, default=0.0, help="of recurrent weights (default: 0)")
    options.add_argument("--weight-decay", type=float, default=0.1, help="(default: 0.1)")
    options.add_argument("--learning-rate", type=float, default=0.003, help="(default: 0.003)")
    options.add_argument("--batch-size", type=int, default=20, help="streams side by side (default: 20)")
    options.add_argument("--sequence-length", type=int, default=35, help="tokens a gradient reaches (default: 35)")
    options.add_argument("--average", type=float, default=0.0, help="decay of averaged weights (default: 0, off)")
    options.add_argument("--seed", type=int, default=0, help="(default: 0)")
    args = options.parse_args()
    corpus = read_corpus(data_file(args, "ptb/ptb.train.txt").parent)
    assert corpus.valid is not None
    assert corpus.test is not None
    types, end = corpus.tokenizer.vocabulary_size, corpus.tokenizer.end_id
    config = ModelConfig(
        types,
        args.embedding or args.size,
        args.size,
        layers=args.layers,
        embedding_dropout=args.embedding_dropout,
        input_dropout=args.dropout,
        hidden_dropout=args.dropout,
        output_dropout=args.dropout,
        weight_dropout=args.weight_dropout,
    )
    if config.parameters > LIMIT:
        options.error(f"the network has {config.parameters:,} parameters, more than {LIMIT:,}")
    recipe = Recipe(
        "small",
        "stream",
        "spaces",
        args.epochs,
        args.batch_size,
        args.sequence_length,
        args.learning_rate,
        weight_decay=args.weight_decay,
        average=args.average,
        frequent_tokens=args.frequent,
        sampled_tokens=args.sampled,
    )
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
    network = NetworkPredictor(trainer.averaged, end)
    say("counting n-grams")
    train = corpus.train
    counted = KneserNey.fit(train.tokens, train.offsets, types, order=5, end_id=end)
    own = {split.name: network.log_probabilities(as_stretches(split, 1)) for split in (corpus.valid, corpus.test)}
    ngram = {
        split.name: counted.log_probabilities(split.tokens, split.offsets) for split in (corpus.valid, corpus.test)
    }
    weight = best_mixture_weight(own["valid"], ngram["valid"])
    mixed = mix(own["test"], ngram["test"], weight)
    plain = perplexity(own["test"])
    spent = trainer.progress.seconds
    show(
        args,
        f"Penn Treebank: {config.parameters:,} parameters, {len(train.tokens):,} training words, "
        f"{len(corpus.test.tokens):,} test words, {epochs} epochs in {spent:.0f} s, seed {args.seed}",
        [
            ("", "valid", "test", "share of the LSTM"),
            ("5-gram Kneser-Ney, published", "", f"{PUBLISHED_NGRAM}", ""),
            ("5-gram Kneser-Ney, ours", *both(ngram), ""),
            ("2 x 200 LSTM (Zaremba et al. 2014), published", "", f"{PUBLISHED_SMALL}", ""),
            ("LSTM", *both(own), "1"),
            (
                "LSTM with Kneser-Ney",
                f"{perplexity(mix(own['valid'], ngram['valid'], weight)):.1f}",
                f"{perplexity(mixed):.1f}",
                f"{weight:.2f}",
            ),
        ],
        figure=plain,
        reference=PUBLISHED_NGRAM,
        ratio=plain / PUBLISHED_NGRAM,
        precision=trainer.machine.precision,
        mixed=perplexity(mixed),
        ngram=perplexity(ngram["test"]),
        parameters=config.parameters,
        seconds=spent,
    )


def perplexity(log_probabilities: np.ndarray) -> float:
    """Return the perplexity of tokens with these natural log-probabilities."""
    return math.exp(-float(log_probabilities.mean()))


def both(found: dict[str, np.ndarray]) -> tuple[str, str]:
    """Return the perplexities of the validation and the test text as they are shown."""
    return f"{perplexity(found['valid']):.1f}", f"{perplexity(found['test']):.1f}"


if __name__ == "__main__":
    main()
