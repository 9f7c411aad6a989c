"""Texts as arrays of tokens, one array a split, ready to train on."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from .advance import Work, at_once
from .arrays_on_disk import in_parts, let_go
from .extending import extended
from .faults import CorpusError
from .spelling import spelling_model
from .splitting import SPLITS, SplitName, split_key, split_of
from .tokenization import UNKNOWN, Tokenizer, TokenizerKind, batches, fit_tokenizer

if TYPE_CHECKING:
    from .reading import Texts

CorpusLayout = Literal["texts", "stream", "joined"]
"""``texts``: separate texts; ``stream``: one long text split by position; ``joined``: the tutorial's, all of it trained
on."""

LARGE_VOCABULARY = 32_768
"""Tokens of a large corpus at most, those seen most often: each is rows of the network, and of all that trains it."""
_STRETCHES = 64
"""Places of a large split from which texts are taken where only some are."""

Tokens = NDArray[np.int32 | np.uint16]
Offsets = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Split:
    """The texts of one split as tokens, an end of text after each where the tokenizer has one."""

    name: SplitName
    tokens: Tokens
    """(tokens,) all texts joined; of a large corpus a file that is looked into."""
    offsets: Offsets
    """(texts + 1,) where each text begins; the last is the number of tokens."""
    words: int
    """Space-separated words."""
    characters: int
    """Characters of the texts and one for each end of text."""
    unknown: int
    """Words (or characters) that the vocabulary does not know: tokens of their own, or left out where there is none."""
    spelling: float | None = None
    """Nats that spelling the unknown ones costs; None where that was not measured."""

    ends: bool = True
    """Whether an end of text stands after each text."""

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.offsets) - 1

    def text(self, index: int) -> Tokens:
        """Return the tokens of one text ``(tokens,)``, its end included."""
        return self.tokens[self.offsets[index] : self.offsets[index + 1]]

    @property
    def is_on_disk(self) -> bool:
        """Whether the tokens are a file rather than in the memory."""
        return isinstance(self.tokens, np.memmap)

    def counts(self, vocabulary_size: int) -> NDArray[np.int64]:
        """Return how often each token occurs, ``(vocabulary,)``."""
        found = np.zeros(vocabulary_size, dtype=np.int64)
        for part in in_parts(self.tokens):
            found += np.bincount(part, minlength=vocabulary_size)
        return found


@dataclass(frozen=True, eq=False)
class Corpus:
    """A tokenizer and the splits it was fitted for."""

    name: str
    tokenizer: Tokenizer
    layout: CorpusLayout
    train: Split
    valid: Split | None
    test: Split | None
    fingerprint: str
    """SHA-256 of the texts, whatever their order."""

    def split(self, name: SplitName) -> Split:
        """Return the split of that name; raises CorpusError where the corpus has none."""
        split: Split | None = getattr(self, name)
        if split is None:
            raise CorpusError(f"{self.name} has no {name} texts; it was trained on as a whole.")
        return split


def first_texts(split: Split, most_tokens: int) -> Split:
    """Return the first texts of ``split`` that have at most ``most_tokens`` tokens, or the first one cut there.

    Its counts of words, characters and unknown words stay those of the whole.
    """
    offsets = split.offsets[split.offsets <= most_tokens]
    if len(offsets) < 2:
        offsets = np.array([0, min(most_tokens, len(split.tokens))], dtype=np.int64)
    return replace(split, tokens=split.tokens[: offsets[-1]], offsets=offsets)


def at_hand(split: Split, most_tokens: int) -> Split:
    """Return ``split`` itself, or of one on the disk texts from all over it with about ``most_tokens`` tokens.

    Its counts of words, characters and unknown words are its share of those of the whole, about.
    """
    if not split.is_on_disk:
        return split
    places = range(_STRETCHES) if len(split.tokens) > most_tokens else range(1)
    share = most_tokens // len(places)
    lengths: list[NDArray[np.int64]] = []
    tokens: list[NDArray[np.int32]] = []
    for place in places:
        first = len(split) * place // len(places)
        after = len(split) * (place + 1) // len(places)
        edges = split.offsets[first : after + 1]
        whole = np.asarray(edges[edges - edges[0] <= share])
        # Of a text that is longer than that its beginning.
        edges = whole if len(whole) > 1 else np.array([edges[0], min(edges[0] + share, edges[-1])])
        lengths.append(np.diff(edges))
        tokens.append(split.tokens[edges[0] : edges[-1]].astype(np.int32))
    offsets = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64)
    let_go(split.tokens)
    let_go(split.offsets)
    taken = offsets[-1] / max(len(split.tokens), 1)
    words, characters, unknown = (round(count * taken) for count in (split.words, split.characters, split.unknown))
    return Split(split.name, np.concatenate(tokens), offsets, words, characters, unknown, split.spelling, split.ends)


def building(
    texts: Texts,
    kind: TokenizerKind = "words",
    *,
    held_out: bool = True,
    min_count: int | None = None,
    max_vocabulary: int | None = None,
    train_share: float = 0.8,
    known: Tokenizer | None = None,
) -> Work[Corpus]:
    """Split ``texts``, fit a tokenizer on the training split and turn every split into tokens.

    Separate texts are split by their hash. One long text (layout ``whole``) is split by position: the first
    ``train_share``, then the validation tenth if anything is left for it, then the test tenth. Without ``held_out`` the
    texts are joined by spaces and all of them are trained on, without ends: the tutorial's way. With ``known``, a
    tokenizer of the same kind, its tokens keep their numbers and only new ones are added.

    Of a large corpus the training texts become tokens on the disk, and it is said how far that has come; the tokenizer
    is fitted on the sample and knows up to ``LARGE_VOCABULARY`` tokens, and the held-out texts of the sample are the
    others' splits.

    Raises:
        CorpusError: there is too little text to learn from or to hold out.
    """
    read = texts.texts.tolist()
    if texts.stored is not None:
        from .large.mapped_tokens import stored_tokens  # knows what is here

        if not held_out:
            raise CorpusError(
                f"{texts.name} is too large to be read as one text, as the tutorial does; choose a preset."
            )
        parts = _by_hash(read)
        _check_size(texts.name, parts, whole=False)
        most = max_vocabulary or (None if kind == "bpe" else LARGE_VOCABULARY)
        tokenizer = fit_tokenizer(parts["train"], kind, min_count=min_count, max_vocabulary=most)
        tokenizer = tokenizer if known is None else extended(known, tokenizer)
        valid, test = (make_split(name, parts[name], tokenizer) for name in ("valid", "test"))
        train = yield from stored_tokens(texts.stored, tokenizer, texts.name)
        return Corpus(texts.name, tokenizer, "texts", train, valid, test, texts.stored.fingerprint)
    fingerprint = _fingerprint(read)
    whole = texts.layout == "whole"
    if not held_out:
        if len(read) == 1 and not whole:
            raise CorpusError(f"{texts.name} has only one text, too few to learn from; give it at least 40.")
        joined = " ".join(read)
        tokenizer = fit_tokenizer([joined], kind, min_count=min_count or 1, end_of_text=False)
        train = make_split("train", [joined], tokenizer)
        return Corpus(texts.name, tokenizer, "joined", train, None, None, fingerprint)
    parts = _by_position("\n".join(read), train_share) if whole else _by_hash(read)
    _check_size(texts.name, parts, whole=whole)
    tokenizer = fit_tokenizer(parts["train"], kind, min_count=min_count, max_vocabulary=max_vocabulary)
    tokenizer = tokenizer if known is None else extended(known, tokenizer)
    splits = {name: make_split(name, part, tokenizer) for name, part in parts.items() if part}
    return Corpus(
        texts.name,
        tokenizer,
        "stream" if whole else "texts",
        splits["train"],
        splits.get("valid"),
        splits.get("test"),
        fingerprint,
    )


build_corpus = at_once(building)
"""Does what :func:`building` does."""


def corpus_from_splits(
    name: str,
    parts: dict[SplitName, Sequence[str]],
    kind: TokenizerKind = "words",
    *,
    layout: CorpusLayout = "texts",
    min_count: int | None = None,
) -> Corpus:
    """Build a corpus from texts that come already split, as published benchmarks do."""
    tokenizer = fit_tokenizer(parts["train"], kind, min_count=min_count)
    splits = {split: make_split(split, part, tokenizer) for split, part in parts.items()}
    fingerprint = _fingerprint([text for part in parts.values() for text in part])
    return Corpus(name, tokenizer, layout, splits["train"], splits.get("valid"), splits.get("test"), fingerprint)


def make_split(name: SplitName, texts: Sequence[str], tokenizer: Tokenizer) -> Split:
    """Turn ``texts`` into tokens of ``tokenizer``, an end of text after each where it has one."""
    end = [] if tokenizer.end_id is None else [tokenizer.end_id]
    lengths: list[int] = []
    pieces = [np.zeros(0, dtype=np.int32)]
    # In batches, because a token takes many times as much as a Python number than in an array.
    for batch in batches(texts):
        encoded = tokenizer.encode_batch(batch)
        lengths += [len(ids) + len(end) for ids in encoded]
        flat = chain.from_iterable(chain(ids, end) for ids in encoded)
        pieces.append(np.fromiter(flat, dtype=np.int32, count=sum(lengths[-len(encoded) :])))
    tokens = np.concatenate(pieces)
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    unknown, spelling = _unknown(texts, tokens, offsets, tokenizer)
    words = sum(len(text.split()) for text in texts)
    return Split(
        name, tokens, offsets, words, sum(map(len, texts)) + len(texts) * len(end), unknown, spelling, bool(end)
    )


def _unknown(texts: Sequence[str], tokens: Tokens, offsets: Offsets, tokenizer: Tokenizer) -> tuple[int, float]:
    """Return how much of ``texts`` the vocabulary does not know, and the nats that spelling it costs."""
    places: Iterable[int] = range(len(texts))
    if tokenizer.unknown_id is not None:
        # The text of each token that is unknown.
        places = np.unique(np.searchsorted(offsets, np.flatnonzero(tokens == tokenizer.unknown_id), side="right") - 1)
    unknown = [word for place in places for word in tokenizer.unknown_words(texts[place])]
    if not unknown:
        return 0, 0.0
    model = spelling_model(tokenizer.words)
    count = len(unknown) if tokenizer.unknown_id is None else int((tokens == tokenizer.unknown_id).sum())
    # In a corpus that comes with the unknown word it is a word of its own, of which nothing more is to be said.
    return count, math.fsum(model.nats(word) for word in unknown if word != UNKNOWN)


def _by_hash(texts: Sequence[str]) -> dict[SplitName, list[str]]:
    parts: dict[SplitName, list[str]] = {name: [] for name in SPLITS}
    for text in texts:
        parts[split_of(text)].append(text)
    return parts


def _by_position(text: str, train_share: float) -> dict[SplitName, list[str]]:
    first, second = int(len(text) * train_share), int(len(text) * 0.9)
    parts: dict[SplitName, str] = {"train": text[:first], "valid": text[first:second], "test": text[second:]}
    return {name: [part] for name, part in parts.items() if part}


def _check_size(name: str, parts: dict[SplitName, list[str]], *, whole: bool) -> None:
    if whole:
        if len(parts["train"][0]) < 200:
            raise CorpusError(f"{name} is too short to learn from; a long text needs at least 250 characters.")
        return
    texts = sum(map(len, parts.values()))
    if not all(parts.values()):
        found = "only one text" if texts == 1 else f"only {texts} different texts"
        raise CorpusError(
            f"{name} has {found}, too few to hold some out for testing; give it at least 40 different ones."
        )


def _fingerprint(texts: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for key in sorted(hashlib.sha256(split_key(text).encode()).digest() for text in texts):
        digest.update(key)
    return digest.hexdigest()
