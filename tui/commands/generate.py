"""``jokegen-tui generate``: complete a prompt, word by word."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from random import SystemRandom
from typing import TYPE_CHECKING, Any

import click

from ...core.speaking.choices import Draw, Sampling, Selection, TextChoices, TextEnd
from ...data.cleaning import one_line, printable
from ..talk.surprise import mean_bits
from .options import (
    debug_option,
    epoch_option,
    given,
    json_option,
    made_of,
    mix_option,
    options_of,
    run_named,
    run_option,
)
from .output import rivals_record, write_json
from .program import complain
from .prompts import TextCommand, as_read, typed_or_piped
from .speaker import blend_options, given_share, speaker

if TYPE_CHECKING:
    from ...core.speaking.generation import Generator
    from ...core.speaking.selection import Selected
    from ...core.speaking.side_by_side import GeneratedText

_EPILOG = """\b
Examples:
  jokegen-tui generate "Why did the chicken"
  jokegen-tui generate --count 5 --temperature 1.0 --seed 7
  jokegen-tui generate --run first --blend second --weight 0.3
  jokegen-tui generate --best-of 16 --only-new 4 --unique --count 10
  echo "Knock knock." | jokegen-tui generate - --run first --json
"""


@click.command(cls=TextCommand, epilog=_EPILOG, short_help="Complete a prompt, word by word.")
@click.argument("prompt", nargs=-1)
@run_option
@epoch_option
@options_of(TextChoices, only=("words",))
@options_of(TextEnd)
@click.option("--count", type=click.IntRange(1), default=1, show_default=True, help="How many texts, one a line.")
@options_of(Selection)
@options_of(Sampling)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    help="Repeats a text; text I of --count has seed + I.  [default: random]",
)
@mix_option
@blend_options
@click.option("--no-prompt", is_flag=True, help="Write what follows the prompt alone.")
@click.option(
    "--rivals", type=click.IntRange(1, 1000), metavar="K", help="With --json: each word's K likeliest rivals."
)
@click.option("--keep", is_flag=True, help="Keep the texts; 'jokegen-tui kept' lists them.")
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
    no_prompt: bool,
    rivals: int | None,
    keep: bool,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Complete PROMPT, or make texts from nothing; PROMPT - reads standard input.

    The words appear as they are made. Words of the prompt that the model does not know are named on stderr.
    """
    from ...core.home import runs_folder
    from ...core.runs.store import RunStore

    if rivals is not None and not as_json:
        raise click.UsageError("--rivals are written as JSON; add --json.")
    sampling, end, selection = made_of(Sampling, chosen), made_of(TextEnd, chosen), made_of(Selection, chosen)
    limit = TextChoices(**given({"words": words})).words
    if end.least_words > limit:
        raise click.UsageError(f"least-words is {end.least_words:,}, but a text gets at most {limit:,} words.")
    typed = typed_or_piped(" ".join(prompt))
    store = RunStore(runs_folder())
    named = run_named(store, run)
    generator = speaker(store, named, epoch=epoch, mix=mix, asked=chosen)
    if generator.notice is not None:
        complain(generator.notice)
    text = as_read(typed, named, generator)
    unknown = generator.unknown_words(text)
    if unknown:
        words_named = ", ".join(f"'{one_line(word)}'" for word in dict.fromkeys(unknown))
        complain(f"The model does not know {words_named}; the rest of the prompt still counts.")
    draw = Draw(sampling, SystemRandom().randrange(2**31) if seed is None else seed, limit, end)
    asked = _Asked(generator, text, draw)
    shown = "" if no_prompt else text
    if count == 1 and not as_json and not keep and selection == Selection():
        _stream(asked, shown)
        return
    stepped_back = written = 0
    names: list[str] = []
    for taken in asked.texts(count, selection):
        made = taken.text
        stepped_back += made.stepped_back
        written += 1
        if keep:
            whose = {"mixed": mix, "blend": chosen["blend"] or "", "share": given_share(chosen)}
            names.append(_keep(asked, made, named.name, whose))
        full = shown + (made.made.lstrip(" ") if no_prompt else made.made)
        if as_json:
            copied, of = generator.copied(made.text)
            about: dict[str, Any] = {"run": named.name, "epoch": epoch, "blend": chosen["blend"]}
            about |= {"unknown": unknown, "copied": copied, "copied_of": of, **({"kept": names[-1]} if keep else {})}
            write_json({**_record(asked, taken, rivals), "text": full, **about})
        else:
            _write((one_line(full) if count > 1 else printable(full)) + "\n")
    _tell_steps(stepped_back, sampling)
    if names:
        complain(f"Kept as {', '.join(dict.fromkeys(names))}.")
    if written < count:
        wanted = " and ".join(_wanted(selection))
        complain(
            f"Only {written:,} of {count:,} texts came that {wanted}; another prompt or temperature may have more."
        )


@dataclass(frozen=True)
class _Asked:
    """What the model is asked for."""

    generator: Generator
    prompt: str
    draw: Draw

    def texts(self, count: int, selection: Selection) -> Iterator[Selected]:
        from ...core.speaking.selection import select

        yield from select(self.generator, self.generator.read(self.prompt), self.prompt, self.draw, count, selection)


def _keep(asked: _Asked, made: GeneratedText, run: str, whose: dict[str, Any]) -> str:
    """Keep a text with all that makes it again, and return its name in the collection."""
    from ...core.home import kept_file
    from ...core.keeping.collection import Collection, new
    from ...core.keeping.provenance import Drawn, copied_share, origin_of_generated
    from ...core.keeping.turns import whole_text

    text = whole_text(asked.prompt, made.made)
    drawn = Drawn(made.seed, asked.draw.sampling, len(made.tokens), (), asked.draw.end)
    origin = origin_of_generated(asked.generator, run, asked.prompt, drawn, **whose)
    bits = mean_bits([probability for _, probability in made.words])
    share = copied_share(asked.generator, text)
    kept, _ = Collection(kept_file()).keep(new(text, prompt=asked.prompt, bits=bits, copied=share, origin=origin))
    return kept.id


def _record(asked: _Asked, taken: Selected, rivals: int | None) -> dict[str, Any]:
    """Return what JSON says of a text, whatever the run."""
    made = taken.text
    words: list[dict[str, Any]] = [{"text": word, "probability": probability} for word, probability in made.words]
    record: dict[str, Any] = {
        "prompt": asked.prompt,
        "words": words,
        "ended": made.ended,
        "seed": made.seed,
        "stepped_back": made.stepped_back,
    }
    if taken.candidates:
        best = taken.candidates[0]
        record |= {"candidates": len(taken.candidates), "surprise": best.surprise, "copied_words": best.copied}
    if rivals is not None:
        from ...core.speaking.rivals import rivals_of

        start = asked.generator.read(asked.prompt)
        for index, found in enumerate(rivals_of(asked.generator, start, made.tokens, asked.draw, rivals)):
            if index < len(words):
                words[index] |= rivals_record(found)
            else:
                record["end"] = {"probability": found.taken.probability, **rivals_record(found)}
    return record


def _wanted(selection: Selection) -> Iterator[str]:
    if selection.must_end:
        yield "end by themselves"
    if selection.unique:
        yield "are not the same"


def _tell_steps(stepped_back: int, sampling: Sampling) -> None:
    if stepped_back:
        times = "once" if stepped_back == 1 else f"{stepped_back:,} times"
        complain(f"Another word was taken {times}, so that no more than {sampling.only_new} in a row are copied.")


def _stream(asked: _Asked, shown: str) -> None:
    """Write one text as it is made; a line break follows even where it is interrupted."""
    generator = asked.generator
    draw, stepped_back = asked.draw, 0
    at_start = not shown
    try:
        _write(shown)
        start = generator.read(asked.prompt)
        for word in generator.stream(start, draw.sampling, draw.seed, draw.words, draw.end):
            stepped_back += word.stepped_back
            _write(printable(word.text.lstrip(" ") if at_start else word.text))
            at_start = at_start and not word.text.strip(" ")
    except KeyboardInterrupt:
        _write("\n")
        raise
    _write("\n")
    _tell_steps(stepped_back, draw.sampling)


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
