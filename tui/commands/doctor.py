"""``jokegen-tui doctor``: what is in a corpus, what is wrong with it, and what training on it will cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from ...core.settings import TrainingSettings
from ...data.cleaning import one_line
from ...data.findings import counted
from ...data.interpretation import layout_words, separator_words
from ...data.splitting import SplitName
from ..numbers import clock, count, decimal, percent
from .durations import time_option, with_time
from .options import READING, debug_option, given, json_option, options_of
from .output import bare_table, console_for_people, fields_of, plain, shortened, write_json
from .program import DONE, FAILED, TO_DECIDE, complain
from .suggestions import corpora_for, runs_for

if TYPE_CHECKING:
    from rich.table import Table

    from ...core.speaking.generation import Generator
    from ...data.survey import FoundText, Survey

_OF_THE_READING = (
    *("sources", "format", "encoding", "separator", "where", "keeps_spacing", "examples", "repaired", "left_out"),
)
_LONGEST_EXAMPLE = 300
_FREQUENT = 8
_SIZES = 4
"""Sizes of a vocabulary whose coverage is said."""
_LISTED, _SHOWN = 20, 3
"""Texts of each kind in the JSON form, and on the screen."""
_FEW_REPEATS, _MOST_REPEATED = 3, 0.01
"""Held-out texts that may repeat training texts before somebody should look: so many, or this share of them."""
_EPILOG = """\b
Examples:
  jokegen-tui doctor jokes.csv
  jokegen-tui doctor notes.txt --texts blank --json
  jokegen-tui doctor jokes.csv --run first
  jokegen-tui doctor jokes.csv --exclude 3fa9c1d27b --correct "a01b2c3d4e=What it should say."
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
    survey: Survey | None = None
    """Lengths, words and the texts that stand out, with their numbers; of each kind at most twenty."""
    strangest: tuple[FoundText, ...] = ()
    """The texts that surprise a run most; empty without one."""
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
@click.option(
    "--run", metavar="NAME", shell_complete=runs_for, help="A run that says which texts surprise it.  [default: none]"
)
@json_option
@debug_option
def doctor(corpus: tuple[str, ...], time: float | None, run: str | None, as_json: bool, **flags: Any) -> int:
    """Say what is in CORPUS, how it is read, what is wrong with it, and what training on it would cost.

    CORPUS is a name, a file, a folder, a pattern or - for standard input; several are read together. Texts that stand
    out come with their numbers, by which --exclude leaves them out and --correct corrects them, here and in train. Exit
    codes: 0 ready to train, 1 it cannot be trained on, 3 something should be decided first.
    """
    from ...core.settings import make_settings

    settings = make_settings(with_time(given(flags), time))
    found = examine(corpus, settings, run)
    if as_json:
        write_json(fields_of(found))
    else:
        _show(found)
    if found.problem is not None:
        complain(found.problem)
        return FAILED
    return TO_DECIDE if found.decisions else DONE


def examine(source: tuple[str, ...], settings: TrainingSettings, run: str | None = None) -> Examination:
    """Read ``source`` and time a few steps of a training on it; ``run`` says which texts surprise it.

    Raises:
        CorpusError: there is nothing to look at.
        RunError: there is no such run, or it is damaged.
    """
    from ...core.errors import PLAIN_ERRORS
    from ...core.recipes import network_for
    from ...core.training.estimation import epochs_in_time, fitted_to_time, measure_seconds
    from ...core.training.preparation import machine_for, prepare_corpus, read_source
    from ...data.repeats import repeated_texts
    from ...data.survey import survey

    generator = None if run is None else _speaker(run)
    texts = read_source(source, settings)
    read: list[str] = texts.texts.tolist()
    words = [len(text.split()) for text in read]
    seen = survey(read, texts.layout)
    # One long text is divided by position: its lines are no texts of their own.
    repeated = None if texts.layout == "whole" else repeated_texts(read)
    notices = texts.notices
    if texts.stored is not None:
        notices += (f"What is said of words, characters and repeats is that of {len(read):,} texts of {texts.name}.",)
    facts: dict[str, Any] = {
        "corpus": texts.name,
        "texts": texts.count,
        "words": sum(words),
        "characters": sum(map(len, texts.texts)),
        "longest_words": max(words),
        "usual_words": tuple(sorted(words)[int(share * (len(words) - 1))] for share in (0.1, 0.5, 0.9)),
        "frequent": tuple(Counter(word for text in read for word in text.casefold().split()).most_common(_FREQUENT)),
        "repeated": None if repeated is None else {name: len(found) for name, found in repeated.items()},
        "survey": _listed(seen),
        "strangest": () if generator is None else tuple(_strangest(generator, read)),
        "layout": texts.layout,
        "column": texts.column,
        "notices": notices,
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
    facts["notices"] = (*notices, *prepared.notices, *about_devices)
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


def _speaker(run: str) -> Generator:
    from ...core.home import runs_folder
    from ...core.runs.store import RunStore
    from ...core.speaking.loading import load_generator

    return load_generator(RunStore(runs_folder()).open(run))


def _strangest(generator: Generator, texts: Sequence[str]) -> list[FoundText]:
    from ...core.speaking.strangeness import strangest

    return [_cut(found) for found in strangest(generator, texts)[:_LISTED]]


def _listed(seen: Survey) -> Survey:
    """Return a survey whose lists are short, and whose texts are."""
    near, both, longest = (tuple(map(_cut, texts[:_LISTED])) for texts in (seen.near, seen.both, seen.longest))
    vocabulary = replace(
        seen.vocabulary, frequent=seen.vocabulary.frequent[:_LISTED], unknown=seen.vocabulary.unknown[:_LISTED]
    )
    return replace(seen, vocabulary=vocabulary, near=near, both=both, longest=longest)


def _cut(found: FoundText) -> FoundText:
    return replace(found, text=shortened(found.text, _LONGEST_EXAMPLE), other=shortened(found.other, _LONGEST_EXAMPLE))


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
            f"{found.preset}, {count(found.parameters)} parameters, {counted(found.epochs or 0, 'epoch')} of "
            f"{count(found.train_tokens)} tokens",
        )
        table.add_row("machine", f"{found.device} {found.precision}")
        if found.seconds is not None:
            paid = found.epochs_in_time
            buys = (
                ""
                if paid is None
                else f", which pays for about {decimal(paid, 1)} of {counted(found.epochs or 0, 'epoch')}"
            )
            table.add_row("time", f"about {clock(found.seconds)}{buys}")
    if found.survey is not None:
        _add_survey(table, found.survey)
    console = console_for_people()
    console.print(plain(found.corpus, "bold"), soft_wrap=True)
    console.print(table)
    for number, example in enumerate(found.examples, 1):
        console.print(plain(f"text {number}: {shortened(example, _LONGEST_EXAMPLE)}", "italic"), soft_wrap=True)
    for line in _standing_out(found):
        console.print(plain(line), soft_wrap=True)
    for sentence in found.decisions:
        console.print(plain(f"to decide: {sentence}", "bold yellow"), soft_wrap=True)
    for sentence in found.notices:
        console.print(plain(f"notice: {sentence}", "yellow"), soft_wrap=True)


def _add_survey(table: Table, seen: Survey) -> None:
    covered = [
        f"{count(size)} {percent(train)}" + ("" if held_out is None else f" (held out {percent(held_out)})")
        for size, train, held_out in seen.vocabulary.coverage[-_SIZES:]
    ]
    table.add_row("coverage", f"of the words by the most frequent {', '.join(covered)}")
    unknown = seen.vocabulary.unknown
    if unknown and seen.vocabulary.unknown_share is not None:
        words = ", ".join(f"{one_line(word)} {count(many)}" for word, many in unknown[:_FREQUENT])
        table.add_row(
            "never trained", plain(f"{percent(seen.vocabulary.unknown_share)} of the held-out words: {words}")
        )
    if seen.longest:
        table.add_row("near-repeats", f"{counted(seen.near_count, 'text')} nearly like an earlier one")
        table.add_row("in both", f"{counted(seen.both_count, 'held-out text')} mostly within training texts")
    if seen.looked_at < seen.texts:
        table.add_row("looked at", f"{count(seen.looked_at)} of {count(seen.texts)} texts, from all over the corpus")


def _standing_out(found: Examination) -> list[str]:
    """Return a line for each text that stands out, with its number."""
    seen = found.survey
    kinds: list[tuple[str, Sequence[FoundText]]] = [("strange", found.strangest)]
    if seen is not None:
        kinds = [("near-repeat", seen.near), ("in both", seen.both), ("longest", seen.longest[:1]), *kinds]
    return [
        f"{kind} {each.number}: {shortened(each.text, _LONGEST_EXAMPLE)}"
        + (f" | repeats: {shortened(each.other, _LONGEST_EXAMPLE)}" if each.other else "")
        for kind, texts in kinds
        for each in texts[:_SHOWN]
    ]
