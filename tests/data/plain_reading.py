"""What the tests of reading share: the type of what writes and reads a file, and a check of sentences."""

from __future__ import annotations

from collections.abc import Callable
from unicodedata import category

from jokegen.data.reading import Texts

ReadFile = Callable[..., Texts]
_UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp")
_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def plain_sentence(sentence: str) -> str:
    """Check that a message is one plain sentence that may stand on a screen."""
    assert not any(category(character) in _UNPRINTABLE or character in _BIDI for character in sentence), sentence
    assert sentence.endswith("."), sentence
    assert len(sentence) < 500
    return sentence
