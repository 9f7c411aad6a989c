import json
import math
import multiprocessing
import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from jokegen.core.errors import RunError
from jokegen.core.events import (
    CheckpointSaved,
    Ended,
    EpochDone,
    Noticed,
    Preparing,
    Remembered,
    SampleMade,
    Started,
    StepDone,
)
from jokegen.core.recipes import recipe_for
from jokegen.core.runs.checkpoints import load_checkpoint, save_checkpoint
from jokegen.core.runs.folder import BEST, CORPUS, LAST, METRICS, PREVIOUS_TRAINER_STATE, TOKENIZER, TRAINER_STATE
from jokegen.core.runs.info import INFO
from jokegen.core.settings import make_settings
from jokegen.core.speaking import remembering
from jokegen.core.speaking.loading import evaluate_run, load_generator, load_run
from jokegen.core.speaking.scoring import score
from jokegen.core.speaking.side_by_side import generate_batch
from jokegen.core.training import recorder as recording
from jokegen.core.training import workflow
from jokegen.core.training.device import Machine
from jokegen.core.training.preparation import make_trainer
from jokegen.data.corpus import build_corpus
from jokegen.data.reading import read_texts
from torch import nn
from trainings import assert_same_training, jokes, resumed, tensors_of

SMALL = {"preset": "small", "max_epochs": 2}
TUTORIAL = {"preset": "tutorial", "max_epochs": 2, "batch_size": 32}
PRESETS = pytest.mark.parametrize("chosen", [SMALL, TUTORIAL], ids=["small", "tutorial"])
SHARED = Path(__file__).parents[4] / "shared" / "data" / "reddit-cleanjokes.csv"


SUMMED = """
import hashlib, sys
from pathlib import Path
import torch
from jokegen.core.runs.store import RunStore
from jokegen.core.settings import make_settings
from jokegen.core.training.workflow import TrainingRequest, train
torch.set_num_threads(1)
for precision in ("float32", "bfloat16"):
    chosen = {"preset": "small", "hidden": 64, "max_epochs": 1, "batch_size": 16, "precision": precision}
    list(train(TrainingRequest(sys.argv[1], make_settings(chosen), precision), RunStore(Path(sys.argv[2]))))
    for name in ("best", "last"):
        weights = (Path(sys.argv[2]) / precision / f"{name}.safetensors").read_bytes()
        print(hashlib.sha256(weights).hexdigest())
"""


def test_equal_trainings_in_two_processes_have_the_same_checksums(corpus_file, tmp_path):
    # With other hashes of strings: nothing may depend on their order.
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SUMMED, str(corpus_file), str(tmp_path / str(place))],
            env={**os.environ, "PYTHONHASHSEED": str(place)}, stdout=subprocess.PIPE, text=True,
        )
        for place in (1, 2)
    ]  # fmt: skip
    one, other = (process.communicate(timeout=120)[0].split() for process in processes)
    assert len(one) == 4
    assert one == other


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


@PRESETS
def test_events_come_in_order(make_request, store, chosen):
    events = list(workflow.train(make_request(**chosen), store))
    kinds = [type(event) for event in events]
    start = kinds.index(Started)
    assert set(kinds[:start]) <= {Preparing, Noticed}
    assert kinds[-1] is Ended
    assert kinds.count(Started) == kinds.count(Ended) == 1
    started, steps, epochs = events[start], of(events, StepDone), of(events, EpochDone)
    assert [step.step for step in steps] == list(range(1, 2 * started.steps_per_epoch + 1))
    assert [epoch.epoch for epoch in epochs] == [1, 2]
    assert [epoch.step for epoch in epochs] == [started.steps_per_epoch, 2 * started.steps_per_epoch]
    for epoch in epochs:
        place = events.index(epoch)
        assert isinstance(events[place - 1], StepDone)
        assert events[place - 1].epoch == epoch.epoch
        assert isinstance(events[place + 1], SampleMade)
        mine = [step for step in steps if step.epoch == epoch.epoch]
        mean = sum(step.loss * step.tokens for step in mine) / sum(step.tokens for step in mine)
        assert epoch.train_loss == pytest.approx(mean, rel=1e-5)
    assert epochs[1].train_loss < epochs[0].train_loss
    last_step = max(place for place, kind in enumerate(kinds) if kind is StepDone)
    assert CheckpointSaved in kinds[last_step:]
    seconds = [event.seconds for event in (*steps, *epochs)]
    assert all(second > 0 for second in seconds)


@PRESETS
def test_what_was_told_is_what_is_on_disk(make_request, store, chosen, monkeypatch):
    monkeypatch.setattr(remembering, "_SHARE_OF_TIME", 1e6)
    events = list(workflow.train(make_request(**chosen), store))
    run, ended = store.open("run"), events[-1]
    info = run.info
    assert run.epochs() == of(events, EpochDone)
    assert run.samples() == of(events, SampleMade)
    looked = of(events, Remembered)
    assert run.remembered() == looked
    assert [one.epoch for one in looked] == [1, 2]
    assert 0 <= looked[0].copied <= 1
    assert run.series()["copied"].dropna().tolist() == [one.copied for one in looked]
    assert info.by_heart == ended.remembered
    assert info.by_heart.epoch == ended.best_epoch
    assert run.series()["loss"].tolist() == [step.loss for step in of(events, StepDone)]
    assert info.status == ended.reason == "finished"
    assert info.epochs == 2
    assert info.figures("test") == ended.test
    assert info.figures("valid") == ended.valid
    assert info.best_epoch == ended.best_epoch
    summary = store.list()[0]
    assert not summary.resumable
    assert summary.problem is None


@PRESETS
def test_one_seed_gives_one_result_whatever_else_is_random(make_request, store, trained, chosen):
    torch.manual_seed(12345)
    torch.rand(7)
    random.seed(9)
    for event in workflow.train(make_request("again", **chosen), store):
        if isinstance(event, StepDone):
            torch.rand(3)
    assert_same_training(store.open("again"), trained(**chosen))


def test_another_seed_gives_another_result(trained):
    first, second = trained(**SMALL), trained(**SMALL, seed=1)
    assert not np.array_equal(*(tensors_of(run, [LAST])["last.safetensors/output_bias"] for run in (first, second)))


def close_after(events, step):
    for event in events:
        if isinstance(event, StepDone) and event.step == step:
            events.close()
            return


@PRESETS
def test_closing_the_iterator_saves_and_resuming_goes_on_to_the_bit(make_request, store, trained, chosen):
    request, expected = make_request(**chosen), trained(**chosen)
    last = len(expected.series())
    stops = sorted(random.Random(4).sample(range(1, last), 2))
    close_after(workflow.train(request, store), stops[0])
    run = store.open("run")
    assert run.info.status == "stopped"
    assert store.list()[0].resumable
    assert len(run.series()) == stops[0]
    events = workflow.train(resumed(request), store)
    close_after(events, stops[1])
    events = list(workflow.train(resumed(request), store))
    assert of(events, Started)[0].first_step == stops[1]
    assert of(events, StepDone)[0].step == stops[1] + 1
    assert_same_training(run, expected)
    assert run.info.figures("test") == expected.info.figures("test")


@PRESETS
@pytest.mark.parametrize("moment", ["before the first step", "inside", "at the end of an epoch", "at the end"])
def test_stopping_saves_and_resuming_goes_on_to_the_bit(make_request, store, trained, chosen, moment):
    request, expected = make_request(**chosen), trained(**chosen)
    an_epoch = expected.epochs()[0].step
    stop_at = {"before the first step": 0, "inside": an_epoch + 2, "at the end of an epoch": an_epoch}.get(
        moment, 2 * an_epoch
    )
    events = []
    for event in workflow.train(request, store, lambda: len(of(events, StepDone)) >= stop_at):
        events.append(event)  # noqa: PERF402  should_stop looks at what has come so far
    run = store.open("run")
    if moment == "at the end":
        assert events[-1].reason == "finished"
    else:
        assert events[-1].reason == "stopped"
        assert run.info.status == "stopped"
        events = list(workflow.train(resumed(request), store))
        assert events[-1].reason == "finished"
    assert_same_training(run, expected)
    assert run.samples() == expected.samples()


def test_closing_at_any_event_loses_nothing(make_request, store, trained):
    expected = trained(**SMALL)
    total = len(list(workflow.train(make_request("whole"), store)))
    request = make_request(**SMALL)
    for place in sorted(random.Random(7).sample(range(3, total - 1), 3)):
        events = workflow.train(replace(request, overwrite=True), store)
        for _ in range(place + 1):
            next(events)
        events.close()
        list(workflow.train(resumed(request), store))
        assert_same_training(store.open("run"), expected)


def test_a_finished_run_is_not_trained_again(make_request, copied, store):
    copied(**SMALL)
    with pytest.raises(RunError, match="nothing left to train"):
        list(workflow.train(resumed(make_request()), store))


def in_a_process(target, *arguments):
    process = multiprocessing.get_context("spawn").Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


STATE_FILES = (LAST, TRAINER_STATE)
DEATHS = [(("write", TRAINER_STATE, "half", 1),), (("event", "Ended"),)]
MORE_DEATHS = [(("write", TRAINER_STATE, "between", 2),)]


@pytest.mark.skipif(sys.platform != "linux", reason="finds the file being written through /proc")
@pytest.mark.parametrize(
    ("chosen", "all_deaths"), [(SMALL, DEATHS), (TUTORIAL, MORE_DEATHS)], ids=["small", "tutorial"]
)
def test_kill_9_at_any_moment_costs_nothing(make_request, store, trained, chosen, all_deaths):
    request, expected = make_request(**chosen), trained(**chosen)
    run = None
    for deaths in all_deaths:
        process = in_a_process(interrupted_training().train_and_die, request, str(store.folder), deaths)
        process.join(60)
        assert process.exitcode == -9, deaths
        run = store.open("run")
        if run.info.status == "finished":
            break
        assert store.list()[0].resumable, deaths
        request = resumed(request)
    if run.info.status != "finished":
        list(workflow.train(request, store))
    assert not list(run.path.glob(".*.tmp"))
    assert_same_training(run, expected)
    assert run.samples() == expected.samples()
    assert run.info.figures("test") == expected.info.figures("test")


def interrupted_training():
    import interrupted_training

    return interrupted_training


def test_a_run_killed_before_its_first_checkpoint_starts_again(make_request, store, trained):
    chosen = SMALL
    request, expected = make_request(**chosen), trained(**chosen)
    events = workflow.train(request, store)
    for event in events:
        if isinstance(event, StepDone) and event.step == 3:
            break
    run = store.open("run")
    leftover = {file: (run.path / file).read_bytes() for file in (INFO, TOKENIZER, CORPUS)}
    events.close()
    for file in run.path.iterdir():
        file.unlink()
    for file, content in leftover.items():
        (run.path / file).write_bytes(content)
    (run.path / METRICS).write_text('{"kind": "step", "step": 1, "epoch": 1, "loss": 3.0}\n{"kind": "st')
    assert store.list()[0].resumable
    notices = of(list(workflow.train(resumed(request), store)), Noticed)
    assert "starts again" in notices[0].message
    assert_same_training(run, expected)


def interrupted(make_request, store, monkeypatch, step=5):
    request = make_request(**SMALL)
    with monkeypatch.context() as patch:
        patch.setattr(recording, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
        close_after(workflow.train(request, store), step)
    return resumed(request), store.open("run")


def damage(path, how):
    data = path.read_bytes()
    if how == "truncated":
        path.write_bytes(data[: len(data) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "zeros":
        path.write_bytes(bytes(len(data)))
    elif how == "missing":
        path.unlink()
    else:
        save_checkpoint(path, {"something": np.zeros(3)}, {"else": 1})


HARMS = pytest.mark.parametrize("how", ["truncated", "empty", "zeros", "missing", "foreign"])


@HARMS
def test_a_damaged_trainer_state_is_named_and_the_one_before_it_taken(make_request, store, trained, monkeypatch, how):
    request, run = interrupted(make_request, store, monkeypatch)
    damage(run.path / TRAINER_STATE, how)
    events = list(workflow.train(request, store))
    notices = [event.message for event in of(events, Noticed)]
    assert len(notices) == 1
    assert "goes on from the checkpoint before it" in notices[0]
    if how != "foreign":
        assert TRAINER_STATE in notices[0]
    assert of(events, Started)[0].first_step == 4
    assert_same_training(run, trained(**SMALL))
    assert run.samples() == trained(**SMALL).samples()


def test_without_any_trainer_state_that_can_be_read_it_says_so_and_loses_nothing(make_request, store, monkeypatch):
    request, run = interrupted(make_request, store, monkeypatch, step=9)
    for file in (TRAINER_STATE, PREVIOUS_TRAINER_STATE):
        damage(run.path / file, "truncated")
    before = (run.path / METRICS).read_bytes()
    with pytest.raises(RunError, match="cannot be resumed"):
        list(workflow.train(request, store))
    assert (run.path / METRICS).read_bytes() == before
    assert load_generator(run).read("Why").count


@HARMS
def test_a_damaged_best_checkpoint_is_named_and_the_last_opened(copied, how):
    run = copied(**SMALL)
    damage(run.path / BEST, how)
    generator = load_generator(run)
    assert generator.notice is not None
    assert BEST in generator.notice
    assert generator.notice.endswith(f"{LAST} was loaded instead.")
    last = load_generator(run, "last")
    assert np.array_equal(generator.logits(generator.start()), last.logits(last.start()))
    damage(run.path / LAST, how)
    with pytest.raises(RunError, match=r"no checkpoint( that can be read|; restore it from a copy)"):
        load_generator(run)


@pytest.mark.parametrize("file", [TOKENIZER, CORPUS])
def test_a_damaged_part_of_a_run_is_named(copied, file):
    run = copied(**SMALL)
    damage(run.path / file, "truncated")
    with pytest.raises(RunError, match=file):
        load_generator(run)


def test_weights_that_are_not_numbers_are_not_loaded(copied):
    run = copied(**SMALL)
    best = load_checkpoint(run.path / BEST)
    best.arrays["output_bias"][3] = math.nan
    save_checkpoint(run.path / BEST, best.arrays, best.values)
    assert "not finite" in load_generator(run).notice


def test_a_run_whose_best_is_damaged_in_between_still_ends(make_request, store, monkeypatch):
    request, run = interrupted(make_request, store, monkeypatch, step=9)
    damage(run.path / BEST, "truncated")
    trainer_state = load_checkpoint(run.path / TRAINER_STATE)
    values = {**trainer_state.values, "best_loss": 0.0, "best_epoch": 1}
    save_checkpoint(run.path / TRAINER_STATE, trainer_state.arrays, values)
    events = list(workflow.train(request, store))
    assert events[-1].reason == "finished"
    assert events[-1].test is not None
    assert BEST in of(events, Noticed)[0].message


def poisoned(events, job, after):
    seen = []
    for event in events:
        seen.append(event)
        if isinstance(event, StepDone) and event.step == after:
            trainer = job._generator_parts[0]
            with torch.no_grad():
                trainer.model.output_bias[0] = math.nan
    return seen


def test_a_loss_that_is_no_number_ends_the_training_and_the_best_epoch_stays(make_request, store, trained):
    job = workflow.TrainingJob(make_request(**SMALL), store, lambda: False)
    an_epoch = trained(**SMALL).epochs()[0].step
    events = poisoned(job.events(), job, after=an_epoch + 2)
    ended = events[-1]
    assert ended.reason == "diverged"
    assert ended.message.startswith("The loss ran away")
    assert "lower learning rate" in ended.message
    assert ended.best_epoch == 1
    run = store.open("run")
    assert run.info.status == "diverged"
    assert run.info.best_epoch == 1
    generator = load_generator(run)
    assert generator.notice is None
    assert generator.label.endswith("epoch 1")
    assert run.series()["loss"].map(math.isfinite).all()
    assert not store.list()[0].resumable
    with pytest.raises(RunError, match="ran away"):
        list(workflow.train(resumed(make_request()), store))
    json.loads((run.path / INFO).read_text(), parse_constant=pytest.fail)


def test_a_run_that_diverged_at_once_says_what_to_do(make_request, store):
    job = workflow.TrainingJob(make_request(**SMALL), store, lambda: False)
    events = poisoned(job.events(), job, after=2)
    assert events[-1].reason == "diverged"
    assert events[-1].best_epoch is None
    summary = store.list()[0]
    assert summary.problem is not None
    assert "resume" not in summary.problem


def test_an_epoch_whose_validation_is_no_number_is_not_the_best(make_request, store, trained):
    job = workflow.TrainingJob(make_request(**SMALL), store, lambda: False)
    events = poisoned(job.events(), job, after=trained(**SMALL).epochs()[0].step)
    epoch = next(event for event in events if isinstance(event, EpochDone))
    assert not math.isfinite(epoch.valid_loss)
    assert not epoch.best
    assert events[-1].best_epoch is None
    assert not (store.open("run").path / BEST).exists()


def test_a_huge_learning_rate_ends_with_a_sentence_and_never_a_crash(make_request, store):
    events = list(workflow.train(make_request(**TUTORIAL, learning_rate=10.0), store))
    assert events[-1].reason in ("diverged", "finished")
    assert load_generator(store.open("run")) if events[-1].best_epoch else True


def test_patience_ends_the_training(make_request, store):
    events = list(workflow.train(make_request(max_epochs=30, patience=1, learning_rate=0.5), store))
    ended, epochs = events[-1], of(events, EpochDone)
    assert ended.reason == "patience"
    assert len(epochs) < 30
    assert not epochs[-1].best
    assert epochs[-2].best
    assert ended.best_epoch == epochs[-2].epoch
    with pytest.raises(RunError, match="nothing left to train"):
        list(workflow.train(resumed(make_request()), store))


def test_a_time_budget_shortens_the_schedule_and_is_kept(make_request, store):
    events = list(workflow.train(make_request(max_epochs=10_000, batch_size=2, max_seconds=1.0), store))
    ended, started, steps = events[-1], of(events, Started)[0], of(events, StepDone)
    assert ended.reason == "time"
    assert len(steps) < 10_000 * started.steps_per_epoch
    assert any("The time allows about" in notice.message for notice in of(events, Noticed))
    assert ended.test is not None
    run = store.open("run")
    assert run.info.status == "time"
    assert not store.list()[0].resumable
    epochs = run.epochs()
    with pytest.raises(RunError, match="time is used up"):
        list(workflow.train(resumed(make_request()), store))
    assert run.epochs() == epochs


def test_the_schedule_warms_up_and_decays_and_the_tutorials_stays(make_request, store):
    rates = [e.learning_rate for e in workflow.train(make_request(max_epochs=4), store) if isinstance(e, StepDone)]
    peak = rates.index(max(rates))
    assert max(rates) == pytest.approx(0.004, rel=0.02)
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[-1] < 0.1 * max(rates)
    constant = workflow.train(make_request("other", **TUTORIAL), store)
    assert {e.learning_rate for e in constant if isinstance(e, StepDone)} == {0.001}


@pytest.mark.parametrize("chosen", [SMALL, {"preset": "ngram"}], ids=["small", "ngram"])
def test_evaluating_a_run_gives_the_figures_of_its_training(trained, chosen):
    run = trained(**chosen)
    for split in ("test", "valid"):
        found, notices = evaluate_run(run, split)
        assert notices == ()
        assert found == run.info.figures(split)
    assert evaluate_run(run, "train")[0].loss == pytest.approx(
        -float(load_run(run).predictor.log_probabilities(load_run(run).corpus.train).mean())
    )


def test_a_run_without_test_texts_says_so(trained):
    with pytest.raises(RunError, match="has no test texts"):
        evaluate_run(trained(**TUTORIAL))


def test_evaluating_foreign_texts(trained, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("Why did the zyzzyva walk into the bar?\nIt saw 3 ducks!\n")
    found, _ = evaluate_run(trained(**SMALL), source=str(other))
    assert found.unknown_rate > 0
    assert found.words == 12
    assert found.ngram_perplexity > 0


def test_the_n_gram_preset_counts_prompts_and_scores(make_request, store, trained):
    events = list(workflow.train(make_request(preset="ngram"), store))
    assert [type(event) for event in events[-4:]] == [Started, EpochDone, SampleMade, Ended]
    run = store.open("run")
    generator = load_generator(run)
    assert generate_batch(generator, "Why did the", workflow_sampling(), 1, 1, 5)[0].text.startswith("Why did the")
    assert score(generator, "Why did the duck walk into the bar?").perplexity < 10
    with pytest.raises(RunError, match="nothing left to train"):
        list(workflow.train(resumed(make_request()), store))


def workflow_sampling():
    from jokegen.core.speaking.choices import Sampling

    return Sampling()


def test_one_long_text_trains_with_its_state_carried(make_request, store, tmp_path, trained):
    book = tmp_path / "book.txt"
    book.write_text("\n".join(f"The duck saw {n} cows and walked to the bar." for n in range(400)))
    chosen = {"preset": "small", "texts": "whole", "max_epochs": 1, "batch_size": 4, "sequence_length": 16}
    request = make_request("whole", source=book, **chosen)
    list(workflow.train(request, store))
    other = replace(request, name="run")
    close_after(workflow.train(other, store), 7)
    assert "state.h" in load_checkpoint(store.open("run").path / TRAINER_STATE).arrays
    list(workflow.train(resumed(other), store))
    assert_same_training(store.open("run"), store.open("whole"))


@pytest.mark.skipif(not SHARED.exists(), reason=f"{SHARED.name} is not on this machine")
def test_the_tutorial_on_its_own_jokes(make_request, store):
    request = make_request(source=SHARED, preset="tutorial", max_epochs=1, batch_size=256)
    events = workflow.train(request, store)
    started = next(event for event in events if isinstance(event, Started))
    assert started.vocabulary == 6925
    assert started.parameters == 2_176_013
    assert started.steps_per_epoch == 94
    first = next(events)
    events.close()
    assert first.loss == pytest.approx(math.log(6925), abs=0.15)


class PublishedNetwork(nn.Module):
    """The tutorial's network as it was published, initialised by PyTorch."""

    def __init__(self, vocabulary):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, 128)
        self.lstm = nn.LSTM(128, 128, 3, dropout=0.2)
        self.output = nn.Linear(128, vocabulary)

    def forward(self, windows, state):
        read, state = self.lstm(self.embedding(windows), state)
        return self.output(read), state


def test_the_tutorial_learns_as_the_published_program_does(make_request, store, tmp_path):
    path = tmp_path / "jokes.csv"
    path.write_text("ID,Joke\n" + "\n".join(f'{number},"{joke}"' for number, joke in enumerate(jokes())))
    request = make_request(source=path, preset="tutorial", max_epochs=5, batch_size=32, sequence_length=4)
    ours = [event.train_loss for event in of(list(workflow.train(request, store)), EpochDone)]
    words = " ".join(jokes()).split(" ")
    numbers = {word: number for number, (word, _) in enumerate(Counter(words).most_common())}
    text = torch.tensor([numbers[word] for word in words])
    windows = text.unfold(0, 4, 1)
    torch.manual_seed(0)
    network = PublishedNetwork(len(numbers)).train()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
    theirs = []
    for _ in range(5):
        state = torch.zeros(3, 4, 128), torch.zeros(3, 4, 128)
        losses = []
        for begin in range(0, len(windows) - 1, 32):
            logits, (h, c) = network(windows[begin : begin + 32][: len(windows) - 1 - begin], state)
            wanted = windows[begin + 1 : begin + 33]
            loss = F.cross_entropy(logits.transpose(1, 2), wanted)
            state = h.detach(), c.detach()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        theirs.append(sum(losses) / len(losses))
    assert theirs[-1] < 0.6 * theirs[0]
    assert ours == pytest.approx(theirs, abs=0.15)


@pytest.mark.parametrize("sampled", [12, 1_000])
def test_a_sampled_output_learns_nearly_what_the_whole_one_does_and_resumes_exactly(corpus_file, sampled):
    corpus = build_corpus(read_texts(corpus_file), "words")
    machine = Machine("cpu", "float32", 1)

    def trainer(**choices):
        recipe = replace(recipe_for(make_settings({"max_epochs": 5, "batch_size": 4}), "small"), **choices)
        settings = make_settings({"preset": "small", "seed": 3})
        return make_trainer(corpus, recipe, machine, settings, lambda: False)

    def losses(one):
        return [event.valid_loss for event in one.events() if isinstance(event, EpochDone)]

    whole, choices = trainer(), {"frequent_tokens": 8, "sampled_tokens": sampled}
    assert corpus.tokenizer.vocabulary_size > 8 + 12
    expected, found = losses(whole), losses(trainer(**choices))
    assert found[-1] == pytest.approx(expected[-1], abs=0.2)
    assert (found == expected) == (sampled == 1_000)
    first, second = trainer(**choices), trainer(**choices)
    steps = first.events()
    for _ in range(5):
        next(steps)
    second.restore(first.checkpoint())
    assert losses(second) == found


def test_logits_in_chunks_train_as_whole_ones_do(corpus_file, monkeypatch):
    corpus = build_corpus(read_texts(corpus_file), "words")
    recipe = recipe_for(make_settings({"max_epochs": 2, "batch_size": 4}), "small")
    settings = make_settings({"preset": "small", "seed": 3})

    def losses():
        trainer = make_trainer(corpus, recipe, Machine("cpu", "float32", 1), settings, lambda: False)
        return [event.loss for event in trainer.events() if isinstance(event, StepDone)]

    whole = losses()
    monkeypatch.setattr("jokegen.core.training.objective._WORTH_CHUNKING", 0.01)
    chunked = losses()
    assert chunked == pytest.approx(whole, abs=1e-3)
    assert chunked != whole
