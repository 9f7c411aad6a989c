"""What answers side by side may differ in."""

from jokegen.core.speaking.choices import Sampling
from jokegen.tui.talk.variants import Voices, growing_up, variants

GROWN = Voices(("otter",), (1, 2, 4, 8, 12, 16, 20, 24, 28, 30), 18)


def test_a_joke_grows_up_from_the_first_epoch_to_the_best_and_fastest_at_the_beginning():
    assert growing_up(GROWN, 1) == [18]
    assert growing_up(GROWN, 2) == [1, 18]
    assert growing_up(GROWN, 3) == [1, 4, 18]
    assert growing_up(GROWN, 6) == [1, 2, 4, 8, 18, 30]
    assert growing_up(GROWN, 20) == sorted({*GROWN.epochs, 18})
    assert growing_up(Voices(("bundled",), (), 5), 3) == []


def test_the_model_in_training_ends_the_row_as_it_is_now():
    live = Voices(("\0live",), (1, 2, 3), None)
    assert [variant.label for variant in variants("epoch", 3, 7, Sampling(), live)] == ["epoch 1", "epoch 2", "now"]
    assert [variant.label for variant in variants("epoch", 2, 7, Sampling(), GROWN)] == ["epoch 1", "epoch 18 ★"]
    assert variants("epoch", 2, 7, Sampling(), Voices()) == []
