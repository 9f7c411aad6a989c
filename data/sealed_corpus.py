"""A corpus as one file: its tokens, sealed so that damage is noticed, and of its tokenizer only the fingerprint."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any, get_args

import numpy as np
from numpy.typing import NDArray

from .arrays_on_disk import in_parts
from .cleaning import one_line
from .corpus import Corpus, CorpusLayout, Offsets, Split
from .faults import CorpusError, ForeignTokenizerError
from .sealing import seal, seal_into, unseal, unseal_file
from .splitting import SPLITS, SplitName
from .tokenization import Tokenizer

_ON_DISK = "on_disk"
_DAMAGED = "The run's saved texts are damaged; restore corpus.safetensors from a copy."
_LAYOUTS: tuple[CorpusLayout, ...] = get_args(CorpusLayout)


def corpus_to_bytes(corpus: Corpus) -> bytes:
    """Return the corpus as one safetensors document; of its tokenizer only the fingerprint."""
    return seal(*_contents(corpus))


def write_corpus(corpus: Corpus, file: IO[bytes]) -> None:
    """Write what :func:`corpus_to_bytes` returns, whatever the size of the corpus; raises OSError."""
    if corpus.train.is_on_disk:
        seal_into(file, *_contents(corpus))
    else:
        file.write(corpus_to_bytes(corpus))


def _contents(corpus: Corpus) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    splits: dict[str, dict[str, float]] = {}
    for name in SPLITS:
        split: Split | None = getattr(corpus, name)
        if split is not None:
            arrays |= {f"{name}.tokens": split.tokens, f"{name}.offsets": split.offsets}
            splits[name] = {"words": split.words, "characters": split.characters, "unknown": split.unknown}
            if split.spelling is not None:
                splits[name]["spelling"] = split.spelling
    header = {
        "name": corpus.name,
        "layout": corpus.layout,
        "fingerprint": corpus.fingerprint,
        "tokenizer": corpus.tokenizer.fingerprint,
        "splits": splits,
    }
    return arrays, header | ({_ON_DISK: True} if corpus.train.is_on_disk else {})


def read_corpus(path: Path, tokenizer: Tokenizer) -> Corpus:
    """Rebuild a corpus from its file; a large one is looked into rather than loaded.

    Raises:
        OSError: the file cannot be read.
        ForeignTokenizerError, CorpusError: see :func:`corpus_from_bytes`.
    """
    try:
        arrays, header = unseal_file(path, lambda values: bool(values.get(_ON_DISK)))
    except ValueError as error:
        raise CorpusError(_DAMAGED) from error
    return _corpus_of(arrays, header, tokenizer)


def corpus_from_bytes(data: bytes, tokenizer: Tokenizer) -> Corpus:
    """Rebuild a corpus.

    Raises:
        ForeignTokenizerError: the corpus is sound, but was made with another tokenizer, or this one was damaged since.
        CorpusError: the document is damaged.
    """
    try:
        arrays, header = unseal(data)
    except ValueError as error:
        raise CorpusError(_DAMAGED) from error
    return _corpus_of(arrays, header, tokenizer)


def _corpus_of(arrays: dict[str, NDArray[Any]], header: dict[str, Any], tokenizer: Tokenizer) -> Corpus:
    try:
        if header.get("tokenizer", tokenizer.fingerprint) != tokenizer.fingerprint:
            raise ForeignTokenizerError("The texts were turned into tokens by another tokenizer; restore its file.")
        splits = {name: _load_split(name, arrays, header["splits"][name], tokenizer) for name in header["splits"]}
        return Corpus(
            one_line(str(header["name"])),
            tokenizer,
            _LAYOUTS[_LAYOUTS.index(header["layout"])],
            splits["train"],
            splits.get("valid"),
            splits.get("test"),
            str(header["fingerprint"]),
        )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise CorpusError(_DAMAGED) from error


def _load_split(
    name: SplitName, arrays: dict[str, NDArray[Any]], counts: dict[str, float], tokenizer: Tokenizer
) -> Split:
    tokens, offsets = arrays[f"{name}.tokens"], arrays[f"{name}.offsets"]
    if name != "train" or not isinstance(tokens, np.memmap):
        tokens, offsets = tokens.astype(np.int32), offsets.astype(np.int64)
    flat = tokens.ndim == offsets.ndim == 1 and tokens.dtype.kind in "iu" and offsets.dtype == np.int64
    rises = flat and offsets[0] == 0 and offsets[-1] == len(tokens) and _rises(offsets)
    if not rises or not _all_below(tokens, tokenizer.vocabulary_size):
        raise ValueError(name)
    spelling = None if counts.get("spelling") is None else float(counts["spelling"])
    words, characters, unknown = (int(counts[what]) for what in ("words", "characters", "unknown"))
    return Split(name, tokens, offsets, words, characters, unknown, spelling, tokenizer.end_id is not None)


def _rises(offsets: Offsets) -> bool:
    return all(bool((np.diff(part) >= 0).all()) for part in in_parts(offsets, overlap=1))


def _all_below(tokens: NDArray[Any], size: int) -> bool:
    return all(0 <= part.min() <= part.max() < size for part in in_parts(tokens))
