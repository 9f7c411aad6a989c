"""How fast words come: one at a time as the screen asks for them, and a thousand texts side by side.

The peer is the loop of the tutorial, which makes 100 words after a prompt of four, one text at a time. Both networks
have their published size and the vocabulary of the same texts; ours is trained for a moment, so that its texts end.
The verb as a whole process speaks with the model that comes with JokeGen, beside a Python that only imports numpy and
the tokenizers.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

import torch
from _training import make_trainer, predictor_of
from _tutorial_program import Network, predict
from _tutorial_program import read as read_peer
from jokegen.core.recipes import network_for, recipe_for
from jokegen.core.settings import TrainingSettings
from jokegen.core.speaking.choices import Sampling
from jokegen.core.speaking.generation import Generator
from jokegen.core.speaking.side_by_side import generate_batch
from jokegen.data.corpus import build_corpus
from jokegen.data.reading import read_texts
from report import JOKES, data_file, middle, parser, quiet_home, say, show, spread

PROMPT = "Knock knock. Whos there?"
VERB = "import sys; sys.argv[1:] = ['generate', 'Why did the']; from jokegen.tui.main import main; main()"
IMPORTS = "import numpy, tokenizers"


def streamed(generator: Generator, words: int) -> list[float]:
    """Return the milliseconds that each of ``words`` streamed words took."""
    sampling = Sampling()
    spent: list[float] = []
    seed = 0
    while len(spent) < words:
        position = generator.start()
        began = time.perf_counter()
        for _ in generator.stream(position, sampling, seed):
            now = time.perf_counter()
            spent.append(1000 * (now - began))
            began = now
        seed += 1
    return spent[:words]


def side_by_side(generator: Generator, count: int) -> float:
    """Return the words per second of ``count`` texts made as one batch."""
    began = time.perf_counter()
    texts = generate_batch(generator, "", Sampling(), 0, count)
    return sum(len(text.text.split()) for text in texts) / (time.perf_counter() - began)


def process(program: str) -> float:
    """Return the seconds that a Python process takes for ``program``."""
    environment = dict(os.environ)
    # Only the first launch after an install compiles the program, and that one is not measured.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--seconds", type=float, default=20.0, help="training of our network before (default: 20)")
    options.add_argument("--words", type=int, default=2000, help="streamed words to time (default: 2000)")
    options.add_argument("--count", type=int, default=1000, help="texts in a batch (default: 1000)")
    options.add_argument("--rounds", type=int, default=3, help="how often, in turns (default: 3)")
    options.add_argument("--launches", type=int, default=15, help="launches of the verb (default: 15)")
    args = options.parse_args()
    path = data_file(args, JOKES)
    recipe = recipe_for(TrainingSettings(), "small")
    corpus = build_corpus(read_texts(path), recipe.tokenizer)
    config = network_for(recipe, corpus.tokenizer.vocabulary_size)
    trainer = make_trainer(corpus, config, recipe, max_seconds=args.seconds)
    say("training for a moment")
    for _ in trainer.events():
        pass
    generator = Generator(predictor_of(trainer.averaged, corpus.tokenizer.end_id), corpus.tokenizer)
    windows = read_peer(str(path))
    torch.manual_seed(0)
    peer = Network(len(windows.words))
    streamed(generator, 50)
    one_by_one: list[float] = []
    batched: list[float] = []
    looped: list[float] = []
    for _ in range(args.rounds):
        one_by_one.append(statistics.median(streamed(generator, args.words)))
        batched.append(side_by_side(generator, args.count))
        began = time.perf_counter()
        predict(peer, windows, PROMPT, 100)
        looped.append(100 / (time.perf_counter() - began))
    with quiet_home():
        process(VERB)
        launches = [(process(VERB), process(IMPORTS)) for _ in range(args.launches)]
    verb, imports = (list(seconds) for seconds in zip(*launches, strict=True))
    figure, reference = statistics.fmean(batched), statistics.fmean(looped)
    show(
        args,
        f"Generation: {config.parameters:,} parameters, vocabulary {config.vocabulary_size:,}; "
        f"the tutorial's {sum(p.numel() for p in peer.parameters()):,}, vocabulary {len(windows.words):,}; "
        f"{args.rounds} rounds",
        [
            ("", "median ms a word", "words/s"),
            ("the tutorial's loop", spread([1000 / rate for rate in looped], ".2f"), spread(looped, ",.0f")),
            ("streamed, each with its probability", spread(one_by_one), ""),
            (f"{args.count:,} texts side by side", "", spread(batched, ",.0f")),
            ("times the tutorial's words", "", f"{figure / reference:.1f}"),
            ("the verb as a whole process, median s", middle(verb), ""),
            ("a Python that imports what it needs, median s", middle(imports), ""),
        ],
        figure=figure,
        reference=reference,
        ratio=figure / reference,
        median_milliseconds=statistics.fmean(one_by_one),
        process_seconds=statistics.median(verb),
        imports_seconds=statistics.median(imports),
    )


if __name__ == "__main__":
    main()
