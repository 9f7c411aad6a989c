"""Dials: every step and text stays within what the engine takes, and what is stored comes back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from jokegen.core.speaking.choices import Sampling, TextChoices
from jokegen.tui.talk.dials import DIALS, PRESETS, Dials


@given(st.sampled_from(DIALS), st.lists(st.integers(-1000, 1000), max_size=20))
def test_however_far_a_dial_is_moved_the_engine_takes_its_value(dial, steps):
    dials = Dials({})
    for step in steps:
        dials.values[dial.key] = dial.moved(dials.values[dial.key], step)
    dials.sampling()  # a value out of range would be refused
    dials.text_choices()
    assert Dials(dials.typed()).values == dials.values


@given(st.sampled_from(DIALS), st.text(max_size=12))
def test_a_text_is_a_value_in_range_or_nothing(dial, text):
    value = dial.read(text)
    if value is not None:
        dials = Dials({dial.key: text})
        assert dials.values[dial.key] == value
        dials.sampling()
        dials.text_choices()


def test_stored_nonsense_falls_back_to_the_defaults():
    dials = Dials({"temperature": "hot", "top_p": "7", "greedy": "perhaps", "speed": "inf", "gone": "1"})
    assert dials.sampling() == Sampling()
    assert dials.text_choices() == TextChoices()
    assert not any(dials.changed(dial) for dial in DIALS)


def test_presets_go_round_and_a_moved_dial_is_none():
    dials = Dials({})
    assert dials.preset == "balanced"
    assert [dials.next_preset() for _ in PRESETS] == ["wild", "careful", "balanced"]
    dials.next_preset()
    temperature = next(dial for dial in DIALS if dial.key == "temperature")
    dials.values["temperature"] = temperature.moved(dials.values["temperature"], 1)
    assert dials.preset == "changed"
    assert dials.changed(temperature)
    dials.reset(temperature)
    assert dials.values["temperature"] == Sampling().temperature


def test_a_preset_leaves_what_may_be_copied_as_it_is():
    dials = Dials({"only_new": "4"})
    assert dials.preset == "balanced"
    assert dials.next_preset() == "wild"
    assert dials.sampling().only_new == 4
