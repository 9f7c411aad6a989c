"""A vocabulary that is added to: every token keeps its number, and new words come behind."""

from __future__ import annotations

import json

from .tokenization import Tokenizer


def extended(known: Tokenizer, fitted: Tokenizer) -> Tokenizer:
    """Return ``known`` with the tokens of ``fitted``, one of the same kind, that it does not have.

    Byte pairs know every text, so they stay as they are.
    """
    if known.kind == "bpe":
        return known
    document = json.loads(known.to_json())
    vocabulary: dict[str, int] = document["model"]["vocab"]
    theirs: dict[str, int] = json.loads(fitted.to_json())["model"]["vocab"]
    for piece in sorted(theirs, key=theirs.__getitem__):
        vocabulary.setdefault(piece, len(vocabulary))
    return Tokenizer.from_json(json.dumps(document))
