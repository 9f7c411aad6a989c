"""What a curve says is right where the answer is known."""

from __future__ import annotations

import pytest
from jokegen.core.events import EpochDone, Remembered, SampleMade
from jokegen.core.runs.verdict import learned_by_heart, verdict


def epochs_of(valid, train=None):
    train = train or [value - 0.1 for value in valid if value is not None]
    return [
        EpochDone(number, 10 * number, trained, validated, 1.0, float(number), best=False)
        for number, (validated, trained) in enumerate(zip(valid, train, strict=True), 1)
    ]


FALLING = [5.0, 4.5, 4.2, 4.0, 3.9, 3.85, 3.84]
FRESH = [SampleMade(epoch, "a text of its own", 2, 5) for epoch in (1, 2, 3)]
COPIED = [SampleMade(epoch, "a b c d e f g", 7, 7) for epoch in (1, 2, 3)]


def test_while_validation_falls_it_is_still_learning():
    found = verdict(epochs_of(FALLING), FRESH, goes_on=True)
    assert (found.short, found.worry) == ("still learning", False)
    assert verdict(epochs_of(FALLING), FRESH, goes_on=False) is None


def test_when_nothing_gets_better_it_says_since_when_and_what_to_do():
    valid = [*FALLING, 3.86, 3.9, 4.0, 4.1]
    train = [4.9, 4.4, 4.1, 3.9, 3.8, 3.7, 3.6, 3.4, 3.2, 3.0, 2.8]
    found = verdict(epochs_of(valid, train), FRESH, goes_on=True)
    assert found.worry
    assert found.sentence == (
        "No better since epoch 7: stop (the weights of epoch 7 are kept), or raise dropout next time."
    )
    flat = verdict(epochs_of(valid, [value - 0.1 for value in valid]), FRESH, goes_on=True)
    assert "dropout" not in flat.sentence, "training stands still as well: nothing to hold back"
    after = verdict(epochs_of(valid, train), FRESH, goes_on=False)
    assert after.sentence == "It was best at epoch 7 of 11: fewer epochs or more dropout would do."


def test_a_pause_of_an_epoch_or_two_is_no_end():
    assert verdict(epochs_of([*FALLING, 3.86, 3.85]), FRESH, goes_on=True).short == "still learning"


def test_samples_that_stand_in_the_texts_are_learned_by_heart():
    found = verdict(epochs_of(FALLING), COPIED, goes_on=True)
    assert (found.short, found.worry) == ("learning by heart", True)
    assert verdict(epochs_of(FALLING), [*COPIED[:1], *FRESH[:2]], goes_on=True).short == "still learning"


@pytest.mark.parametrize("valid", [[], [4.0, 3.0], [None, None, None, None], [float("nan")] * 5])
def test_with_too_little_to_go_by_it_says_nothing(valid):
    assert verdict(epochs_of(valid, [4.0] * len(valid)), [], goes_on=True) is None


def looked(copied, held_out, copied_texts=0.0, held_out_texts=0.0):
    return Remembered(7, 70, 3.0, copied, copied_texts, held_out, held_out_texts)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (looked(0.1, 0.05), False),
        (looked(0.9, 0.05), True),
        (looked(0.75, 0.7), False),  # the texts resemble each other, and so does what it says
        (looked(0.75, 0.7, 0.5), True),
        (looked(0.97, 1.0), True),  # held-out texts that are none
        (looked(0.97, 1.0, None, None), True),  # one long text
        (looked(None, None, None, None), False),
    ],
)
def test_what_was_looked_into_decides_whether_it_learns_by_heart(found, expected):
    assert learned_by_heart(found) == expected
    said = verdict(epochs_of(FALLING), COPIED, [found], goes_on=True)
    assert (said.short == "learning by heart") == expected


def test_the_sentence_gives_the_figures_and_says_when_validation_is_blind():
    said = verdict(epochs_of(FALLING), FRESH, [looked(0.8, 0.1, 0.3)], goes_on=True).sentence
    assert all(part in said for part in ("80%", "held-out texts: 10%", "30%", "epoch 7 are kept", "dropout"))
    assert "validation does not see it" not in said
    blind = verdict(epochs_of(FALLING), FRESH, [looked(0.9, 0.95, 0.5, 0.8)], goes_on=False).sentence
    assert "validation does not see it" in blind


def test_where_the_held_out_texts_repeat_the_training_texts_validation_is_said_to_tell_nothing():
    said = verdict(epochs_of(FALLING), FRESH, [looked(0.1, 0.88)], goes_on=True)
    assert (said.short, said.worry) == ("validates by heart", True)
    assert "88%" in said.sentence
    assert verdict(epochs_of(FALLING), FRESH, [looked(0.1, 0.7)], goes_on=True).short == "still learning"
