"""Runs side by side."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jokegen.core.errors import RunError
from jokegen.core.runs import comparison
from jokegen.core.runs.bundled import BundledRun
from jokegen.core.runs.comparison import Records, RunRecord, differences, record, repeats, table
from jokegen.core.runs.info import INFO
from jokegen.core.runs.labels import annotate, pin, tag
from jokegen.core.runs.searching import SORT_KEYS, matching, ordered
from jokegen.core.runs.store import RunStore
from jokegen.core.speaking.loading import evaluate_run

FIXTURES = Path(__file__).parents[2] / "fixtures" / "runs-0.1.0"


@pytest.fixture
def old(tmp_path):
    shutil.copytree(FIXTURES, tmp_path / "runs")
    return RunStore(tmp_path / "runs")


@pytest.fixture
def copies(copied, store):
    """The same run under three names, with another seed and other figures each."""

    def make():
        first = copied()
        for seed in (1, 2):
            shutil.copytree(first.path, store.folder / f"seed {seed}")
            other = store.open(f"seed {seed}")
            values = json.loads((other.path / INFO).read_text())
            values["settings"]["seed"] = seed
            values["valid"]["perplexity"] += seed
            (other.path / INFO).write_text(json.dumps(values))
        return [record(store.open(name)) for name in ("run", "seed 1", "seed 2")]

    return make


def test_its_figures_are_those_that_measuring_gives(copied):
    run = copied()
    found = record(run)
    valid, _ = evaluate_run(run, "valid")
    test, _ = evaluate_run(run, "test")
    assert found.valid_perplexity == pytest.approx(valid.perplexity, rel=1e-5)
    assert found.test_perplexity == pytest.approx(test.perplexity, rel=1e-5)
    assert found.times_ngram == pytest.approx(valid.perplexity / valid.ngram_perplexity, rel=1e-5)
    assert 0 <= found.newness <= 1


def test_runs_that_differ_in_the_seed_alone_have_a_mean_and_a_spread(copies):
    runs = copies()
    assert list(differences(runs)) == ["seed"]
    (group,) = repeats(runs)
    assert group.runs == ("run", "seed 1", "seed 2")
    values = [one.valid_perplexity for one in runs]
    assert group.figures["valid_perplexity"] == (fmean(values), stdev(values))
    other = replace(runs[0], name="other", settings={**runs[0].settings, "learning rate": 9.0})
    assert repeats([runs[0], other]) == []
    assert repeats([*runs, other]) == [group]


def test_old_runs_compare_with_what_they_lack_left_blank(old, copied):
    new = copied()
    runs = [record(old.open(name)) for name in ("finished", "ngram", "tutorial", "interrupted")] + [record(new)]
    finished, ngram, tutorial, interrupted, _ = runs
    assert finished.test_perplexity is not None
    assert interrupted.test_perplexity is None
    assert interrupted.valid_perplexity == pytest.approx(60.52, abs=0.1)
    assert tutorial.times_ngram is None
    assert ngram.times_ngram is None
    assert interrupted.tags == ()
    found = differences(runs)
    assert found["hidden size"][:3] == (16, "", 16)
    assert found["seed"] == (3, 3, 3, 3, 0)
    assert "cell" not in found, "a setting that old runs did not have yet is no difference"
    frame = table(runs)
    assert frame.index.tolist() == ["finished", "ngram", "tutorial", "interrupted", "run"]
    assert frame.loc["finished", "hidden size"] == 16
    assert "clip" not in differences(runs[:1])


def test_a_damaged_run_is_a_row_with_its_problem(old):
    (old.folder / "finished" / INFO).write_text("{")
    found = record(old.open("finished"))
    assert "damaged" in found.problem
    assert differences([found, record(old.open("ngram"))]) == {}
    assert repeats([found, found]) == []


def test_tags_and_a_note_are_kept_and_stay_through_what_a_training_writes(old):
    run = old.open("finished")
    assert tag(run, ["good", "First try", "GOOD"]) == ("good", "First try")
    assert annotate(run, " said something\nfunny\x1b[31m ") == "said something funny[31m"
    run.update_info(epochs=9)
    found = record(run)
    assert (found.tags, found.note) == (("good", "First try"), "said something funny[31m")
    assert tag(run, remove=["Good"]) == ("First try",)
    assert annotate(run, "") == ""


@pytest.mark.parametrize("label", ["", " ", "x" * 41, "a,b"])
def test_what_cannot_be_a_tag_is_refused(old, label):
    with pytest.raises(RunError, match="cannot be a tag"):
        tag(old.open("finished"), [label])
    assert old.open("finished").info.tags == ()


def test_too_much_is_refused_and_so_is_a_tag_that_is_not_there(old):
    run = old.open("finished")
    with pytest.raises(RunError, match="20 tags"):
        tag(run, map(str, range(21)))
    with pytest.raises(RunError, match="500"):
        annotate(run, "x" * 501)
    with pytest.raises(RunError, match="has no tag"):
        tag(run, remove=["x"])


def test_nothing_is_written_beside_the_model_that_comes_along():
    with pytest.raises(RunError, match="stays as it is"):
        BundledRun().update_info(note="x")


def test_runs_are_found_by_name_texts_tag_note_and_setting(old):
    tag(old.open("finished"), ["Best"])
    annotate(old.open("tutorial"), "as in the book")
    runs = [record(old.open(name)) for name in ("finished", "ngram", "tutorial")]

    def found(words):
        return [one.name for one in matching(runs, words)]

    assert found("") == ["finished", "ngram", "tutorial"]
    assert found("BEST") == found("best jokes.txt") == ["finished"]
    assert found("the book") == found("learning_rate=0.001") == found("tokenizer=spaces") == ["tutorial"]
    assert found("dropout=9") == []


def test_pinned_runs_stand_above_the_others_and_what_has_not_changed_is_not_read_again(old, monkeypatch):
    read = []
    monkeypatch.setattr(comparison, "record", lambda run: read.append(run.name) or record(run))
    records, runs = Records(), [old.open(name) for name in ("finished", "ngram", "tutorial")]

    def names(reverse):
        return [one.name for one in ordered(records.of(runs), "run", reverse=reverse)]

    assert names(reverse=False) == ["finished", "ngram", "tutorial"]
    assert pin(old.open("ngram"))
    assert names(reverse=False) == ["ngram", "finished", "tutorial"]
    assert names(reverse=True) == ["ngram", "tutorial", "finished"]
    assert not pin(old.open("ngram"))
    assert names(reverse=True) == ["tutorial", "ngram", "finished"]
    assert read == ["finished", "ngram", "tutorial", "ngram", "ngram"]
    (runs[0].path / "run.json").write_text("{")
    assert records.of(runs)[0].problem


@settings(max_examples=30)
@given(st.lists(st.one_of(st.none(), st.floats(1, 1e6)), max_size=8), st.sampled_from(sorted(SORT_KEYS)), st.booleans())
def test_sorting_keeps_every_run_and_puts_those_without_a_value_last(values, by, reverse):
    runs = [RunRecord(str(i), valid_perplexity=v, times_ngram=v, parameters=i) for i, v in enumerate(values)]
    found = ordered(runs, by, reverse=reverse)
    assert sorted(one.name for one in found) == sorted(one.name for one in runs)
    if by == "valid":
        known = [one.valid_perplexity for one in found if one.valid_perplexity is not None]
        assert known == sorted(known, reverse=reverse)
        assert all(one.valid_perplexity is None for one in found[len(known) :])
