"""``jokegen-tui doctor``: what is in a corpus, what is wrong with it, and what training on it will cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import click

from ...core.settings import TrainingSettings
from ...data.cleaning import one_line
from ...data.interpretation import layout_words, separator_words
from ...data.splitting import SplitName
from ..numbers import clock, count, decimal, percent
from .durations import time_option, with_time
from .options import READING, debug_option, given, json_option, options_of
from .output import bare_table, console_for_people, fields_of, plain, shortened, write_json
from .program import DONE, FAILED, TO_DECIDE, complain
from .suggestions import corpora_for

_OF_THE_READING = (
    *("sources", "format", "encoding", "separator", "where", "keeps_spacing", "examples", "repaired", "left_out"),
)
_LONGEST_EXAMPLE = 300
_FREQUENT = 8
_FEW_REPEATS, _MOST_REPEATED = 3, 0.01
"""Held-out texts that may repeat training texts before somebody should look: so many, or this share of them."""
_EPILOG = """\b
Examples:
  jokegen-tui doctor jokes.csv
  jokegen-tui doctor notes.txt --texts blank --json
"""


@dataclass(frozen=True)
class Examination:
    """What was found; what a training would be is None where the texts cannot be trained on, with ``problem``."""

    corpus: str
    texts: int
    words: int
    characters: int
    longest_words: int
    layout: str
    column: str | None
    notices: tuple[str, ...]
    sources: tuple[str, ...] = ()
    format: str = ""
    encoding: str | None = None
    separator: str | None = None
    columns: tuple[dict[str, Any], ...] = ()
    """What each column of a table is called, what it ``holds``, and whether it is ``taken``."""
    where: tuple[str, ...] = ()
    keeps_spacing: bool = False
    examples: tuple[str, ...] = ()
    """The first three texts, whole, as the model will learn them."""
    repaired: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    usual_words: tuple[int, int, int] | None = None
    """Words of a short, a middling and a long text: one in ten is shorter, one in ten longer."""
    frequent: tuple[tuple[str, int], ...] = ()
    """The most frequent words and how often they stand there."""
    repeated: dict[str, int] | None = None
    """Texts of the validation and the test split whose words make up a training text too; None for one long text."""
    splits: dict[str, int] | None = None
    """Texts in each split."""
    tokenizer: str | None = None
    vocabulary: int | None = None
    unknown_rate: dict[str, float] | None = None
    """Share of unknown tokens in each split."""
    train_tokens: int | None = None
    preset: str | None = None
    parameters: int | None = None
    epochs: int | None = None
    seconds: float | None = None
    epochs_in_time: float | None = None
    """How many of them --time pays for; None without it."""
    device: str | None = None
    precision: str | None = None
    problem: str | None = None
    decisions: tuple[str, ...] = ()
    """What should be decided before a training means something."""


@click.command(epilog=_EPILOG, short_help="Say what is in a corpus and what training costs.")
@click.argument("corpus", nargs=-1, shell_complete=corpora_for, required=True)
@options_of(TrainingSettings, only=("preset", *READING))
@time_option
@json_option
@debug_option
def doctor(corpus: tuple[str, ...], time: float | None, as_json: bool, **flags: Any) -> int:
    """Say what is in CORPUS, how it is read, what is wrong with it, and what training on it would cost.

    CORPUS is a name, a file, a folder, a pattern or - for standard input; several are read together. Exit codes: 0
    ready to train, 1 it cannot be trained on, 3 something should be decided first.
    """
    from ...core.settings import make_settings

    settings = make_settings(with_time(given(flags), time))
    found = examine(corpus, settings)
    if as_json:
        write_json(fields_of(found))
    else:
        _show(found)
    if found.problem is not None:
        complain(found.problem)
        return FAILED
    return TO_DECIDE if found.decisions else DONE


def examine(source: tuple[str, ...], settings: TrainingSettings) -> Examination:
    """Read ``source`` and time a few steps of a training on it.

    Raises:
        CorpusError: there is nothing to look at.
    """
    from ...core.errors import PLAIN_ERRORS
    from ...core.recipes import network_for
    from ...core.training.estimation import epochs_in_time, fitted_to_time, measure_seconds
    from ...core.training.preparation import machine_for, prepare_corpus, read_source
    from ...data.repeats import repeated_texts

    texts = read_source(source, settings)
    read: list[str] = texts.texts.tolist()
    words = [len(text.split()) for text in read]
    # One long text is divided by position: its lines are no texts of their own.
    repeated = None if texts.layout == "whole" else repeated_texts(read)
    facts: dict[str, Any] = {
        "corpus": texts.name,
        "texts": len(texts.texts),
        "words": sum(words),
        "characters": sum(map(len, texts.texts)),
        "longest_words": max(words),
        "usual_words": tuple(sorted(words)[int(share * (len(words) - 1))] for share in (0.1, 0.5, 0.9)),
        "frequent": tuple(Counter(word for text in read for word in text.casefold().split()).most_common(_FREQUENT)),
        "repeated": None if repeated is None else {name: len(found) for name, found in repeated.items()},
        "layout": texts.layout,
        "column": texts.column,
        "notices": texts.notices,
        **{name: getattr(texts.reading, name) for name in _OF_THE_READING},
        "columns": tuple(asdict(column) for column in texts.reading.columns),
    }
    try:
        prepared = prepare_corpus(texts, settings)
    except PLAIN_ERRORS as error:
        return Examination(**facts, problem=str(error))
    corpus = prepared.corpus
    machine, about_devices = machine_for(corpus, prepared.recipe, settings)
    recipe = fitted_to_time(corpus, prepared.recipe, machine, settings)
    facts["notices"] = (*texts.notices, *prepared.notices, *about_devices)
    splits = [split for split in (corpus.train, corpus.valid, corpus.test) if split is not None]
    vocabulary = corpus.tokenizer.vocabulary_size
    whole = measure_seconds(corpus, recipe, machine, settings)
    limit = settings.max_seconds
    if repeated is not None:
        facts["decisions"] = _decisions(repeated, {split.name: len(split) for split in splits})
    return Examination(
        **facts,
        splits={split.name: len(split) for split in splits},
        tokenizer=corpus.tokenizer.kind,
        vocabulary=vocabulary,
        unknown_rate={split.name: split.unknown / max(1, len(split.tokens)) for split in splits},
        train_tokens=len(corpus.train.tokens),
        preset=recipe.preset,
        parameters=0 if recipe.preset == "ngram" else network_for(recipe, vocabulary).parameters,
        epochs=recipe.epochs,
        seconds=whole if limit is None else min(whole, limit),
        epochs_in_time=None if limit is None else epochs_in_time(corpus, recipe, machine, settings),
        device=machine.device,
        precision=machine.precision,
    )


def _decisions(repeated: Mapping[SplitName, Sequence[str]], splits: Mapping[SplitName, int]) -> tuple[str, ...]:
    """Return what should be decided, a sentence each."""
    held_out = sum(splits.get(name, 0) for name in repeated)
    many = sum(map(len, repeated.values()))
    if many < _FEW_REPEATS or many < _MOST_REPEATED * held_out:
        return ()
    first = next(text for texts in repeated.values() for text in texts)
    said = f"{many} of {held_out} held-out texts say the same as a training text in the same words"
    return (f"{said}, so every figure would flatter; take one of each out, for example: {shortened(first)}",)


def _how_read(found: Examination) -> list[str]:
    parts = [found.format, layout_words(found.layout)]
    if found.encoding is not None:
        parts.append(found.encoding)
    if found.separator is not None:
        parts.append(f"parted at {separator_words(found.separator)}")
    if found.column is not None:
        parts.append(f"column{'s' * (' + ' in found.column)} {found.column}")
    parts += [f"where {condition}" for condition in found.where]
    return [*parts, "spacing kept"] if found.keeps_spacing else parts


def _show(found: Examination) -> None:
    table = bare_table("", "")
    table.show_header = False
    table.add_row("read as", plain(", ".join(_how_read(found))))
    if found.columns:
        columns = (f"{column['name']} ({column['holds']}{', taken' * column['taken']})" for column in found.columns)
        table.add_row("columns", plain(", ".join(columns)))
    table.add_row("texts", count(found.texts))
    table.add_row("words", f"{count(found.words)}, {count(found.longest_words)} in the longest text")
    if found.usual_words is not None:
        short, middling, long = map(count, found.usual_words)
        table.add_row(
            "lengths", f"half of the texts have up to {middling} words, one in ten {short}, nine in ten {long}"
        )
    if found.frequent:
        table.add_row("frequent", plain(", ".join(f"{one_line(word)} {count(many)}" for word, many in found.frequent)))
    table.add_row("characters", count(found.characters))
    if found.splits is not None and found.unknown_rate is not None:
        table.add_row("split", ", ".join(f"{name} {count(texts)}" for name, texts in found.splits.items()))
        if found.repeated is not None:
            table.add_row("repeated", ", ".join(f"{name} {count(many)}" for name, many in found.repeated.items()))
        table.add_row("vocabulary", f"{count(found.vocabulary)} ({found.tokenizer})")
        table.add_row("unknown", ", ".join(f"{name} {percent(rate)}" for name, rate in found.unknown_rate.items()))
        table.add_row(
            "training",
            f"{found.preset}, {count(found.parameters)} parameters, {count(found.epochs)} epochs of "
            f"{count(found.train_tokens)} tokens",
        )
        table.add_row("machine", f"{found.device} {found.precision}")
        if found.seconds is not None:
            paid = found.epochs_in_time
            buys = "" if paid is None else f", which pays for about {decimal(paid, 1)} of {count(found.epochs)} epochs"
            table.add_row("time", f"about {clock(found.seconds)}{buys}")
    console = console_for_people()
    console.print(plain(found.corpus, "bold"), soft_wrap=True)
    console.print(table)
    for number, example in enumerate(found.examples, 1):
        console.print(plain(f"text {number}: {shortened(example, _LONGEST_EXAMPLE)}", "italic"), soft_wrap=True)
    for sentence in found.decisions:
        console.print(plain(f"to decide: {sentence}", "bold yellow"), soft_wrap=True)
    for sentence in found.notices:
        console.print(plain(f"notice: {sentence}", "yellow"), soft_wrap=True)
