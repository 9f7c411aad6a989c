"""A training that is killed again and again, at any moment and in writing, becomes what it would have become.

The suite kills a few times; ``pytest tests/core/training -k kill --kills 20`` as often as one likes, in both
precisions, and then at moments of the clock too.
"""

import sys

import pytest
from interrupted_training import drawn_deaths, killed
from jokegen.core.training import workflow
from trainings import assert_same_training

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds the file being written through /proc")


@pytest.mark.parametrize(("precision", "kills"), [("float32", 10), ("bfloat16", 3)], ids=["float32", "bfloat16"])
def test_kill_9_at_random_moments_and_in_writing_again_and_again(
    make_request, store, trained, kills_asked, precision, kills
):
    kills = kills_asked or kills
    chosen = {"max_epochs": max(2, kills // 3), "batch_size": 8 if kills < 8 else 4, "precision": precision}
    request, expected = make_request(**chosen), trained(**chosen)
    request = killed(request, store, drawn_deaths(kills, by_the_clock=bool(kills_asked)))
    list(workflow.train(request, store))
    run = store.open("run")
    assert_same_training(run, expected)
    assert run.samples() == expected.samples()
