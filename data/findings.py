"""What is found out while texts are read, gathered as sentences for the person who gave them."""

from __future__ import annotations


class Findings:
    """Sentences about a reading in the order in which they came up; the same sentence is kept once."""

    def __init__(self) -> None:
        """Nothing was found yet."""
        self.notices: list[str] = []
        self.repaired: list[str] = []
        self.left_out: list[str] = []

    def notice(self, sentence: str) -> None:
        """Keep what was guessed, joined or chosen."""
        if sentence not in self.notices:
            self.notices.append(sentence)

    def repair(self, sentence: str) -> None:
        """Keep what was changed for the better."""
        if sentence not in self.repaired:
            self.repaired.append(sentence)
        self.notice(sentence)

    def omit(self, sentence: str) -> None:
        """Keep what the model will not see."""
        if sentence not in self.left_out:
            self.left_out.append(sentence)
        self.notice(sentence)


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """Return ``1 row`` or ``2,000 rows``."""
    return f"1 {singular}" if number == 1 else f"{number:,} {plural or singular + 's'}"
