"""``jokegen-tui generate``: complete a prompt, word by word."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING

import click

from ...data.cleaning import clean_text, one_line, printable
from .options import debug_option, json_option, mix_option, run_named, run_option
from .output import write_json
from .program import complain
from .standard_input import typed_or_piped

if TYPE_CHECKING:
    from ...core.speaking.generation import Generator
    from ...core.speaking.sampling import Sampling

_EPILOG = """\b
Examples:
  jokegen-tui generate "Why did the chicken"
  jokegen-tui generate --count 5 --temperature 1.0 --seed 7
  echo "Knock knock." | jokegen-tui generate - --run first --json
"""


@click.command(epilog=_EPILOG, short_help="Complete a prompt, word by word.")
@click.argument("prompt", nargs=-1)
@run_option
@click.option(
    "--words", type=click.IntRange(1, 100_000), default=100, show_default=True, help="At most this many new words."
)
@click.option("--count", type=click.IntRange(1), default=1, show_default=True, help="How many texts, one a line.")
@click.option("--temperature", type=float, default=0.8, show_default=True, help="Above 1 bolder, below 1 safer.")
@click.option("--top-k", type=int, default=0, show_default=True, help="Keep the K likeliest words; 0 keeps all.")
@click.option(
    "--top-p", type=float, default=0.95, show_default=True, help="Keep the likeliest words up to this probability."
)
@click.option(
    "--min-p", type=float, default=0.0, show_default=True, help="Drop words below this share of the likeliest one."
)
@click.option(
    "--repetition-penalty", type=float, default=1.0, show_default=True, help="Above 1: rather not what was just said."
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    help="Repeats a text; text I of --count has seed + I.  [default: random]",
)
@click.option("--greedy", is_flag=True, help="Always the likeliest word.")
@mix_option
@json_option
@debug_option
def generate(
    prompt: tuple[str, ...],
    run: str | None,
    words: int,
    count: int,
    temperature: float,
    top_k: int,
    top_p: float,
    min_p: float,
    repetition_penalty: float,
    seed: int | None,
    greedy: bool,
    mix: bool,
    as_json: bool,
) -> None:
    """Complete PROMPT, or make texts from nothing; PROMPT - reads standard input.

    The words appear as they are made. Words of the prompt that the model does not know are named on stderr.
    """
    from ...core.home import runs_folder
    from ...core.runs.store import RunStore
    from ...core.speaking.loading import load_generator
    from ...core.speaking.sampling import Sampling

    sampling = Sampling(temperature, top_k, top_p, min_p, repetition_penalty, greedy)
    text = clean_text(typed_or_piped(" ".join(prompt)))
    chosen = run_named(RunStore(runs_folder()), run)
    generator = load_generator(chosen, mixed=mix)
    if generator.notice is not None:
        complain(generator.notice)
    unknown = generator.unknown_words(text)
    if unknown:
        named = ", ".join(f"'{one_line(word)}'" for word in dict.fromkeys(unknown))
        complain(f"The model does not know {named}; the rest of the prompt still counts.")
    start = secrets.randbelow(2**31) if seed is None else seed
    if count == 1 and not as_json:
        _stream(generator, text, sampling, start, words)
        return
    for made in generator.generate_many(text, sampling, start, count, words):
        if as_json:
            copied, of = generator.copied(made.text)
            write_json(
                {
                    "prompt": text,
                    "text": made.text,
                    "words": [{"text": word, "probability": probability} for word, probability in made.words],
                    "ended": made.ended,
                    "unknown": unknown,
                    "seed": made.seed,
                    "run": chosen.name,
                    "copied": copied,
                    "copied_of": of,
                }
            )
        else:
            _write(one_line(made.text) + "\n")


def _stream(generator: Generator, prompt: str, sampling: Sampling, seed: int, words: int) -> None:
    """Write one text as it is made; a line break follows even where it is interrupted."""
    position = generator.read(prompt)
    try:
        _write(prompt)
        for word in generator.stream(position, sampling, seed, words):
            _write(printable(word.text))
    except KeyboardInterrupt:
        _write("\n")
        raise
    _write("\n")


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
