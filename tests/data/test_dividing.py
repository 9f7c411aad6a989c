"""Plain text is divided as its lines suggest, or as a person says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.data.dividing import check_layout, divide, guess_layout
from jokegen.data.faults import CorpusError


def poems(stanzas: int, between: str) -> str:
    return between.join(
        "\n\n".join(f"The moon {place} is {stanza},\nthe sea is {place * 7}," for stanza in range(stanzas))
        for place in range(40)
    )


@pytest.mark.parametrize("mark", ["%", "%%", "---", "***", "* * *", "=====", "~~~", "-- next --", "§"])
def test_a_line_that_repeats_alone_parts_texts(mark: str) -> None:
    texts = [f"Why {place}?\nBecause of {place * 3}." for place in range(20)]
    written = f"\n{mark}\n".join(texts)
    assert guess_layout(written) == f"mark={mark}"
    assert divide(written, f"mark={mark}") == texts
    assert divide(f"{written}\n{mark}\n", f"mark={mark}") == texts


@pytest.mark.parametrize("mark", ["}", ")", "the end", "1", "...", "|---|"])
def test_other_lines_that_repeat_are_text(mark: str) -> None:
    written = "\n".join(f"def f{place}(x) {{ return {place}\n{mark}" for place in range(20))
    assert not guess_layout(written).startswith("mark")


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("<|startoftext|>", "<|endoftext|>"),
        ("", "<|endoftext|>"),
        ("<s>", "</s>"),
        ("[BOS]", "[EOS]"),
        ("<|im_start|>", "<|im_end|>"),
    ],
)
def test_marks_of_language_models_are_taken_off(begin: str, end: str) -> None:
    texts = [f"Why {place}?\nBecause of {place * 3}." for place in range(20)]
    written = "\n".join(f"{begin}{text}{end}" for text in texts)
    layout = guess_layout(written)
    assert layout == f"mark={end}"
    assert divide(written, layout) == texts


@pytest.mark.parametrize("gap", ["\n\n\n", "\n\n\n\n", "\n \n\t\n\n"])
def test_wider_gaps_part_poems_and_single_ones_stanzas(gap: str) -> None:
    written = poems(3, gap)
    assert guess_layout(written) == "double-blank"
    assert len(divide(written, "double-blank")) == 40
    assert len(divide(written, "blank")) == 120


def test_a_wide_gap_here_and_there_means_nothing() -> None:
    written = poems(1, "\n\n").replace("\n\n", "\n\n\n\n", 2)
    assert guess_layout(written) == "blank"


def test_stanzas_of_a_long_file_are_texts_and_a_play_is_one() -> None:
    stanza = "The {0} sat on a wall,\nThe {0} had a fall,\nThe {0} went away,\nAnd came another day."
    assert guess_layout("\n\n".join(stanza.format(place) for place in range(300))) == "blank"
    speech = "First Citizen {0}:\nWe are all resolved, my dear\nfriend, to die rather than\nto famish {0}?"
    assert guess_layout("\n\n".join(speech.format(place) for place in range(300))) == "whole"


def test_whole_and_file_keep_a_text_in_one_piece() -> None:
    assert divide("a\n\nb\n", "whole") == divide("a\n\nb\n", "file") == ["a\n\nb\n"]
    assert divide(" \n", "whole") == []


def test_a_mark_that_is_not_there_is_refused() -> None:
    assert divide("a ## b ## c", "mark=##") == ["a ", " b ", " c"]
    assert divide("50 % off\n%\nall", "mark=%") == ["50 % off", "all"]
    with pytest.raises(CorpusError, match="no mark '##'"):
        divide("a\nb", "mark=##")


@pytest.mark.parametrize("layout", ["pages", "", "mark", "mark=", "mark= ", "lines=3", "whole=x", "mark=TEXT\x1b"])
def test_what_is_no_layout_is_said(layout: str) -> None:
    if layout.startswith("mark=TEXT"):
        check_layout(layout)
        return
    with pytest.raises(CorpusError, match="must be lines, blank, double-blank, whole, file or mark=TEXT"):
        check_layout(layout)


@given(st.lists(st.text(st.sampled_from("ab .%\n-<|>s/\t"), max_size=12), max_size=30).map("\n".join))
@settings(max_examples=200)
def test_no_word_is_lost_whatever_the_layout(text: str) -> None:
    for layout in {guess_layout(text), "lines", "blank", "double-blank", "whole"}:
        parts = divide(text, layout)
        assert all(part.strip() for part in parts)
        if not layout.startswith("mark="):
            assert "".join("".join(parts).split()) == "".join(text.split())
