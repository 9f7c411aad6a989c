"""Which split a text belongs to, decided by the text alone."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Literal

from .cleaning import clean_text

SplitName = Literal["train", "valid", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "valid", "test")


def split_key(text: str) -> str:
    """Return what two texts share when they differ only in case, spacing or Unicode form."""
    if text.isascii() and text.isprintable() and "&" not in text:
        return " ".join(text.lower().split())
    # Unicode's compatibility caseless match: folding may take a composed character apart, so it is done twice.
    folded = unicodedata.normalize("NFD", clean_text(text)).casefold()
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", folded).casefold()).split())


def split_of(text: str) -> SplitName:
    """Return the split of ``text``: 10 % test, 10 % valid, the rest train.

    The choice is a hash of the text, so it stays when a corpus grows, is shuffled or is cleaned again, and texts that
    differ only in case or spacing stand on the same side.
    """
    return split_of_key(split_key(text).encode("utf-8"))


def split_of_key(key: bytes) -> SplitName:
    """Return the split of the texts that have this key."""
    digest = hashlib.blake2b(key, digest_size=8).digest()
    share = int.from_bytes(digest, "little") / 2**64
    return "test" if share < 0.1 else "valid" if share < 0.2 else "train"
