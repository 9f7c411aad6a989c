"""What a place reminds a network of: nothing nearer is missed, and what is kept on the disk fits its weights."""

import numpy as np
import pytest
from jokegen.core.errors import GenerationError
from jokegen.core.runs.bundled import BundledRun
from jokegen.core.runs.watched import WatchedRun
from jokegen.core.speaking import reminders
from jokegen.core.speaking.generation import Generator
from jokegen.core.speaking.loading import load_generator, load_run
from jokegen.core.speaking.reminders import STATES, StateIndex, remembering, reminders_of


def brute_force(generator, train):
    """Return the state after each token but the last of each text, read one by one, as unit vectors."""
    found = {}
    for index in range(len(train)):
        position = generator.start()
        for place, token in enumerate(train.text(index).tolist()[:-1], start=int(train.offsets[index])):
            position = generator.after(position, [token])
            state = position.state[0][-1, 0].astype(np.float64)
            found[place] = state / np.linalg.norm(state)
    return found


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_nothing_nearer_is_missed(trained, cell):
    run = trained(cell=cell) if cell == "gru" else trained()
    generator, train = load_generator(run), load_run(run).corpus.train
    index = remembering(generator)
    states = brute_force(generator, train)
    assert sorted(states) == index.places.tolist()
    for prompt in ("Why did the", "It saw 3 ducks", "the xylophone saw"):
        position = generator.read(prompt)
        wanted = position.state[0][-1, 0].astype(np.float64)
        wanted /= np.linalg.norm(wanted)
        expected = np.array([states[place] @ wanted for place in index.places.tolist()])
        np.testing.assert_allclose(index.similarities(position.state), expected, atol=1e-5)
        found = reminders_of(generator, index, position, 4)
        beginnings = {}
        for place, similarity in zip(index.places.tolist(), expected, strict=True):
            source = int(np.searchsorted(train.offsets, place, side="right")) - 1
            said = tuple(train.tokens[train.offsets[source] : place + 1].tolist())
            beginnings.setdefault(said, []).append(similarity)
        nearest = sorted((max(similar) for similar in beginnings.values()), reverse=True)[:4]
        assert [reminder.similarity for reminder in found] == pytest.approx(nearest, abs=1e-5)
        times = {generator.tokenizer.decode(said): len(similar) for said, similar in beginnings.items()}
        assert [times[reminder.before + reminder.word] for reminder in found] == [r.times for r in found]
        for reminder in found:
            text = generator.tokenizer.decode(train.text(reminder.source).tolist())
            assert reminder.before + reminder.word + reminder.after == text


def test_a_place_of_a_training_text_reminds_of_itself(trained):
    generator = load_generator(trained())
    train = generator.copies.train
    text = generator.tokenizer.decode(train.text(3).tolist())
    said = " ".join(text.split()[:6])
    (nearest, *_) = reminders_of(generator, remembering(generator), generator.read(said), 3)
    assert nearest.before + nearest.word == said
    assert nearest.similarity == pytest.approx(1, abs=1e-5)


def test_states_are_kept_with_the_run_until_its_weights_change(copied, monkeypatch):
    run = copied()
    generator = load_generator(run)
    built = remembering(generator, run.path)
    assert (run.path / STATES).is_file()
    monkeypatch.setattr(StateIndex, "build", lambda *_: pytest.fail("it was kept"))
    kept = remembering(load_generator(run), run.path)
    assert np.array_equal(kept.states, built.states)
    monkeypatch.undo()
    last = load_generator(run)
    last.predictor.network._layers[-1]._bias += np.float32(0.1)
    assert not np.array_equal(remembering(last, run.path).states, built.states)
    (run.path / STATES).write_bytes(b"damaged")
    assert np.array_equal(remembering(generator, run.path).states, built.states)


def test_a_folder_that_cannot_be_written_keeps_nothing_and_says_nothing(trained, tmp_path):
    (tmp_path / "file").write_text("")
    assert len(remembering(load_generator(trained()), tmp_path / "file" / "folder").states)


def test_those_of_the_model_that_comes_along_are_kept_in_the_persons_own_folder(trained, monkeypatch, tmp_path):
    monkeypatch.setenv("JOKEGEN_HOME", str(tmp_path))
    folder = BundledRun().scratch
    assert folder.is_relative_to(tmp_path)
    built = remembering(load_generator(trained()), folder)
    monkeypatch.setattr(StateIndex, "build", lambda *_: pytest.fail("it was kept"))
    assert np.array_equal(remembering(load_generator(trained()), folder).states, built.states)


def test_what_is_only_watched_is_not_written_to(trained):
    assert WatchedRun(trained().path, "watched").scratch is None


def test_what_has_no_room_is_left_out_and_counted(trained):
    generator = load_generator(trained())
    whole = remembering(generator)
    hidden = whole.states.shape[1]
    half = remembering(generator, most_bytes=len(whole.states) * hidden * 2)
    assert (half.states.dtype, half.left_out) == (np.float16, 0)
    few = remembering(generator, most_bytes=100 * hidden * 2 + 1)
    assert (len(few.states), few.left_out) == (100, len(whole.states) - 100)
    assert few.states.nbytes <= 100 * hidden * 2
    position = generator.read("Why did the duck")
    np.testing.assert_allclose(few.similarities(position.state), whole.similarities(position.state)[:100], atol=2e-3)
    assert reminders_of(generator, few, position, 1)


def test_what_has_no_states_says_so(trained):
    with pytest.raises(GenerationError, match="has no states"):
        remembering(load_generator(trained(preset="ngram")))
    loaded = load_run(trained())
    with pytest.raises(GenerationError, match="not at hand"):
        remembering(Generator(loaded.predictor, loaded.tokenizer))
    assert reminders.MOST_BYTES == 300_000_000
