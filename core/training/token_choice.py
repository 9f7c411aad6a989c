"""What a token should be for a corpus, and what is to be said about it."""

from __future__ import annotations

from dataclasses import replace

from ...data.advance import Work
from ...data.corpus import LARGE_VOCABULARY, Corpus, Split, build_corpus, building
from ...data.reading import Texts
from ...data.scripts import unspaced_share
from ...data.tokenization import TokenizerKind
from ..settings import TrainingSettings

MOST_UNKNOWN = 1 / 3
"""Share of the held-out words that a vocabulary of words may not know before other tokens do better."""
_MOST_UNSPACED = 0.5
"""Share of the letters that may belong to scripts without blanks between words."""
_JUDGED = 2000
_LONGEST = 2000
_LARGE = 2_000_000
"""Characters of texts from which byte pairs learn more in the same time than characters."""
_MANY_UNKNOWN = 0.25
_TINY = 20
"""Tokens below which a vocabulary of words is none."""
_FEW_TEXTS = 50


def corpus_of(texts: Texts, settings: TrainingSettings, *, held_out: bool) -> Work[tuple[Corpus, tuple[str, ...]]]:
    """Split and tokenize ``texts`` with the tokens that were asked for, else with those that suit them; say why.

    Words are taken where they know the held-out words well enough, else characters, or byte pairs of a large corpus:
    the rule and its figures are in ``benchmarks/RECIPE.md``.
    """
    asked = settings.tokenizer
    if asked not in (None, "auto"):
        corpus = yield from building(texts, asked, held_out=held_out)
        return corpus, cautions(corpus)
    if not held_out:  # the tutorial's
        corpus = yield from building(texts, "spaces", held_out=False)
        return corpus, cautions(corpus)
    if unspaced_share(texts.texts.iloc[:_JUDGED].str[:_LONGEST].tolist()) > _MOST_UNSPACED:
        why = f"{texts.name} is written without blanks between words"
    else:
        corpus = build_corpus(replace(texts, stored=None), "words")
        unknown = unknown_words(corpus.valid or corpus.test or corpus.train)
        if unknown <= MOST_UNKNOWN:
            if texts.stored is not None:
                corpus = yield from building(texts, "words")
            return corpus, cautions(corpus)
        why = f"A vocabulary of words would not know {100 * unknown:.0f} % of the held-out words of {texts.name}"
    kind: TokenizerKind = "chars" if int(texts.texts.str.len().sum()) < _LARGE else "bpe"
    what = "characters" if kind == "chars" else "pieces of words (bpe)"
    corpus = yield from building(texts, kind)
    return corpus, (f"{why}, so the tokens are {what}; --tokenizer chooses others.", *cautions(corpus))


def unknown_words(split: Split) -> float:
    """Return the share of the tokens, ends of text aside, that the vocabulary does not know."""
    words = len(split.tokens) - len(split) * split.ends
    return split.unknown / max(1, words)


def cautions(corpus: Corpus) -> tuple[str, ...]:
    """Return what makes the result of a training mean little, a sentence each."""
    said: list[str] = []
    kind, vocabulary = corpus.tokenizer.kind, corpus.tokenizer.vocabulary_size
    held_out = corpus.valid or corpus.test
    unknown = 0.0 if held_out is None else unknown_words(held_out)
    others = "--tokenizer chars or bpe knows them all" if kind in ("words", "spaces") else "give it more text"
    what = "characters" if kind == "chars" else "words"
    if unknown >= _MANY_UNKNOWN:
        said.append(
            f"{100 * unknown:.0f} % of the held-out {what} of {corpus.name} are unknown to the vocabulary, and unknown "
            f"ones are easily guessed; {others}."
        )
    if corpus.train.is_on_disk and vocabulary == LARGE_VOCABULARY:
        said.append(
            f"Of {corpus.name} the {vocabulary:,} {what} that are seen most often are known, since each takes memory "
            f"while training; {100 * unknown:.1f} % of the held-out ones are others."
        )
    if kind in ("words", "spaces") and vocabulary < _TINY <= corpus.train.words:
        said.append(
            f"The vocabulary has only {vocabulary} tokens for {corpus.train.words:,} words of {corpus.name}, so the "
            "model can say next to nothing; --tokenizer chars suits such texts."
        )
    if corpus.layout == "texts" and len(corpus.train) < _FEW_TEXTS:
        remain = "text remains" if len(corpus.train) == 1 else "texts remain"
        said.append(
            f"Only {len(corpus.train)} {remain} of {corpus.name} to learn from; a few hundred are the least that a "
            "result means something with."
        )
    return tuple(said)
