"""What only-new and the best of N do to the texts of the model that comes with JokeGen.

Only-new: as many texts side by side with and without it, in turns; the longest copied stretch in words, and the time.
Best of N: the same seeds, the first of each N against the best of each N; the mixture's surprise per word, the words of
a text, how many end by themselves, and the share of words in copied stretches of five and more.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

from jokegen.core.runs.store import RunStore
from jokegen.core.speaking.choices import Draw, Sampling, Selection
from jokegen.core.speaking.generation import Generator
from jokegen.core.speaking.loading import load_generator
from jokegen.core.speaking.selection import RankedText, rank, select
from jokegen.core.speaking.side_by_side import GeneratedText, generate_many
from report import Row, parser, quiet_home, say, show


def timed(generator: Generator, sampling: Sampling, count: int) -> tuple[float, list[GeneratedText]]:
    """Return the seconds that ``count`` texts take, and the texts."""
    began = time.perf_counter()
    texts = list(generate_many(generator, "", sampling, 0, count))
    return time.perf_counter() - began, texts


def longest_copy(generator: Generator, texts: Sequence[GeneratedText]) -> int:
    """Return the words of the longest stretch of any text that stands in the training texts."""
    end = generator.tokenizer.end_id
    copies = generator.copies
    if copies is None:
        raise SystemExit("The model that comes with JokeGen has lost its texts.")
    spans = (copies.spans([token for token in text.tokens if token != end], 1) for text in texts)
    return max((span.words for found in spans for span in found), default=0)


def described(generator: Generator, name: str, texts: Sequence[RankedText], times: str) -> Row:
    """Return a row of the table about some texts."""
    words = [max(len(ranked.text.made.split()), 1) for ranked in texts]
    ended = sum(ranked.text.ended == "end of text" for ranked in texts) / len(texts)
    return (
        name,
        f"{surprise(texts):.2f}",
        f"{statistics.fmean(words):.1f}",
        f"{100 * ended:.0f} %",
        f"{100 * sum(ranked.copied for ranked in texts) / sum(words):.1f} %",
        f"{longest_copy(generator, [ranked.text for ranked in texts])}",
        times,
    )


def surprise(texts: Sequence[RankedText]) -> float:
    """Return the mean of the texts' bits per word."""
    return statistics.fmean(ranked.surprise for ranked in texts)


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--count", type=int, default=1000, help="texts of only-new (default: 1000)")
    options.add_argument("--words", type=int, default=4, help="words in a row that may be copied (default: 4)")
    options.add_argument("--rounds", type=int, default=3, help="how often, in turns (default: 3)")
    options.add_argument("--best-of", type=int, default=16, help="candidates for each text (default: 16)")
    options.add_argument("--texts", type=int, default=200, help="texts that are the best of so many (default: 200)")
    args = options.parse_args()
    with quiet_home() as home:
        generator = load_generator(RunStore(home / "runs").newest())
    start, plain, new = generator.start(), Sampling(), Sampling(only_new=args.words)
    timed(generator, new, 1)
    ratios: list[float] = []
    texts: list[GeneratedText] = []
    texts_new: list[GeneratedText] = []
    for _ in range(args.rounds):
        seconds, texts = timed(generator, plain, args.count)
        seconds_new, texts_new = timed(generator, new, args.count)
        ratios.append(seconds_new / seconds)
        say(f"{args.count:,} texts: {seconds:.2f} s, only new {seconds_new:.2f} s")
    say(f"the best of {args.best_of}, {args.texts} times")
    firsts = [next(generate_many(generator, "", plain, args.best_of * each, 1)) for each in range(args.texts)]
    chosen = select(generator, start, "", Draw(plain, 0), args.texts, Selection(best_of=args.best_of))
    best = [taken.candidates[0] for taken in chosen]
    first = rank(generator, start, firsts)
    stepped = sum(text.stepped_back for text in texts_new)
    ratio = statistics.median(ratios)
    show(
        args,
        f"Only new: at most {args.words} words copied in a row, another word taken {stepped:,} times in {args.count:,} "
        f"texts; best of {args.best_of}: {args.texts:,} texts",
        [
            ("", "bits a word", "words", "end by themselves", "copied", "longest copy, words", "times as long"),
            described(generator, "as drawn", rank(generator, start, texts), ""),
            described(generator, "only new", rank(generator, start, texts_new), f"{ratio:.2f}"),
            described(generator, "the first of each", first, ""),
            described(generator, f"the best of {args.best_of}", best, ""),
        ],
        figure=ratio,
        reference=3.0,
        ratio=ratio / 3.0,
        surprise=surprise(first),
        surprise_of_the_best=surprise(best),
    )


if __name__ == "__main__":
    main()
