"""What is a word in any script: with blanks between words, or without as in Chinese, Japanese, Thai and Khmer."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Characters of scripts that write words without blanks between them."""
_UNSPACED = re.compile(f"[{UNSPACED}]")
_LETTERS_A_WORD = 2
"""Characters of such a script that stand for one word, roughly."""


def count_words(text: str) -> int:
    """Return about how many words of a language ``text`` has; numbers and signs are none."""
    if text.isascii():
        return len(_WORD.findall(text))
    unspaced = len(_UNSPACED.findall(text))
    if not unspaced:
        return len(_WORD.findall(text))
    return unspaced // _LETTERS_A_WORD + len(_WORD.findall(_UNSPACED.sub(" ", text)))


def unspaced_share(texts: list[str]) -> float:
    """Return the share of the letters that belong to scripts without blanks between words."""
    joined = "".join(texts)
    letters = sum(character.isalpha() for character in joined)
    return len(_UNSPACED.findall(joined)) / max(1, letters)
