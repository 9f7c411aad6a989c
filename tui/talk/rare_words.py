"""How words too rare for the vocabulary are shown in training texts: a run does not keep what they were."""

from __future__ import annotations

RARE = "‹rare›"
"""Stands for such a word."""
WHAT_IT_IS = f"{RARE}: a word too rare for the vocabulary; the run knows its texts only as the model reads them."


def with_rare_marked(text: str) -> str:
    """A text of the training with its unknown words marked in plain sight."""
    from ...data.tokenization import UNKNOWN

    return text.replace(UNKNOWN, RARE)
