"""``jokegen-tui generate``: complete a prompt, word by word."""

from __future__ import annotations

import sys
from random import SystemRandom
from typing import TYPE_CHECKING, Any

import click

from ...core.speaking.choices import Sampling, TextChoices
from ...data.cleaning import one_line, printable
from .options import debug_option, epoch_option, given, json_option, mix_option, options_of, run_named, run_option
from .output import write_json
from .program import complain
from .prompts import TextCommand, prompt_for, typed_or_piped

if TYPE_CHECKING:
    from ...core.speaking.generation import Generator

_EPILOG = """\b
Examples:
  jokegen-tui generate "Why did the chicken"
  jokegen-tui generate --count 5 --temperature 1.0 --seed 7
  echo "Knock knock." | jokegen-tui generate - --run first --json
"""


@click.command(cls=TextCommand, epilog=_EPILOG, short_help="Complete a prompt, word by word.")
@click.argument("prompt", nargs=-1)
@run_option
@epoch_option
@options_of(TextChoices, only=("words",))
@click.option("--count", type=click.IntRange(1), default=1, show_default=True, help="How many texts, one a line.")
@options_of(Sampling)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    help="Repeats a text; text I of --count has seed + I.  [default: random]",
)
@mix_option
@json_option
@debug_option
def generate(
    prompt: tuple[str, ...],
    run: str | None,
    epoch: int | None,
    words: int | None,
    count: int,
    seed: int | None,
    mix: bool,
    as_json: bool,
    **sampler: Any,
) -> None:
    """Complete PROMPT, or make texts from nothing; PROMPT - reads standard input.

    The words appear as they are made. Words of the prompt that the model does not know are named on stderr.
    """
    from ...core.home import runs_folder
    from ...core.runs.store import RunStore
    from ...core.speaking.loading import load_generator
    from ...core.speaking.side_by_side import generate_many

    sampling = Sampling(**given(sampler))
    limit = TextChoices(**given({"words": words})).words
    typed = typed_or_piped(" ".join(prompt))
    chosen = run_named(RunStore(runs_folder()), run)
    generator = load_generator(chosen, epoch=epoch, mixed=mix)
    if generator.notice is not None:
        complain(generator.notice)
    text = prompt_for(typed, chosen, generator)
    unknown = generator.unknown_words(text)
    if unknown:
        named = ", ".join(f"'{one_line(word)}'" for word in dict.fromkeys(unknown))
        complain(f"The model does not know {named}; the rest of the prompt still counts.")
    start = SystemRandom().randrange(2**31) if seed is None else seed
    if count == 1 and not as_json:
        _stream(generator, text, sampling, start, limit)
        return
    for made in generate_many(generator, text, sampling, start, count, limit):
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
                    "epoch": epoch,
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
