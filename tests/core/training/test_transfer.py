"""A run that starts from another's weights: tokens keep them, new ones are made of parts, forgetting is measured."""

import numpy as np
import pytest
from jokegen.core.errors import RunError, SettingsError
from jokegen.core.events import Ended, Noticed, Started, StepDone
from jokegen.core.runs.checkpoints import load_checkpoint
from jokegen.core.runs.contents import load_tokenizer
from jokegen.core.runs.folder import BEST, START
from jokegen.core.runs.store import RunStore
from jokegen.core.settings import make_settings
from jokegen.core.speaking.loading import load_generator, load_run
from jokegen.core.training import workflow
from jokegen.core.training.workflow import TrainingRequest
from trainings import assert_same_training, resumed

SMALL = {"preset": "small", "max_epochs": 2}
WORDS = ("poet", "Ducks", "piano")


@pytest.fixture(scope="module")
def verses(tmp_path_factory):
    path = tmp_path_factory.mktemp("verses") / "verses.txt"
    places = ("bar", "shop", "bank", "park", "zoo", "pool", "garden", "castle")
    lines = (f"A {WORDS[i % 3]} in the {places[i // 3 % 8]} sang {i} times" for i in range(80))
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def two(copied, store, verses):
    """A finished run, and how to start another from it."""
    original = copied(**SMALL)

    def start(name="second", **chosen):
        chosen = {"max_epochs": 2, "batch_size": 8, "precision": "float32", **chosen}
        return TrainingRequest(str(verses), make_settings(chosen), name=name, start_from="run")

    return original, start


def of(events, kind):
    return next(event for event in events if isinstance(event, kind))


def test_it_starts_where_the_other_stands_and_says_what_it_forgot(two, store):
    original, start = two
    events = list(workflow.train(start(), store))
    run, before = store.open("second"), load_run(original)
    transfer, ended = of(events, Started).transfer, of(events, Ended)
    assert transfer.run == "run"
    assert transfer.epoch == original.info.best_epoch
    assert transfer.added > 0
    assert transfer.old_after is None
    assert transfer.valid_before > run.epochs()[-1].valid_loss
    # New tokens take a little of the probability; the weights are the same.
    own = -float(before.predictor.log_probabilities(before.corpus.valid).mean())
    assert own <= transfer.old_before < own + 0.5
    assert ended.transfer.old_before == transfer.old_before
    again = load_run(run).predictor.log_probabilities(before.corpus.valid)
    assert ended.transfer.old_after == pytest.approx(-float(again.mean()))
    assert ended.transfer.old_after != transfer.old_before
    assert run.info.started_from == ended.transfer
    said = [event.message for event in events if isinstance(event, Noticed)]
    assert any(sentence.startswith("It starts from the weights of run, epoch") for sentence in said)
    assert load_generator(run).unknown_words("A poet in the zoo walk into") == []


def test_known_tokens_keep_their_weights_and_new_ones_are_the_mean_of_their_parts(two, store):
    original, start = two
    list(workflow.train(start(), store))
    run = store.open("second")
    old, new = load_checkpoint(original.path / BEST).arrays, load_checkpoint(run.path / START).arrays
    known, both = load_tokenizer(original), load_tokenizer(run)
    size = known.vocabulary_size
    for name in ("embedding.weight", "output_bias"):
        np.testing.assert_array_equal(new[name][:size], old[name])
    np.testing.assert_array_equal(new["recurrent.0.weight_hh_l0"], old["recurrent.0.weight_hh_l0"])
    (ducks,), (alike,) = both.encode(" Ducks"), known.encode(" ducks")
    assert ducks >= size
    np.testing.assert_allclose(new["embedding.weight"][ducks], old["embedding.weight"][alike], rtol=1e-6)
    (piano,) = both.encode(" piano")
    np.testing.assert_allclose(new["embedding.weight"][piano], old["embedding.weight"].mean(0), atol=1e-6)


def test_it_is_resumed_and_repeated_to_the_same_weights(two, store):
    _, start = two
    list(workflow.train(start("whole"), store))
    for at in (1, 9):
        name = f"cut-{at}"
        for event in (events := workflow.train(start(name), store)):
            if isinstance(event, StepDone) and event.step == at:
                events.close()
        list(workflow.train(resumed(start(name), name), store))
        assert_same_training(store.open(name), store.open("whole"))
    store.delete("run")
    list(workflow.train(TrainingRequest(again="whole", name="again"), store))
    assert_same_training(store.open("again"), store.open("whole"))
    assert store.open("again").info.started_from == store.open("whole").info.started_from


@pytest.mark.parametrize(
    ("chosen", "what"),
    [({"preset": "medium"}, "preset"), ({"tokenizer": "chars"}, "tokenizer"), ({"cell": "gru"}, "cell")],
)
def test_another_network_is_refused_in_a_sentence(two, store, chosen, what):
    _, start = two
    with pytest.raises(SettingsError, match=rf"has the {what} '\w+', and what starts from it .* leave --{what} out\.$"):
        list(workflow.train(start(**chosen), store))
    assert [run.name for run in store.list()] == ["run"]


def test_what_has_no_weights_to_start_from_says_so(trained, verses):
    counting = trained(preset="ngram")
    request = TrainingRequest(str(verses), make_settings({}), start_from="run")
    with pytest.raises(RunError, match="has no weights to start from"):
        list(workflow.train(request, RunStore(counting.path.parent)))
