"""Spacing is kept where it says something."""

from __future__ import annotations

import pytest
from jokegen.data.spacing import is_uneven, spacing_matters

CODE = "def f(x):\n    if x:\n        return 1\n    return 2"
VERSE = "The sun went down,\n    and up again,\nThe moon went out,\n    and in came rain."
PICTURE = "name      price\npear      3\nbanana    4\nplum      12"
SAYING = "Never say never,\nor say it twice.\n\t\t-- Ann, 1905"


@pytest.mark.parametrize("text", [CODE, CODE.replace("    ", "\t"), VERSE, PICTURE])
def test_code_verse_and_tables_of_letters_keep_it(text: str) -> None:
    assert spacing_matters([text, "a line", text])


@pytest.mark.parametrize(
    "text", ["one line   with gaps", "Two lines.  With gaps.\nAnd more.  Here.", SAYING, "a\nb\nc"]
)
def test_other_texts_do_not(text: str) -> None:
    assert not spacing_matters([text] * 10)


def test_what_cleaning_evens_out_is_seen() -> None:
    assert all(map(is_uneven, ["a  b", "a\tb", "a\n  b", "a\n\n\nb", "a\u00a0b"]))
    assert not any(map(is_uneven, ["a b", " a b ", "a\nb", "a\n\nb", "a \nb"]))
