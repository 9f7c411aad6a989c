"""The training texts of a large corpus as tokens in files, which are looked into and never loaded."""

from __future__ import annotations

from typing import cast

import numpy as np

from ..advance import Pace, Work
from ..corpus import Split, Tokens
from ..quick_encoding import UnitEncoder
from ..splitting import SPLITS
from ..tokenization import Tokenizer
from .shelf import Shelf, alone_in
from .streaming import StoredTexts

_TOKENS, _OFFSETS = "tokens", "offsets"
_MOST_SHORT = 2**16
_TRAIN = SPLITS.index("train")


def stored_tokens(stored: StoredTexts, tokenizer: Tokenizer, name: str) -> Work[Split]:
    """Turn the training texts into tokens on the disk, going on where it was interrupted.

    Raises:
        CorpusError: they cannot be written; what is done so far is kept.
    """
    folder = stored.folder / tokenizer.fingerprint[:20]
    kind = np.uint16 if tokenizer.vocabulary_size <= _MOST_SHORT else np.int32
    ends = tokenizer.end_id is not None
    lock = yield from alone_in(stored.folder, name)
    try:
        shelf = Shelf(folder, _TOKENS, _OFFSETS)
        try:
            if not shelf.note:
                shelf.add(offsets=np.zeros(1, dtype=np.int64).tobytes())
            sums = {
                what: int(shelf.note.get(what, 0)) for what in ("pieces", "tokens", "words", "characters", "unknown")
            }
            encoder = UnitEncoder(tokenizer)
            pace: Pace | None = None
            for texts, sides, end in stored.pieces(sums["pieces"]):
                pace = pace or Pace(f"turning {name} into tokens (2 of 2)", stored.size, end)
                chosen = [text for text, side in zip(texts, sides.tolist(), strict=True) if side == _TRAIN]
                tokens, lengths = encoder.encode(chosen)
                offsets = sums["tokens"] + np.cumsum(lengths)
                shelf.add(tokens=tokens.astype(kind).tobytes(), offsets=offsets.astype(np.int64).tobytes())
                sums["pieces"] += 1
                sums["tokens"] += len(tokens)
                sums["words"] += sum(len(text.split()) for text in chosen)
                sums["characters"] += sum(map(len, chosen)) + len(chosen) * ends
                sums["unknown"] += (
                    int((tokens == tokenizer.unknown_id).sum()) if tokenizer.unknown_id is not None else 0
                )
                shelf.write_note(sums)
                yield pace.at(end)
        finally:
            shelf.close()
    finally:
        lock.release()
    return Split(
        "train",
        cast("Tokens", np.memmap(folder / _TOKENS, dtype=kind, mode="r")),
        np.memmap(folder / _OFFSETS, dtype=np.int64, mode="r"),
        sums["words"],
        sums["characters"],
        sums["unknown"],
        None,
        ends,
    )
