"""Cleaned text is safe to show, stays what it says, and cleaning it again changes nothing."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jokegen.data.cleaning import clean_text, one_line, printable

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ANY_TEXT = st.text(st.characters())
"""Every character that a Python string can hold, lone surrogates included."""
TROUBLE = st.lists(
    st.sampled_from(
        [
            *("&", "amp;", "lt;", "#38;", "#x26;", "#27;", "#xD800;", "nbsp;", "not", ";", "#", "'", "’", "1", "_"),
            *("\r", "\n", "\t", " ", "\x1b[2J", "\x85", "\u2028", "\u00a0", "\u200b", "\ufeff", *BIDI),
            *("a", "e", "\u0301", "\u1100", "\u1161"),
        ]
    ),
    max_size=40,
).map("".join)
"""What cleaning has to take apart, in any order."""


def unsafe(text: str) -> list[str]:
    return [
        character
        for character in text
        if (unicodedata.category(character) in {"Cc", "Cs"} and character != "\n") or character in BIDI + "\u200b\ufeff"
    ]


@given(ANY_TEXT | TROUBLE)
@example("&amp;#27;[31m")
@example("e\u200b\u0301")
@example("&" + "amp;" * 50 + "lt;")
def test_cleaning_twice_changes_nothing(text: str) -> None:
    for letters_only in (False, True):
        once = clean_text(text, letters_only=letters_only)
        assert clean_text(once, letters_only=letters_only) == once
    assert printable(printable(text)) == printable(text)
    assert one_line(one_line(text)) == one_line(text)


@given(ANY_TEXT | TROUBLE)
@example("&#27;[2J&#x9b;31m&#8238;")
@example("\x1b]0;title\x07")
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    for result in (printable(text), one_line(text), clean_text(text), clean_text(text, letters_only=True)):
        assert unsafe(result) == []
        assert result.encode("utf-8").decode("utf-8") == result
    assert "\n" not in one_line(text)


@given(ANY_TEXT | TROUBLE)
def test_spaces_are_single_and_lines_are_stripped(text: str) -> None:
    cleaned = clean_text(text)
    assert "  " not in cleaned
    assert cleaned == cleaned.strip()
    assert all(line == line.strip() for line in cleaned.split("\n"))
    assert unicodedata.is_normalized("NFC", cleaned)


@given(st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="&")))
def test_words_and_punctuation_stay_what_they_are(text: str) -> None:
    assert clean_text(text) == unicodedata.normalize("NFC", text).strip()


@pytest.mark.parametrize("emoji", ["👩\u200d🚀", "👨\u200d👩\u200d👧\u200d👦", "🏳️\u200d🌈", "❤️"])
def test_joined_emoji_stay_whole(emoji: str) -> None:
    assert clean_text(f"Space {emoji} joke") == f"Space {emoji} joke"
    assert printable(emoji) == one_line(emoji) == emoji


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("fish &amp; chips", "fish & chips"),
        ("fish &amp;amp; chips", "fish & chips"),
        ("&lt;b&gt;bold&lt;/b&gt;", "<b>bold</b>"),
        ("it&#39;s", "it's"),
        ("it&#x27;s", "it's"),
        ("caf&eacute;", "café"),
        ("one&nbsp;two", "one two"),
        ("AT&T", "AT&T"),
        ("Barnes & Noble; gone", "Barnes & Noble; gone"),
        ("this&that", "this&that"),
        ("salt&pepper", "salt&pepper"),
        ("&notable;", "&notable;"),
    ],
)
def test_entities_become_what_they_stand_for(written: str, meant: str) -> None:
    assert clean_text(written) == meant


def test_every_kind_of_line_end_becomes_one_newline() -> None:
    assert clean_text("a\r\nb\rc\u2028d\u2029e\x85f") == "a\nb\nc\nd\ne\nf"


def test_a_tab_is_a_space() -> None:
    assert printable("a\tb") == "a b"


def test_a_name_stands_on_one_line() -> None:
    assert one_line("  my\n\x1b[31mrun\t1 ") == "my [31mrun 1"


def test_letters_only_leaves_words() -> None:
    assert clean_text("Don't panic: 42 is *the* answer!", letters_only=True).split() == [
        "Dont",
        "panic",
        "is",
        "the",
        "answer",
    ]
    assert clean_text("naïve ćevapi हिन्दी", letters_only=True) == "naïve ćevapi हिन्दी"


@given(ANY_TEXT | TROUBLE)
def test_letters_only_never_glues_two_lines(text: str) -> None:
    cleaned = clean_text(text, letters_only=True)
    assert all(c.isalpha() or c.isspace() or unicodedata.category(c).startswith("M") for c in cleaned)
