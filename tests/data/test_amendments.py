"""Texts that a person leaves out or corrects."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.data.amendments import correction, corrections_of, lines_of, number_of
from jokegen.data.corpus import build_corpus
from jokegen.data.faults import CorpusError
from jokegen.data.interpretation import Reading, ReadingOptions
from jokegen.data.reading import read_texts
from jokegen.data.splitting import split_of

TEXTS = [f"Text number {number} says something." for number in range(120)]


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "jokes.txt"
    path.write_text("\n".join(TEXTS), encoding="utf-8")
    return path


def test_texts_are_left_out_and_corrected_by_number_and_the_others_stay_in_their_splits(source):
    out, wrong = number_of(TEXTS[3]), number_of(TEXTS[7])
    read = read_texts(source, ReadingOptions(exclude=(out,), correct=(correction(wrong, "Better\nnow."),)))
    assert read.texts.tolist() == [*TEXTS[:3], *TEXTS[4:7], "Better\nnow.", *TEXTS[8:]]
    assert (read.reading.exclude, read.reading.correct) == ((out,), (rf"{wrong}=Better\nnow.",))
    assert any("1 text of jokes.txt was left out by number" in notice for notice in read.notices)
    assert any("1 text of jokes.txt was corrected by hand" in notice for notice in read.notices)
    whole, part = build_corpus(read_texts(source)), build_corpus(read)
    for name in ("train", "valid", "test"):
        before = {whole.tokenizer.decode(whole.split(name).text(place)) for place in range(len(whole.split(name)))}
        after = {part.tokenizer.decode(part.split(name).text(place)) for place in range(len(part.split(name)))}
        changed = {text for text in (TEXTS[3], TEXTS[7], "Better\nnow.") if split_of(text) == name}
        assert before ^ after <= changed | {text for text in before | after if "<unk>" in text}
    again = Reading.from_dict(read.reading.to_dict())
    assert read_texts(source, like=again).texts.tolist() == read.texts.tolist(), "read like that, without being asked"


def test_what_cannot_be_obeyed_is_said(source):
    read = read_texts(source, ReadingOptions(exclude=("0123456789",)))
    assert len(read.texts) == 120
    assert any("0123456789" in notice and "no text" in notice for notice in read.notices)
    quiet = read_texts(source, like=Reading(layout="lines", exclude=("0123456789",)))
    assert not any("0123456789" in notice for notice in quiet.notices), "other texts have other numbers"
    with pytest.raises(CorpusError, match="one long text"):
        read_texts(source, ReadingOptions(layout="whole", exclude=("0123456789",)))
    for options in (ReadingOptions(exclude=("nothing",)), ReadingOptions(correct=("0123456789=",))):
        with pytest.raises(CorpusError):
            read_texts(source, options)


def test_a_text_that_is_corrected_into_another_one_is_a_repeat(source):
    read = read_texts(source, ReadingOptions(correct=(f"{number_of(TEXTS[5])}={TEXTS[6]}",)))
    assert read.texts.tolist() == [*TEXTS[:5], *TEXTS[6:]]
    assert any("1 repeated text was left out" in notice for notice in read.notices)


@settings(max_examples=50)
@given(st.text(min_size=1).filter(str.strip))
def test_a_correction_reads_as_it_was_written(text):
    written = correction("0123456789", text)
    assert "\n" not in written
    assert corrections_of([f"{written}"])["0123456789"].strip() == text.strip()


def test_the_number_is_that_of_the_words_whatever_their_spacing():
    assert number_of("A  duck\nwalks") == number_of("a duck walks") != number_of("a duck walked")


def test_a_file_names_a_text_a_line():
    lines = ["# these repeat", "", "0123456789 Why did the", "abcdefabcd"]
    assert lines_of(lines, whole=False) == ["0123456789", "abcdefabcd"]
    assert lines_of(lines[2:], whole=True) == lines[2:]
